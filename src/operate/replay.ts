/** Stored events queued again, under the same ids. A running daemon picks them up at once. */
import type { Config } from '../config/config';
import { CodedError } from '../errors/coded-error';
import { counted } from '../model/counted';
import { type EventFilterOptions, eventFilterOf } from './event-filter';
import { storedFilterOf } from './event-table';
import type { StateFile } from './state-file';

export interface ReplayWish extends EventFilterOptions {
  /** Destinations; none means all that each event was made for. */
  readonly to?: readonly string[];
  /** With `to`: also events whose rules do not lead there. */
  readonly alsoUnrouted?: boolean;
  /** Every stored event; needed when nothing else is chosen. */
  readonly all?: boolean;
  /** Time of the change, epoch milliseconds: the journal is read again. */
  readonly changedSince?: number;
  readonly changedUntil?: number;
  readonly dryRun?: boolean;
  readonly available?: boolean;
  readonly rate?: string;
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
  const unknown = to.filter((name) => !(name in destinations));
  if (unknown.length === 0) return;
  throw new CodedError({
    code: 'REPLAY_DESTINATION',
    message: `no destination ${unknown.join(', ')}; ${file} has ${Object.keys(destinations).join(', ')}`,
  });
}

/** @throws CodedError `TABLE_UNKNOWN` */
export function replay(config: Config, state: StateFile, wish: ReplayWish): Replayed {
  const { to = [], alsoUnrouted = false } = wish;
  return { queued: state.outbox.requeue.replay(storedFilterOf(config, state, wish), { to, alsoUnrouted }) };
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
