/** The operator lets a paused table or a disabled destination go on. A running daemon sees it within a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config';
import { type PositionWord, PositionWords } from '../../deliver/standing/position-words';
import type { Outbox } from '../../outbox/outbox';
import type { TableHold } from '../../outbox/queue/table-holds';
import type { StateFile } from '../state-file';
import { giveUp } from './give-up';
import { noPosition, notDisabled, notPaused, onlyGap, stillConfigured } from './refusals';
import { waitingFor } from './stopped';

export type ResumedTable =
  | { readonly table: string; readonly acceptedGap: string }
  | { readonly table: string; readonly drop: boolean; readonly deliveries: number };

export interface ResumedDestination {
  readonly destination: string;
  readonly deliveries: number;
}

export interface PositionSaid {
  readonly destination: string;
  readonly position: PositionWord;
  readonly deliveries: number;
}

export interface DroppedDestination {
  readonly destination: string;
  readonly drop: true;
  readonly deliveries: number;
}

/** Milliseconds between two steps, in which a running daemon can write. */
const BREATH_MS = 5;

/**
 * @param table `LIB/FILE` as its events carry it
 * @param wish drop: what was kept back becomes dead letters; acceptGap: changes that were not seen are no longer reported
 * @throws CodedError `TABLE_NOT_PAUSED`
 */
export async function resumeTable(
  { outbox, gaps }: StateFile,
  table: string,
  wish: { readonly drop: boolean; readonly acceptGap: boolean },
): Promise<ResumedTable> {
  const hold = outbox.holds.find(table);
  const gap = gaps.find(table);
  if (wish.acceptGap && gap) gaps.acknowledge(gap.table);
  if (!hold && wish.acceptGap && gap) return { table: gap.table, acceptedGap: gap.kind };
  if (!hold) throw gap ? onlyGap(gap) : notPaused(table);
  const deliveries = await release(outbox, hold, wish.drop ? 'dead letters' : 'queue');
  return { table: hold.table, drop: wish.drop, deliveries };
}

/** @throws CodedError `DESTINATION_NOT_DISABLED` */
export function resumeDestination({ outbox, disabled }: StateFile, destination: string): ResumedDestination {
  const deliveries = waitingFor(outbox, destination);
  if (!disabled.enable(destination)) throw notDisabled(destination);
  return { destination, deliveries };
}

/** Read by the next start of the daemon. @throws CodedError `RESUME_WHAT` for a destination without a position */
export function sayPosition(
  config: Pick<Config, 'destinations'>,
  { store, outbox }: StateFile,
  destination: string,
  position: PositionWord,
): PositionSaid {
  if (!config.destinations[destination]?.kafka?.exactlyOnce) throw noPosition(destination);
  new PositionWords(store).say(destination, position);
  return { destination, position, deliveries: waitingFor(outbox, destination) };
}

/**
 * Only once it is out of the configuration: a daemon that serves it may have its deliveries in memory.
 * @throws CodedError `RESUME_CONFIGURED`, `DESTINATION_NOT_DISABLED`
 */
export async function dropDestination(
  config: Pick<Config, 'destinations' | 'file'>,
  { outbox, disabled }: StateFile,
  destination: string,
): Promise<DroppedDestination> {
  if (destination in config.destinations) throw stillConfigured(destination, config.file);
  if (!outbox.history.backlog().some((b) => b.destination === destination)) throw notDisabled(destination);
  const deliveries = await giveUp(outbox, destination);
  disabled.enable(destination);
  return { destination, drop: true, deliveries };
}

async function release(outbox: Outbox, hold: TableHold, to: 'queue' | 'dead letters'): Promise<number> {
  let all = 0;
  for (;;) {
    const { moved, done } = outbox.release.step(hold, to);
    all += moved;
    if (done) return all;
    await sleep(BREATH_MS);
  }
}
