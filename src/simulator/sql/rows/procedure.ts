import type { PartitionJob } from '../../partition/jobs/job';
import type { Partition } from '../../partition/partition';
import type { SessionValue, SqlCursor } from '../../sql-session';
import type { SqlType } from '../types/sql-type';

interface ProcedureParameter {
  readonly name: string;
  readonly mode: 'in' | 'out' | 'inout';
  readonly type: SqlType;
  /** Absent: the argument is required. */
  readonly default?: SessionValue;
}

export interface ProcedureContext {
  readonly partition: Partition;
  readonly job: PartitionJob;
  /** Opens a query under the caller's names and authority. */
  query(sql: string, params?: readonly SessionValue[]): SqlCursor;
}

interface ProcedureResult {
  /** New values of out and inout parameters by ordinal. */
  readonly outputs?: ReadonlyMap<number, SessionValue>;
  readonly resultSets?: readonly SqlCursor[];
}

export interface Procedure {
  readonly library: string;
  readonly name: string;
  readonly parameters: readonly ProcedureParameter[];
  run(context: ProcedureContext, args: readonly SessionValue[]): ProcedureResult | undefined;
}

export function inParameter(name: string, type: SqlType, fallback?: SessionValue): ProcedureParameter {
  return { name, mode: 'in', type, ...(fallback === undefined ? {} : { default: fallback }) };
}
