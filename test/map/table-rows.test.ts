/** Rows read by SQL give the very events their record images give. */

import { fixedClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import type { RowSource } from '../../src/model/change';
import type { RecordFormat } from '../../src/model/record-format';
import { rowImage } from '../../src/record/rows/row-image';
import { bodyOf, change, column, eventsOf, image, mapperFor, ORDER, ORDHDR, type Row, tables } from './support';

const YAML = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    onDelete: delete
    include: "*"
    columns:
      ORDNO: number
      ORDDAT: { as: ordered, date: cyymmdd, withTime: CHGTIM, zone: Europe/Berlin }
      DLVDAT: { as: delivery, date: cyymmdd, sentinels: [0] }
      TOTAMT: { as: total, number: true }
    mask: { CHGUSR: redact }
    group: { refs: [CUSREF, REMARK] }
    expressions: { gross: { value: TOTAMT * 1.19, scale: 2 } }
`;

const READ = { op: 'read', mode: 'backfill', journal: null, position: null, rrn: 0n, commitCycle: 0n } as const;

const asRead = (format: RecordFormat, row: Row): RowSource => ({ is: 'image', image: rowImage(format, row) });

test.each<[string, Row]>([
  ['an order', ORDER],
  ['with a remark and a delivery', { ...ORDER, REMARK: 'Über "x"', DLVDAT: '1261201' }],
  ['of the last century', { ...ORDER, ORDDAT: '991231' }],
  ['with an impossible date', { ...ORDER, ORDDAT: '1261332' }],
  ['at midnight', { ...ORDER, CHGTIM: '240000' }],
])('%s', (_, row) => {
  const bySql = eventsOf(mapperFor(YAML), change({ ...READ, after: asRead(ORDHDR, row) }))[0]!;
  const byImage = eventsOf(mapperFor(YAML), change({ ...READ, after: image(ORDHDR, row) }))[0]!;
  const strip = (draft: typeof bySql) => ({ ...bodyOf(draft), id: '' });
  expect(strip(bySql)).toEqual(strip(byImage));
});

test('an update seen as two rows says what changed', () => {
  const row = { ...ORDER, REMARK: null };
  const c = change({
    ...READ,
    op: 'update',
    mode: 'reconcile',
    before: asRead(ORDHDR, row),
    after: asRead(ORDHDR, { ...row, STS: '20' }),
  });
  expect(bodyOf(eventsOf(mapperFor(YAML), c)[0]!).data.changed).toEqual(['STS']);
});

test('of a row of which only the key is known, the rest is null and no error', () => {
  const { data } = bodyOf(
    eventsOf(mapperFor(YAML), change({ ...READ, op: 'delete', before: asRead(ORDHDR, { ORDNO: '7' }) }))[0]!,
  );
  expect(data.key).toEqual({ number: '7' });
  expect(data.before).toMatchObject({ number: '7', ordered: null, STS: null, refs: [] });
  expect(data.meta.decodeErrors).toEqual([]);
});

test('a row that came by a newer layout than the entries being read is mapped by its own', () => {
  const altered: RecordFormat = {
    ...ORDHDR,
    // the same length in bytes: nothing but the layout tells them apart
    columns: ORDHDR.columns
      .map((c) => (c.name === 'CUSREF' ? column('CUSREF', 'CHAR', 20, { ccsid: 1141 }) : c))
      .reverse(),
  };
  const mapper = mapperFor('  ORDLIB/ORDHDR: { event: order, key: [ORDNO] }');
  const told = (source: RowSource) => bodyOf(eventsOf(mapper, change({ ...READ, after: source }))[0]!).data.after;
  const row = { ...ORDER, CUSREF: 'Ü' };
  expect(told(asRead(altered, row))).toEqual(told(asRead(ORDHDR, row)));
  expect(told(image(ORDHDR, row)).CUSREF).toBe('Ü');
});

test('a value that nobody can read is an error of its field, by the policy of the column', () => {
  const source = asRead(ORDHDR, { ...ORDER, TOTAMT: '99999999999.00', ORDDAT: 'x' });
  const { data } = bodyOf(eventsOf(mapperFor(YAML), change({ ...READ, after: source }))[0]!);
  expect(data.after).toMatchObject({ ordered: null, total: null });
  expect(data.meta.decodeErrors).toEqual([
    { column: 'TOTAMT', code: 'DATA_MAPPING', raw: '' },
    { column: 'ORDDAT', code: 'DATA_MAPPING', raw: '' },
  ]);
  const strict = mapperFor('  ORDLIB/ORDHDR: { event: order, columns: { TOTAMT: { onError: quarantine-row } } }');
  expect(strict.map(change({ ...READ, after: source }))).toMatchObject({ is: 'quarantined', code: 'DATA_MAPPING' });
});

test('in a group, number: true makes a number of a decimal and of nothing that only looks like one', () => {
  const format: RecordFormat = {
    table: 'ORDLIB/ORDHDR',
    columns: [
      column('ORDNO', 'DECIMAL', 7),
      column('C', 'CHAR', 5),
      column('D', 'DECIMAL', 5),
      column('M', 'DECIMAL', 5),
    ],
  };
  const yaml = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { C: { number: true }, D: { number: true, onError: raw }, M: { number: true } }
    mask: { M: { last: 2 } }
    group: { g: { array: [C, D, M], skipEmpty: false } }
    include: "*"
`;
  const mapper = mapperFor(yaml, { formats: [format] });
  const row = { ORDNO: '1', C: '007', D: '42', M: '12345' };
  const told = (blank: string[]) =>
    eventsOf(mapper, change({ ...READ, after: image(format, row, blank) }))[0]!.body.toString('utf8');
  expect(told([])).toContain('"g":["007",42,');
  expect(told(['D'])).toContain('"g":["007","404040",');
  expect(bodyOf(eventsOf(mapper, change({ ...READ, after: image(format, row) }))[0]!).data.after.g[2]).toMatch(/45$/);
});

describe('a CCSID that is stated', () => {
  const format: RecordFormat = {
    table: 'ORDLIB/ORDHDR',
    columns: [
      column('ORDNO', 'DECIMAL', 7),
      column('N', 'CHAR', 3, { ccsid: 37 }),
      column('B', 'CHAR', 3, { ccsid: 65535 }),
      column('U', 'VARCHAR', 6, { ccsid: 1208 }),
    ],
  };
  const bytes = { ...format, columns: format.columns.map((c) => (c.name === 'B' ? { ...c, ccsid: 37 } : c)) };
  // ¢!$ of page 37 is ÄÜ$ of page 1141
  const row = { ORDNO: '1', N: '¢!$', B: '¢!$', U: 'ä' };

  function told(ofTable: string, partition: number | null = null) {
    const mapper = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0, ccsid: partition });
    const yaml = `
  ORDLIB/ORDHDR:
    key: [ORDNO]
${ofTable}
    rules:
      - { name: plain, event: a, include: "*" }
      - { name: stated, event: b, include: "*", columns: { N: { ccsid: 1141 }, B: { ccsid: 1141 } } }
`;
    mapper.setTable(tables(yaml)[0]!, format, []);
    return [image(bytes, row), { is: 'image', image: { ...rowImage(bytes, row), format } } as const].map((source) => {
      mapper.beginUnit();
      const [a, b] = eventsOf(mapper, change({ ...READ, after: source })).map((e) => bodyOf(e).data.after);
      return [a.N, a.B, a.U, b.N, b.B, b.U];
    });
  }

  test.each<[string, string, number | null, string[]]>([
    ['of a column counts in its rule alone', '', null, ['¢!$', 'Slpb', 'ä', 'ÄÜ$', 'ÄÜ$', 'ä']],
    ['of the table counts for all but Unicode', '    ccsid: 1141', null, ['ÄÜ$', 'ÄÜ$', 'ä', 'ÄÜ$', 'ÄÜ$', 'ä']],
    ['of the partition counts for what is untagged', '', 1141, ['¢!$', 'ÄÜ$', 'ä', 'ÄÜ$', 'ÄÜ$', 'ä']],
    ['of the table wins over that of the partition', '    ccsid: 37', 1208, ['¢!$', '¢!$', 'ä', 'ÄÜ$', 'ÄÜ$', 'ä']],
  ])('%s, whichever way the row came', (_, ofTable, partition, expected) => {
    expect(told(ofTable, partition)).toEqual([expected, expected]);
  });
});
