/**
 * Events written straight from blocks are byte for byte those of the ordinary way, whatever the image and the entry hold.
 * A transition that never happens makes a rule take the ordinary way without changing what it says.
 */
import fc from 'fast-check';
import { fixedClock, zoneClock } from '../../src/map/event/clock';
import { DirectDraft } from '../../src/map/event/direct-draft';
import type { Mapper } from '../../src/map/mapper';
import type { Change, ChangeOp, RowSource } from '../../src/model/change';
import type { EventDraft } from '../../src/model/event';
import type { RecordFormat } from '../../src/model/record-format';
import { computeLayout } from '../../src/record/layout/layout';
import {
  bodyOf,
  change,
  column,
  eventsOf,
  image,
  inserted,
  mapperFor,
  ORDER,
  ORDHDR,
  plainDraft,
  type Row,
  updated,
} from './support';

/** The same rule twice: as it is, and kept on the ordinary way. */
function pairOf(format: RecordFormat, key: string, rule: string, clock = fixedClock(0)): readonly [Mapper, Mapper] {
  const yaml = (more: string): string =>
    `\n  ${format.table}: { key: [${key}], rules: [{ name: order, ${rule}${more} }] }`;
  const setup = { formats: [format], clock, payloadLimit: '900B' };
  return [
    mapperFor(yaml(''), setup),
    mapperFor(
      yaml(`, transitions: [{ event: never.seen, column: ${key.split(',')[0]}, to: ["no such value"] }]`),
      setup,
    ),
  ];
}

/** Everything an event says. */
function told(mapper: Mapper, c: Change): unknown {
  const outcome = mapper.map(c);
  const errors = mapper.takeFieldErrors();
  if (outcome.is !== 'mapped') return { outcome, errors };
  return {
    errors: [...errors].sort((a, b) => (a.column < b.column ? -1 : 1)),
    events: outcome.events.map((e) => ({
      ...plainDraft(e),
      body: sorted(e.body.toString('utf8')),
      attempt: e.body[e.attemptOffset],
      holds: heldBy(e),
    })),
  };
}

/** What a receiver holds of the row, as it will be remembered. */
function heldBy({ holds }: EventDraft): unknown {
  if (!holds) return null;
  const { of: rule, gone, hashA, hashB, bytes, keyFrom, keyTo } = holds;
  return { rule, gone, hashA, hashB, key: Buffer.from(bytes.subarray(keyFrom, keyTo)).toString('utf8') };
}

/** The transition makes the before image be read earlier: errors are the same in another order. */
function sorted(body: string): string {
  return body.replace(/"decodeErrors":(\[.+?\])\}/, (_, list: string) => {
    const errors = (JSON.parse(list) as unknown[]).map((e) => JSON.stringify(e));
    return `"decodeErrors":[${errors.sort().join()}]}`;
  });
}

const u64 = fc.oneof(
  fc.constantFrom(0n, 1n, 9n, 10n, 2147483647n, 2147483648n, 9999999999n, 9007199254740992n, 18446744073709551600n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const doer = fc.oneof(
  fc.constantFrom('', 'ANNA', '123456/ANNA/ORDENTRY', 'ÄÖ§$#@', 'A"\\\u0001', '\u007f\u{1f600}'),
  fc.string({ unit: 'binary' }),
);
const name = fc
  .constantFrom('ORDLIB', 'A', 'LIB$#@§', 'ORDRCV0001')
  .map((library) => ({ library, name: 'ORDRCV0002' }));
const time = fc
  .tuple(
    fc.constantFrom('2026-11-21T20:44', '2026-10-25T02:30', '1999-12-31T23:59'),
    fc.constantFrom(':00.123456', ':59.000000', ':01', ''),
  )
  .map((t) => t.join(''));
const header = fc.record({
  position: fc.record({ receiver: name, sequence: u64 }),
  journal: name,
  timestamp: time,
  commitCycle: u64,
  rrn: u64,
  user: doer,
  job: doer,
  program: doer,
  remoteAddress: fc.constantFrom('', '10.1.1.7', '2001:db8::1'),
  mode: fc.constantFrom('stream' as const, 'replay' as const),
});
const op = fc.constantFrom<ChangeOp>('insert', 'update', 'delete', 'read');

function of(op: ChangeOp, before: RowSource, after: RowSource, more: Partial<Change>): Change {
  return change({
    ...more,
    op,
    before: op === 'insert' || op === 'read' ? null : before,
    after: op === 'delete' ? null : after,
  });
}

const text = (max: number): fc.Arbitrary<string> =>
  fc
    .oneof(fc.constantFrom('', 'a/b%c', '"\\', 'é§'), fc.stringMatching(/^[ -~]*$/))
    .map((t) => t.slice(0, max).replaceAll(/[^ -~é§]/g, ''));
const row: fc.Arbitrary<Row> = fc
  .record({
    ORDNO: fc.integer({ min: -9999999, max: 9999999 }).map(String),
    STS: fc.constantFrom('10', '20', '/', ''),
    ORDDAT: fc.constantFrom('0', '1261121', '9999999'),
    TOTAMT: fc.constantFrom('0.00', '-1.50', '1234.50'),
    CUSREF: text(20),
    REMARK: fc.option(text(80), { nil: null }),
  })
  .map((r) => ({ ...ORDER, ...r }));

describe.each([
  [
    'renamed and redated',
    'ORDNO',
    'event: o, include: "*", columns: { ORDDAT: { as: d, date: cyymmdd }, TOTAMT: { as: t, number: true } }',
  ],
  ['plain envelope', 'ORDNO', 'event: o, envelope: plain'],
  ['payload changed', 'ORDNO', 'event: o, payload: changed'],
  ['payload thin', 'ORDNO', 'event: o, payload: { thin: [STS] }'],
  ['two key columns', 'ORDNO, CUSREF', 'event: o'],
  ['a key that can be null', 'REMARK', 'event: o'],
  [
    'a key made of two fields',
    'ORDDAT, TOTAMT',
    'event: o, include: "*", columns: { ORDDAT: { as: "datumé", date: cyymmdd, withTime: CHGTIM }, TOTAMT: { as: t, number: true } }',
  ],
  ['filter', 'ORDNO', 'event: o, when: "TOTAMT > 0 or changed(STS)"'],
  ['filter by column', 'ORDNO', 'event: o, whenChanged: [STS, REMARK]'],
  ['discriminator', 'ORDNO', 'event: { by: STS, types: { "10": open, "20": closed }, otherwise: other }'],
  [
    'mask, group, expression, constant',
    'ORDNO',
    'event: o, mask: { CUSREF: redact, CURR: drop }, group: { g: [STS, REMARK] }, expressions: { e: "TOTAMT * 2" }, constants: { c: "é" }',
  ],
  [
    'policies',
    'ORDNO',
    'event: o, include: "*", columns: { ORDDAT: { date: cyymmdd, onError: quarantine-row }, TOTAMT: { as: t, onError: raw } }',
  ],
  ['too large for one destination', 'ORDNO', 'event: o, to: [tiny]'],
])('%s', (_, key, rule) => {
  const [direct, ordinary] = pairOf(ORDHDR, key, `${rule}, onDelete: delete`, zoneClock('Europe/Berlin'));
  const step = fc.tuple(op, row, row, header, fc.subarray(['ORDNO', 'ORDDAT', 'TOTAMT'], { maxLength: 1 }));

  test('rows', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        for (const [o, before, after, more, blank] of steps) {
          const c = of(o, image(ORDHDR, before), image(ORDHDR, after, blank), more);
          expect(told(direct, c)).toEqual(told(ordinary, c));
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('the ways differ', () => {
  const [direct, ordinary] = pairOf(ORDHDR, 'ORDNO', 'event: o');
  expect(eventsOf(direct, inserted())[0]).toBeInstanceOf(DirectDraft);
  expect(eventsOf(ordinary, inserted())[0]).not.toBeInstanceOf(DirectDraft);
});

const TYPES: RecordFormat = {
  table: 'ORDLIB/ORDHDR',
  columns: [
    column('ORDNO', 'DECIMAL', 7),
    column('C37', 'CHAR', 4),
    column('CBIN', 'CHAR', 4, { ccsid: 65535 }),
    column('CUTF', 'CHAR', 6, { ccsid: 1208 }),
    column('CJP', 'CHAR', 8, { ccsid: 930 }),
    column('V37', 'VARCHAR', 4, { nullable: true }),
    column('G', 'GRAPHIC', 3, { ccsid: 13488 }),
    column('BIN', 'BINARY', 4),
    column('DEC2', 'DECIMAL', 9, { scale: 2 }),
    column('ZON', 'NUMERIC', 5),
    column('SMALL', 'SMALLINT', 2),
    column('INT', 'INTEGER', 4),
    column('INT2', 'INTEGER', 4, { scale: 2 }),
    column('BIG', 'BIGINT', 8),
    column('REAL4', 'REAL', 4),
    column('DBL', 'DOUBLE', 8),
    column('DFP', 'DECFLOAT', 8),
    column('BOOL', 'BOOLEAN', 1),
    column('DAT', 'DATE', 10, { dateFormat: 'ISO' }),
    column('TS', 'TIMESTAMP', 26, { scale: 6 }),
  ],
};
const LENGTH = computeLayout(TYPES).length;
const digits = fc.constantFrom(0xf0, 0xf1, 0xf9, 0x40, 0xc1, 0x61, 0x6c, 0x00, 0x01, 0x0f, 0x1c, 0x31, 0x85);
const bytes = fc.oneof(
  fc.uint8Array({ minLength: LENGTH, maxLength: LENGTH }),
  fc.array(digits, { minLength: LENGTH, maxLength: LENGTH }).map((a) => Uint8Array.from(a)),
  digits.map((b) => new Uint8Array(LENGTH).fill(b)),
);

test.each(TYPES.columns.map((c) => c.name))('a key of any bytes: %s', (name) => {
  const [direct, ordinary] = pairOf(TYPES, name, `event: o, include: [${name}]`);
  fc.assert(
    fc.property(bytes, fc.constantFrom(0x30, 0x31, 0x39), (image, mark) => {
      const nulls = new Uint8Array(TYPES.columns.length).fill(0x30);
      nulls[5] = mark;
      const after: RowSource = { is: 'image', image: { bytes: image, offset: 0, length: LENGTH, nulls } };
      const c = change({ op: 'insert', after });
      expect(told(direct, c)).toEqual(told(ordinary, c));
    }),
    { numRuns: 60 },
  );
});

test('a body stays as it is while later events fill other chunks', () => {
  const [direct] = pairOf(ORDHDR, 'ORDNO', 'event: o');
  const drafts = Array.from({ length: 1000 }, (_, i) => {
    const c = updated(
      ORDER,
      { ...ORDER, STS: '20' },
      { rrn: BigInt(i + 1), timestamp: `2026-11-21T20:${10 + (i % 50)}:00.000001` },
    );
    return eventsOf(direct, c)[0]!;
  });
  for (const [i, draft] of drafts.entries()) {
    expect(bodyOf(draft).data.meta.rrn).toBe(String(i + 1));
    expect(draft).toMatchObject({ id: bodyOf(draft).id, key: '100245', time: bodyOf(draft).time });
  }
});

describe('field errors', () => {
  const YAML = `
  ORDLIB/ORDHDR:
    key: [ORDNO]
    rules:
      - { name: a, event: a }
      - { name: b, event: b, columns: { TOTAMT: true } }`;
  const bad = change({ op: 'insert', after: image(ORDHDR, ORDER, ['TOTAMT', 'ORDDAT']) });
  const count = (column: string, n: number) => ({ table: 'ORDLIB/ORDHDR', column, code: 'PACKED_SIGN', count: n });

  test('are counted by column, once a change', () => {
    const mapper = mapperFor(YAML);
    mapper.map(bad);
    mapper.map(inserted());
    mapper.map(bad);
    const expected = [count('TOTAMT', 2), count('ORDDAT', 2)];
    expect([...mapper.takeFieldErrors()].sort((a, b) => (a.column < b.column ? 1 : -1))).toEqual(
      expected.map((e) => ({ ...e, code: expect.any(String) })),
    );
    expect(mapper.takeFieldErrors()).toEqual([]);
  });

  test('of a unit that is mapped again count once', () => {
    const mapper = mapperFor(YAML);
    mapper.map(bad);
    mapper.beginUnit();
    mapper.map(bad);
    expect(mapper.takeFieldErrors().map((e) => [e.column, e.count])).toEqual([
      ['ORDDAT', 1],
      ['TOTAMT', 1],
    ]);
  });

  test('of a refused row are counted', () => {
    const mapper = mapperFor(YAML.replace('key:', 'onFieldError: quarantine-row\n    key:'));
    expect(mapper.map(bad).is).toBe('quarantined');
    expect(mapper.takeFieldErrors().map((e) => e.column)).toEqual(['ORDDAT', 'TOTAMT']);
  });

  test('none: the same empty list each time', () => {
    const mapper = mapperFor(YAML);
    mapper.map(inserted());
    expect(mapper.takeFieldErrors()).toBe(mapper.takeFieldErrors());
  });
});
