/** A state file of any older version becomes the one a new file is, with everything that was in it; or it stays as it was. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { STATE_SCHEMAS } from '../../src/daemon/schemas';
import { Outbox } from '../../src/outbox/outbox';
import { LIFE_SCHEMA } from '../../src/store/life';
import { type Schema, Store } from '../../src/store/store';

const FIXTURE = resolve(__dirname, '../../fixtures/state/0.1.0.sqlite');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  file = join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Db = Store['db'];

/** Every table with its columns, every index with its columns: what statements rely on. */
function shapeOf(db: Db): Record<string, unknown> {
  const names = db.prepare("SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").all() as {
    type: string;
    name: string;
    tbl_name: string;
  }[];
  const shapes = names.map(({ type, name, tbl_name }) => {
    const columns = db.pragma(type === 'index' ? `index_info("${name}")` : `table_info("${name}")`);
    return [`${type} ${tbl_name}.${name}`, columns];
  });
  return Object.fromEntries(shapes.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function fresh(): Record<string, unknown> {
  using store = Store.open(':memory:', STATE_SCHEMAS);
  return shapeOf(store.db);
}

const versions = (db: Db): unknown => db.prepare('SELECT name, version FROM schema_version ORDER BY name').all();

test('the schemas have names of their own', () => {
  const names = [LIFE_SCHEMA, ...STATE_SCHEMAS].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

const older = STATE_SCHEMAS.flatMap((schema) => schema.steps.map((_, steps) => [schema.name, steps] as const));
test.each(older)('%s with %i of its steps becomes what a new file has', (name, steps) => {
  const then = STATE_SCHEMAS.map((s) => (s.name === name ? { ...s, steps: s.steps.slice(0, steps) } : s));
  Store.open(file, then).close();
  using store = Store.open(file, STATE_SCHEMAS);
  expect(shapeOf(store.db)).toEqual(fresh());
  expect(versions(store.db)).toEqual(
    [LIFE_SCHEMA, ...STATE_SCHEMAS]
      .map((s) => ({ name: s.name, version: s.steps.length }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

describe('the file that version 0.1.0 left behind', () => {
  const rowsOf = (db: Db): Record<string, number> =>
    Object.fromEntries(
      (
        db
          .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
          .pluck()
          .all() as string[]
      )
        .filter((table) => table !== 'schema_version')
        .map((table) => [table, db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number]),
    );

  test('has the tables of a new one, and every row it had', () => {
    copyFileSync(FIXTURE, file);
    // without the schemas of today nothing but the lives is looked at
    const before = ((): Record<string, number> => {
      using store = Store.open(file, [], { readonly: true });
      return rowsOf(store.db);
    })();
    expect(Object.values(before).some((rows) => rows > 0)).toBe(true);
    using store = Store.open(file, STATE_SCHEMAS);
    expect(shapeOf(store.db)).toEqual(fresh());
    expect(rowsOf(store.db)).toMatchObject(before);
  });

  test('its events are read as they were written', () => {
    copyFileSync(FIXTURE, file);
    using store = Store.open(file, STATE_SCHEMAS);
    const damaged: number[] = [];
    const outbox = new Outbox(store, {
      destinations: { ok: {}, refuse: {}, down: {} },
      damaged: (n) => damaged.push(n),
    });
    const events = outbox.history.events({});
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      const told = JSON.parse(event.body!.toString()) as Record<string, unknown>;
      expect([told['id'], told['type'], told['subject']]).toEqual([event.id, event.type, event.key]);
    }
    expect(damaged).toEqual([]);
    expect(outbox.deadLetters.count()).toBe(3);
  });

  test('opened twice it is changed once', () => {
    copyFileSync(FIXTURE, file);
    const open = (): unknown => {
      using store = Store.open(file, STATE_SCHEMAS);
      return [versions(store.db), rowsOf(store.db)];
    };
    expect(open()).toEqual(open());
  });
});

describe('when it cannot be brought up to date', () => {
  const one: Schema = { name: 'sample', steps: ['CREATE TABLE sample (a INTEGER)', 'INSERT INTO sample VALUES (1)'] };

  test('a step that fails takes the others with it: the file stays what it was', () => {
    Store.open(file, [{ ...one, steps: one.steps.slice(0, 1) }]).close();
    const broken = { ...one, steps: [...one.steps, 'CREATE TABLE broken (', 'CREATE TABLE never (a)'] };
    expect(() => Store.open(file, [broken, { name: 'other', steps: ['CREATE TABLE other (a)'] }])).toThrow();
    using store = Store.open(file, [{ ...one, steps: one.steps.slice(0, 1) }]);
    expect(versions(store.db)).toContainEqual({ name: 'sample', version: 1 });
    expect(store.db.prepare('SELECT count(*) FROM sample').pluck().get()).toBe(0);
    expect(store.db.prepare("SELECT name FROM sqlite_master WHERE name IN ('other', 'never')").all()).toEqual([]);
  });

  test('a new file is whole or not there', () => {
    expect(() => Store.open(file, [{ name: 'broken', steps: ['CREATE TABLE broken ('] }])).toThrow();
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
    Store.open(file, [one]).close();
  });

  test('one of a newer version is refused and not touched', () => {
    Store.open(file, [one]).close();
    const before = readFileSync(file);
    const older = { ...one, steps: one.steps.slice(0, 1) };
    expect(() => Store.open(file, [older])).toThrow(
      expect.objectContaining({ code: 'STORE_NEWER', message: expect.stringContaining('(sample)') }),
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
