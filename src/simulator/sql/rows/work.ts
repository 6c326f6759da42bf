/** What the statements of one session share: the partition, the job, connections, names, settings. */

import { CpfFailure } from '../../partition/failures';
import type { PartitionJob } from '../../partition/jobs/job';
import type { Partition } from '../../partition/partition';
import { SqlFailure } from '../../sql-session';
import type { NameSpace } from '../compile/context';
import type { VirtualRelation } from '../compile/virtual';
import { aggregateNotValid, arithmeticError, columnNotGrouped } from '../failures';
import type { Raw } from '../types/exact-form';
import type { ConnectionPool } from './connection';
import type { Procedure } from './procedure';

export interface Work {
  readonly partition: Partition;
  readonly job: PartitionJob;
  readonly pool: ConnectionPool;
  readonly names: NameSpace;
  readonly relations: readonly VirtualRelation[];
  /** `V7R4M0`. */
  readonly version: string;
  readonly naming: 'sql' | 'system';
  /** Library of unqualified names under SQL naming. */
  readonly schema: string;
  procedure(library: string | null, name: string): Procedure;
  /** The library a new object with this name goes to. */
  libraryFor(library: string | null): string;
  setSchema(schema: string): void;
}

/** Values of the special registers while one statement runs. */
export function registerBindings(work: Work): Record<string, Raw> {
  const minutes = work.partition.zoneMinutes();
  const zone = Math.sign(minutes) * (Math.floor(Math.abs(minutes) / 60) * 10000 + (Math.abs(minutes) % 60) * 100);
  return {
    now: work.partition.now(),
    zone: BigInt(zone),
    server: work.partition.systemName,
    user: work.job.currentUser,
    schema: work.schema,
    lastIdentity: identityText(work.job.lastIdentity),
  };
}

function identityText(value: string | null): string | null {
  if (value === null) return null;
  const n = BigInt(value);
  const digits = (n < 0n ? -n : n).toString().padStart(31, '0');
  return n < 0n ? `0${digits.replace(/\d/g, (d) => String(9 - Number(d)))}` : `1${digits}`;
}

/** Anything thrown below becomes the failure a client gets. */
export function asFailure(error: unknown, routine = 'QCMDEXC'): unknown {
  if (error instanceof SqlFailure) return error;
  if (error instanceof CpfFailure) return error.toSqlFailure(routine);
  const message = sqliteMessage(error);
  if (message === null) return error;
  if (/integer overflow/.test(message)) return arithmeticError('overflow');
  const misuse = /misuse of (?:aggregate|window)(?: function)?:?\s*(\w*)|aggregate functions are not allowed/.exec(
    message,
  );
  if (misuse) return aggregateNotValid(misuse[1] || '*N');
  // HAVING groups all rows into one: a column of them has no one value
  if (/HAVING clause on a non-aggregate query/.test(message)) return columnNotGrouped('*N');
  return new SqlFailure(-901, '58004', 'SQL system error.', [message], `The engine said: ${message}`);
}

/** Recognised by its code, not by its class: the driver's error class may come from another realm. */
function sqliteMessage(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return null;
  return String(error.code).startsWith('SQLITE_') ? String(error.message) : null;
}

export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFailure(error);
  }
}
