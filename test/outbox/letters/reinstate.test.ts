/**
 * Events made of the journal once more, beside events that are written for the first time, tables that are paused and released, and
 * deliveries that end: what waits where, in which order and with which payload, against two lists and a map.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { EventDraft } from '../../../src/model/event';
import type { OutboxOptions } from '../../../src/outbox/options';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { draft, idOf } from '../../deliver/support/drafts';

const NAMES = ['crm', 'lake', 'thin'] as const;
type Name = (typeof NAMES)[number];
const TABLES = ['ORDLIB/ORDHDR', 'ORDLIB/ORDDTL'] as const;
const OPTIONS: OutboxOptions = { destinations: { crm: {}, lake: { lanes: 'strict' }, thin: { storePayload: false } } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-reinstate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same number is the same entry: id, table and way are those of its rule, for ever. */
function made(n: number, to: readonly Name[]): EventDraft {
  return draft(n, {
    table: TABLES[n % 2]!,
    key: `k${n % 5}`,
    traceKey: `k${n % 5}`,
    destinations: to,
    body: Buffer.from(`{"n":${n}}`),
    attemptOffset: -1,
  });
}

interface Waiting {
  readonly id: string;
  readonly replay: boolean;
}

/** Everything there is to know, as a person would keep it on paper. */
class Book {
  /** Destinations of each stored event, by id. */
  readonly stored = new Map<string, Set<Name>>();
  readonly queues = new Map<Name, Waiting[]>(NAMES.map((name) => [name, []]));
  /** By table: what waits for its release, each once a destination, in the order of writing. */
  readonly held = new Map<string, { id: string; to: Name; replay: boolean; order: number }[]>();
  private order = 0;
  private readonly written = new Map<string, number>();

  write(d: EventDraft, to: readonly Name[]): Name[] {
    const has = this.stored.get(d.id) ?? new Set();
    const news = to.filter((name) => !has.has(name));
    if (news.length > 0) this.written.set(`${d.id} ${news.join()}`, ++this.order);
    for (const name of news) {
      has.add(name);
      this.written.set(`${d.id} ${name}`, this.order);
    }
    if (to.length > 0) this.stored.set(d.id, has);
    return news;
  }

  queue(d: EventDraft, to: Name, replay: boolean): void {
    const held = this.held.get(d.table);
    if (held === undefined) this.queues.get(to)!.push({ id: d.id, replay });
    else if (!held.some((h) => h.id === d.id && h.to === to))
      held.push({ id: d.id, to, replay, order: this.written.get(`${d.id} ${to}`)! });
  }

  /** In the order in which the events were written, whatever was asked for first. */
  release(table: string): number {
    const held = this.held.get(table)!.sort((a, b) => a.order - b.order || NAMES.indexOf(a.to) - NAMES.indexOf(b.to));
    this.held.delete(table);
    for (const { id, to, replay } of held) this.queues.get(to)!.push({ id, replay });
    return held.length;
  }
}

const entries = fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 4 });
const names = fc.subarray([...NAMES]);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), entries, to: names }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reinstate' as const),
      entries,
      /** Where the rule leads, and where the replay is to go; none is where the rule leads. */
      rule: names,
      to: names,
      alsoUnrouted: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), table: fc.constantFrom(...TABLES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), table: fc.constantFrom(...TABLES) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), from: fc.constantFrom(...NAMES), n: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Life {
  private readonly book = new Book();
  private store: Store;
  private outbox: Outbox;

  constructor(private readonly file: string) {
    this.store = Store.open(file, [OUTBOX_SCHEMA]);
    this.store.db.pragma('synchronous = OFF');
    this.outbox = new Outbox(this.store, OPTIONS);
  }

  play(one: Step): void {
    if (one.do === 'append') this.append(one.entries, one.to);
    else if (one.do === 'reinstate') this.reinstate(one);
    else if (one.do === 'hold') this.hold(one.table);
    else if (one.do === 'release') this.release(one.table);
    else if (one.do === 'deliver') this.deliver(one.from, one.n);
    else this.reopen();
    this.compare();
  }

  private append(numbers: readonly number[], to: readonly Name[]): void {
    const drafts = numbers.map((n) => made(n, to));
    this.outbox.append(drafts);
    for (const d of drafts) for (const name of this.book.write(d, to)) this.book.queue(d, name, false);
  }

  private reinstate({ entries: numbers, rule, to, alsoUnrouted }: Extract<Step, { do: 'reinstate' }>): void {
    const drafts = numbers.map((n) => made(n, rule));
    const wanted = to.length === 0 ? rule : alsoUnrouted ? to : to.filter((name) => rule.includes(name));
    const has = (d: EventDraft): boolean => wanted.every((name) => this.book.stored.get(d.id)?.has(name));
    const stored = wanted.length === 0 ? 0 : drafts.filter(has).length;
    const looked = drafts.map((d) => this.outbox.reinstate.look(d, { to, alsoUnrouted }));
    expect(looked.map((l) => l.deliveries)).toEqual(drafts.map(() => wanted.length));
    if (wanted.length > 0) expect(looked.map((l) => l.stored)).toEqual(drafts.map(has));
    const done = this.outbox.reinstate.queue(drafts, { to, alsoUnrouted });
    const deliveries = wanted.length * drafts.length;
    expect(done).toMatchObject({ events: wanted.length === 0 ? 0 : drafts.length, stored, deliveries });
    expect(done.queued).toHaveLength(deliveries);
    for (const d of drafts) {
      this.book.write(d, wanted);
      for (const name of wanted) this.book.queue(d, name, true);
    }
  }

  private hold(table: string): void {
    const reason = { table, reason: 'operator x', receiver: null, sequence: null };
    const news = this.store.transaction(() => this.outbox.holds.hold(reason));
    expect(news).toBe(!this.book.held.has(table));
    if (news) this.book.held.set(table, []);
  }

  private release(table: string): void {
    const hold = this.outbox.holds.find(table.toLowerCase());
    expect(hold !== null).toBe(this.book.held.has(table));
    if (hold === null) return;
    const count = this.outbox.holds.heldCount(hold);
    expect(this.outbox.release.step(hold, 'queue')).toEqual({ moved: count, done: true });
    expect(count).toBe(this.book.release(table));
  }

  private waiting(name: Name) {
    return ([0, 1, 2] as const)
      .flatMap((cls) => this.outbox.fresh(name, cls, 0, 1_000, 1e9))
      .sort((a, b) => a.pos - b.pos);
  }

  private deliver(name: Name, n: number): void {
    const taken = this.waiting(name).slice(0, n);
    this.outbox.settle(taken.map((delivery) => ({ is: 'delivered', delivery, record: null })));
    this.book.queues.get(name)!.splice(0, taken.length);
  }

  private reopen(): void {
    this.store.close();
    this.store = Store.open(this.file, [OUTBOX_SCHEMA]);
    this.outbox = new Outbox(this.store, OPTIONS);
  }

  private compare(): void {
    for (const name of NAMES) {
      const waiting = this.waiting(name);
      expect(waiting.map(({ event, replay }) => ({ id: event.id, replay }))).toEqual(this.book.queues.get(name)!);
      // what is kept is what was written: none where no destination keeps payloads
      for (const { event } of waiting)
        if (event.body !== null) expect(event.body.toString()).toBe(`{"n":${Number(event.id.slice(4))}}`);
      if (name !== 'thin') expect(waiting.every(({ event }) => event.body !== null)).toBe(true);
    }
    const held = this.store.db.prepare('SELECT count(*) FROM outbox_held').pluck().get();
    expect(held).toBe([...this.book.held.values()].flat().length);
    const backlog = this.outbox.history.backlog();
    expect(backlog.map((b) => [b.destination, b.ready])).toEqual(
      NAMES.map((name) => [name, this.book.queues.get(name)!.length]),
    );
  }

  close(): void {
    this.store.close();
  }
}

test('property: what waits after any mix of first writings, replays, pauses, releases and deliveries', () => {
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
      const life = new Life(join(folder, `${++run}.sqlite`));
      try {
        for (const one of steps) life.play(one);
      } finally {
        life.close();
      }
    }),
    { numRuns: 60 },
  );
});

describe('one by one', () => {
  let store: Store;
  let outbox: Outbox;
  let n = 0;
  beforeEach(() => {
    store = Store.open(join(folder, `one-${++n}.sqlite`), [OUTBOX_SCHEMA]);
    outbox = new Outbox(store, OPTIONS);
  });
  afterEach(() => store.close());
  const all = { to: [], alsoUnrouted: false };
  const order = (name: Name) =>
    outbox.fresh(name, 1, 0, 100, 1e9).map(({ event, replay }) => `${event.id}${replay ? ' again' : ''}`);

  test('a stored event is queued as it is stored, whatever is made of the journal today', () => {
    outbox.append([{ ...made(1, ['crm']), body: Buffer.from('{"as":"then"}') }]);
    expect(outbox.reinstate.queue([made(1, ['crm'])], all)).toMatchObject({ events: 1, stored: 1, deliveries: 1 });
    const bodies = outbox.fresh('crm', 1, 0, 100, 1e9).map(({ event }) => event.body!.toString());
    expect(bodies).toEqual(['{"as":"then"}', '{"as":"then"}']);
    expect(order('crm')).toEqual([idOf(1), `${idOf(1)} again`]);
  });

  test('the order of the replay is that of its drafts, also where some of them were stored long ago', () => {
    outbox.append([made(2, ['crm'])]);
    outbox.reinstate.queue([made(1, ['crm']), made(2, ['crm']), made(3, ['crm'])], all);
    expect(order('crm')).toEqual([idOf(2), `${idOf(1)} again`, `${idOf(2)} again`, `${idOf(3)} again`]);
  });

  test('a transaction that is undone leaves nothing of it', () => {
    const undo = new Error('undo');
    const failing = (): void =>
      store.transaction(() => {
        outbox.reinstate.queue([made(1, ['crm', 'lake'])], all);
        throw undo;
      });
    expect(failing).toThrow(undo);
    expect([order('crm'), order('lake')]).toEqual([[], []]);
    for (const table of ['page', 'id', 'again', 'ready'])
      expect(store.db.prepare(`SELECT count(*) FROM outbox_${table}`).pluck().get()).toBe(0);
    outbox.reinstate.queue([made(1, ['crm'])], all);
    expect(order('crm')).toEqual([`${idOf(1)} again`]);
  });

  test('what is replayed to nobody is not written down', () => {
    expect(outbox.reinstate.queue([made(1, [])], all)).toEqual({ events: 0, stored: 0, deliveries: 0, queued: [] });
    const elsewhere = { to: ['lake'], alsoUnrouted: false };
    expect(outbox.reinstate.queue([made(1, ['crm'])], elsewhere)).toMatchObject({ events: 0, deliveries: 0 });
    expect(outbox.history.events({})).toEqual([]);
  });

  test('what was delivered as a replay is delivered, and its stored event can be purged', () => {
    outbox.append([made(1, ['crm'])]);
    outbox.reinstate.queue([made(1, ['crm'])], all);
    const [first, second] = outbox.fresh('crm', 1, 0, 100, 1e9);
    outbox.settle([{ is: 'delivered', delivery: first!, record: null }]);
    expect(outbox.history.states(1)).toMatchObject([{ destination: 'crm', state: 'pending' }]);
    outbox.settle([{ is: 'delivered', delivery: second!, record: null }]);
    expect(outbox.history.states(1)).toMatchObject([{ destination: 'crm', state: 'delivered' }]);
    expect(store.db.prepare('SELECT count(*) FROM outbox_again').pluck().get()).toBe(0);
  });
});
