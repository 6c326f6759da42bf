/** Gaps of tables: when one opens, goes on, ends and is settled, what is said of it, and what mends it. */
import { gapMending, gapText } from '../../src/journal/position/gap-advice';
import { GAP_SCHEMA, GapTable, NOT_CAPTURED, type TableGap } from '../../src/journal/position/gap-table';
import { Store } from '../../src/store/store';
import { JOURNAL } from './support';

let store: Store;
let gaps: GapTable;
beforeEach(() => {
  store = Store.open(':memory:', [GAP_SCHEMA]);
  gaps = new GapTable(store);
});
afterEach(() => store.close());

const TABLE = 'ORDLIB/STOCK';
const at = (sequence: number, receiver = 'RCV0001') => ({
  receiver: { library: 'ORDLIB', name: receiver },
  sequence: BigInt(sequence),
});
const news = (kind: string, sequence: number, table = TABLE) => ({ table, journal: JOURNAL, kind, at: at(sequence) });
const one = (): TableGap => gaps.find(TABLE)!;

test('one that opens goes on until entries come again', () => {
  gaps.opens(news('journaling.ended', 10), 1000);
  expect(gaps.list()).toEqual([
    {
      table: TABLE,
      journal: JOURNAL,
      kind: 'journaling.ended',
      from: at(10),
      until: null,
      accepted: false,
      seenAt: 1000,
      changedAt: 1000,
    },
  ]);
  expect(gaps.open()).toEqual([TABLE]);
  expect(gaps.ends(TABLE, at(20, 'RCV0002'), 2000)).toBe(true);
  expect(one()).toMatchObject({ from: at(10), until: at(20, 'RCV0002'), seenAt: 1000, changedAt: 2000 });
  expect(gaps.open()).toEqual([]);
  // it has ended already
  expect(gaps.ends(TABLE, at(30), 3000)).toBe(false);
  expect(one().until).toEqual(at(20, 'RCV0002'));
});

test('rows that changed at one place, or up to another', () => {
  gaps.here(news('table.restored', 10), 1);
  expect(one()).toMatchObject({ from: at(10), until: at(10) });
  gaps.here({ ...news('position.lost', 30, 'ORDLIB/OTHER'), until: at(50) }, 1);
  expect(gaps.find('ORDLIB/OTHER')).toMatchObject({ from: at(30), until: at(50) });
  expect(gaps.find('ORDLIB/NONE')).toBeNull();
});

test.each<[string, (g: GapTable) => void, Partial<TableGap>]>([
  [
    'the first place stays, the last kind counts',
    (g) => {
      g.here(news('table.restored', 10), 1);
      g.here(news('table.initialized', 20), 2);
    },
    { kind: 'table.initialized', from: at(10), until: at(20), seenAt: 1, changedAt: 2 },
  ],
  [
    'an open one stays open whatever happens to rows',
    (g) => {
      g.opens(news('journaling.ended', 10), 1);
      g.here(news('table.restored', 20), 2);
    },
    { kind: 'journaling.ended', from: at(10), until: null },
  ],
  [
    'one that was closed opens again, from its first place',
    (g) => {
      g.here(news('table.restored', 10), 1);
      g.opens(news('table.deleted', 20), 2);
    },
    { kind: 'table.deleted', from: at(10), until: null },
  ],
  [
    'a member that goes with its file says nothing new',
    (g) => {
      g.opens(news('table.deleted', 10), 1);
      g.opens(news('member.deleted', 11), 2);
    },
    { kind: 'table.deleted', until: null },
  ],
  [
    'a file that goes after its member does',
    (g) => {
      g.opens(news('member.deleted', 10), 1);
      g.opens(news('table.deleted', 11), 2);
    },
    { kind: 'table.deleted', from: at(10), until: null },
  ],
])('%s', (_, happen, expected) => {
  happen(gaps);
  expect(one()).toMatchObject(expected);
});

describe('settled by a backfill', () => {
  test('that began after it ended', () => {
    gaps.here(news('table.restored', 10), 1000);
    expect(gaps.readWhole(TABLE, 999)).toBe(false);
    expect(gaps.find(TABLE)).not.toBeNull();
    expect(gaps.readWhole(TABLE, 1000)).toBe(true);
    expect(gaps.find(TABLE)).toBeNull();
    expect(gaps.readWhole(TABLE, 5000)).toBe(false);
  });

  test('not while it goes on, nor where something new came after the backfill began', () => {
    gaps.opens(news('journaling.ended', 10), 1000);
    expect(gaps.readWhole(TABLE, 9999)).toBe(false);
    gaps.ends(TABLE, at(20), 2000);
    expect(gaps.readWhole(TABLE, 1500)).toBe(false);
    expect(gaps.readWhole(TABLE, 2000)).toBe(true);
  });
});

describe('settled by the operator', () => {
  test('one that ended is gone', () => {
    gaps.here(news('table.restored', 10), 1000);
    gaps.acknowledge(TABLE);
    expect(gaps.find(TABLE)).toBeNull();
    gaps.acknowledge(TABLE);
  });

  test('one that goes on is out of sight, and still known as open', () => {
    gaps.opens(news('table.deleted', 10), 1000);
    gaps.acknowledge(TABLE);
    expect(gaps.list()).toEqual([]);
    expect(gaps.open()).toEqual([TABLE]);
    // its end is news again: what happened meanwhile nobody saw
    gaps.ends(TABLE, at(20), 2000);
    expect(one()).toMatchObject({ from: at(10), until: at(20), accepted: false });
  });

  test('news of an accepted one show it again', () => {
    gaps.opens(news('journaling.ended', 10), 1000);
    gaps.acknowledge(TABLE);
    gaps.opens(news('table.deleted', 20), 2000);
    expect(one()).toMatchObject({ kind: 'table.deleted', accepted: false });
  });
});

test('gaps survive a restart, and do not touch each other', () => {
  gaps.opens(news('journaling.ended', 10), 1);
  gaps.here(news('table.restored', 20, 'ORDLIB/A'), 2);
  const again = new GapTable(store);
  expect(again.list().map((g) => g.table)).toEqual(['ORDLIB/A', TABLE]);
  again.readWhole('ORDLIB/A', 5);
  expect(again.list().map((g) => g.table)).toEqual([TABLE]);
});

describe('what is said of it', () => {
  const gap = (kind: string, until: TableGap['until']): TableGap => ({
    table: TABLE,
    journal: JOURNAL,
    kind,
    from: at(10),
    until,
    accepted: false,
    seenAt: 0,
    changedAt: 0,
  });

  test.each([
    [null, 'x at ORDLIB/RCV0001:10: changes are not seen from there on'],
    [at(10), 'x at ORDLIB/RCV0001:10: rows may have changed without entries'],
    [at(20), 'x at ORDLIB/RCV0001:10: changes up to ORDLIB/RCV0001:20 were not seen'],
  ])('%#', (until, text) => {
    expect(gapText(gap('x', until))).toBe(text);
  });

  const BACKFILL = 'ibmi-cdc backfill --table ORDLIB/STOCK';
  const START = 'STRJRNPF FILE(ORDLIB/STOCK) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)';
  test.each([
    ['journaling.ended', [START]],
    ['member.deleted', ['ADDPFM FILE(ORDLIB/STOCK) MBR(STOCK)']],
    ['table.renamed', [expect.stringContaining('RNMOBJ OBJ(ORDLIB/NEWNAME) OBJTYPE(*FILE) NEWOBJ(STOCK)')]],
    ['member.renamed', [expect.stringContaining('RNMM FILE(ORDLIB/STOCK) MBR(NEWNAME) NEWMBR(STOCK)')]],
    ['table.moved', [expect.stringContaining('MOVOBJ OBJ(NEWLIB/STOCK) OBJTYPE(*FILE) TOLIB(ORDLIB)')]],
    [NOT_CAPTURED, [expect.stringContaining('ibmi-cdc plan')]],
    ['table.deleted', [expect.stringContaining('create ORDLIB/STOCK again'), START]],
  ])('%s is mended, and then read', (kind, first) => {
    expect(gapMending(gap(kind, null))).toEqual([...first, BACKFILL]);
    // what has ended needs no more than its rows
    expect(gapMending(gap(kind, at(20)))).toEqual([BACKFILL]);
  });
});
