/** What is needed stays, alone as it may be: of each kind of need one event, everything around it long settled and old. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PendingDelivery } from '../../../src/model/delivery';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { draft, idOf } from '../../deliver/support/drafts';

const DAY = 86_400_000;

let folder: string;
let store: Store;
let outbox: Outbox;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retention-'));
  store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
  now = Date.UTC(2026, 0, 1);
  outbox = new Outbox(store, {
    destinations: { crm: {} },
    retention: { days: 10, deadLetterDays: 90 },
    now: () => now,
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One event on a page of its own. */
function append(n: number): PendingDelivery {
  return outbox.append([draft(n)]).deliveries[0]!;
}

const record = {
  ...{ attempt: 1, at: 0, ms: 1, status: 500, error: 'x', batch: 1 },
  ...{ signature: null, response: null },
};

function deliver(delivery: PendingDelivery): void {
  outbox.settle([{ is: 'delivered', delivery, record: null }]);
}

function bury(delivery: PendingDelivery): void {
  outbox.settle([{ is: 'dead', delivery, record, reason: 'refused', message: 'm' }]);
}

function purge(days: number): void {
  now += days * DAY;
  while (outbox.purge().more);
}

const left = (): string[] => outbox.history.events({}).map((event) => event.id);

const NEEDS: readonly (readonly [string, (delivery: PendingDelivery) => void])[] = [
  ['queued', () => undefined],
  ['waiting for its next attempt', (delivery) => outbox.settle([{ is: 'retry', delivery, record, dueAt: now }])],
  ['behind a head that failed', (delivery) => outbox.settle([{ is: 'park', delivery }])],
  ['a dead letter', bury],
  [
    'a dead letter queued again',
    (delivery) => {
      bury(delivery);
      outbox.deadLetters.retry({});
    },
  ],
  [
    'replayed',
    (delivery) => {
      deliver(delivery);
      outbox.requeue.replay({ id: [delivery.event.id] });
    },
  ],
];
test.each(NEEDS)('%s: stays, and those around it go', (_name, need) => {
  const [before, needed, after] = [append(1), append(2), append(3)];
  deliver(before);
  deliver(after);
  need(needed);
  purge(9);
  expect(left()).toEqual([1, 2, 3].map(idOf));
  purge(2);
  expect(left()).toEqual([idOf(2)]);
  expect(outbox.history.events({})[0]!.body).not.toBeNull();
});

test('a dead letter goes when nobody decided in time, and its event with the next purge', () => {
  bury(append(1));
  purge(89);
  expect(outbox.deadLetters.count()).toBe(1);
  purge(2);
  expect(outbox.deadLetters.count()).toBe(0);
  purge(0);
  expect(left()).toEqual([]);
});

test('a lane whose head waits for its next attempt stays in its class, whatever comes behind it', () => {
  const [low] = outbox.append([draft(1, { traceKey: 'a', priority: 'low' })]).deliveries;
  outbox.settle([{ is: 'retry', delivery: low!, record, dueAt: now }]);
  outbox.append([draft(2, { traceKey: 'a', priority: 'high' }), draft(3, { traceKey: 'b', priority: 'high' })]);
  const ids = (cls: 0 | 1 | 2): string[] => outbox.fresh('crm', cls, 0, 10, 1e9).map((d) => d.event.id);
  expect([ids(0), ids(1), ids(2)]).toEqual([[idOf(3)], [], [idOf(2)]]);
});
