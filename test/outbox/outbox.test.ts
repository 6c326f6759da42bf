/** Events once, queue places for each destination, settlement, history, purge; on a real file. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isCoded } from '../../src/errors/coded-error';
import type { PendingDelivery, PriorityClass, Settlement } from '../../src/model/delivery';
import type { OutboxOptions } from '../../src/outbox/options';
import { Outbox } from '../../src/outbox/outbox';
import { parseSealKey } from '../../src/outbox/pages/seal';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { draft, drafts, idOf } from '../deliver/support/drafts';

let folder: string;
let file: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  file = join(folder, 'state.sqlite');
  store = Store.open(file, [OUTBOX_SCHEMA]);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const DESTINATIONS = { crm: {}, lake: {} };
const open = (given: Partial<OutboxOptions> = {}): Outbox =>
  new Outbox(store, { destinations: DESTINATIONS, ...given });
const fresh = (outbox: Outbox, name = 'crm', cls: PriorityClass = 1): PendingDelivery[] =>
  outbox.fresh(name, cls, 0, 10_000, 1e9);
const record = { attempt: 1, at: 1, ms: 2, status: 200, signature: 's', response: 'r', error: null, batch: 1 };
const delivered = (delivery: PendingDelivery): Settlement => {
  delivery.attempts++;
  return { is: 'delivered', delivery, record };
};
const count = (table: string): number => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
const events = (): number =>
  store.db.prepare('SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page').pluck().get() as number;

test('events and checkpoint are committed together or not at all', () => {
  const outbox = open();
  store.db.exec('CREATE TABLE checkpoint (at INTEGER)');
  expect(() =>
    store.transaction(() => {
      outbox.append(drafts(0, 10));
      store.db.exec('INSERT INTO checkpoint VALUES (1)');
      throw new Error('power cut');
    }),
  ).toThrow('power cut');
  expect([events(), count('outbox_id'), count('outbox_ready'), count('checkpoint')]).toEqual([0, 0, 0, 0]);
  // and what was rolled back leaves nothing behind in memory
  outbox.append(drafts(0, 10));
  expect(fresh(outbox).map((d) => d.event.id)).toEqual(drafts(0, 10).map((d) => d.id));
});

test('an event is stored once with a place for each destination, and comes back as it was', () => {
  const outbox = open();
  const event = draft(1, {
    destinations: ['crm', 'lake'],
    tombstone: true,
    recordUrl: 'https://erp/1',
    traceKey: 'T1',
  });
  const { deliveries, after, last } = outbox.append([event]);
  expect(deliveries.map((d) => d.destination)).toEqual(['crm', 'lake']);
  expect([after, last]).toEqual([0, 1]);
  expect(events()).toBe(1);
  const [back] = fresh(outbox, 'lake');
  expect(back).toEqual(deliveries[1]);
  expect(back!.event).toMatchObject({
    id: event.id,
    receiver: 'ORDLIB/ORDRCV0001',
    sequence: '1001',
    journal: 'ORDLIB/ORDJRN',
    tombstone: true,
    traceKey: 'T1',
    recordUrl: 'https://erp/1',
  });
  expect(back!.event.body!.equals(event.body)).toBe(true);
});

test('the body is copied: the block it came from may be used again', () => {
  const outbox = open();
  const block = Buffer.from('{"a":1}');
  const { deliveries } = outbox.append([draft(1, { body: block })]);
  block.fill(0);
  expect(deliveries[0]!.event.body!.toString()).toBe('{"a":1}');
  expect(fresh(outbox)[0]!.event.body!.toString()).toBe('{"a":1}');
});

test('the same id again meets itself, before and after delivery; a new destination is news', () => {
  const outbox = open();
  outbox.append([draft(1)]);
  expect(outbox.append([draft(1)])).toMatchObject({ deliveries: [], repeated: 1 });
  outbox.settle(fresh(outbox).map(delivered));
  expect(outbox.append([draft(1)])).toMatchObject({ deliveries: [], repeated: 1 });
  const other = outbox.append([draft(1, { destinations: ['crm', 'lake'], body: Buffer.from('{"other":1}') })]);
  expect(other.deliveries.map((d) => d.destination)).toEqual(['lake']);
  expect(outbox.append([draft(1, { destinations: ['lake'] })]).repeated).toBe(1);
  expect(events()).toBe(2);
});

test('the largest sequence number comes back exactly', () => {
  const outbox = open();
  const position = { receiver: { library: 'L', name: 'R' }, sequence: 18446744073709551600n };
  outbox.append([draft(1, { position }), draft(2, { position: null, journal: null })]);
  expect(fresh(outbox).map((d) => d.event.sequence)).toEqual(['18446744073709551600', null]);
});

test('settlement: delivered, retry, park and dead, in one commit; all survive opening the file again', () => {
  const outbox = open();
  const [a, b, c, d] = outbox.append(drafts(0, 4, (n) => ({ traceKey: n < 3 ? 'k' : 'other' }))).deliveries;
  b!.attempts = 1;
  b!.charged = 1;
  b!.firstAt = 5;
  d!.attempts = 10;
  outbox.settle([
    delivered(a!),
    { is: 'retry', delivery: b!, record, dueAt: 99, pause: 7 },
    { is: 'park', delivery: c! },
    { is: 'dead', delivery: d!, record, reason: 'exhausted', message: 'no' },
  ]);
  store.close();
  store = Store.open(file, [OUTBOX_SCHEMA]);
  const again = open();
  expect(fresh(again)).toEqual([]);
  expect(again.parkedLanes('crm', null, 10)).toEqual([{ lane: 'k', dueAt: 99, pause: 7 }]);
  expect(again.parked('crm', 'k', 0, 10, 1e9)).toMatchObject([
    { pos: 2, attempts: 1, charged: 1, firstAt: 5, parked: true },
    { pos: 3, attempts: 0 },
  ]);
  expect(again.deadLetters.list({})).toMatchObject([{ reason: 'exhausted', attempts: 10, status: 200, response: 'r' }]);
  expect(again.history.states(1)).toMatchObject([{ destination: 'crm', state: 'delivered', attempts: 1 }]);
  expect(again.history.states(2)).toMatchObject([{ state: 'waiting', dueAt: 99 }]);
  expect(again.history.states(4)).toMatchObject([{ state: 'dead' }]);
  expect(again.history.backlog()[0]).toMatchObject({
    destination: 'crm',
    ready: 0,
    parked: 2,
    parkedLanes: 1,
    dead: 1,
  });
});

test('a settlement does not wait for the disk, an append does', () => {
  const outbox = open();
  const synchronous = (): number => store.db.pragma('synchronous', { simple: true }) as number;
  const during: number[] = [];
  const transaction = store.transaction.bind(store);
  jest.spyOn(store, 'transaction').mockImplementation((work) => {
    during.push(synchronous());
    return transaction(work);
  });
  outbox.append(drafts(0, 1));
  outbox.settle(fresh(outbox).map(delivered));
  outbox.append(drafts(1, 2));
  expect(during).toEqual([2, 1, 2]);
  expect(synchronous()).toBe(2);
});

test('dead letters: filters, retry in order, drop', () => {
  let now = 1000;
  const outbox = open({ now: () => now });
  const { deliveries } = outbox.append(
    drafts(0, 6, (n) => ({ destinations: [n % 2 ? 'crm' : 'lake'], key: `k${n}`, traceKey: 'one' })),
  );
  for (const delivery of deliveries) {
    now += 1000;
    outbox.settle([
      { is: 'dead', delivery, record, reason: delivery.pos < 3 ? 'http-422' : 'exhausted', message: 'm' },
    ]);
  }
  const { deadLetters } = outbox;
  expect(deadLetters.count()).toBe(6);
  expect(deadLetters.list({ destination: 'crm' }).map((l) => l.event.id)).toEqual([1, 3, 5].map(idOf));
  expect(deadLetters.list({ reason: 'http-422' })).toHaveLength(2);
  expect(deadLetters.list({ since: 3000, until: 5000 })).toHaveLength(2);
  expect(deadLetters.list({ key: 'k2' })).toHaveLength(1);
  expect(deadLetters.list({ table: 'ordlib/ordhdr' })).toHaveLength(6);
  expect(deadLetters.list({ id: [idOf(1), idOf(2)] })).toHaveLength(2);
  expect(deadLetters.list({}, 4, 10).map((l) => l.no)).toEqual([5, 6]);
  expect(deadLetters.drop({ no: [1] })).toBe(1);
  expect(deadLetters.retry({ destination: 'crm' })).toBe(3);
  expect(fresh(outbox).map((d) => d.event.id)).toEqual([1, 3, 5].map(idOf));
  expect(deadLetters.count()).toBe(2);
});

test('replay by journal range, table, key and time; to chosen destinations, under the same ids', () => {
  let now = 1000;
  const outbox = open({ now: () => now++ });
  for (let n = 0; n < 20; n++) outbox.append([draft(n, { table: n < 10 ? 'L/A' : 'L/B', key: `k${n % 5}` })]);
  outbox.settle(fresh(outbox).map(delivered));
  const replayed = (filter: Parameters<typeof outbox.requeue.replay>[0], to: string[] = []): string[] => {
    outbox.requeue.replay(filter, { to, alsoUnrouted: true });
    const list = fresh(outbox, to[0] ?? 'crm');
    outbox.settle(list.map(delivered));
    return list.map((d) => d.event.id);
  };
  const range = { receiver: 'ORDLIB/ORDRCV0001', fromSequence: 1004n, toSequence: 1006n };
  expect(replayed(range)).toEqual([4, 5, 6].map(idOf));
  expect(replayed({ table: 'L/B', key: 'k1' })).toEqual([11, 16].map(idOf));
  expect(replayed({ since: 1018 }, ['lake'])).toEqual([18, 19].map(idOf));
  expect(count('outbox_again')).toBe(0);
  // what it is does not get lost while it waits for a retry
  outbox.requeue.replay({ id: [idOf(3)] });
  const [again] = fresh(outbox);
  outbox.settle([{ is: 'retry', delivery: again!, record, dueAt: 5000 }]);
  const [waiting] = outbox.parked('crm', again!.lane, 0, 10, 1e9);
  expect(waiting).toMatchObject({ replay: true, parked: true });
  outbox.settle([{ is: 'dead', delivery: waiting!, record, reason: 'exhausted', message: 'no' }]);
  outbox.deadLetters.retry({});
  expect(fresh(outbox)).toMatchObject([{ replay: true }]);
  expect(events()).toBe(20);
});

test('purge by age and by size takes what is settled, never what is pending or dead', () => {
  let now = 0;
  const outbox = open({ now: () => now, retention: { days: 1, logDays: 1, maxBytes: 1e9 } });
  const { deliveries } = outbox.append(drafts(0, 6000));
  const keep = new Set([5, 700]);
  outbox.settle(
    deliveries
      .filter((d) => !keep.has(d.pos))
      .map((d) =>
        d.pos === 9 ? { is: 'dead' as const, delivery: d, record, reason: 'x', message: '' } : delivered(d),
      ),
  );
  expect(outbox.purge()).toMatchObject({ events: 0, logRows: 0 });
  now = 2 * 86_400_000;
  let rounds = 0;
  while (outbox.purge().more) rounds++;
  expect(rounds).toBeGreaterThan(1);
  expect(count('outbox_log')).toBe(0);
  // a page stays while one of its events is needed, and only then
  const pages = store.db.prepare('SELECT first, last FROM outbox_page').raw().all() as [number, number][];
  expect(pages.map(([first, last]) => [5, 9, 700].filter((n) => first <= n && n <= last).length)).not.toContain(0);
  expect(pages.length).toBeLessThanOrEqual(3);
  for (const n of [5, 9, 700]) expect(outbox.history.states(n)).toHaveLength(1);
  now = 91 * 86_400_000;
  expect(outbox.purge()).toMatchObject({ deadLetters: 1 });
  expect(outbox.deadLetters.count()).toBe(0);
  now = 2 * 86_400_000;
  expect(outbox.history.states(300)).toEqual([]);
  // an id that was purged is free again
  const free = outbox.append([draft(299)]);
  expect(free.repeated).toBe(0);
  outbox.settle(free.deliveries.map(delivered));
  const small = open({ now: () => now, retention: { maxBytes: 3000 } });
  const more = small.append(drafts(7000, 7100)).deliveries;
  small.settle(more.map(delivered));
  while (small.purge().more);
  const bytes = store.db.prepare('SELECT sum(bytes) FROM outbox_page').pluck().get() as number;
  const needed = store.db.prepare('SELECT sum(bytes) FROM outbox_page WHERE first <= 700').pluck().get() as number;
  expect(bytes).toBeLessThanOrEqual(Math.max(3000, needed));
  expect(store.db.prepare("SELECT value FROM outbox_counter WHERE name = 'bytes'").pluck().get()).toBe(bytes);
  expect(store.db.prepare("SELECT value FROM outbox_counter WHERE name = 'events'").pluck().get()).toBe(events());
});

test('an event queued again is not purged while it waits', () => {
  const outbox = open({ retention: { maxBytes: 0 } });
  outbox.append(drafts(0, 3));
  outbox.settle(fresh(outbox).map(delivered));
  outbox.requeue.replay({ id: [idOf(1)] });
  while (outbox.purge().more);
  expect(fresh(outbox).map((d) => d.event.id)).toEqual([idOf(1)]);
  outbox.settle(fresh(outbox).map(delivered));
  while (outbox.purge().more);
  expect(events()).toBe(0);
});

describe('encryption at rest', () => {
  const key = parseSealKey('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');

  test('the file does not hold the payload, the outbox gives it back, another key does not', () => {
    const outbox = open({ encryptionKey: key });
    const body = Buffer.from('{"secret":"Mustermann"}');
    outbox.append([draft(1, { body })]);
    store.db.pragma('wal_checkpoint(TRUNCATE)');
    expect(readFileSync(file).includes('Mustermann')).toBe(false);
    expect(fresh(outbox)[0]!.event.body!.equals(body)).toBe(true);
    for (const wrong of [{ encryptionKey: Buffer.alloc(32) }, {}]) {
      let seen: unknown;
      try {
        fresh(open(wrong));
      } catch (error) {
        seen = error;
      }
      expect(isCoded(seen) && seen.code).toBe('OUTBOX_SEALED');
    }
  });

  test('what a receiver answered may repeat the payload: log and dead letters do not hold it either', () => {
    const outbox = open({ encryptionKey: key });
    const { deliveries } = outbox.append([draft(1)]);
    const record = {
      attempt: 1,
      at: 1,
      ms: 1,
      status: 422,
      signature: 's',
      error: 'the receiver answered 422',
      batch: 1,
    };
    const settled = { delivery: deliveries[0]!, record: { ...record, response: 'no customer Mustermann' } };
    outbox.settle([{ is: 'dead', ...settled, reason: 'http-422', message: 'the receiver answered 422' }]);
    store.db.pragma('wal_checkpoint(TRUNCATE)');
    expect(readFileSync(file).includes('Mustermann')).toBe(false);
    const seen = (o: Outbox): unknown[] => [o.history.attempts(1)[0]!.response, o.deadLetters.list({})[0]?.response];
    expect(seen(outbox)).toEqual(['no customer Mustermann', 'no customer Mustermann']);
    expect(open({ encryptionKey: Buffer.alloc(32) }).history.attempts(1)[0]).toMatchObject({
      status: 422,
      response: '(encrypted with another key)',
    });
  });

  test('a key that is none is refused without being shown', () => {
    expect(() => parseSealKey('kurz-geheim')).toThrow(/expected 32/);
    expect(() => parseSealKey('kurz-geheim')).not.toThrow(/kurz/);
    expect(parseSealKey(key.toString('base64')).equals(key)).toBe(true);
  });
});

test('a class is taken in order page by page, a page ends at its bytes', () => {
  const outbox = open();
  outbox.append(drafts(0, 30, (n) => ({ priority: n % 3 === 0 ? 'high' : 'normal' })));
  const size = draft(1).body.length;
  expect(outbox.fresh('crm', 0, 0, 4, 1e9).map((d) => d.event.id)).toEqual([0, 3, 6, 9].map(idOf));
  expect(outbox.fresh('crm', 1, 0, 100, size * 3)).toHaveLength(3);
});

test('property: whatever is settled, what is left is exactly what was not, in order per lane', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ lane: fc.integer({ min: 0, max: 3 }), fate: fc.integer({ min: 0, max: 3 }) }), {
        maxLength: 40,
      }),
      (plan) => {
        store.close();
        rmSync(file, { force: true });
        for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
        store = Store.open(file, [OUTBOX_SCHEMA]);
        const outbox = open();
        const { deliveries } = outbox.append(plan.map(({ lane }, n) => draft(n, { traceKey: `lane${lane}` })));
        const batch: Settlement[] = [];
        const left = new Map<string, string[]>();
        const expectLeft = (d: PendingDelivery): void => {
          left.set(d.lane, [...(left.get(d.lane) ?? []), d.event.id]);
        };
        plan.forEach(({ fate }, n) => {
          const delivery = deliveries[n]!;
          if (fate === 0) batch.push(delivered(delivery));
          else if (fate === 1) batch.push({ is: 'dead', delivery, record: null, reason: 'x', message: '' });
          else if (fate === 2) {
            batch.push({ is: 'park', delivery });
            expectLeft(delivery);
          } else expectLeft(delivery);
        });
        outbox.settle(batch);
        const found = new Map<string, [number, string][]>();
        const seen = (d: PendingDelivery): void => {
          found.set(d.lane, [...(found.get(d.lane) ?? []), [d.pos, d.event.id]]);
        };
        fresh(outbox).forEach(seen);
        for (const { lane } of outbox.parkedLanes('crm', null, 100))
          outbox.parked('crm', lane, 0, 100, 1e9).forEach(seen);
        const inOrder = [...found].map(
          ([lane, list]) => [lane, list.sort((a, b) => a[0] - b[0]).map((x) => x[1])] as const,
        );
        expect(new Map(inOrder)).toEqual(left);
      },
    ),
    { numRuns: 30 },
  );
});
