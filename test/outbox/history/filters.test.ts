/**
 * Which stored events and dead letters a filter means: random ones against a walk over a plain list, with times and numbers at the very
 * bounds, and pages of every size that leave out nothing and show nothing twice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { EventDraft } from '../../../src/model/event';
import type { DeadLetterFilter } from '../../../src/outbox/letters/dead-letters';
import { Outbox } from '../../../src/outbox/outbox';
import type { EventFilter } from '../../../src/outbox/pages/filter';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { draft, idOf } from '../../deliver/support/drafts';

const TABLES = ['ORDLIB/ORDHDR', 'ORDLIB/ORDDTL', 'X/"a b"'] as const;
const TYPES = ['order.created', 'order.updated', 'line.updated'] as const;
const KEYS = ['1', '2', '100245', "it's", ''] as const;
const RECEIVERS = ['ORDRCV0001', 'ORDRCV0002'] as const;
const REASONS = ['http-422', 'schedule'] as const;
const BEGIN = Date.UTC(2026, 10, 29);
const MINUTE = 60_000;

interface Written {
  readonly seq: number;
  readonly draft: EventDraft;
  readonly at: number;
}

interface Buried {
  readonly no: number;
  readonly event: Written;
  readonly destination: string;
  readonly reason: string;
  readonly at: number;
}

let folder: string;
let store: Store;
let outbox: Outbox;
let now = BEGIN;
const written: Written[] = [];
const buried: Buried[] = [];

const random = fc.sample(
  fc.record({
    table: fc.constantFrom(...TABLES),
    type: fc.constantFrom(...TYPES),
    key: fc.constantFrom(...KEYS),
    traceKey: fc.constantFrom(...KEYS),
    receiver: fc.option(fc.constantFrom(...RECEIVERS), { freq: 6 }),
    sequence: fc.oneof(fc.bigInt(1n, 40n), fc.constantFrom(18_446_744_073_709_551_615n, 0n)),
    to: fc.constantFrom(['crm'], ['lake'], ['crm', 'lake']),
    bytes: fc.constantFrom(20, 3_000),
    /** A new commit, and time goes on. */
    commit: fc.boolean(),
    dead: fc.constantFrom(null, ...REASONS),
  }),
  { numRuns: 400, seed: 7 },
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-filters-'));
  store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
  outbox = new Outbox(store, { destinations: { crm: {}, lake: {} }, now: () => now });
  let unit: EventDraft[] = [];
  const ends = new Map<string, string | null>();
  const commit = (): void => {
    for (const one of unit) written.push({ seq: written.length + 1, draft: one, at: now });
    outbox.append(unit);
    unit = [];
    now += MINUTE;
  };
  for (const [i, given] of random.entries()) {
    const { receiver, sequence, to, bytes, commit: ends1, dead, ...facts } = given;
    const one = draft(i, {
      ...facts,
      destinations: to,
      body: Buffer.alloc(bytes, 0x78),
      attemptOffset: -1,
      ...(receiver === null
        ? { journal: null, position: null }
        : { position: { receiver: { library: 'ORDLIB', name: receiver }, sequence } }),
    });
    unit.push(one);
    ends.set(one.id, dead);
    if (ends1) commit();
  }
  commit();
  for (const destination of ['crm', 'lake']) {
    const waiting = ([0, 1, 2] as const).flatMap((cls) => outbox.fresh(destination, cls, 0, 10_000, 1e9));
    for (const delivery of waiting) {
      const reason = ends.get(delivery.event.id);
      if (!reason) continue;
      outbox.settle([{ is: 'dead', delivery, record: null, reason, message: 'm' }]);
      const event = written[delivery.event.seq - 1]!;
      buried.push({ no: buried.length + 1, event, destination, reason, at: now });
      now += MINUTE / 2;
    }
  }
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The sentence of the documentation, said once more: all given conditions must hold. */
function means({ draft: d, at }: Written, f: EventFilter, time = at): boolean {
  const { position } = d;
  const receiver = position && `${position.receiver.library}/${position.receiver.name}`;
  return (
    (f.id === undefined || f.id.includes(d.id)) &&
    (f.type === undefined || f.type === d.type) &&
    (f.table === undefined || f.table === d.table) &&
    (f.key === undefined || f.key === d.key || f.key === d.traceKey) &&
    (f.since === undefined || time >= f.since) &&
    (f.until === undefined || time < f.until) &&
    (f.receiver === undefined || f.receiver === receiver) &&
    (f.fromSequence === undefined || (position !== null && position.sequence >= f.fromSequence)) &&
    (f.toSequence === undefined || (position !== null && position.sequence <= f.toSequence))
  );
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
/** A moment at which something was written, a millisecond beside it, or long before. */
const moment = fc.tuple(fc.nat(900), fc.constantFrom(-1, 0, 1)).map(([n, beside]) => BEGIN + (n * MINUTE) / 2 + beside);
const number = fc.oneof(fc.bigInt(0n, 41n), fc.constant(18_446_744_073_709_551_615n));

const eventFilter: fc.Arbitrary<EventFilter> = fc.record({
  id: maybe(fc.array(fc.nat(450).map(idOf), { maxLength: 6 })),
  type: maybe(fc.constantFrom(...TYPES, 'no.such')),
  table: maybe(fc.constantFrom(...TABLES)),
  key: maybe(fc.constantFrom(...KEYS)),
  since: maybe(moment),
  until: maybe(moment),
  receiver: maybe(fc.constantFrom('ORDLIB/ORDRCV0001', 'ORDLIB/ORDRCV0002', 'ORDLIB/NONE')),
  fromSequence: maybe(number),
  toSequence: maybe(number),
});

test('the events are as many kinds as they should be', () => {
  expect(written).toHaveLength(400);
  expect(new Set(written.map((w) => w.at)).size).toBeGreaterThan(100);
  expect(buried.length).toBeGreaterThan(100);
});

test('property: stored events, oldest and newest first, and page by page', () => {
  fc.assert(
    fc.property(eventFilter, fc.nat(420), fc.integer({ min: 1, max: 50 }), (filter, after, limit) => {
      const expected = written.filter((w) => means(w, filter)).map((w) => w.seq);
      const behind = expected.filter((seq) => seq > after).slice(0, limit);
      expect(outbox.history.events(filter, { after, limit }).map((e) => e.seq)).toEqual(behind);
      const newest = [...expected].reverse().slice(0, limit);
      expect(outbox.history.events(filter, { newest: true, limit }).map((e) => e.seq)).toEqual(newest);
      const pages = [...outbox.history.pagewise(filter, {})].flatMap(({ found }) => found);
      expect(pages).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('property: a stretch ends before a number and begins behind one', () => {
  fc.assert(
    fc.property(eventFilter, fc.nat(420), fc.boolean(), (filter, bound, newest) => {
      const stretch = newest ? { newest: true, before: bound } : { after: bound };
      const found = [...outbox.history.pagewise(filter, stretch)].flatMap((p) => p.found);
      const expected = written
        .filter((w) => means(w, filter) && (newest ? w.seq < bound : w.seq > bound))
        .map((w) => w.seq);
      expect(found).toEqual(newest ? expected.reverse() : expected);
    }),
    { numRuns: 200 },
  );
});

const letterFilter: fc.Arbitrary<DeadLetterFilter> = fc
  .tuple(
    eventFilter,
    fc.record({
      no: maybe(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 })),
      destination: maybe(fc.constantFrom('crm', 'lake', 'none')),
      reason: maybe(fc.constantFrom(...REASONS, 'other')),
    }),
  )
  .map(([ofEvents, own]) =>
    Object.fromEntries(Object.entries({ ...ofEvents, ...own }).filter(([, value]) => value !== undefined)),
  );

const meansLetter = (b: Buried, f: DeadLetterFilter): boolean =>
  (f.no === undefined || f.no.includes(b.no)) &&
  (f.destination === undefined || f.destination === b.destination) &&
  (f.reason === undefined || f.reason === b.reason) &&
  // a letter is asked for by the time of its death
  means(b.event, f, b.at);

test('property: dead letters by the same filters, by their own, and by the time of their death', () => {
  fc.assert(
    fc.property(letterFilter, fc.nat(200), fc.integer({ min: 1, max: 30 }), (filter, after, limit) => {
      const expected = buried.filter((b) => meansLetter(b, filter));
      expect(outbox.deadLetters.count(filter)).toBe(expected.length);
      const page = expected.filter((b) => b.no > after).slice(0, limit);
      expect(outbox.deadLetters.list(filter, after, limit).map((l) => [l.no, l.destination, l.event.id])).toEqual(
        page.map((b) => [b.no, b.destination, b.event.draft.id]),
      );
      const scanned = [...outbox.deadLetters.scan(filter, after)].filter((s) => s.matches).map((s) => s.no);
      expect(scanned).toEqual(expected.filter((b) => b.no > after).map((b) => b.no));
    }),
    { numRuns: 300 },
  );
});

test('property: what is dropped or queued again is what was listed, so many of it and the oldest first', () => {
  let left = [...buried];
  fc.assert(
    fc.property(letterFilter, fc.integer({ min: 0, max: 5 }), fc.boolean(), (filter, limit, drop) => {
      const taken = left.filter((b) => meansLetter(b, filter)).slice(0, limit);
      expect(drop ? outbox.deadLetters.drop(filter, limit) : outbox.deadLetters.retry(filter, limit)).toBe(
        taken.length,
      );
      left = left.filter((b) => !taken.includes(b));
      expect(outbox.deadLetters.list({}, 0, 1_000).map((l) => l.no)).toEqual(left.map((b) => b.no));
    }),
    { numRuns: 120 },
  );
  expect(left.length).toBeLessThan(buried.length);
});
