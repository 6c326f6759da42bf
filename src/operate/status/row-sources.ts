/** What is read by SQL beside the journals, as `status` shows it: windows and unfinished backfills. */

import { BackfillJobs } from '../../backfill/backfill-jobs';
import { counted } from '../../model/counted';
import { ReplayJobs } from '../../replay/replay-jobs';
import type { Store } from '../../store/store';
import { line } from '../../telemetry/visible';
import { watermark } from '../../window/window-reader';
import { windowMarks } from '../../window/window-state';

export interface WindowStatus {
  readonly table: string;
  /** False until the first look over the whole table is complete. */
  readonly complete: boolean;
  /** The latest moment or number found in a row; null for an empty table. */
  readonly upTo: string | null;
  readonly rows: number;
}

export interface BackfillStatus {
  readonly backfill: number;
  readonly table: string;
  readonly state: string;
  readonly rowsRead: number;
  readonly total: number | null;
  /** Why it failed. */
  readonly message: string | null;
}

/** A replay from the journal that is not done. */
export interface ReplayStatus {
  readonly replay: number;
  readonly journal: string;
  readonly state: string;
  readonly entries: number;
  readonly events: number;
  readonly deliveries: number;
  /** Why it failed. */
  readonly message: string | null;
}

export function windowsOf(store: Store): WindowStatus[] {
  return windowMarks(store).map(({ table, mark, rows }) => ({
    table,
    complete: mark.known,
    upTo: watermark(mark),
    rows,
  }));
}

export function backfillsOf(store: Store): BackfillStatus[] {
  return new BackfillJobs(store).list(['waiting', 'running', 'failed']).map((job) => ({
    backfill: job.id,
    table: job.wish.table,
    state: job.state,
    rowsRead: job.rowsRead,
    total: job.total,
    message: job.message,
  }));
}

export function replaysOf(store: Store): ReplayStatus[] {
  return new ReplayJobs(store).list(['waiting', 'running', 'failed']).map(({ id, wish, state, figures, message }) => ({
    replay: id,
    journal: wish.journal,
    state,
    entries: figures.entries,
    events: figures.events,
    deliveries: figures.deliveries,
    message,
  }));
}

export function replayLine({ replay, journal, state, entries, deliveries, message }: ReplayStatus): string {
  const next = state === 'failed' ? '; mend the cause, then the same command again, or --cancel' : '';
  return line(
    `replay ${replay}  journal ${journal} ${state}, ${counted(entries, 'entry', 'entries')} read, ${counted(deliveries, 'delivery', 'deliveries')} queued${message ? `: ${message}` : ''}${next}`,
  );
}

export function windowLine({ table, complete, upTo, rows }: WindowStatus): string {
  return line(
    `window ${table}  ${complete ? '' : 'first look not complete, '}${upTo === null ? 'empty' : `read up to ${upTo}`}, ${counted(rows, 'row')} known`,
  );
}

export function backfillLine({ backfill, table, state, rowsRead, total, message }: BackfillStatus): string {
  const of = total === null ? '' : ` of ${total}`;
  return line(
    `backfill ${backfill}  ${table} ${state}, ${rowsRead}${of} rows read${message ? `: ${message}` : ''}${state === 'failed' ? '; mend the cause, then the same command with --resume' : ''}`,
  );
}
