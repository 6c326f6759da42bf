/** What a reconciliation found, for people and for scripts. */

import { counted } from '../model/counted';
import { exactText, parseExact } from '../model/exact-json';
import { lines } from '../telemetry/visible';
import { type Difference, open } from './options';
import type { ReconcileJob } from './reconcile-jobs';

/** The line a table of `--json`. */
export function reportLine(job: ReconcileJob): string {
  const { rows, matching, different, missing, extra, repaired, ...rest } = job.figures;
  const { table } = job.wish;
  const { state, notes, asOf } = job;
  return JSON.stringify({ table, rows, matching, different, missing, extra, repaired, asOf, ...rest, state, notes });
}

export function reportText(job: ReconcileJob): string {
  const { figures: f, wish, asOf, notes, state } = job;
  const some = (n: number, what: string): string => (n > 0 ? `, ${n} ${what}` : '');
  const at = asOf === null ? '' : `, as of ${asOf.receiver}:${asOf.sequence}`;
  const found = f.different + f.missing + f.extra;
  const verdict = found === 0 ? 'equal' : counted(found, 'difference');
  const ended = state === 'done' ? verdict : `${state}, the same command goes on; ${verdict} so far`;
  const text = `${wish.table}: ${ended}: ${counted(f.rows, 'row')} read, ${f.matching} matching, ${f.different} different, ${f.missing} missing, ${f.extra} extra${some(f.repaired, 'repaired')}${some(f.filtered, 'filtered by the rules')}${some(f.quarantined, 'that cannot be told as they are')}${some(f.unjudged + f.keysUnjudged, 'not judged')}${at}`;
  const next =
    open(f) > 0 && !wish.repair ? [`  next: ibmi-cdc reconcile --table ${wish.table} --list, then --repair`] : [];
  return lines([text, ...notes.map((note) => `  ${note}`), ...next]);
}

/** The line a difference of `--list --json`. */
export function differenceLine({ wish }: ReconcileJob, d: Difference): string {
  const { kind, rule, columns, code } = d;
  const key = parseExact(d.key);
  const more = { ...(columns === null ? {} : { columns }), ...(code === null ? {} : { code }) };
  return exactText({ table: wish.table, key, kind, ...more, rule });
}

export function differenceText({ wish }: ReconcileJob, { kind, key, columns, code }: Difference): string {
  const where = columns === null || columns.length === 0 ? '' : `  ${columns.join(', ')}`;
  return `${wish.table}  ${kind}  ${key}${where}${code === null ? '' : `  ${code}`}`;
}
