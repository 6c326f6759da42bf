/**
 * The SQL failures of Db2 for i that this engine can raise: code, SQLSTATE, first-level text with tokens filled.
 * Source: Db2 for i "SQL messages and codes"; the wording is from general knowledge of the product.
 */
import { SqlFailure } from '../sql-session';

export function objectNotFound(name: string, library: string, type = '*FILE'): SqlFailure {
  return new SqlFailure(-204, '42704', `${name} in ${library} type ${type} not found.`, [name, library, type]);
}

export function routineNotFound(name: string, library: string): SqlFailure {
  return new SqlFailure(-440, '42884', `Routine ${name} in ${library} not found with specified parameters.`, [
    name,
    library,
  ]);
}

export function procedureNotFound(name: string, library: string): SqlFailure {
  return objectNotFound(name, library, '*N');
}

export function columnNotFound(column: string, table = '*N'): SqlFailure {
  return new SqlFailure(-206, '42703', `Column or global variable ${column} not found.`, [column, table]);
}

export function columnNotInTable(column: string, table: string, library: string): SqlFailure {
  return new SqlFailure(-205, '42703', `Column ${column} not in table ${table} in ${library}.`, [
    column,
    table,
    library,
  ]);
}

export function qualifierUndefined(column: string, qualifier: string): SqlFailure {
  return new SqlFailure(-5001, '42703', `Column qualifier or table ${qualifier} undefined.`, [qualifier, column]);
}

export function columnAmbiguous(column: string): SqlFailure {
  return new SqlFailure(-203, '42702', `Name ${column} is ambiguous.`, [column]);
}

export function tokenNotValid(token: string, expected = '*N'): SqlFailure {
  return new SqlFailure(-104, '42601', `Token ${token} was not valid. Valid tokens: ${expected}.`, [token, expected]);
}

export function keywordNotExpected(token: string, expected = '*N'): SqlFailure {
  return new SqlFailure(-199, '42601', `Keyword ${token} not expected. Valid tokens: ${expected}.`, [token, expected]);
}

export function notAuthorized(name: string, library: string, type = '*FILE'): SqlFailure {
  return new SqlFailure(-551, '42501', `Not authorized to object ${name} in ${library} type ${type}.`, [
    name,
    library,
    type,
  ]);
}

export function rowInUse(table: string, library: string): SqlFailure {
  return new SqlFailure(-913, '57033', `Row or object ${table} in ${library} type *FILE in use.`, [
    table,
    library,
    '*FILE',
  ]);
}

export function valueCountDiffers(): SqlFailure {
  return new SqlFailure(-117, '42802', 'Statement contains wrong number of values.');
}

export function conversionOnParameter(position: number): SqlFailure {
  return new SqlFailure(-302, '22023', `Conversion error on input host variable or parameter *N.`, [
    '*N',
    String(position),
    '1',
  ]);
}

export function notCompatible(column: string): SqlFailure {
  return new SqlFailure(-408, '42821', `Value for column or variable ${column} not compatible.`, [column]);
}

export function operandsNotCompatible(operator: string): SqlFailure {
  return new SqlFailure(-401, '42818', `Comparison operator ${operator} operands not compatible.`, [operator]);
}

export function markerNotAllowed(): SqlFailure {
  return new SqlFailure(-418, '42610', 'Use of parameter marker, NULL, or UNKNOWN is not valid.');
}

export function cursorNotOpen(): SqlFailure {
  return new SqlFailure(-501, '24501', 'Cursor *N not open.', ['*N']);
}

export function interrupted(): SqlFailure {
  return new SqlFailure(-952, '57014', 'Processing of the SQL statement ended.  Reason code 3.', ['3']);
}

export function externalFailure(routine: string, specific: string, text: string): SqlFailure {
  return new SqlFailure(
    -443,
    '38501',
    `Trigger program or external routine detected an error.`,
    [routine, specific, '38501', text],
    `An external program, service program or routine ended with SQLSTATE 38501. The message text returned is: ${text}`,
  );
}

export function badDateTime(): SqlFailure {
  return new SqlFailure(-180, '22007', 'Syntax of date, time, or timestamp value not valid.');
}

export function columnCountDiffers(): SqlFailure {
  return new SqlFailure(-158, '42811', 'Number of columns specified not consistent.');
}

export function badDateTimeValue(): SqlFailure {
  return new SqlFailure(-181, '22007', 'Value in date, time, or timestamp string not valid.');
}

/** Before the year 1 or after the year 9999. */
export function outOfCalendar(): SqlFailure {
  return new SqlFailure(-183, '22008', 'The result of a date or timestamp expression is not valid.');
}

export function namedCursorNotOpen(name: string): SqlFailure {
  return new SqlFailure(-507, '24501', `Cursor ${name} not open.`, [name]);
}

export function databaseNotFound(name: string): SqlFailure {
  return new SqlFailure(-950, '42705', `Relational database ${name} not in relational database directory.`, [name]);
}

export function badCast(argument = '*N'): SqlFailure {
  return new SqlFailure(-420, '22018', `Character in CAST argument not valid.`, [argument]);
}

export function arithmeticError(reason = 'overflow'): SqlFailure {
  const state = reason === 'division by zero' ? '22012' : '22003';
  return new SqlFailure(-802, state, 'Data conversion or data mapping error.', [reason]);
}

export function argumentNotValid(argument: number, routine: string): SqlFailure {
  return new SqlFailure(-171, '42815', `Argument ${argument} of function ${routine} not valid.`, [
    String(argument),
    routine,
  ]);
}

export function argumentCount(routine: string): SqlFailure {
  return new SqlFailure(-170, '42605', `Number of arguments for function ${routine} not valid.`, [routine]);
}

export function aggregateNotValid(name: string): SqlFailure {
  return new SqlFailure(-120, '42903', `Use of aggregate function ${name} not valid.`, [name]);
}

export function columnNotGrouped(column: string): SqlFailure {
  return new SqlFailure(-122, '42803', `Column ${column} or expression in SELECT list not valid.`, [column]);
}

export function alreadyExists(name: string, library: string, type = '*FILE'): SqlFailure {
  return new SqlFailure(-601, '42710', `${name} in ${library} type ${type} already exists.`, [name, library, type]);
}

export function unsupported(what: string): SqlFailure {
  return new SqlFailure(-84, '42612', `SQL statement not allowed.`, [what], `Not done by this partition: ${what}.`);
}

/** Warning of a change that met no row. */
export function noRow(statement: 'UPDATE' | 'DELETE' | 'MERGE') {
  return { sqlCode: 100, sqlState: '02000', text: `Row not found for ${statement}.`, tokens: [statement] } as const;
}
