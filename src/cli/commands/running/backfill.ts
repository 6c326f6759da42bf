/** `backfill`: rows of a date range as read events, beside a running daemon or by itself. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import type { BackfillJob, BackfillWish } from '../../../backfill/backfill-jobs';
import { figuresOf, progressBar, progressOf } from '../../../backfill/progress';
import type { Config } from '../../../config/config';
import { backfillAlone } from '../../../daemon/alone/backfill-alone';
import { recordedAfter } from '../../../operate/acting/acting';
import {
  backfillDryRun,
  backfillDryRunText,
  backfillReport,
  backfillText,
  backfillThroughDaemon,
  cancelBackfill,
  cancelledText,
} from '../../../operate/jobs/backfill';
import { createLogger, type LogLevel } from '../../../telemetry/logger';
import { oneLine } from '../../../telemetry/visible';
import type { SqlTransport } from '../../../transport/transport';
import { writeControls } from '../../guarded-io';
import type { CliIo, GlobalOptions } from '../../io';
import { tableText, usage, whole } from '../../job-options';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

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
      if (options.cancel) {
        const action = { what: 'backfill.cancel', scope: { table: wish.table } };
        const cancelled = await recordedAfter(config, action, async () => cancelBackfill(config, wish.table));
        return print(io, options, cancelled, cancelledText);
      }
      const transport = transportOf(config, { traceWire: options.traceWire });
      if (options.dryRun) {
        const counted = await backfillDryRun(config, transport, wish);
        return print(io, options, counted, (m) => backfillDryRunText(m, wish.chunkRows));
      }
      const action = { what: options.resume ? 'backfill.resume' : 'backfill.start', scope: { ...wish } };
      await recordedAfter(config, action, () => run(io, config, transport, wish, options));
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
  const resume = options.resume === true;
  try {
    const log = createLogger((options.logLevel === 'info' ? 'warn' : options.logLevel) as LogLevel, io.stderr);
    const alone = await backfillAlone({
      config,
      transport,
      wish,
      resume,
      log,
      stdout: io.stdout,
      signal: abort.signal,
      progress: show.update,
    });
    const job = alone
      ? alone.job
      : await backfillThroughDaemon(config, transport, wish, { resume, update: show.update, signal: abort.signal });
    show.end();
    const pending = alone?.pending ?? null;
    print(io, options, backfillReport(job, pending), () => backfillText(job, pending));
    if (job.rowsQuarantined > 0) io.exit(5);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
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
