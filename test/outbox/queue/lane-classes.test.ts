/**
 * Priorities never cost a lane its order: whatever waits of a lane waits in one class, in random histories of rows, notices and
 * urgent events, settled, parked, read by another process, and queued under lanes of another kind before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PRIORITY_CLASSES, type PriorityClass } from '../../../src/model/delivery';
import type { Priority } from '../../../src/model/event';
import type { LaneKind } from '../../../src/outbox/options';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { draft } from '../../deliver/support/drafts';

const CLASS: Record<Priority, PriorityClass> = { high: 0, normal: 1, low: 2 };
const TABLES = ['L/A', 'L/B'];
const KEYS = ['1', '2', '*A', '*B', '*'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lane-classes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Waiting {
  readonly pos: number;
  readonly table: string;
  readonly key: string;
  readonly cls: PriorityClass;
}

let files = 0;

class Queue {
  private store!: Store;
  private outbox!: Outbox;
  waiting: Waiting[] = [];
  private n = 0;
  private readonly file = join(folder, `${++files}.db`);

  constructor(public kind: LaneKind) {
    this.open(kind);
  }

  open(kind: LaneKind): void {
    this.kind = kind;
    this.store?.close();
    this.store = Store.open(this.file, [OUTBOX_SCHEMA]);
    this.store.db.pragma('synchronous = OFF');
    this.outbox = new Outbox(this.store, { destinations: { crm: { lanes: kind } }, now: () => 0 });
  }

  close(): void {
    this.store.close();
  }

  laneOf({ table, key }: { table: string; key: string }): string {
    return { key, table, strict: '' }[this.kind];
  }

  /** In one transaction. */
  append(rows: readonly { table: string; key: string; priority: Priority }[]): Waiting[] {
    const drafts = rows.map(({ table, key, priority }) => draft(++this.n, { table, key, traceKey: key, priority }));
    const { deliveries } = this.outbox.append(drafts);
    const placed = deliveries.map((d, i) => ({
      ...{ pos: d.pos, table: rows[i]!.table, key: rows[i]!.key, cls: d.priority },
    }));
    this.waiting.push(...placed);
    return placed;
  }

  /** The transaction is rolled back: nothing of it may be believed. */
  appendInVain(table: string, key: string, priority: Priority): void {
    const { db } = this.store;
    const fail = (): never => {
      throw new Error('in vain');
    };
    const { n } = this;
    const attempt = (): void =>
      this.store.transaction(() => {
        this.outbox.append([draft(n + 1, { table, key, traceKey: key, priority })]);
        fail();
      });
    expect(attempt).toThrow('in vain');
    expect(db.inTransaction).toBe(false);
  }

  /** As a receiver does: the head of a lane, delivered or parked with all of its lane. */
  settle(which: number, is: 'delivered' | 'retry'): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    const lane = this.laneOf(waiting[which % waiting.length]!);
    const [head, ...behind] = this.deliveries().filter((d) => d.lane === lane);
    const record = {
      ...{ attempt: 1, at: 0, ms: 1, status: 200, error: null, batch: 1, signature: null, response: null },
    };
    if (is === 'delivered') {
      this.outbox.settle([{ is, delivery: head!, record }]);
      this.waiting = waiting.filter(({ pos }) => pos !== head!.pos);
      return;
    }
    const parked = behind.filter((d) => !d.parked).map((delivery) => ({ is: 'park' as const, delivery }));
    this.outbox.settle([{ is, delivery: head!, record, dueAt: 1000, pause: 1000 }, ...parked]);
  }

  private deliveries() {
    const fresh = PRIORITY_CLASSES.flatMap((cls) => this.outbox.fresh('crm', cls, 0, 1000, 1e9));
    const parked = this.outbox
      .parkedLanes('crm', null, 100)
      .flatMap(({ lane }) => this.outbox.parked('crm', lane, 0, 1000, 1e9));
    return [...fresh, ...parked].sort((x, y) => x.pos - y.pos);
  }

  /** Another process over the same file: the CLI beside a daemon. */
  beside(): void {
    const other = Store.open(this.file, [OUTBOX_SCHEMA]);
    const outbox = new Outbox(other, { destinations: { crm: { lanes: this.kind } }, now: () => 0 });
    const placed = outbox.append([draft(++this.n, { table: 'L/A', key: '1', traceKey: '1', priority: 'high' })]);
    this.waiting.push({ pos: placed.deliveries[0]!.pos, table: 'L/A', key: '1', cls: placed.deliveries[0]!.priority });
    other.close();
  }
}

const row = fc.record({
  table: fc.constantFrom(...TABLES),
  key: fc.constantFrom(...KEYS),
  priority: fc.constantFrom<Priority>('normal', 'normal', 'normal', 'high', 'low'),
});
const kinds = fc.constantFrom<LaneKind>('key', 'table', 'strict');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), rows: fc.array(row, { maxLength: 6 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(50),
      is: fc.constantFrom('delivered' as const, 'delivered' as const, 'retry' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('in vain' as const), row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('beside' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(queue: Queue, one: Step): void {
  if (one.do === 'append') queue.append(one.rows);
  else if (one.do === 'settle') queue.settle(one.which, one.is);
  else if (one.do === 'in vain') queue.appendInVain(one.row.table, one.row.key, one.row.priority);
  else if (one.do === 'restart') queue.open(queue.kind);
  else queue.beside();
}

/** Classes of what waits, by lane. */
function classesOf(queue: Queue): Map<string, Set<PriorityClass>> {
  const found = new Map<string, Set<PriorityClass>>();
  for (const one of queue.waiting) {
    const lane = queue.laneOf(one);
    found.set(lane, (found.get(lane) ?? new Set()).add(one.cls));
  }
  return found;
}

function expectOneClassEach(queue: Queue): void {
  for (const [lane, classes] of classesOf(queue)) expect([lane, classes.size]).toEqual([lane, 1]);
}

test('property: what waits of a lane waits in one class', () => {
  fc.assert(
    fc.property(kinds, fc.array(step, { minLength: 5, maxLength: 40 }), (kind, steps) => {
      const queue = new Queue(kind);
      for (const one of steps) {
        play(queue, one);
        expectOneClassEach(queue);
      }
      queue.close();
    }),
    { numRuns: 150 },
  );
});

test('property: a lane in which nothing waits gets the class that is wanted, once what was there before is gone', () => {
  fc.assert(
    fc.property(
      kinds,
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.array(row, { maxLength: 8 }),
      (kind, all, then) => {
        const queue = new Queue(kind);
        queue.append([...all, { table: 'L/A', key: '1', priority: 'high' }]);
        while (queue.waiting.length > 0) queue.settle(0, 'delivered');
        const seen = new Set<string>();
        queue.append(then).forEach((placed, i) => {
          const lane = queue.laneOf(placed);
          if (!seen.has(lane)) expect(placed.cls).toBe(CLASS[then[i]!.priority]);
          seen.add(lane);
        });
        queue.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('property: a backlog queued in lanes of another kind is not overtaken', () => {
  fc.assert(
    fc.property(
      kinds,
      kinds,
      fc.constantFrom<Priority>('high', 'normal', 'low'),
      fc.array(step, { maxLength: 25 }),
      (before, now, priority, steps) => {
        const queue = new Queue(before);
        queue.append(KEYS.flatMap((key) => TABLES.map((table) => ({ table, key, priority }))));
        queue.open(now);
        for (const one of steps) {
          if (one.do === 'settle' && one.is === 'retry') continue;
          play(queue, one);
          expectOneClassEach(queue);
        }
        queue.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('notices do not put the lanes of rows on record, whatever is sent of them', () => {
  const queue = new Queue('key');
  const rows = ['1', '2', '3'].map((key) => ({ table: 'L/A', key, priority: 'normal' as const }));
  queue.append([...rows, { table: 'L/A', key: '*A', priority: 'high' }, ...rows]);
  expect(queue.waiting.map(({ cls }) => cls)).toEqual([1, 1, 1, 0, 1, 1, 1]);
  expect(recorded(queue)).toEqual(['*A']);
  queue.append([{ table: 'L/A', key: '4', priority: 'high' }]);
  // the rows before may be of the same key, for all that is known
  expect(queue.waiting.at(-1)).toMatchObject({ key: '4', cls: 1 });
  queue.append(rows);
  expect(recorded(queue)).toEqual(['*A', '1', '2', '3', '4']);
  queue.close();
});

test('rows that use priorities no more are off the record with the next start', () => {
  const queue = new Queue('key');
  queue.append([{ table: 'L/A', key: '1', priority: 'high' }]);
  queue.settle(0, 'delivered');
  queue.append([{ table: 'L/A', key: '1', priority: 'normal' }]);
  queue.open('key');
  queue.append([{ table: 'L/A', key: '9', priority: 'normal' }]);
  expect(recorded(queue)).toEqual(['1']);
  queue.close();
});

function recorded(queue: Queue): string[] {
  const { store } = queue as unknown as { store: Store };
  return store.db.prepare('SELECT lane FROM outbox_lane ORDER BY lane').pluck().all() as string[];
}
