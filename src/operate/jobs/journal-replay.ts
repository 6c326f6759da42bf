/** `replay` from the journal: what is asked of which journal, a dry run, the watch over jobs of a daemon, and the report. */
import { journalsOfConfig, prepareReplay } from '../../capture/again/prepare-replay';
import { ReplayRun } from '../../capture/again/replay-run';
import { refuseGone, replayMapping } from '../../capture/again/replay-service';
import { readReceivers } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import type { JournalOptions } from '../../journal/options';
import { counted } from '../../model/counted';
import { formatName, parseName } from '../../model/position';
import { type JournalReplayWish, NO_FIGURES, type ReplayFigures, type ReplayScope } from '../../replay/options';
import { REPLAY_SCHEMA, type ReplayJob, ReplayJobs } from '../../replay/replay-jobs';
import { InstanceLock } from '../../store/instance-lock';
import { stateThere } from '../../store/look';
import { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import { lines } from '../../telemetry/visible';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import { openStateFile, type StateFile, stateInMemory } from '../state-file';
import { needStateFile } from './state-there';

/** What was typed. */
export interface JournalReplayOptions {
  /** `LIB/FILE` as the configuration has it. */
  readonly table: string | null;
  readonly changedSince: number | null;
  readonly changedUntil: number | null;
  readonly receiver: string | null;
  readonly fromSequence: bigint | null;
  readonly toSequence: bigint | null;
  readonly to: readonly string[];
  readonly alsoUnrouted: boolean;
  readonly available: boolean;
  readonly entriesPerSecond: number | null;
}

interface Beside {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** A line a journal, as `--json` prints it. */
export interface JournalReplayReport extends ReplayFigures {
  readonly journal: string;
  readonly state: 'done' | 'dry run' | 'stopped' | 'cancelled';
  readonly queued: number;
  readonly gone: ReplayScope['gone'];
}

/**
 * One wish a journal, each proved: what is gone is said before anything is sent.
 * @throws CodedError REPLAY_GONE (positionLost), REPLAY_TABLE, REPLAY_LAYOUT, TABLE_UNKNOWN (config), host, transport
 */
export async function replayWishes(parts: Beside, asked: JournalReplayOptions): Promise<JournalReplayWish[]> {
  const { config, transport, signal } = parts;
  using state = stateOf(config);
  await using connection = await transport.connect({ signal, role: 'replay' });
  const wishes = await wishesOf(config, connection, state, asked);
  const scopes: ReplayScope[] = [];
  for (const wish of wishes)
    scopes.push((await prepareReplay({ config, connection, store: state.store, signal }, wish)).scope);
  const gone = scopes.flatMap((s) => s.gone);
  if (!asked.available) refuseGone({ ...scopes[0]!, stretches: scopes.flatMap((s) => s.stretches), gone });
  return wishes;
}

/** Counts what would be sent: reads the journal, writes nothing, refuses nothing. */
export async function replayDryRun(parts: Beside, asked: JournalReplayOptions): Promise<JournalReplayReport[]> {
  const { config, transport, log, signal } = parts;
  using state = stateOf(config);
  using held = Store.open(':memory:', [REPLAY_SCHEMA]);
  await using connection = await transport.connect({ signal, role: 'replay' });
  const reports: JournalReplayReport[] = [];
  for (const wish of await wishesOf(config, connection, state, asked)) {
    const { store, outbox } = state;
    const prepared = await prepareReplay({ config, connection, store, signal }, wish);
    const mapping = replayMapping({ config, transport, store, log }, prepared, held);
    const parts = { connection, prepared, wish, mapping, outbox, queues: false };
    const run = new ReplayRun({ ...parts, progress: () => true, queued: async () => undefined }, NO_FIGURES);
    const figures = await run.run({ stretch: 0, checkpoint: null }, signal);
    if (figures === null) break;
    reports.push(reportOf(wish, 'dry run', figures, prepared.scope));
  }
  return reports;
}

/** The daemon that owns the state file does the work; this process only watches. */
export async function replayThroughDaemon(
  config: Config,
  wishes: readonly JournalReplayWish[],
  { update, signal }: { readonly update: (job: ReplayJob) => void; readonly signal: AbortSignal },
): Promise<ReplayJob[]> {
  needStateFile(config);
  using store = Store.open(config.state, [REPLAY_SCHEMA]);
  const jobs = new ReplayJobs(store);
  const begun = wishes.map((wish) => {
    const job = jobs.unfinished(wish) ?? jobs.add(wish, Date.now());
    if (job.state === 'failed') jobs.setState(job.id, job.scope ? 'running' : 'waiting', Date.now());
    return jobs.get(job.id)!;
  });
  const ended: ReplayJob[] = [];
  for (let job of begun) {
    while ((job.state === 'waiting' || job.state === 'running') && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      job = jobs.get(job.id)!;
      update(job);
      // a daemon that has ended goes on with it at its next start, if it was not done before
      if (InstanceLock.isHeld(config.state)) continue;
      job = jobs.get(job.id)!;
      break;
    }
    ended.push(job);
  }
  return ended;
}

/** Gives up what is not done, so that it is no finding any more. */
export function cancelReplays(config: Config): { readonly cancelled: number } {
  needStateFile(config);
  using store = Store.open(config.state, [REPLAY_SCHEMA]);
  return { cancelled: new ReplayJobs(store).cancel(Date.now()) };
}

export function cancelledText(cancelled: number): string {
  return `${counted(cancelled, 'replay')} given up; events already queued are still delivered\n`;
}

/** @throws CodedError REPLAY_FAILED */
export function jobReport({ id, wish, state, figures, scope, message }: ReplayJob): JournalReplayReport {
  if (state === 'failed')
    throw new CodedError({
      code: 'REPLAY_FAILED',
      message: `replay ${id} of ${wish.journal} failed: ${message ?? ''}`,
      next: 'mend the cause, then the same command goes on where it stopped',
    });
  const ended = state === 'done' || state === 'cancelled' ? state : 'stopped';
  return reportOf(wish, ended, figures, scope);
}

export function journalReplayText(r: JournalReplayReport): string {
  const some = (n: number, text: string): string => (n > 0 ? `, ${text}` : '');
  const dry = r.state === 'dry run';
  const deliveries = counted(r.deliveries, 'delivery', 'deliveries');
  const what = `${counted(r.changes, 'change')} in the range, ${counted(r.events, 'event')}, ${r.events - r.stored} not in the outbox; ${deliveries} ${dry ? 'would be queued' : 'queued'}`;
  const rest = [
    some(r.filtered, `${r.filtered} filtered by the rules`),
    some(r.quarantined, `${r.quarantined} cannot be decoded`),
    some(r.incomplete, `${counted(r.incomplete, 'commit cycle')} without their beginning left out`),
    some(r.ahead, `${r.ahead} left to the stream, which has not read their commit yet`),
  ].join('');
  const gone = r.gone.map(({ receiver, why }) => `gone: ${receiver}: ${why}`);
  const next = r.state === 'stopped' ? '; the same command goes on' : dry ? '; nothing was written' : '';
  return lines([...gone, `journal ${r.journal}  ${r.state}: ${what}${rest}${next}`]);
}

function reportOf(
  { journal }: JournalReplayWish,
  state: JournalReplayReport['state'],
  figures: ReplayFigures,
  scope: ReplayScope | null,
): JournalReplayReport {
  const queued = state === 'dry run' ? 0 : figures.deliveries;
  return { journal, state, queued, ...figures, gone: scope?.gone ?? [] };
}

/** Beside a daemon or where none ever ran; never makes the file. */
function stateOf(config: Config): StateFile {
  return stateThere(config.state) ? openStateFile(config) : stateInMemory(config);
}

async function wishesOf(
  config: Config,
  connection: SqlConnection,
  state: StateFile,
  asked: JournalReplayOptions,
): Promise<JournalReplayWish[]> {
  const { tables, journals } = await journalsOfConfig(config, connection);
  const file = asked.table && tables.find((t) => formatName(t.asked) === asked.table)?.file;
  const own = journals.filter((j) => !file || j.tables.some((t) => formatName(t.file) === formatName(file)));
  const wanted = asked.receiver === null ? own : [await journalOf(connection, state, own, asked.receiver)];
  if (wanted.length === 0 || (asked.table !== null && !file))
    throw new CodedError({
      code: 'REPLAY_TABLE',
      message: `${asked.table ?? 'nothing of the configuration'} is not read from a journal`,
      next: '`ibmi-cdc plan` shows the journal of each table; rows without a journal are sent again by `backfill`',
    });
  return wanted.map(({ journal }) => ({
    journal: formatName(journal),
    tables: asked.table === null ? null : [asked.table],
    since: asked.changedSince,
    until: asked.changedUntil,
    receiver: asked.receiver && formatName(parseName(asked.receiver)!),
    fromSequence: asked.fromSequence?.toString() ?? null,
    toSequence: asked.toSequence?.toString() ?? null,
    to: asked.to,
    alsoUnrouted: asked.alsoUnrouted,
    available: asked.available,
    entriesPerSecond: asked.entriesPerSecond,
  }));
}

/** The journal that has the receiver, or had it; of one journal alone it is not asked. */
async function journalOf(
  connection: SqlConnection,
  { checkpoints }: StateFile,
  journals: readonly JournalOptions[],
  text: string,
): Promise<JournalOptions> {
  const name = parseName(text);
  const receiver = name && formatName(name);
  for (const options of journals) {
    const listed = await readReceivers(connection, options.journal);
    if (listed.some((r) => formatName(r.name) === receiver)) return options;
  }
  const had = journals.find((j) => checkpoints.receiversSeen(j.journal).some((s) => s.receiver === receiver));
  if (had) return had;
  if (receiver && journals.length === 1) return journals[0]!;
  throw new CodedError({
    code: 'REPLAY_TABLE',
    message: `no journal of the configuration has a receiver ${text}`,
    next: '`ibmi-cdc status` shows the journals, WRKJRNA their receivers',
  });
}
