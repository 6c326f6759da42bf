/** What is packed comes back as it was: pages of events, bitmaps of queue places, lists of ids; against plain models. */
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import type { PriorityClass } from '../../../src/model/delivery';
import { EventIds } from '../../../src/outbox/pages/event-ids';
import { type PagedEvent, PageReader, PageWriter } from '../../../src/outbox/pages/event-page';
import { Ready } from '../../../src/outbox/queue/ready-bitmap';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { openSqlite } from '../../../src/sqlite';

let db: Database.Database;
beforeEach(() => {
  db = openSqlite(':memory:');
  for (const step of OUTBOX_SCHEMA.steps) db.exec(step);
  db.exec("INSERT INTO outbox_destination (no, name) VALUES (1, 'crm'), (2, 'lake')");
});
afterEach(() => db.close());

const pagedEvent = fc.record({
  shape: fc.nat(),
  id: fc.stringMatching(/^[0-9A-Za-z_-]{1,80}$/),
  key: fc.string({ unit: 'binary', maxLength: 60 }),
  traceKey: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
  time: fc.constant('2026-11-21T20:44:00.123456Z'),
  sequence: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  attemptOffset: fc.integer({ min: -1, max: 1000 }),
  recordUrl: fc.option(fc.webUrl()),
  body: fc.option(fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes))),
});

test('property: events come back from their pages as they were, however they fall onto pages', () => {
  const writer = new PageWriter(4000);
  fc.assert(
    fc.property(fc.array(pagedEvent, { minLength: 1, maxLength: 40 }), (events) => {
      const back: PagedEvent[] = [];
      const finish = (): void => {
        const page = writer.finish();
        const reader = new PageReader(page);
        expect(reader.events === 1 || page.length <= 4000).toBe(true);
        for (let i = 0; i < reader.events; i++) {
          const event = reader.eventOf(i);
          expect([reader.idOf(i), reader.shapeOf(i), reader.sequenceOf(i)]).toEqual([
            event.id,
            event.shape,
            event.sequence,
          ]);
          expect(reader.keysOf(i)).toEqual({ key: event.key, traceKey: event.traceKey });
          back.push(event);
        }
      };
      for (const event of events) {
        if (!writer.takes(event)) finish();
        const at = writer.add(event);
        expect(at === -1).toBe(event.body === null);
      }
      finish();
      // a lone surrogate has no UTF-8 form: it becomes the replacement character, as everywhere
      expect(back).toEqual(events.map((e) => ({ ...e, key: Buffer.from(e.key).toString() })));
    }),
  );
});

test('an event larger than a page has one of its own', () => {
  const writer = new PageWriter(1000);
  const large: PagedEvent = {
    shape: 1,
    id: 'a-1',
    key: 'k',
    traceKey: null,
    time: '2026-11-21T20:44:00.123456Z',
    sequence: 1n,
    attemptOffset: -1,
    recordUrl: null,
    body: Buffer.alloc(100_000, 'x'),
  };
  expect(writer.takes(large)).toBe(true);
  writer.add(large);
  expect(writer.takes({ ...large, body: null })).toBe(false);
  expect(new PageReader(writer.finish()).eventOf(0)).toEqual(large);
  expect(writer.events).toBe(0);
});

test('property: queue places are a set, in order, whatever the transactions', () => {
  const step = fc.record({
    add: fc.boolean(),
    destination: fc.constantFrom(1, 2),
    cls: fc.constantFrom<PriorityClass>(0, 1, 2),
    pos: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 5000 })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 20 }), { maxLength: 6 }), (transactions) => {
      db.exec('DELETE FROM outbox_ready');
      const ready = new Ready(db);
      const model = new Set<string>();
      for (const steps of transactions) {
        ready.begin();
        for (const { add, destination, cls, pos } of steps) {
          const name = `${destination} ${cls} ${pos}`;
          if (add) {
            ready.add(destination, cls, pos);
            model.add(name);
          } else expect(ready.take(destination, cls, pos)).toBe(model.delete(name));
          expect(ready.has(destination, cls, pos)).toBe(model.has(name));
        }
        ready.end();
      }
      const placesOf = (destination: number, cls: PriorityClass): number[] =>
        [...model]
          .map((name) => name.split(' ').map(Number))
          .filter(([d, c]) => d === destination && c === cls)
          .map(([, , pos]) => pos!)
          .sort((a, b) => a - b);
      for (const destination of [1, 2]) {
        const all = ([0, 1, 2] as const).map((cls) => placesOf(destination, cls));
        expect(ready.count(destination)).toBe(all.flat().length);
        for (const cls of [0, 1, 2] as const) {
          expect([...ready.after(destination, cls, 0)]).toEqual(all[cls]);
          expect([...ready.after(destination, cls, 1500)]).toEqual(all[cls]!.filter((pos) => pos > 1500));
          expect(ready.first(destination, cls)).toBe(all[cls]![0] ?? null);
        }
      }
      const between = [1, 2].flatMap((d) => ([0, 1, 2] as const).flatMap((c) => placesOf(d, c)));
      expect(ready.placesBetween(20, 2000).sort((a, b) => a - b)).toEqual(
        between.filter((pos) => pos >= 20 && pos <= 2000).sort((a, b) => a - b),
      );
      // nothing is left of a chunk that is empty
      if (model.size === 0) expect(db.prepare('SELECT count(*) FROM outbox_ready').pluck().get()).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('a transaction that was rolled back leaves no place and no id behind', () => {
  const ready = new Ready(db);
  const ids = new EventIds(db);
  db.exec('BEGIN');
  ready.begin();
  ids.begin();
  ready.add(1, 1, 7);
  ids.add('abc-7', 7);
  ready.end();
  ids.end();
  db.exec('ROLLBACK');
  ready.begin();
  ids.begin();
  expect(ready.has(1, 1, 7)).toBe(false);
  expect([...ready.after(1, 1, 0)]).toEqual([]);
  expect(ids.isNew('abc-7')).toBe(true);
});

test('property: ids find their events, none is mistaken for another, what is dropped is new again', () => {
  const id = fc.oneof(
    fc.tuple(fc.constantFrom('0f1e2d3c-', 'ab-', 'x', ''), fc.integer({ min: 0, max: 2000 })).map((p) => p.join('')),
    fc.constantFrom(
      'a-0',
      'a-00',
      'a-000',
      'a-1',
      'a-01',
      'a-001',
      '0',
      '00',
      'a',
      'a-18446744073709551615',
      '9'.repeat(40),
    ),
    fc.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{24}$/),
  );
  fc.assert(
    fc.property(fc.array(id, { minLength: 1, maxLength: 60 }), fc.nat(60), (list, cut) => {
      db.exec('DELETE FROM outbox_id');
      const ids = new EventIds(db);
      const model = new Map<string, number[]>();
      list.forEach((name, i) => {
        if (i % 7 === 0) {
          ids.end();
          ids.begin();
        }
        expect(ids.isNew(name)).toBe(!model.has(name));
        expect(ids.find(name)).toEqual(model.get(name) ?? []);
        ids.add(name, i + 1);
        model.set(name, [...(model.get(name) ?? []), i + 1]);
      });
      ids.end();
      for (const [name, events] of model) expect(ids.find(name)).toEqual(events);
      ids.begin();
      ids.drop(model.keys(), (event) => event <= cut);
      ids.end();
      ids.begin();
      for (const [name, events] of model) {
        const kept = events.filter((event) => event > cut);
        expect(ids.find(name)).toEqual(kept);
        expect(ids.isNew(name)).toBe(kept.length === 0);
      }
    }),
    { numRuns: 100 },
  );
});

const FLIPPED = [
  {
    table: 'outbox_ready',
    column: 'bits',
    write: (places: readonly number[]) => {
      const ready = new Ready(db);
      ready.begin();
      for (const pos of places) ready.add(1, 1, pos);
      ready.end();
    },
    reads: (pos: number): (() => unknown)[] => {
      const ready = new Ready(db);
      return [
        () => ready.has(1, 1, pos),
        () => ready.take(1, 1, pos),
        () => ready.add(1, 1, pos),
        () => [...ready.after(1, 1, 0)],
        () => ready.count(1),
        () => ready.placesBetween(1, 1023),
      ];
    },
  },
  {
    table: 'outbox_id',
    column: 'events',
    write: (places: readonly number[]) => {
      const ids = new EventIds(db);
      ids.begin();
      for (const pos of places) ids.add(`a-${pos}`, pos);
      ids.end();
    },
    reads: (pos: number): (() => unknown)[] => {
      const ids = new EventIds(db);
      return [() => ids.isNew(`a-${pos}`), () => ids.find(`a-${pos}`), () => ids.add(`a-${pos}`, 9999)];
    },
  },
] as const;

const someNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 40 });

test.each(FLIPPED)(
  'property: one bit of $table that changed on the disk is an error, never a place or an id',
  (rows) => {
    fc.assert(
      fc.property(someNumbers, fc.nat(), (places, where) => {
        db.exec(`DELETE FROM ${rows.table}`);
        rows.write(places);
        const row = Buffer.from(db.prepare(`SELECT ${rows.column} FROM ${rows.table}`).pluck().get() as Buffer);
        const bit = where % (8 * row.length);
        row[bit >> 3]! ^= 1 << (bit & 7);
        db.prepare(`UPDATE ${rows.table} SET ${rows.column} = ?`).run(row);
        for (const read of rows.reads(places[0]!))
          expect(read).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
      }),
    );
  },
);

test.each(FLIPPED)(
  'rows of $table that an older version wrote are read as they are',
  ({ table, column, write, reads }) => {
    write([7, 9]);
    const row = db.prepare(`SELECT ${column} FROM ${table}`).pluck().get() as Buffer;
    db.prepare(`UPDATE ${table} SET ${column} = ?`).run(row.subarray(0, row.length - 4));
    for (const read of reads(7)) expect(read).not.toThrow();
  },
);
