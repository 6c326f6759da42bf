/** Rows read by SQL give the very events their record images give. */
import { bodyOf, change, eventsOf, image, mapperFor, ORDER, ORDHDR, type Row } from './support';

const YAML = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
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

test.each<[string, Row]>([
  ['an order', ORDER],
  ['with a remark and a delivery', { ...ORDER, REMARK: 'Über "x"', DLVDAT: '1261201' }],
  ['of the last century', { ...ORDER, ORDDAT: '991231' }],
  ['with an impossible date', { ...ORDER, ORDDAT: '1261332' }],
  ['at midnight', { ...ORDER, CHGTIM: '240000' }],
])('%s', (_, row) => {
  const asRead: Record<string, string | null> = {};
  for (const c of ORDHDR.columns) {
    const value = row[c.name] ?? null;
    asRead[c.name] = value === null ? null : c.type === 'CHAR' ? String(value).padEnd(c.length) : String(value);
  }
  const bySql = eventsOf(mapperFor(YAML), change({ ...READ, after: { is: 'row', row: asRead } }))[0]!;
  const byImage = eventsOf(mapperFor(YAML), change({ ...READ, after: image(ORDHDR, row) }))[0]!;
  const strip = (draft: typeof bySql) => {
    const body = bodyOf(draft);
    for (const e of body.data.meta.decodeErrors) e.raw = '';
    return { ...body, id: '' };
  };
  expect(strip(bySql)).toEqual(strip(byImage));
});

test('an update seen as two rows says what changed', () => {
  const row = { ...ORDER, REMARK: null } as Record<string, string | null>;
  const c = change({
    ...READ,
    op: 'update',
    mode: 'reconcile',
    before: { is: 'row', row },
    after: { is: 'row', row: { ...row, STS: '20' } },
  });
  expect(bodyOf(eventsOf(mapperFor(YAML), c)[0]!).data.changed).toEqual(['STS']);
});

test('a statement that forgot a column is a bug, not a null', () => {
  expect(() => mapperFor(YAML).map(change({ ...READ, after: { is: 'row', row: { ORDNO: '1' } } }))).toThrow(
    'without its column',
  );
});
