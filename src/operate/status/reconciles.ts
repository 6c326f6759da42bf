/** Comparisons with what was last sent, as `status` shows them. */
import { counted } from '../../model/counted';
import { open } from '../../reconcile/options';
import { ReconcileJobs } from '../../reconcile/reconcile-jobs';
import type { Store } from '../../store/store';
import { line } from '../../telemetry/visible';

export interface ReconcileStatus {
  readonly table: string;
  readonly state: string;
  /** ISO time at which it ended, or last got on. */
  readonly at: string;
  readonly rows: number;
  readonly total: number | null;
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
  readonly repaired: number;
  /** Why it failed. */
  readonly message: string | null;
}

/** Of each table the last comparison that ended, and those under way. */
export function reconcilesOf(store: Store): ReconcileStatus[] {
  const jobs = new ReconcileJobs(store);
  return [...jobs.latest(), ...jobs.list(['waiting', 'running'])].map(
    ({ wish, state, changedAt, figures, ...job }) => ({
      table: wish.table,
      state,
      at: new Date(changedAt).toISOString(),
      rows: figures.rows,
      total: job.total,
      different: figures.different,
      missing: figures.missing,
      extra: figures.extra,
      repaired: figures.repaired,
      message: job.message,
    }),
  );
}

export function reconcileLine(r: ReconcileStatus): string {
  const { table, state, at, rows, total, different, missing, extra, repaired, message } = r;
  if (state === 'failed') return line(`reconcile ${table}  failed at ${at}: ${message ?? ''}`);
  if (state !== 'done')
    return line(`reconcile ${table}  ${state}, ${rows}${total === null ? '' : ` of ${total}`} rows compared`);
  const found = different + missing + extra;
  const left = open(r);
  const next = left > 0 ? `; next: ibmi-cdc reconcile --table ${table} --list` : '';
  const what =
    found === 0 ? 'equal' : `${different} different, ${missing} missing, ${extra} extra, ${repaired} repaired`;
  return line(`reconcile ${table}  ${what}, ${counted(rows, 'row')} compared at ${at}${next}`);
}
