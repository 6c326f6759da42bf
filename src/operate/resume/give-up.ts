/** The backlog of a destination that is no longer served, made dead letters: given up by the operator, never silently. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type PendingDelivery, PRIORITY_CLASSES } from '../../model/delivery';
import type { Outbox } from '../../outbox/outbox';

/** Deliveries in one transaction, and payload bytes read for it: a running daemon writes between two of them. */
const STEP = 500;
const STEP_BYTES = 16 * 1024 * 1024;
const BREATH_MS = 5;

/** @returns deliveries given up; they are in `dlq list` with reason `dropped` */
export async function giveUp(outbox: Outbox, destination: string): Promise<number> {
  let all = 0;
  const bury = async (read: (after: number) => readonly PendingDelivery[]): Promise<void> => {
    for (let after = 0; ; ) {
      const page = read(after);
      if (page.length === 0) return;
      const message = 'dropped by the operator: the destination is no longer configured';
      outbox.settle(page.map((delivery) => ({ is: 'dead', delivery, record: null, reason: 'dropped', message })));
      all += page.length;
      after = page.at(-1)!.pos;
      await sleep(BREATH_MS);
    }
  };
  for (let lane: string | null = null; ; ) {
    const lanes = outbox.parkedLanes(destination, lane, STEP);
    if (lanes.length === 0) break;
    for (const one of lanes) await bury((after) => outbox.parked(destination, one.lane, after, STEP, STEP_BYTES));
    lane = lanes.at(-1)!.lane;
  }
  for (const cls of PRIORITY_CLASSES) {
    await bury((after) => outbox.fresh(destination, cls, after, STEP, STEP_BYTES));
  }
  return all;
}
