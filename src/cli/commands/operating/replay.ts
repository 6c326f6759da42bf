/** `replay`: events again, under the same ids, to chosen destinations: stored ones, or out of the journal. */
import { type Command, InvalidArgumentError } from 'commander';
import { transportOf } from '../../../assembly/connect';
import type { Config } from '../../../config/config';
import { replayAlone } from '../../../daemon/alone/replay-alone';
import { EXIT } from '../../../errors/coded-error';
import { recorded, recordedAfter } from '../../../operate/acting/acting';
import { withEventFilter } from '../../../operate/event-filter';
import {
  cancelledText,
  cancelReplays,
  type JournalReplayOptions,
  type JournalReplayReport,
  jobReport,
  journalReplayText,
  replayDryRun,
  replayThroughDaemon,
  replayWishes,
} from '../../../operate/jobs/journal-replay';
import {
  checkDestinations,
  checkReplay,
  isJournalReplay,
  nothingQueued,
  type ReplayWish,
  replay,
  replayScope,
  replayText,
} from '../../../operate/replay';
import { openStateFile } from '../../../operate/state-file';
import { osUser } from '../../../operators/os-user';
import type { ReplayJob } from '../../../replay/replay-jobs';
import { createLogger, type LogLevel } from '../../../telemetry/logger';
import type { CliIo, GlobalOptions } from '../../io';
import { tableText, whole } from '../../job-options';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { isRemote, type RemoteOptions, withApi } from '../../remote/client';
import { remoteReplay } from '../../remote/replay';

interface ReplayOptions extends GlobalOptions, ReplayWish {
  readonly cancel?: boolean;
  readonly dryRun?: boolean;
  readonly available?: boolean;
  readonly rate?: string;
}

export function register(program: Command, io: CliIo): void {
  withApi(withEventFilter(program.command('replay')))
    .description('queue events again, under the same event ids: stored ones, or out of the journal')
    .option('--changed-since <time>', 'out of the journal: changes made at or after, ISO 8601', instant)
    .option('--changed-until <time>', 'out of the journal: changes made before, ISO 8601', instant)
    .option('--to <destination...>', 'only to these destinations, of those each event was made for')
    .option('--also-unrouted', 'with --to: also events whose rules do not lead there')
    .option('--all', 'every stored event; needed when nothing else is chosen')
    .option('--dry-run', 'out of the journal: count, send nothing')
    .option('--available', 'out of the journal: go on with what the receivers still hold')
    .option('--cancel', 'give up replays from the journal that wait, run or failed')
    .option('--rate <entries>', 'out of the journal: entries read a second at most; 5000 if left out')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc replay --table ORDLIB/ORDHDR --since 2026-11-21T08:00:00Z --until 2026-11-21T09:30:00Z --to crm
  ibmi-cdc replay --table ORDLIB/ORDHDR --since 2026-11-21T08:00:00Z --to new-crm --also-unrouted   (a destination added since)
  ibmi-cdc replay --changed-since 2026-11-21T08:00:00Z --changed-until 2026-11-21T09:30:00Z --to crm --dry-run
  ibmi-cdc replay --receiver ORDLIB/ORDRCV0007 --from-sequence 184000 --to-sequence 185000

Stored events are chosen by when they were written. By time of the change, or by a receiver with a sequence number, the
journal is read again: also what the outbox no longer has or never had, whole commit cycles, up to where the stream stands.
With a daemon on the same state file it does the work; ended by a signal, the same command goes on.

Receivers recognise a repeat by its id; its meta.mode is replay.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReplayOptions & RemoteOptions>();
      if (isRemote(options)) {
        checkReplay(options);
        return await remoteReplay(io, options);
      }
      if (options.cancel) {
        const config = loadCommandConfig(io, options, 'tolerate');
        const action = { what: 'replay.cancel', scope: {} };
        const done = await recordedAfter(config, action, async () => cancelReplays(config));
        return print(io, options, done, ({ cancelled }) => cancelledText(cancelled));
      }
      checkReplay(options);
      const journal = isJournalReplay(options);
      const config = loadCommandConfig(io, options, journal ? 'require' : 'tolerate');
      checkDestinations(config, options.to ?? []);
      const action = { what: 'replay', scope: replayScope(options) };
      const again = (): Promise<void> => fromJournal(io, config, options);
      if (journal && options.dryRun) return await again();
      if (journal) return await recordedAfter(config, action, again);
      using state = openStateFile(config);
      const done = await recorded(state, osUser(), action, () => replay(config, state, options));
      print(io, options, done, replayText);
      if (done.queued > 0) return;
      io.stderr.write(nothingQueued(state, options));
      io.exit(EXIT.findings);
    });
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2026-11-21T08:00:00Z');
  return ms;
}

function askedOf(options: ReplayOptions, config: Config): JournalReplayOptions {
  return {
    table: options.table === undefined ? null : tableText(options.table, config),
    changedSince: options.changedSince ?? null,
    changedUntil: options.changedUntil ?? null,
    receiver: options.receiver ?? null,
    fromSequence: options.fromSequence ?? null,
    toSequence: options.toSequence ?? null,
    to: options.to ?? [],
    alsoUnrouted: options.alsoUnrouted === true,
    available: options.available === true,
    entriesPerSecond: options.rate === undefined ? null : whole('--rate', options.rate, 1, 10_000_000),
  };
}

async function fromJournal(io: CliIo, config: Config, options: ReplayOptions): Promise<void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const log = createLogger((options.logLevel === 'info' ? 'warn' : options.logLevel) as LogLevel, io.stderr);
  const transport = transportOf(config, { traceWire: options.traceWire });
  const parts = { config, transport, log, signal: abort.signal };
  const asked = askedOf(options, config);
  try {
    if (options.dryRun) {
      const reports = await replayDryRun(parts, asked);
      show(io, options, reports);
      // a decision is needed before it can be done
      if (reports.some((r) => r.gone.length > 0) && !asked.available) io.exit(EXIT.positionLost);
      return;
    }
    const wishes = await replayWishes(parts, asked);
    const update = progressWriter(io);
    const jobs =
      (await replayAlone({ ...parts, stdout: io.stdout, wishes, progress: update })) ??
      (await replayThroughDaemon(config, wishes, { update, signal: abort.signal }));
    const reports = jobs.map(jobReport);
    show(io, options, reports);
    if (reports.every((r) => r.deliveries === 0) || reports.some((r) => r.state !== 'done')) io.exit(EXIT.findings);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function show(io: CliIo, options: ReplayOptions, reports: readonly JournalReplayReport[]): void {
  for (const report of reports) print(io, options, report, journalReplayText);
}

/** JSON lines; at most five updates a second. */
function progressWriter(io: CliIo): (job: ReplayJob) => void {
  let shownAt = 0;
  return ({ wish, figures: { entries, events, deliveries } }) => {
    const now = Date.now();
    if (now - shownAt < 200) return;
    shownAt = now;
    io.stderr.write(`${JSON.stringify({ progress: wish.journal, entries, events, deliveries })}\n`);
  };
}
