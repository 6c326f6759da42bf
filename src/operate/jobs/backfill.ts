/** `backfill`: what a dry run, a giving up and a finished job report, and the watch over a job that a daemon works on. */
import { BACKFILL_SCHEMA, type BackfillJob, BackfillJobs, type BackfillWish } from '../../backfill/backfill-jobs';
import { BackfillRun } from '../../backfill/backfill-run';
import { figuresOf } from '../../backfill/progress';
import { provedRows, resolveRequest } from '../../capture/rows/backfill-service';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { counted } from '../../model/counted';
import { Store } from '../../store/store';
import { line } from '../../telemetry/visible';
import type { SqlTransport } from '../../transport/transport';
import { daemonWatch, needStateFile } from './state-there';

interface DryRun {
  readonly table: string;
  readonly rows: number;
  /** Columns of the key, or the record number. */
  readonly chunkedBy: readonly string[] | 'rrn';
  readonly dryRun: true;
}

/** Counts the rows on the partition; writes nothing. */
export async function backfillDryRun(config: Config, transport: SqlTransport, wish: BackfillWish): Promise<DryRun> {
  await using connection = await transport.connect({ role: 'backfill' });
  const { request } = await resolveRequest(config, connection, wish);
  using scratch = Store.open(':memory:', [BACKFILL_SCHEMA]);
  const jobs = new BackfillJobs(scratch);
  const rows = await new BackfillRun({ connection, request, jobs, jobId: 0, stream: null }).count();
  return { table: wish.table, rows, chunkedBy: request.key ?? 'rrn', dryRun: true };
}

export function backfillDryRunText({ table, rows, chunkedBy }: DryRun, chunkRows: number): string {
  const by = chunkedBy === 'rrn' ? 'record number' : `key ${chunkedBy.join(', ')}`;
  return line(
    `${table}: ${counted(rows, 'row')} would be read, in chunks of ${chunkRows} by ${by}; nothing was written`,
  );
}

interface Cancelled {
  readonly table: string;
  readonly cancelled: number;
}

/** Gives up what is not done of the table, so that it is no finding any more. */
export function cancelBackfill(config: Config, table: string): Cancelled {
  needStateFile(config);
  using store = Store.open(config.state, [BACKFILL_SCHEMA]);
  return { table, cancelled: new BackfillJobs(store).cancel(table, Date.now()) };
}

export function cancelledText({ table, cancelled }: Cancelled): string {
  return line(
    `${table}: ${cancelled} ${cancelled === 1 ? 'backfill' : 'backfills'} given up; events already queued are still delivered`,
  );
}

/** What cannot be run must leave no job behind. */
async function provedRowsOf(config: Config, transport: SqlTransport, wish: BackfillWish): Promise<number> {
  await using connection = await transport.connect({ role: 'backfill' });
  return await provedRows(config, connection, wish);
}

interface BackfillWatch {
  readonly resume: boolean;
  readonly update: (job: BackfillJob) => void;
  readonly signal: AbortSignal;
}

/** The daemon that owns the state file does the work; this process only watches. */
export async function backfillThroughDaemon(
  config: Config,
  transport: SqlTransport,
  wish: BackfillWish,
  { resume, update, signal }: BackfillWatch,
): Promise<BackfillJob> {
  needStateFile(config);
  const total = resume ? null : await provedRowsOf(config, transport, wish);
  using store = Store.open(config.state, [BACKFILL_SCHEMA]);
  const jobs = new BackfillJobs(store);
  const begun = resume ? jobs.unfinished(wish) : null;
  if (begun?.state === 'failed') jobs.setState(begun.id, 'waiting', Date.now());
  let job = begun ?? jobs.add(wish, Date.now());
  if (total !== null) jobs.setTotal(job.id, total);
  const look = daemonWatch(config, `the backfill of ${wish.table}`);
  while ((job.state === 'waiting' || job.state === 'running') && !signal.aborted) {
    look();
    await new Promise((resolve) => setTimeout(resolve, 200));
    job = jobs.get(job.id)!;
    update(job);
  }
  return job;
}

/** @param pending deliveries still open; null where a daemon delivers. @throws CodedError BACKFILL_FAILED */
export function backfillReport(job: BackfillJob, pending: number | null) {
  const { id, state, wish, total } = job;
  if (state === 'failed')
    throw new CodedError({
      code: 'BACKFILL_FAILED',
      message: `backfill ${id} of ${wish.table} failed: ${job.message ?? ''}`,
      next: 'mend the cause, then run the same command with --resume, or give it up with --cancel',
    });
  return { backfill: id, table: wish.table, state, ...figuresOf(job), total, pending };
}

export function backfillText(job: BackfillJob, pending: number | null): string {
  return line(`${job.wish.table}: ${job.state}, ${storyOf(job, pending)}`);
}

/** What became of the rows, without what there was nothing of. */
function storyOf(job: BackfillJob, pending: number | null): string {
  const some = (n: number, what: string): string => (n > 0 ? `, ${n} ${what}` : '');
  const open = pending
    ? `; ${counted(pending, 'delivery', 'deliveries')} open, \`ibmi-cdc run\` goes on with them`
    : '';
  return `${counted(job.rowsRead, 'row')} read, ${job.published} published${some(job.rowsNewer, 'already published newer by the stream')}${some(
    job.rowsFiltered,
    'filtered by the rules',
  )}${some(job.rowsQuarantined, 'quarantined: see the log')}${some(job.known, 'events already queued by this run')}${open}${
    job.state === 'done' ? '' : '; --resume goes on'
  }`;
}
