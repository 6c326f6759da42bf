/** Host messages of the simulated partition: CPF escape messages of commands and journal functions, SQL failures of rows. */
import { SqlFailure } from '../sql-session';

/** An escape message of a CL command or an API, e.g. CPF9801 `Object X in library Y not found.` */
export class CpfFailure extends Error {
  constructor(
    readonly messageId: string,
    text: string,
    readonly secondLevel: string = '',
    /** Substitution variables of the message, each as wide as its description has it. */
    readonly data: string = '',
  ) {
    super(text);
    this.name = 'CpfFailure';
  }

  /** As SQL shows it when an external routine (QCMDEXC, DISPLAY_JOURNAL) met the message. */
  toSqlFailure(routine: string): SqlFailure {
    const tokens = [routine, routine, this.message];
    return new SqlFailure(-443, '38501', this.message, tokens, `${this.messageId} ${this.secondLevel}`.trim());
  }
}

export function objectNotFound(library: string, name: string): CpfFailure {
  return new CpfFailure('CPF9801', `Object ${name} in library ${library} not found.`, '', names(name, library));
}

export function libraryNotFound(library: string): CpfFailure {
  return new CpfFailure('CPF9810', `Library ${library} not found.`, '', names(library));
}

export function fileNotFound(library: string, name: string): CpfFailure {
  return new CpfFailure('CPF9812', `File ${name} in library ${library} not found.`, '', names(name, library));
}

export function notAuthorized(library: string, name: string): CpfFailure {
  return new CpfFailure('CPF9802', `Not authorized to object ${name} in ${library}.`, '', names(name, library));
}

export function objectInUse(library: string, name: string): CpfFailure {
  return new CpfFailure('CPF9803', `Cannot allocate object ${name} in library ${library}.`);
}

export function alreadyExists(library: string, name: string, type: string): CpfFailure {
  return new CpfFailure('CPF7010', `Object ${name} in library ${library} type ${type} already exists.`);
}

/** A remote journal takes entries from its source alone. */
export function remoteJournal(library: string, name: string): CpfFailure {
  return new CpfFailure('CPF7002', `Journal ${name} in ${library} is a remote journal.`, '', names(name, library));
}

export function notAuthorizedSql(library: string, name: string, type: string): SqlFailure {
  return new SqlFailure(-551, '42501', `Not authorized to object ${name} in ${library} type ${type}.`, [
    name,
    library,
    type,
  ]);
}

export function duplicateKey(constraint: string, table: string, library: string): SqlFailure {
  return new SqlFailure(-803, '23505', 'Duplicate key value specified.', [constraint, table, library]);
}

export function nullNotAllowed(column: string): SqlFailure {
  return new SqlFailure(-407, '23502', 'Null values not allowed in column or variable *N.'.replace('*N', column), [
    column,
  ]);
}

export function valueTooLong(column: string): SqlFailure {
  return new SqlFailure(-404, '22001', `Value for column or variable ${column} too long.`, [column]);
}

export function conversionError(column: string): SqlFailure {
  return new SqlFailure(-406, '22023', `Conversion error on assignment to column ${column}.`, [column]);
}

export function numericOverflow(column: string): SqlFailure {
  return new SqlFailure(-406, '22003', `Conversion error on assignment to column ${column}.`, [column]);
}

export function rowInUse(library: string, name: string): SqlFailure {
  return new SqlFailure(-913, '57033', `Row or object ${name} in ${library} type *FILE in use.`, [
    name,
    library,
    '*FILE',
  ]);
}

export function notValidForOperation(library: string, name: string, reason: number): SqlFailure {
  return new SqlFailure(
    -7008,
    '55019',
    `${name} in ${library} not valid for operation.`,
    [name, library, String(reason)],
    reason === 3 ? 'Reason code 3: the file is not journaled, or the journal is not the right one.' : '',
  );
}

export function jobEnded(): SqlFailure {
  return new SqlFailure(-901, '58004', 'SQL system error.', [], 'The job has ended.');
}

/** Names as substitution variables: ten characters each. */
export function names(...list: readonly string[]): string {
  return list.map((name) => name.padEnd(10).slice(0, 10)).join('');
}
