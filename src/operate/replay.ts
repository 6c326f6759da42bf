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
}

/** What `--json` prints. */
interface Replayed {
  /** Deliveries. */
  readonly queued: number;
}

/** @throws CodedError `REPLAY_WHAT`, `REPLAY_UNROUTED`: before anything is opened */
export function checkReplay(wish: ReplayWish): void {
  if (!wish.all && Object.values(eventFilterOf(wish)).every((v) => v === undefined)) {
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
