/** Progress of a backfill for people and for scripts: done, rate, time left. */

import type { BackfillJob } from './backfill-jobs';

/** What became of the rows so far, by the names that scripts and logs see. */
export function figuresOf(job: BackfillJob): Record<string, number> {
  return {
    rowsRead: job.rowsRead,
    rowsSent: job.rowsSent,
    published: job.published,
    deleted: job.rowsGone,
    newer: job.rowsNewer,
    filtered: job.rowsFiltered,
    quarantined: job.rowsQuarantined,
    alreadyQueued: job.known,
  };
}

interface Progress {
  readonly rows: number;
  readonly total: number | null;
  readonly rowsPerSecond: number;
  /** Seconds left; null while unknown. */
  readonly secondsLeft: number | null;
}

export function progressOf(rows: number, total: number | null, startRows: number, elapsedMs: number): Progress {
  const rowsPerSecond = elapsedMs > 0 ? ((rows - startRows) * 1000) / elapsedMs : 0;
  const left = total === null ? null : Math.max(0, total - rows);
  return { rows, total, rowsPerSecond, secondsLeft: left === null || rowsPerSecond <= 0 ? null : left / rowsPerSecond };
}

/** One line for a terminal: `ORDLIB/ORDHDR [#####-----] 50 %  12,000 of 24,000 rows  850 rows/s  14 s left`. */
export function progressBar(table: string, p: Progress, width = 24): string {
  const rate = `${Math.round(p.rowsPerSecond)} rows/s`;
  if (p.total === null) return `${table} ${count(p.rows)} rows  ${rate}`;
  const share = p.total === 0 ? 1 : Math.min(1, p.rows / p.total);
  const filled = Math.round(share * width);
  const bar = '#'.repeat(filled) + '-'.repeat(width - filled);
  const left = p.secondsLeft === null ? '' : `  ${duration(p.secondsLeft)} left`;
  return `${table} [${bar}] ${Math.floor(share * 100)} %  ${count(p.rows)} of ${count(p.total)} rows  ${rate}${left}`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
