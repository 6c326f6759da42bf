/** Procedures that only a simulated partition has: `CALL SIMULATOR.FAULT('cut-after', '1000')`. */
import { SqlFailure } from '../../sql-session';
import { Faults } from '../faults';

export interface SimulatorCall {
  readonly fault: string;
  readonly argument: string;
}

const CALL = /^\s*(?:\{\s*)?CALL\s+SIMULATOR\s*[./]\s*(\w+)\s*\(([^()]*)\)\s*\}?\s*;?\s*$/i;
const LITERAL = /^\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?))\s*$/;

/** The call, or null when the statement is none. @throws SqlFailure for a procedure or argument that does not exist */
export function procedureOf(text: string): SimulatorCall | null {
  const match = CALL.exec(text);
  if (!match) return null;
  if (match[1]!.toUpperCase() !== 'FAULT')
    throw new SqlFailure(-440, '42884', `Routine ${match[1]} in SIMULATOR not found with specified parameters.`, [
      match[1]!,
    ]);
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
