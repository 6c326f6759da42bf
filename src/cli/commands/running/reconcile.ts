/** `reconcile`: the rows of the partition against what was last sent, beside a running daemon or by itself. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { progressBar, progressOf } from '../../../backfill/progress';
import type { Config } from '../../../config/config';
import { reconcileAlone } from '../../../daemon/alone/reconcile-alone';
import { formatName } from '../../../model/position';
import { recordedAfter } from '../../../operate/acting/acting';
import { reconcileLines, reconcileThroughDaemon } from '../../../operate/jobs/reconcile';
import { sortList } from '../../../reconcile/list-source';
import { open, type ReconcileWish } from '../../../reconcile/options';
import type { ReconcileJob, ReconcileJobs } from '../../../reconcile/reconcile-jobs';
import { createLogger, type LogLevel } from '../../../telemetry/logger';
import { oneLine } from '../../../telemetry/visible';
import type { SqlTransport } from '../../../transport/transport';
import { writeControls } from '../../guarded-io';
import type { CliIo, GlobalOptions } from '../../io';
import { tableText, usage, whole } from '../../job-options';
import { loadCommandConfig } from '../../load-config';

interface ReconcileOptions extends GlobalOptions {
  readonly table?: string[];
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
  readonly where?: string;
  readonly repair?: boolean;
  readonly list?: boolean;
  readonly against?: string;
  readonly rate?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('reconcile')
    .description('compare the rows of the partition with what was last sent, while everything streams on')
    .option('--table <lib/table...>', 'tables of the config; all of them if left out')
    .option('--column <name>', 'date column of a window: with --from and --to')
    .option('--from <date>', 'first day, ISO')
    .option('--to <date>', 'last day, ISO')
    .option(
      '--where <condition>',
      'only rows for which this SQL condition is true; keys that are gone are not judged then',
    )
    .option('--repair', 'send what differs as events of mode reconcile')
    .option('--list', 'a line for each difference')
    .option('--against <file>', "a receiver's own list in place of what is remembered: JSON lines")
    .option('--rate <rows>', 'rows a second at most')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc reconcile --table ORDLIB/ORDHDR --list
  ibmi-cdc reconcile --table ORDLIB/ORDHDR --repair
  ibmi-cdc reconcile --table ORDLIB/ORDHDR --column ORDDAT --from 2026-11-01 --to 2026-11-30
  ibmi-cdc reconcile --against crm-orders.jsonl     {"table":"ORDLIB/ORDHDR","key":{"orderNumber":"100245"},"id":".."}

What is found: different rows have other content than was last sent, missing ones were never sent, extra keys
were sent and the table has them no more. A row that changes meanwhile is no difference: with a daemon on the
same state file a difference is judged once the stream has passed the reading. Without one, rows whose changes
wait in the journal are not judged, and the result says how many. Ended by a signal, the same command goes on.

Exit codes: 0 all equal, or repaired; 5 differences are left.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReconcileOptions>();
      const config = loadCommandConfig(io, options, 'require');
      const transport = transportOf(config, { traceWire: options.traceWire });
      const list = options.against === undefined ? null : `${config.state}.reconcile-list`;
      try {
        const listed = list === null ? null : await sortList(resolve(options.against!), list);
        const wishes = wishesOf(options, config, list, listed);
        const work = (): Promise<void> => run(io, config, transport, wishes, options);
        const { where, column, from, to, against } = options;
        const scope = { tables: wishes.map((w) => w.table), where, column, from, to, against };
        // what only compares changes nothing
        if (options.repair) await recordedAfter(config, { what: 'reconcile.repair', scope }, work);
        else await work();
      } finally {
        if (list !== null) rmSync(list, { force: true });
      }
    });
}

/** @param listed rows a table that the receiver's own list has. @throws CodedError USAGE */
function wishesOf(
  options: ReconcileOptions,
  config: Config,
  against: string | null,
  listed: ReadonlyMap<string, number> | null,
): ReconcileWish[] {
  const { column, from, to } = options;
  if ((column || from || to) && !(column && from && to))
    throw usage('a window needs all of --column, --from and --to', 'leave all three out to take every row');
  const every = config.tables.filter((t) => t.remember || against !== null).map((t) => formatName(t.table));
  const asked = options.table?.map((text) => tableText(text, config)) ?? every;
  if (listed !== null && options.table === undefined && asked.length > 1) {
    // a list of some tables says nothing of the others
    const named = asked.filter((t) => listed.has(t));
    if (named.length > 0) asked.splice(0, asked.length, ...named);
  }
  const rowsPerSecond = options.rate === undefined ? null : whole('--rate', options.rate, 1, 10_000_000);
  return asked.map((table) => ({
    table,
    range: column && from && to ? { column, from, to } : null,
    where: options.where ?? null,
    repair: options.repair === true,
    list: options.list === true,
    against,
    rowsPerSecond,
    scheduled: false,
  }));
}

async function run(
  io: CliIo,
  config: Config,
  transport: SqlTransport,
  wishes: readonly ReconcileWish[],
  options: ReconcileOptions,
): Promise<void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const show = progressWriter(io);
  const left = { differences: false, stopped: false };
  const ended = (jobs: ReconcileJobs, job: ReconcileJob): void => {
    show.end();
    if (options.table === undefined && job.state === 'failed' && job.message?.startsWith('RECONCILE_NOTHING')) {
      io.stderr.write(`${oneLine(`not compared: ${job.message.replace(/^\w+: /, '')}`)}\n`);
      return;
    }
    for (const text of reconcileLines(jobs, job, options)) io.stdout.write(text);
    if (open(job.figures) > 0) left.differences = true;
    if (job.state !== 'done') left.stopped = true;
  };
  try {
    const log = createLogger((options.logLevel === 'info' ? 'warn' : options.logLevel) as LogLevel, io.stderr);
    const parts = { config, transport, log, stdout: io.stdout, signal: abort.signal };
    if (!(await reconcileAlone({ ...parts, wishes, progress: show.update, ended })))
      await reconcileThroughDaemon(config, transport, wishes, { update: show.update, ended, signal: abort.signal });
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
  if (left.differences || left.stopped) io.exit(5);
}

/** A bar on a terminal, JSON lines otherwise; at most five updates a second. */
function progressWriter(io: CliIo): { update: (job: ReconcileJob) => void; end: () => void } {
  let first: { readonly job: number; readonly rows: number; readonly at: number } | null = null;
  let shownAt = 0;
  let shown = false;
  return {
    update: (job) => {
      const now = Date.now();
      const { rows } = job.figures;
      if (first?.job !== job.id) first = { job: job.id, rows, at: now };
      if (now - shownAt < 200) return;
      shownAt = now;
      const p = progressOf(rows, job.total, first.rows, now - first.at);
      if (io.stderr.isTTY) {
        writeControls(io.stderr, `\r\u001b[K${oneLine(progressBar(job.wish.table, p))}`);
        shown = true;
      } else
        io.stderr.write(
          `${JSON.stringify({ progress: job.wish.table, rows, total: p.total, rowsPerSecond: Math.round(p.rowsPerSecond), secondsLeft: p.secondsLeft === null ? null : Math.ceil(p.secondsLeft) })}\n`,
        );
    },
    end: () => {
      if (shown) io.stderr.write('\n');
      shown = false;
    },
  };
}
