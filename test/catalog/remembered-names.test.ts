/** Names of tables kept for commands that work without the partition. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableFacts } from '../../src/catalog/table-facts';
import {
  capturedAs,
  journalOf,
  knownTables,
  rememberNames,
  sameTable,
  TABLE_NAMES_SCHEMA,
} from '../../src/catalog/table-names';
import { Store } from '../../src/store/store';

const q = (text: string) => ({ library: text.split('/')[0]!, name: text.split('/')[1]! });
const facts = (asked: string, file: string, sqlName: string, journal: string | null): TableFacts => ({
  asked: q(asked),
  file: q(file),
  sqlName: q(sqlName),
  state: 'ok',
  reason: '',
  columns: [],
  format: { table: file, columns: [] },
  key: null,
  journal: journal === null ? null : { name: q(journal), images: 'BOTH' },
  members: [],
});

let dir: string;
let store: Store;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'names-'));
  store = Store.open(join(dir, 's.sqlite'), [TABLE_NAMES_SCHEMA]);
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

test('a table is found by the name it was written with and by the one events have', () => {
  rememberNames(store, [facts('ordlib/order_headers', 'ORDLIB/ORDHDR', 'ORDLIB/ORDER_HEADERS', 'ORDLIB/ORDJRN')]);
  for (const name of ['ordlib/order_headers', 'ORDLIB/ORDHDR'])
    expect(capturedAs(store, q(name))).toEqual({ file: 'ORDLIB/ORDHDR', journal: q('ORDLIB/ORDJRN') });
  expect(capturedAs(store, q('ORDLIB/NOPE'))).toBeNull();
  expect(journalOf(store, q('ORDLIB/NOPE'))).toBeNull();
  expect(knownTables(store)).toEqual([
    { file: 'ORDLIB/ORDHDR', written: 'ordlib/order_headers', sqlName: 'ORDLIB/ORDER_HEADERS' },
  ]);
});

test('where a name was written for another table, the file comes first', () => {
  rememberNames(store, [
    facts('ORDLIB/B', 'ORDLIB/A', 'ORDLIB/A', 'ORDLIB/JA'),
    facts('ORDLIB/OTHER', 'ORDLIB/B', 'ORDLIB/B', 'ORDLIB/JB'),
  ]);
  expect(capturedAs(store, q('ORDLIB/B'))!.file).toBe('ORDLIB/B');
});

test('the journal of last time stays known while a table is in none', () => {
  rememberNames(store, [facts('L/A', 'L/A', 'L/A', 'L/J1')]);
  rememberNames(store, [facts('L/a', 'L/A', 'L/LONG', null)]);
  expect(journalOf(store, q('L/A'))).toEqual(q('L/J1'));
  expect(knownTables(store)).toEqual([{ file: 'L/A', written: 'L/a', sqlName: 'L/LONG' }]);
  rememberNames(store, [facts('L/A', 'L/A', 'L/A', 'L/J2')]);
  expect(journalOf(store, q('L/A'))).toEqual(q('L/J2'));
});

test('a table that was never journaled has no journal, and tables that went from the configuration stay', () => {
  rememberNames(store, [facts('L/A', 'L/A', 'L/A', null), facts('L/B', 'L/B', 'L/B', 'L/J')]);
  rememberNames(store, [facts('L/C', 'L/C', 'L/C', 'L/J')]);
  expect(journalOf(store, q('L/A'))).toBeNull();
  expect(knownTables(store).map((t) => t.file)).toEqual(['L/A', 'L/B', 'L/C']);
});

test.each([
  ['ORDLIB/ORDHDR', 'ORDLIB/ORDHDR', true],
  ['ordlib/ordhdr', 'ORDLIB/ORDHDR', true],
  ['ORDLIB/ORDHDR', 'ordlib.ordhdr', true],
  ['ORDLIB/ORDHDR', 'ORDLIB/"ORDHDR"', true],
  ['ORDLIB/ORDHDR', 'ORDLIB/"ordhdr"', false],
  ['ORDLIB/ORDHDR', 'ORDLIB/ORDLIN', false],
  ['ORDLIB/ORDHDR', 'OTHER/ORDHDR', false],
  ['ORDLIB/ORDHDR', 'ORDHDR', false],
  ['ORDLIB/ORDHDR', '', false],
])('%s and %s: %s', (a, b, expected) => {
  expect(sameTable(q(a), b)).toBe(expected);
});
