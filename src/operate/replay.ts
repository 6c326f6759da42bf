/** Stored events queued again, under the same ids. A running daemon picks them up at once. */
import type { Config } from '../config/config';
import { CodedError } from '../errors/coded-error';
import { counted } from '../model/counted';
import type { Facts } from '../operators/operator-log';
import { type EventFilterOptions, eventFilterOf } from './event-filter';
import { storedFilterOf } from './event-table';
import { Slices, sumOf } from './pages/slices';
import type { StateFile } from './state-file';

const NEVER = new AbortController().signal;

export interface ReplayWish extends EventFilterOptions {
  /** Destinations; none means all that each event was made for. */
  readonly to?: readonly string[] | undefined;
  /** With `to`: also events whose rules do not lead there. */
  readonly alsoUnrouted?: boolean | undefined;
  /** Every stored event; needed when nothing else is chosen. */
  readonly all?: boolean | undefined;
  /** Time of the change, epoch milliseconds: the journal is read again. */
  readonly changedSince?: number | undefined;
  readonly changedUntil?: number | undefined;
  readonly dryRun?: boolean | undefined;
  readonly available?: boolean | undefined;
  readonly rate?: string | undefined;
}

/** What `--json` prints. */
interface Replayed {
  /** Deliveries. */
  readonly queued: number;
}

/** True where the journal is to be read again: by time of the change, or by numbers of a receiver. */
export function isJournalReplay(wish: ReplayWish): boolean {
  const { changedSince, changedUntil, receiver, fromSequence, toSequence, dryRun, available, rate } = wish;
  if (changedSince !== undefined || changedUntil !== undefined) return true;
  if (receiver === undefined) return false;
  return [fromSequence, toSequence, dryRun, available, rate].some((o) => o !== undefined);
}

/** @throws CodedError `REPLAY_OPTIONS` */
function checkJournalReplay({ id, type, key, since, until, all, receiver, ...wish }: ReplayWish): void {
  const stored = Object.entries({ id, type, key, since, until, all }).flatMap(([name, v]) =>
    v === undefined ? [] : [name],
  );
  const both = receiver !== undefined && (wish.changedSince !== undefined || wish.changedUntil !== undefined);
  if (stored.length === 0 && !both) return;
  const what = both ? '--receiver' : stored.map((name) => `--${name}`).join(', ');
  throw new CodedError({
    code: 'REPLAY_OPTIONS',
    message: `${what} cannot be given together with ${both ? '--changed-since or --changed-until' : 'a range of the journal'}`,
    next: 'choose by --changed-since and --changed-until, or by --receiver with --from-sequence and --to-sequence; with --table and --to',
  });
}

/** @throws CodedError `REPLAY_WHAT`, `REPLAY_UNROUTED`, `REPLAY_OPTIONS`: before anything is opened */
export function checkReplay(wish: ReplayWish): void {
  const journal = isJournalReplay(wish);
  if (journal) checkJournalReplay(wish);
  if (!journal && (wish.dryRun || wish.available || wish.rate !== undefined)) {
    throw new CodedError({
      code: 'REPLAY_OPTIONS',
      message: '--dry-run, --available and --rate belong to a replay from the journal',
      next: 'choose by --changed-since and --changed-until, or by --receiver with --from-sequence and --to-sequence',
    });
  }
  if (!journal && !wish.all && Object.values(eventFilterOf(wish)).every((v) => v === undefined)) {
    throw new CodedError({
      code: 'REPLAY_WHAT',
      message: 'nothing was chosen to replay',
      next: 'choose by --id, --type, --table, --key, --since/--until or --receiver with --from-sequence/--to-sequence, or say --all',
    });
  }
  if (wish.alsoUnrouted && !wish.to) {
    throw new CodedError({
      code: 'REPLAY_UNROUTED',
      message: '--also-unrouted was given without --to',
      next: 'name the destinations that are to get events not made for them: --to NAME',
    });
  }
}

/** @throws CodedError `REPLAY_DESTINATION` */
export function checkDestinations({ destinations, file }: Config, to: readonly string[]): void {
  const unknown = to.filter((name) => !Object.hasOwn(destinations, name));
  if (unknown.length === 0) return;
  throw new CodedError({
    code: 'REPLAY_DESTINATION',
    message: `no destination ${unknown.join(', ')}; ${file} has ${Object.keys(destinations).join(', ')}`,
  });
}

/** What is stored as it begins. @throws CodedError `TABLE_UNKNOWN` */
export async function replay(
  config: Config,
  state: StateFile,
  wish: ReplayWish,
  signal: AbortSignal = NEVER,
): Promise<Replayed> {
  const { to = [], alsoUnrouted = false } = wish;
  const before = state.outbox.lastPosition() + 1;
  const steps = state.outbox.requeue.replaySteps(storedFilterOf(config, state, wish), { to, alsoUnrouted, before });
  return { queued: await sumOf(steps, signal) };
}

/** The wish as the operators' log has it. */
export function replayScope(wish: ReplayWish): Facts {
  const { to, alsoUnrouted, all, changedSince, changedUntil, available } = wish;
  return { ...eventFilterOf(wish), to, alsoUnrouted, all, changedSince, changedUntil, available };
}

/** Stored events that match, whatever destinations they are made for. */
export async function countEvents(
  config: Config,
  state: StateFile,
  wish: EventFilterOptions,
  signal: AbortSignal,
): Promise<number> {
  const slices = new Slices(signal);
  let count = 0;
  for (const { found } of state.outbox.history.pagewise(storedFilterOf(config, state, wish), {})) {
    count += found.length;
    await slices.step();
  }
  return count;
}

export function replayText({ queued }: Replayed): string {
  return `${counted(queued, 'delivery', 'deliveries')} queued again\n`;
}

/** Why nothing was queued. */
export function nothingQueued(state: StateFile, wish: ReplayWish): string {
  const some = state.outbox.history.events(eventFilterOf(wish), { limit: 1 }).length > 0;
  if (!some) return 'no stored event matches\n';
  return `the rules of the events that match do not lead to ${(wish.to ?? []).join(', ')}; --also-unrouted sends them all the same\n`;
}
