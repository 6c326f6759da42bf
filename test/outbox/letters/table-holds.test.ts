/** Held tables on a real file: nothing is queued, nothing is purged, nothing is lost, and order outlives the release. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { OutboxOptions } from '../../../src/outbox/options';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { draft, drafts, idOf } from '../../deliver/support/drafts';

let folder: string;
let file: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-holds-'));
  file = join(folder, 'state.sqlite');
  store = Store.open(file, [OUTBOX_SCHEMA]);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const TABLE = 'ORDLIB/ORDHDR';
const OTHER = 'ORDLIB/ORDDTL';
const MASS_DELETE = { table: TABLE, reason: 'table.mass-delete', receiver: 'ORDLIB/ORDRCV0001', sequence: '1005' };
const open = (given: Partial<OutboxOptions> = {}, on = store): Outbox =>
  new Outbox(on, { destinations: { crm: {}, lake: {} }, ...given });
const ids = (outbox: Outbox, name = 'crm'): string[] =>
  ([0, 1, 2] as const).flatMap((cls) => outbox.fresh(name, cls, 0, 10_000, 1e9).map((d) => d.event.id));
const count = (table: string): number => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
function releaseAll(outbox: Outbox, to: 'queue' | 'dead letters' = 'queue'): number {
  const hold = outbox.holds.find(TABLE)!;
  let all = 0;
  for (;;) {
    const { moved, done } = outbox.release.step(hold, to);
    all += moved;
    if (done) return all;
  }
}

test('what was written before the hold goes, what comes after waits, other tables go on', () => {
  const outbox = open();
  store.transaction(() => {
    function* unit() {
      yield draft(1);
      expect(outbox.holds.hold(MASS_DELETE)).toBe(true);
      yield draft(2, { destinations: ['crm', 'lake'], priority: 'high' });
      yield draft(3, { table: OTHER });
    }
    const { deliveries, held } = outbox.append(unit());
    expect(deliveries.map((d) => d.event.id)).toEqual([idOf(1), idOf(3)]);
    expect(held.map((d) => [d.destination, d.event.id])).toEqual([
      ['crm', idOf(2)],
      ['lake', idOf(2)],
    ]);
  });
  expect(ids(outbox)).toEqual([idOf(1), idOf(3)]);
  expect(outbox.history.states(2).map((s) => [s.destination, s.state])).toEqual([
    ['crm', 'held'],
    ['lake', 'held'],
  ]);
  expect(outbox.history.backlog().map((b) => [b.destination, b.ready, b.held])).toEqual([
    ['crm', 2, 1],
    ['lake', 0, 1],
  ]);
  expect(releaseAll(outbox)).toBe(2);
  expect(outbox.holds.list()).toEqual([]);
  outbox.append([draft(4)]);
  expect(ids(outbox)).toEqual([idOf(1), idOf(3), idOf(2), idOf(4)]);
  expect(ids(outbox, 'lake')).toEqual([idOf(2)]);
});

test('a hold whose transaction is undone never was', () => {
  const outbox = open();
  expect(() =>
    store.transaction(() => {
      outbox.holds.hold(MASS_DELETE);
      outbox.append([draft(1)]);
      throw new Error('power cut');
    }),
  ).toThrow('power cut');
  outbox.append([draft(1)]);
  expect(ids(outbox)).toEqual([idOf(1)]);
  expect(count('outbox_held')).toBe(0);
});

test('the first reason stays, and a new process holds on', () => {
  const outbox = open({ now: () => 42 });
  outbox.holds.hold(MASS_DELETE);
  expect(outbox.holds.hold({ ...MASS_DELETE, reason: 'schema.changed' })).toBe(false);
  using again = Store.open(file, [OUTBOX_SCHEMA]);
  const second = open({}, again);
  expect(second.holds.find('ordlib/ordhdr')).toEqual({ no: 1, heldAt: 42, ...MASS_DELETE });
  expect(second.append([draft(1)]).deliveries).toEqual([]);
});

test('held events are never purged, and neither are released ones before they are settled', () => {
  let now = 1000;
  const outbox = open({ now: () => now, retention: { days: 1, maxBytes: 1 } });
  outbox.holds.hold(MASS_DELETE);
  outbox.append(drafts(0, 20));
  now += 400 * 86_400_000;
  while (outbox.purge().more);
  expect(outbox.history.events({})).toHaveLength(20);
  releaseAll(outbox);
  while (outbox.purge().more);
  expect(ids(outbox)).toEqual(drafts(0, 20).map((d) => d.id));
});

test('replay and dead letter retry of a held table wait as well; nothing waits twice', () => {
  const outbox = open();
  outbox.append([draft(1)]);
  const [first] = outbox.fresh('crm', 1, 0, 10, 1e9);
  outbox.settle([{ is: 'dead', delivery: first!, record: null, reason: 'refused', message: 'no' }]);
  outbox.holds.hold(MASS_DELETE);
  outbox.append([draft(2)]);
  expect(outbox.deadLetters.retry({})).toBe(1);
  outbox.requeue.replay({ id: [idOf(2)] });
  expect(ids(outbox)).toEqual([]);
  expect(releaseAll(outbox)).toBe(2);
  expect(ids(outbox)).toEqual([idOf(1), idOf(2)]);
});

test('dropped ones become dead letters that can be retried', () => {
  const outbox = open();
  outbox.holds.hold(MASS_DELETE);
  outbox.append(drafts(0, 3));
  expect(releaseAll(outbox, 'dead letters')).toBe(3);
  expect(ids(outbox)).toEqual([]);
  const letters = outbox.deadLetters.list({ reason: 'held' });
  expect(letters.map((l) => [l.event.id, l.lane, l.attempts])).toEqual(drafts(0, 3).map((d) => [d.id, d.traceKey, 0]));
  expect(letters[0]!.message).toBe('dropped by the operator: ORDLIB/ORDHDR was paused by table.mass-delete');
  outbox.deadLetters.retry({ reason: 'held' });
  expect(ids(outbox)).toEqual(drafts(0, 3).map((d) => d.id));
});

test('a held payload is as encrypted as any other', () => {
  const outbox = open({ encryptionKey: Buffer.alloc(32, 7) });
  outbox.holds.hold(MASS_DELETE);
  outbox.append([draft(1)]);
  const kept = store.db.prepare('SELECT data FROM outbox_page').pluck().get() as Buffer;
  expect(kept.includes('order')).toBe(false);
});

test('any mix of events, holds and releases in steps by another process: each key in order, each event once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom('hold', 'step')), { maxLength: 12 }),
      (script) => {
        const name = join(folder, `${Math.random()}.sqlite`);
        using a = Store.open(name, [OUTBOX_SCHEMA]);
        using b = Store.open(name, [OUTBOX_SCHEMA]);
        const [daemon, operator] = [open({}, a), open({}, b)];
        let n = 0;
        const step = (): boolean => {
          const hold = operator.holds.find(TABLE);
          return !hold || operator.release.step(hold, 'queue').done;
        };
        for (const act of script) {
          if (act === 'hold') a.transaction(() => daemon.holds.hold(MASS_DELETE));
          else if (act === 'step') step();
          else {
            const table = (i: number): string => (i % 2 === 0 ? TABLE : OTHER);
            const unit = drafts(n, n + act, (i) => ({ table: table(i), key: `K${i % 10}`, traceKey: `K${i % 10}` }));
            daemon.append(unit);
            n += act;
          }
        }
        while (!step());
        const seen = ids(daemon);
        expect([...seen].sort()).toEqual(drafts(0, n).map((d) => d.id));
        const keys = new Map<string, string>();
        for (const id of seen) {
          const key = `K${Number(id.slice(4)) % 10}`;
          expect((keys.get(key) ?? '') < id).toBe(true);
          keys.set(key, id);
        }
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
