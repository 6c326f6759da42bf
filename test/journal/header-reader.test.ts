/** Header fields out of raw column bytes: what is kept from row to row must never be another row's. */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { encodePacked } from '../../src/bytes/packed';
import { ObjectNames } from '../../src/journal/entry/block-entry';
import { COLUMN } from '../../src/journal/entry/display-journal';
import { HeaderReader, RawEntry } from '../../src/journal/entry/header-reader';
import type { ColumnDescriptor, RawBlock } from '../../src/transport/transport';

const TABLE = { file: { library: 'ORDLIB', name: 'ORDERS' }, uncommitted: false, member: null, massDelete: null };
const RECEIVER = { library: 'ORDLIB', name: 'RCV0001' };
const codec = textCodec(37);

const TYPES = Object.keys(COLUMN).map((name) =>
  name === 'sequence' || name === 'commitCycle' ? 'DECIMAL' : name === 'rrn' ? 'BIGINT' : 'VARCHAR',
);
const COLUMNS: ColumnDescriptor[] = TYPES.map(
  (type, i) => ({ name: `C${i}`, type, length: 30, scale: 0, ccsid: 37, nullable: true }) as ColumnDescriptor,
);

type Row = Partial<Record<keyof typeof COLUMN, string | Buffer | null>>;
const USUAL: Row = {
  sequence: encodePacked('7', 21, 0),
  code: 'R',
  type: 'PT',
  object: `${'ORDERS'.padEnd(10)}${'ORDLIB'.padEnd(10)}${'ORDERS'.padEnd(10)}`,
  rrn: Buffer.alloc(8),
  commitCycle: encodePacked('0', 21, 0),
  timestamp: '2026-11-21-20.44.00.123456',
  flag: '0',
  data: Buffer.from([1, 2, 3]),
};

function blockOf(rows: readonly Row[]): RawBlock & { buffer: Buffer } {
  const names = Object.keys(COLUMN) as (keyof typeof COLUMN)[];
  const parts: Buffer[] = [];
  const places: { at: number; length: number; isNull: boolean }[][] = [];
  let at = 0;
  for (const row of rows) {
    const line = names.map((name) => {
      const value = name in row ? row[name] : USUAL[name];
      const bytes = typeof value === 'string' ? codec.encode(value) : (value ?? Buffer.alloc(0));
      parts.push(Buffer.from(bytes));
      const place = { at, length: bytes.length, isNull: value === null || value === undefined };
      at += bytes.length;
      return place;
    });
    places.push(line);
  }
  return {
    buffer: Buffer.concat(parts),
    rowCount: rows.length,
    isMappingError: () => false,
    complete: true,
    stride: 0,
    isNull: (row, column) => places[row]![column]!.isNull,
    offset: (row, column) => places[row]![column]!.at,
    byteLength: (row, column) => places[row]![column]!.length,
  };
}

function entriesOf(rows: readonly Row[]): { entries: RawEntry[]; block: RawBlock & { buffer: Buffer } } {
  const block = blockOf(rows);
  const reader = new HeaderReader(COLUMNS, new ObjectNames([TABLE]), 32_000);
  return { block, entries: rows.map((_, row) => new RawEntry(RECEIVER, reader, block, row)) };
}

describe('user, job and program', () => {
  const anna = {
    user: 'ANNA      ',
    jobName: 'ORDENTRY',
    jobUser: 'ANNA',
    jobNumber: '123456',
    program: 'ORD001R',
    remoteAddress: '10.0.0.7',
  };

  test('of jobs that take turns', () => {
    const { entries } = entriesOf([
      anna,
      { ...anna, program: 'ORD002R' },
      { ...anna, jobNumber: '123457' },
      anna,
      { user: 'AB', jobName: 'C', jobUser: '', jobNumber: '1', program: '' },
      { user: 'A', jobName: 'BC', jobUser: '', jobNumber: '1', program: '' },
      { user: null, jobName: null, jobUser: null, jobNumber: null, program: null },
    ]);
    expect(entries.map((e) => `${e.user} ${e.job} ${e.program} ${e.remoteAddress}`)).toEqual([
      'ANNA 123456/ANNA/ORDENTRY ORD001R 10.0.0.7',
      'ANNA 123456/ANNA/ORDENTRY ORD002R 10.0.0.7',
      'ANNA 123457/ANNA/ORDENTRY ORD001R 10.0.0.7',
      'ANNA 123456/ANNA/ORDENTRY ORD001R 10.0.0.7',
      'AB 1//C  ',
      'A 1//BC  ',
      '   ',
    ]);
  });

  test('longer than the room kept for them', () => {
    const { entries } = entriesOf([{ ...anna, user: 'U'.repeat(400) }, anna]);
    expect(entries[0]!.user).toBe('U'.repeat(400));
    expect(entries[1]!.user).toBe('ANNA');
  });
});

test.each([
  ['2026-11-21-20.44.00.123456', '2026-11-21T20:44:00.123456'],
  ['2026-11-21-20.44.00.123456789012', '2026-11-21T20:44:00.123456789012'],
  ['2026-11-21-20.44.00.1', '2026-11-21T20:44:00.1'],
  ['2026-11-21-20.44.00', '2026-11-21T20:44:00.000000'],
  ['2026-11-21T20:44:00.123456', '2026-11-21T20:44:00.123456'],
  ['2026-11-21 20:44:00.123456', '2026-11-21T20:44:00.123456'],
  ['2026-11-21-20.44.00.12345x', '2026-11-21T20:44:00.12345x'],
  [null, ''],
])('timestamp %s is %s', (given, expected) => {
  const { entries } = entriesOf([{ timestamp: given }]);
  expect(entries[0]!.timestamp).toBe(expected);
});

test.each(['0', '7', '4294967295', '4294967296', '9007199254740993', '-1', '-4294967297'])(
  'record number %s',
  (digits) => {
    const rrn = Buffer.alloc(8);
    rrn.writeBigInt64BE(BigInt(digits));
    expect(entriesOf([{ rrn }]).entries[0]!.rrn).toBe(BigInt(digits));
  },
);

test.each(['0', '1', '999999999999999', '18446744073709551600', '-5'])('sequence number %s', (digits) => {
  const { entries } = entriesOf([{ sequence: encodePacked(digits, 21, 0) }]);
  expect(entries[0]!.sequence).toBe(BigInt(digits));
});

test('files that take turns keep one reference each', () => {
  const other = `${'OTHER'.padEnd(10)}${'ORDLIB'.padEnd(10)}${'OTHER'.padEnd(10)}`;
  const { entries } = entriesOf([{}, { object: other }, {}, { object: null }, { object: other }]);
  expect(entries.map((e) => e.ref.file?.name ?? null)).toEqual(['ORDERS', 'OTHER', 'ORDERS', null, 'OTHER']);
  expect(entries[2]!.ref).toBe(entries[0]!.ref);
  expect(entries[1]!.ref.table).toBeNull();
});

test('a held entry does not look at its block again', () => {
  const { entries, block } = entriesOf([{ nulls: '010' }]);
  const held = entries[0]!.copy();
  block.buffer.fill(0);
  expect(Buffer.from(held.data!)).toEqual(Buffer.from([1, 2, 3]));
  expect(held.bytes.buffer.byteLength).toBe(3);
  expect(Buffer.from(held.nulls!).toString()).toBe('010');
  expect(held.timestamp).toBe('2026-11-21T20:44:00.123456');
});
