/** Procedures a CALL can reach. The simulator may register more (SIMULATOR.FAULT). */
import type { PartitionJob } from '../../partition/jobs/job';
import type { Partition } from '../../partition/partition';
import type { SqlCursor, SqlValue } from '../../sql-session';
import { decimal, type SqlType, varchar } from '../types/sql-type';

export interface ProcedureParameter {
  readonly name: string;
  readonly mode: 'in' | 'out' | 'inout';
  readonly type: SqlType;
  /** Absent: the argument is required. */
  readonly default?: SqlValue;
}

export interface ProcedureContext {
  readonly partition: Partition;
  readonly job: PartitionJob;
  /** Opens a query under the caller's names and authority. */
  query(sql: string, params?: readonly SqlValue[]): SqlCursor;
}

export interface ProcedureResult {
  /** New values of out and inout parameters by ordinal. */
  readonly outputs?: ReadonlyMap<number, SqlValue>;
  readonly resultSets?: readonly SqlCursor[];
}

export interface Procedure {
  readonly library: string;
  readonly name: string;
  readonly parameters: readonly ProcedureParameter[];
  run(context: ProcedureContext, args: readonly SqlValue[]): ProcedureResult | undefined;
}

export function inParameter(name: string, type: SqlType, fallback?: SqlValue): ProcedureParameter {
  return { name, mode: 'in', type, ...(fallback === undefined ? {} : { default: fallback }) };
}

/** CALL QSYS2.QCMDEXC('..') and, with the length the QSYS program wants, CALL QSYS.QCMDEXC('..', 0000000020.00000). */
export const COMMAND_PROCEDURES: readonly Procedure[] = ['QSYS2', 'QSYS'].map((library) => ({
  library,
  name: 'QCMDEXC',
  parameters: [inParameter('COMMAND', varchar(32702)), inParameter('COMMAND_LENGTH', decimal(15, 5), null)],
  run: ({ partition, job }, [command, length]) => {
    const all = String(command ?? '');
    const cut = length === null || length === undefined ? all : all.slice(0, Math.trunc(Number(length)));
    partition.runCommand(job, cut.trim());
    return undefined;
  },
}));
