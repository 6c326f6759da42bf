/**
 * The whole outbox against a plain model: after every step of random histories (events of several classes and destinations,
 * settlements of every kind, dead letters, replays, purges, the file closed and opened) it shows exactly the deliveries, letters and
 * totals that a recount gives, and in the end nothing is left of what is done.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type PendingDelivery, PRIORITY_CLASSES, type Settlement } from '../../src/model/delivery';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { draft } from '../deliver/support/drafts';

const DAY = 86_400_000;
const NAMES = ['crm', 'lake'] as const;
type Name = (typeof NAMES)[number];

interface Pending {
  readonly destination: Name;
  readonly lane: string;
  readonly event: number;
  readonly id: string;
  parked: boolean;
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      lanes: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 }),
      priority: fc.constantFrom('high' as const, 'normal' as const, 'low' as const),
      to: fc.constantFrom<readonly Name[]>(['crm'], ['lake'], ['crm', 'lake']),
      bytes: fc.constantFrom(10, 900, 5000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(),
      is: fc.constantFrom('delivered' as const, 'retry' as const, 'dead' as const),
      /** Deliveries behind the head that are parked with it. */
      park: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retryLetters' as const), limit: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dropLetters' as const), limit: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const), lane: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const), days: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class History {
  private store: Store;
  private outbox: Outbox;
  private now = Date.UTC(2026, 0, 1);
  /** By destination and place. */
  private readonly pending = new Map<string, Pending>();
  /** Event and destination of each letter, in order of death. */
  private letters: { event: number; destination: Name }[] = [];
  private n = 0;

  constructor(private readonly file: string) {
    this.store = Store.open(file, [OUTBOX_SCHEMA]);
    this.outbox = this.open();
  }

  private open(): Outbox {
    // what a power loss would take is not asked here
    this.store.db.pragma('synchronous = OFF');
    return new Outbox(this.store, {
      destinations: { crm: {}, lake: {} },
      retention: { days: 10, deadLetterDays: 15, logDays: 5 },
      now: () => this.now,
    });
  }

  play(one: Step): void {
    if (one.do === 'append') this.append(one);
    else if (one.do === 'settle') this.settle(one);
    else if (one.do === 'retryLetters') this.retryLetters(one.limit);
    else if (one.do === 'dropLetters') this.dropLetters(one.limit);
    else if (one.do === 'replay') this.replay(one.lane);
    else if (one.do === 'purge') this.purge(one.days);
    else this.reopen();
    this.compare();
  }

  private append({ lanes, priority, to, bytes }: Extract<Step, { do: 'append' }>): void {
    const drafts = lanes.map((traceKey) => {
      const body = Buffer.alloc(bytes, 0x78);
      return draft(++this.n, { traceKey, priority, destinations: to, body, attemptOffset: -1 });
    });
    const { deliveries } = this.outbox.append(drafts);
    expect(deliveries).toHaveLength(drafts.length * to.length);
    expect(new Set(deliveries.map((d) => d.event.id))).toEqual(new Set(drafts.map((d) => d.id)));
    for (const d of deliveries) this.queued(d);
  }

  private queued({ destination, pos, lane, event }: PendingDelivery): void {
    this.pending.set(`${destination} ${pos}`, {
      ...{ destination: destination as Name, lane, event: event.seq, id: event.id, parked: false },
    });
  }

  /** Of one lane, its pending deliveries in order, as the store hands them out. */
  private laneOf(destination: Name, lane: string): PendingDelivery[] {
    return this.seen(destination).filter((d) => d.lane === lane);
  }

  private seen(destination: Name): PendingDelivery[] {
    const fresh = PRIORITY_CLASSES.flatMap((cls) => this.outbox.fresh(destination, cls, 0, 1000, 1e9));
    const parked = this.outbox
      .parkedLanes(destination, null, 100)
      .flatMap(({ lane }) => this.outbox.parked(destination, lane, 0, 1000, 1e9));
    return [...fresh, ...parked].sort((x, y) => x.pos - y.pos);
  }

  private settle({ which, is, park }: Extract<Step, { do: 'settle' }>): void {
    const keys = [...this.pending.keys()];
    if (keys.length === 0) return;
    const { destination, lane } = this.pending.get(keys[which % keys.length]!)!;
    const [head, ...behind] = this.laneOf(destination, lane);
    head!.attempts++;
    const record = {
      ...{ attempt: head!.attempts, at: this.now, ms: 5, status: 500, error: 'x', batch: 1 },
      ...{ signature: null, response: null },
    };
    const batch: Settlement[] = [];
    if (is === 'delivered') batch.push({ is, delivery: head!, record });
    else if (is === 'dead') batch.push({ is, delivery: head!, record, reason: 'refused', message: 'm' });
    else batch.push({ is, delivery: head!, record, dueAt: this.now + 1000, pause: 1000 });
    const parked = is === 'retry' ? behind.filter((d) => !d.parked).slice(0, park) : [];
    for (const delivery of parked) batch.push({ is: 'park', delivery });
    this.outbox.settle(batch);
    const place = this.pending.get(`${destination} ${head!.pos}`)!;
    if (is === 'retry') place.parked = true;
    else this.pending.delete(`${destination} ${head!.pos}`);
    if (is === 'dead') this.letters.push({ event: head!.event.seq, destination });
    for (const { pos } of parked) this.pending.get(`${destination} ${pos}`)!.parked = true;
  }

  private retryLetters(limit: number): void {
    const taken = this.letters.splice(0, limit);
    expect(this.outbox.deadLetters.retry({}, limit)).toBe(taken.length);
    this.adopt(taken);
  }

  private dropLetters(limit: number): void {
    const taken = this.letters.splice(0, limit);
    expect(this.outbox.deadLetters.drop({}, limit)).toBe(taken.length);
  }

  /** Places given out since, in order: they must be these. */
  private adopt(expected: readonly { event: number; destination: Name }[]): void {
    const found = NAMES.flatMap((name) => this.seen(name).filter((d) => !this.pending.has(`${name} ${d.pos}`)));
    found.sort((x, y) => x.pos - y.pos);
    expect(found.map((d) => ({ event: d.event.seq, destination: d.destination }))).toEqual(expected);
    for (const delivery of found) this.queued(delivery);
  }

  private replay(lane: string): void {
    const stored = [...this.outbox.history.events({ key: lane }, { limit: 1000 })].map((e) => e.seq);
    const before = new Set(this.pending.keys());
    this.outbox.requeue.replay({ key: lane }, { to: ['crm'] });
    for (const delivery of this.seen('crm')) {
      if (before.has(`crm ${delivery.pos}`)) continue;
      expect(stored).toContain(delivery.event.seq);
      expect([delivery.replay, delivery.lane]).toEqual([true, lane]);
      this.queued(delivery);
    }
  }

  private purge(days: number): void {
    this.now += days * DAY;
    for (let i = 0; this.outbox.purge().more && i < 1000; i++);
    this.letters = this.letters.filter((_, i) => i >= this.letters.length - this.outbox.deadLetters.count());
  }

  private reopen(): void {
    this.store.close();
    this.store = Store.open(this.file, [OUTBOX_SCHEMA]);
    this.outbox = this.open();
  }

  private one(sql: string): number {
    return this.store.db.prepare(sql).pluck().get() as number;
  }

  /** What the outbox shows is what the model holds. */
  private compare(): void {
    for (const name of NAMES) {
      const mine = [...this.pending].filter(([, p]) => p.destination === name);
      const seen = this.seen(name);
      const told = seen.map((d) => `${name} ${d.pos} ${d.lane} ${d.event.seq} ${d.parked} ${d.event.id}`).sort();
      expect(told).toEqual(mine.map(([key, p]) => `${key} ${p.lane} ${p.event} ${p.parked} ${p.id}`).sort());
      for (const lane of ['a', 'b', 'c']) {
        const classes = new Set(seen.filter((d) => d.lane === lane).map((d) => d.priority));
        expect(classes.size).toBeLessThanOrEqual(1);
      }
      const bytes = seen.reduce((sum, d) => sum + d.event.body!.length, 0);
      expect(this.outbox.pending.of(name)).toEqual({ events: mine.length, bytes });
    }
    const letters = this.outbox.deadLetters.list({}, 0, 1000);
    expect(letters.map((l) => ({ event: l.event.seq, destination: l.destination }))).toEqual(this.letters);
    this.recount();
  }

  private recount(): void {
    const counter = (name: string): number => this.one(`SELECT value FROM outbox_counter WHERE name = '${name}'`);
    expect({ bytes: counter('bytes'), events: counter('events'), logBytes: counter('logBytes') }).toEqual({
      bytes: this.one('SELECT ifnull(sum(bytes), 0) FROM outbox_page'),
      events: this.one('SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page'),
      logBytes: this.one('SELECT ifnull(sum(bytes), 0) FROM outbox_log'),
    });
  }

  /** Everything is delivered, letters are dropped, time passes: the file holds nothing of it. */
  end(): void {
    for (const name of NAMES)
      this.outbox.settle(this.seen(name).map((delivery) => ({ is: 'delivered', delivery, record: null })));
    this.pending.clear();
    this.dropLetters(1000);
    this.purge(100);
    this.compare();
    const tables = ['page', 'id', 'ready', 'again', 'parked', 'dead', 'held', 'log'];
    const left = tables.map((table) => [table, this.one(`SELECT count(*) FROM outbox_${table}`)]);
    expect(left).toEqual(tables.map((table) => [table, 0]));
  }

  close(): void {
    this.store.close();
  }
}

test('shows what a recount gives after every step, and forgets what is done', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-model-'));
  let run = 0;
  try {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const history = new History(join(folder, `${++run}.sqlite`));
        try {
          for (const one of steps) history.play(one);
          history.end();
        } finally {
          history.close();
        }
      }),
      { numRuns: 12 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
