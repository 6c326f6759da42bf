/** Procedures that only a simulated partition has: `CALL SIMULATOR.FAULT('cut-after', '1000')`. */
import { SqlFailure } from '../../sql-session';
import { Faults } from '../faults';

export interface SimulatorCall {
  readonly fault: string;
  readonly argument: string;
}

const CALL = /^\s*(?:\{\s*)?CALL\s+SIMULATOR\s*[./]\s*(\w+)\s*\(([^()]*)\)\s*\}?\s*;?\s*$/i;
/** Called through the SQL engine like any other. */
const OF_THE_PARTITION = new Set(['NULL_SLOTS']);
const LITERAL = /^\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?))\s*$/;

/** The call, or null when the statement is none. @throws SqlFailure for a procedure or argument that does not exist */
export function procedureOf(text: string): SimulatorCall | null {
  const match = CALL.exec(text);
  const name = match?.[1]?.toUpperCase();
  if (!match || name === undefined || OF_THE_PARTITION.has(name)) return null;
  if (name !== 'FAULT')
    throw new SqlFailure(-440, '42884', `Routine ${name} in SIMULATOR not found with specified parameters.`, [name]);
  const [fault, ...rest] = match[2]!.split(',').map(literal);
  if (!fault) throw new SqlFailure(-440, '42884', 'Routine FAULT in SIMULATOR needs the name of a fault.', ['FAULT']);
  if (!Faults.names.includes(fault.trim().toLowerCase()))
    throw new SqlFailure(-440, '42884', `No fault is called ${fault}; use one of ${Faults.names.join(', ')}.`, [fault]);
  return { fault, argument: rest.join(',') };
}

function literal(text: string): string {
  const match = LITERAL.exec(text);
  if (!match) throw new SqlFailure(-440, '42884', 'Arguments of SIMULATOR.FAULT are literals.', ['FAULT']);
  return match[1] !== undefined ? match[1].replace(/''/g, "'") : match[2]!;
}
