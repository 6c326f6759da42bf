/** `backfill`: rows of a date range as read events, beside a running daemon or by itself. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { BACKFILL_SCHEMA, type BackfillJob, BackfillJobs, type BackfillWish } from '../../../backfill/backfill-jobs';
import { BackfillRun } from '../../../backfill/backfill-run';
import { figuresOf, progressBar, progressOf } from '../../../backfill/progress';
import { provedRows, resolveRequest } from '../../../capture/rows/backfill-service';
import type { Config } from '../../../config/config';
import { findTable } from '../../../config/find-table';
import { backfillAlone } from '../../../daemon/backfill-alone';
import { CodedError } from '../../../errors/coded-error';
import { counted } from '../../../model/counted';
import { formatName, parseName } from '../../../model/position';
import { stateThere } from '../../../store/look';
import { Store } from '../../../store/store';
import { createLogger, type LogLevel } from '../../../telemetry/logger';
import { oneLine } from '../../../telemetry/visible';
import type { SqlTransport } from '../../../transport/transport';
import { writeControls } from '../../guarded-io';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface BackfillOptions extends GlobalOptions {
  readonly table: string;
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
  readonly where?: string;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly chunk: string;
  readonly rate?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('backfill')
    .description('publish the rows of a date range as read events')
    .requiredOption('--table <lib/table>', 'a table of the config')
    .option('--column <name>', 'date column: DATE, TIMESTAMP, or a number or text the config calls a date')
    .option('--from <date>', 'first day, ISO')
    .option('--to <date>', 'last day, ISO')
    .option('--where <condition>', 'further SQL condition')
    .option('--dry-run', 'count the rows, write nothing')
    .option('--resume', 'go on with the unfinished backfill of the same range')
    .option('--cancel', 'give up backfills of the table that wait, run or failed')
    .option('--chunk <rows>', 'rows read at a time', '1000')
    .option('--rate <rows>', 'rows a second at most')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc backfill --table ORDLIB/ORDHDR --column ORDDAT --from 2026-01-01 --to 2026-06-30 --dry-run

With a daemon on the same state file the rows go through it, and never overtake a newer change.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<BackfillOptions>();
      const config = loadCommandConfig(io, options, 'require');
      const wish = wishOf(options, config);
      if (options.cancel) return cancel(io, config, wish.table, options.json);
      const transport = transportOf(config, { traceWire: options.traceWire });
      if (options.dryRun) return dryRun(io, config, transport, wish, options.json);
      await run(io, config, transport, wish, options);
    });
}

function wishOf(options: BackfillOptions, config: Config): BackfillWish {
  const { column, from, to } = options;
  if ((column || from || to) && !(column && from && to))
    throw usage('a range needs all of --column, --from and --to', 'leave all three out to take every row');
  return {
    table: tableText(options.table, config),
    range: column && from && to ? { column, from, to } : null,
    where: options.where ?? null,
    chunkRows: whole('--chunk', options.chunk, 1, 100_000),
    rowsPerSecond: options.rate === undefined ? null : whole('--rate', options.rate, 1, 1_000_000),
  };
}

/** One spelling for one table, the configuration's where it has it: a wish is found again by its text when it is resumed. */
function tableText(text: string, config: Config): string {
  const table = findTable(config, text)?.table ?? parseName(text);
  if (!table) throw usage(`--table is "${text}"; expected LIB/TABLE`);
  return formatName(table);
}

function whole(flag: string, text: string, min: number, max: number): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < min || n > max) throw usage(`${flag} is "${text}"; expected ${min} to ${max}`);
  return n;
}

function usage(message: string, next?: string): CodedError {
  return new CodedError({ code: 'USAGE', message, ...(next ? { next } : {}) });
}

async function dryRun(
  io: CliIo,
  config: Config,
  transport: SqlTransport,
  wish: BackfillWish,
  json: boolean,
): Promise<void> {
  await using connection = await transport.connect({ role: 'backfill' });
  const { request } = await resolveRequest(config, connection, wish);
  using scratch = Store.open(':memory:', [BACKFILL_SCHEMA]);
  const rows = await new BackfillRun({
    connection,
    request,
    jobs: new BackfillJobs(scratch),
    jobId: 0,
    stream: null,
  }).count();
  const by = request.key ? `key ${request.key.join(', ')}` : 'record number';
  io.stdout.write(
    json
      ? `${JSON.stringify({ table: wish.table, rows, chunkedBy: request.key ?? 'rrn', dryRun: true })}\n`
      : `${wish.table}: ${counted(rows, 'row')} would be read, in chunks of ${wish.chunkRows} by ${by}; nothing was written\n`,
  );
}

async function run(
  io: CliIo,
  config: Config,
  transport: SqlTransport,
  wish: BackfillWish,
  options: BackfillOptions,
): Promise<void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const show = progressWriter(io, wish.table);
  try {
    const log = createLogger((options.logLevel === 'info' ? 'warn' : options.logLevel) as LogLevel, io.stderr);
    const alone = await backfillAlone({
      config,
      transport,
      wish,
      resume: options.resume === true,
      log,
      stdout: io.stdout,
      signal: abort.signal,
      progress: show.update,
    });
    const job = alone
      ? alone.job
      : await throughDaemon(config, transport, wish, options, { update: show.update, signal: abort.signal });
    show.end();
    tell(io, job, alone?.pending ?? null, options.json);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** What cannot be run must leave no job behind. */
async function provedRowsOf(config: Config, transport: SqlTransport, wish: BackfillWish): Promise<number> {
  await using connection = await transport.connect({ role: 'backfill' });
  return await provedRows(config, connection, wish);
}

/** Gives up what is not done of the table, so that it is no finding any more. */
function cancel(io: CliIo, config: Config, table: string, json: boolean): void {
  if (!stateThere(config.state)) throw usage(`no state file ${config.state}`);
  using store = Store.open(config.state, [BACKFILL_SCHEMA]);
  const cancelled = new BackfillJobs(store).cancel(table, Date.now());
  const text = `${table}: ${cancelled} ${cancelled === 1 ? 'backfill' : 'backfills'} given up; events already queued are still delivered`;
  io.stdout.write(`${json ? JSON.stringify({ table, cancelled }) : text}\n`);
}

/** The daemon that owns the state file does the work; this process only watches. */
async function throughDaemon(
  config: Config,
  transport: SqlTransport,
  wish: BackfillWish,
  options: BackfillOptions,
  { update, signal }: { readonly update: (job: BackfillJob) => void; readonly signal: AbortSignal },
): Promise<BackfillJob> {
  if (!stateThere(config.state)) throw usage(`no state file ${config.state}`);
  const total = options.resume ? null : await provedRowsOf(config, transport, wish);
  using store = Store.open(config.state, [BACKFILL_SCHEMA]);
  const jobs = new BackfillJobs(store);
  const begun = options.resume ? jobs.unfinished(wish) : null;
  if (begun?.state === 'failed') jobs.setState(begun.id, 'waiting', Date.now());
  let job = begun ?? jobs.add(wish, Date.now());
  if (total !== null) jobs.setTotal(job.id, total);
  while ((job.state === 'waiting' || job.state === 'running') && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    job = jobs.get(job.id)!;
    update(job);
  }
  return job;
}

function tell(io: CliIo, job: BackfillJob, pending: number | null, json: boolean): void {
  if (job.state === 'failed')
    throw new CodedError({
      code: 'BACKFILL_FAILED',
      message: `backfill ${job.id} of ${job.wish.table} failed: ${job.message ?? ''}`,
      next: 'mend the cause, then run the same command with --resume, or give it up with --cancel',
    });
  if (json) {
    const { id, state, wish, total } = job;
    io.stdout.write(
      `${JSON.stringify({ backfill: id, table: wish.table, state, ...figuresOf(job), total, pending })}\n`,
    );
  } else io.stdout.write(`${job.wish.table}: ${job.state}, ${storyOf(job, pending)}\n`);
  if (job.rowsQuarantined > 0) io.exit(5);
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

/** A bar on a terminal, JSON lines otherwise; at most five updates a second. */
function progressWriter(io: CliIo, table: string): { update: (job: BackfillJob) => void; end: () => void } {
  const started = Date.now();
  let first: number | null = null;
  let shownAt = 0;
  let shown = false;
  return {
    update: (job) => {
      first ??= job.rowsRead;
      const now = Date.now();
      if (now - shownAt < 200 && job.rowsRead !== job.total) return;
      shownAt = now;
      const p = progressOf(job.rowsRead, job.total, first, now - started);
      if (io.stderr.isTTY) {
        writeControls(io.stderr, `\r\u001b[K${oneLine(progressBar(table, p))}`);
        shown = true;
      } else
        io.stderr.write(
          `${JSON.stringify({ progress: table, rows: p.rows, ...figuresOf(job), total: p.total, rowsPerSecond: Math.round(p.rowsPerSecond), secondsLeft: p.secondsLeft === null ? null : Math.ceil(p.secondsLeft) })}\n`,
        );
    },
    end: () => {
      if (shown) io.stderr.write('\n');
    },
  };
}
