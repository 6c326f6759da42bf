/** Plans against row readers, null maps, policies, pairs and zones; and every truncation of every field. */
import fc from 'fast-check';
import { textCodec } from '../../src/bytes/ccsid/registry';
import { dateSpec, encodeDate, encodeTime, encodeTimestamp, timeSpec } from '../../src/bytes/date-time';
import { encodeDecfloat } from '../../src/bytes/decfloat';
import { encodePacked } from '../../src/bytes/packed';
import { encodeZoned } from '../../src/bytes/zoned';
import type { ColumnFormat, DateFormat, LegacyDate, RecordFormat, TimeFormat } from '../../src/model/record-format';
import { LEGACY_DATES } from '../../src/model/record-format';
import type { FieldPolicy } from '../../src/record/field-errors';
import { computeLayout } from '../../src/record/layout/layout';
import { isChronological, legacyValue } from '../../src/record/legacy/legacy-encode';
import { compileJsonPlan, type JsonPlan } from '../../src/record/plan/json-plan';
import { allColumns, type JsonOutput } from '../../src/record/plan/outputs';
import { compileRowReader } from '../../src/record/rows/row-reader';
import { JsonSink } from '../../src/record/write/json-sink';

const column = (name: string, type: ColumnFormat['type'], rest: Partial<ColumnFormat> = {}): ColumnFormat => ({
  name,
  type,
  length: 0,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...rest,
});
const format = (...columns: ColumnFormat[]): RecordFormat => ({ table: 'LIB/FILE', columns });
const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');

function written(plan: JsonPlan, image: Buffer, nulls: string | null = null): Record<string, unknown> {
  const sink = new JsonSink(16);
  plan.write(image, 0, nulls === null ? null : Buffer.from(nulls, 'latin1'), sink);
  return JSON.parse(sink.since(0).toString('utf8')) as Record<string, unknown>;
}

interface Sample {
  readonly column: ColumnFormat;
  readonly bytes: Buffer;
  readonly value: unknown;
}

/** A column of any type, its bytes by our encoders, and the value that must come back. */
function sample(): fc.Arbitrary<Sample> {
  const date = fc
    .date({ min: new Date('1940-01-01'), max: new Date('2039-12-31'), noInvalidDate: true })
    .map((d) => d.toISOString().slice(0, 10));
  const time = fc.integer({ min: 0, max: 86399 }).map((s) => new Date(s * 1000).toISOString().slice(11, 19));
  const plain = (c: Partial<ColumnFormat> & { type: ColumnFormat['type'] }, bytes: Buffer, value: unknown): Sample => ({
    column: column('X', c.type, c),
    bytes,
    value,
  });
  const decimal = fc.integer({ min: 1, max: 63 }).chain((digits) =>
    fc.record({
      digits: fc.constant(digits),
      scale: fc.integer({ min: 0, max: digits }),
      negative: fc.boolean(),
      number: fc.bigInt(0n, 10n ** BigInt(digits) - 1n),
    }),
  );
  const decimals = fc.tuple(decimal, fc.boolean()).map(([d, packed]) => {
    const all = d.number.toString().padStart(d.scale + 1, '0');
    const text = d.scale === 0 ? all : `${all.slice(0, -d.scale)}.${all.slice(-d.scale)}`;
    const value = d.negative && d.number !== 0n ? `-${text}` : text;
    return packed
      ? plain({ type: 'DECIMAL', length: d.digits, scale: d.scale }, encodePacked(value, d.digits, d.scale), value)
      : plain({ type: 'NUMERIC', length: d.digits, scale: d.scale }, encodeZoned(value, d.digits, d.scale), value);
  });
  const page = fc.constantFrom(37, 273, 500, 1140, 1025, 870, 939, 930, 933, 935, 937, 1388, 1399, 1208, 819, 943);
  const text = fc
    .tuple(
      page,
      fc.string({
        unit: fc.constantFrom('A', 'b', '7', ' ', '"', '\\', '\n', 'é', '€', 'Ж', 'ア', '中', '한'),
        maxLength: 12,
      }),
    )
    .map(([ccsid, wanted]) => {
      const codec = textCodec(ccsid);
      const kept = [...wanted].filter((c) => {
        codec.encode(c);
        return codec.lastReplacements === 0;
      });
      const value = kept.join('').trimEnd();
      const bytes = codec.encode(value);
      const length = bytes.length + 3;
      return { value, ccsid, length, bytes, blank: codec.encode(' ') };
    });
  const chars = text.map((t) =>
    plain(
      { type: 'CHAR', length: t.length, ccsid: t.ccsid },
      Buffer.concat([t.bytes, Buffer.alloc(3, t.blank)]),
      t.value,
    ),
  );
  const varchars = text.map((t) => {
    const slot = Buffer.alloc(2 + t.length, 0xa5);
    slot.writeUInt16BE(t.bytes.length);
    t.bytes.copy(slot, 2);
    return plain({ type: 'VARCHAR', length: t.length, ccsid: t.ccsid }, slot, t.value);
  });
  const dates = fc
    .tuple(
      date,
      fc.constantFrom<DateFormat>('ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL'),
      fc.constantFrom(null, ''),
    )
    .map(([iso, dateFormat, dateSeparator]) =>
      plain({ type: 'DATE', dateFormat, dateSeparator }, encodeDate(iso, dateSpec(dateFormat, dateSeparator)), iso),
    );
  const times = fc
    .tuple(time, fc.constantFrom<TimeFormat>('ISO', 'EUR', 'JIS', 'HMS'))
    .map(([iso, timeFormat]) => plain({ type: 'TIME', timeFormat }, encodeTime(iso, timeSpec(timeFormat, null)), iso));
  const timestamps = fc
    .tuple(date, time, fc.integer({ min: 0, max: 12 }), fc.bigInt(0n, 999999999999n))
    .map(([d, t, scale, f]) => {
      const value = `${d}T${t}${scale === 0 ? '' : `.${f.toString().padStart(12, '0').slice(0, scale)}`}`;
      return plain({ type: 'TIMESTAMP', scale }, encodeTimestamp(value, scale), value);
    });
  const integers = fc.tuple(fc.constantFrom(2, 4, 8), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map(([width, any]) => {
    const value = BigInt.asIntN(width * 8, any);
    const bytes = Buffer.from(
      BigInt.asUintN(width * 8, value)
        .toString(16)
        .padStart(width * 2, '0'),
      'hex',
    );
    const type = width === 2 ? 'SMALLINT' : width === 4 ? 'INTEGER' : 'BIGINT';
    return plain({ type }, bytes, width === 8 ? value.toString() : Number(value));
  });
  const legacy = fc
    .tuple(date, fc.constantFrom<LegacyDate>(...LEGACY_DATES), fc.constantFrom('packed', 'zoned', 'char', 'integer'))
    .map(([iso, form, kind]) => {
      const as = { date: form };
      const type = { packed: 'DECIMAL', zoned: 'NUMERIC', char: 'CHAR', integer: 'INTEGER' }[
        kind
      ] as ColumnFormat['type'];
      const c = column('X', type, { length: 9, ccsid: kind === 'char' ? 37 : null, as });
      const own = legacyValue(c, iso);
      if (kind === 'packed') return { column: c, bytes: encodePacked(own, 9, 0), value: iso };
      if (kind === 'zoned') return { column: c, bytes: encodeZoned(own, 9, 0), value: iso };
      if (kind === 'char')
        return { column: { ...c, length: own.length + 1 }, bytes: textCodec(37).encode(`${own} `), value: iso };
      const four = Buffer.alloc(4);
      four.writeInt32BE(Number(own));
      return { column: c, bytes: four, value: iso };
    });
  const decfloats = fc
    .tuple(fc.bigInt(0n, 10n ** 15n), fc.constantFrom<8 | 16>(8, 16))
    .map(([n, width]) => plain({ type: 'DECFLOAT', length: width }, encodeDecfloat(n.toString(), width), n.toString()));
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map((d) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(d);
    return plain({ type: 'DOUBLE' }, bytes, d === 0 ? 0 : d);
  });
  return fc.oneof(decimals, chars, varchars, dates, times, timestamps, integers, legacy, decfloats, doubles);
}

const row = fc
  .array(sample(), { minLength: 1, maxLength: 30 })
  .map((samples) => samples.map((s, i) => ({ ...s, column: { ...s.column, name: `C${i}` } })));

describe('a plan and a reader of any format', () => {
  test('give back what was encoded, and agree', () => {
    fc.assert(
      fc.property(row, fc.nat(40), (samples, lead) => {
        const f = format(...samples.map((s) => s.column));
        const image = Buffer.concat([Buffer.alloc(lead, 0xee), ...samples.map((s) => s.bytes)]);
        const plan = compileJsonPlan(f);
        const sink = new JsonSink(16);
        expect(plan.write(image, lead, null, sink)).toBe(0);
        const expected = Object.fromEntries(samples.map((s) => [s.column.name, s.value]));
        expect(JSON.parse(sink.since(0).toString('utf8'))).toEqual(expected);
        const reader = compileRowReader(
          f,
          f.columns.map((c) => ({ column: c.name })),
        );
        expect(reader.read(image, lead, null)).toEqual(samples.map((s) => s.value));
        expect(reader.errors.count).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('agree on any bytes: same values, same errors, and the row is never lost', () => {
    fc.assert(
      fc.property(row, fc.infiniteStream(fc.nat(255)), (samples, noise) => {
        const f = format(...samples.map((s) => s.column));
        const image = Buffer.concat(samples.map((s) => s.bytes));
        for (let i = 0; i < image.length; i++) if (noise.next().value % 5 === 0) image[i] = noise.next().value;
        const plan = compileJsonPlan(f);
        const object = written(plan, image);
        const reader = compileRowReader(
          f,
          f.columns.map((c) => ({ column: c.name })),
        );
        const values = reader.read(image, 0, null);
        expect(Object.values(object)).toEqual(values);
        expect(reader.errors.list(image)).toEqual(plan.errors.list(image));
        for (const error of plan.errors.list(image)) expect(object[error.column]).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('a null map of zeros changes nothing; a null is never decoded', () => {
    fc.assert(
      fc.property(row, fc.infiniteStream(fc.constantFrom('0', '0', '1', '9')), (samples, marks) => {
        const f = format(...samples.map((s) => s.column));
        const map = samples.map(() => marks.next().value).join('');
        const image = Buffer.concat(
          samples.map((s, i) => (map[i] === '0' ? s.bytes : Buffer.alloc(s.bytes.length, 0x40))),
        );
        const plan = compileJsonPlan(f);
        const expected = Object.fromEntries(
          samples.flatMap((s, i) => (map[i] === '9' ? [] : [[s.column.name, map[i] === '1' ? null : s.value]])),
        );
        expect(written(plan, image, map)).toEqual(expected);
        expect(plan.errors.count).toBe(0);
        expect(plan.notRecorded).toBe([...map].filter((m) => m === '9').length);
        expect(written(plan, Buffer.concat(samples.map((s) => s.bytes)), '0'.repeat(samples.length))).toEqual(
          Object.fromEntries(samples.map((s) => [s.column.name, s.value])),
        );
      }),
    );
  });

  test('every other length of the image is a layout error', () => {
    fc.assert(
      fc.property(fc.array(sample(), { minLength: 1, maxLength: 4 }), (samples) => {
        const f = format(...samples.map((s, i) => ({ ...s.column, name: `C${i}` })));
        const image = Buffer.concat(samples.map((s) => s.bytes));
        expect(computeLayout(f).length).toBe(image.length);
        const plan = compileJsonPlan(f);
        const sink = new JsonSink(16);
        for (let n = 0; n < image.length; n++)
          expect(() => plan.write(image.subarray(0, n), 0, null, sink)).toThrow(
            expect.objectContaining({ code: 'LAYOUT_IMAGE', family: 'decode' }),
          );
        expect(sink.at).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('rows follow each other in one sink, which grows', () => {
    const f = format(column('A', 'CHAR', { length: 3, ccsid: 37 }));
    const plan = compileJsonPlan(f);
    const sink = new JsonSink(1);
    for (let i = 0; i < 500; i++) plan.write(textCodec(37).encode('ABC'), 0, null, sink);
    expect(sink.since(0).toString()).toBe('{"A":"ABC"}'.repeat(500));
  });
});

describe('outputs', () => {
  const f = format(
    column('ORDNO', 'DECIMAL', { length: 7 }),
    column('NAME', 'CHAR', { length: 4, ccsid: 37 }),
    column('CHGDAT', 'DECIMAL', { length: 7 }),
    column('CHGTIM', 'DECIMAL', { length: 6 }),
    column('TS', 'TIMESTAMP', { scale: 0 }),
  );
  const image = hex('0100245F C1C24040 1240702F 0240000F F2F0F2F460F0F360F3F160F0F24BF3F04BF0F0');

  test('renamed, selected, repeated, as numbers, untrimmed', () => {
    const plan = compileJsonPlan(f, [
      { column: 'NAME', name: 'na"me', trim: false },
      { column: 'ORDNO', name: 'orderNumber' },
      { column: 'ORDNO', name: 'n', decimal: 'number' },
    ]);
    expect(written(plan, image)).toEqual({ 'na"me': 'AB  ', orderNumber: '100245', n: 100245 });
  });

  test('a date and a time become one timestamp in the stated zone', () => {
    const pair: JsonOutput = {
      column: 'CHGDAT',
      name: 'at',
      as: { date: 'cyymmdd', sentinels: [0] },
      time: { column: 'CHGTIM', as: { time: 'hhmmss' } },
    };
    const value = (output: JsonOutput, i = image): unknown => written(compileJsonPlan(f, [output]), i)['at'];
    expect(value(pair)).toBe('2024-07-03T00:00:00');
    expect(value({ ...pair, zone: 'UTC' })).toBe('2024-07-03T00:00:00Z');
    expect(value({ ...pair, zone: 'Europe/Berlin' })).toBe('2024-07-03T00:00:00+02:00');
    expect(value({ ...pair, zone: '-05:30' })).toBe('2024-07-03T00:00:00-05:30');
    const none = Buffer.from(image);
    none.fill(0, 8, 11);
    none[11] = 0x0f;
    expect(value(pair, none)).toBeNull();
    const plan = compileJsonPlan(f, [pair]);
    none.set(hex('1240702F'), 8);
    none.fill(0x40, 12, 16);
    expect(written(plan, none)).toEqual({ at: null });
    expect(plan.errors.list(none)).toEqual([{ column: 'CHGTIM', code: 'PACKED_SIGN', raw: '40404040' }]);
    expect(written(plan, none, '00010')).toEqual({ at: null });
    expect(plan.errors.count).toBe(0);
  });

  test('a timestamp in a zone: the repeated hour takes its first reading, the missing one the offset before it', () => {
    const zoned = (text: string): unknown => {
      const c = column('TS', 'TIMESTAMP', { scale: 0 });
      return written(
        compileJsonPlan(format(c), [{ column: 'TS', name: 'TS', zone: 'Europe/Berlin' }]),
        encodeTimestamp(text, 0),
      )['TS'];
    };
    expect(zoned('2024-03-31T01:59:59')).toBe('2024-03-31T01:59:59+01:00');
    expect(zoned('2024-03-31T02:30:00')).toBe('2024-03-31T02:30:00+01:00');
    expect(zoned('2024-03-31T03:00:00')).toBe('2024-03-31T03:00:00+02:00');
    expect(zoned('2024-10-27T02:30:00')).toBe('2024-10-27T02:30:00+02:00');
    expect(zoned('2024-10-27T03:00:00')).toBe('2024-10-27T03:00:00+01:00');
    expect(zoned('2024-12-31T24:00:00')).toBe('2025-01-01T00:00:00+01:00');
  });

  test('asking for what a column cannot be is refused when the plan is compiled', () => {
    const code = (outputs: JsonOutput[]): string => {
      try {
        compileJsonPlan(f, outputs);
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'none';
    };
    expect(code([{ column: 'NOPE', name: 'x' }])).toBe('FORMAT_NO_COLUMN');
    expect(code([{ column: 'TS', name: 'x', as: { date: 'cyymmdd' } }])).toBe('FORMAT_MEANING');
    expect(code([{ column: 'CHGDAT', name: 'x', time: { column: 'CHGTIM' } }])).toBe('FORMAT_MEANING');
    expect(code([{ column: 'TS', name: 'x', zone: 'Nowhere/Land' }])).toBe('ZONE_UNKNOWN');
  });
});

describe('policies', () => {
  const f = format(
    column('A', 'DECIMAL', { length: 5, scale: 2 }),
    column('T', 'CHAR', { length: 3, ccsid: 836 }),
    column('V', 'VARCHAR', { length: 3, ccsid: 836 }),
  );
  const image = hex('404040 C157C2 0002C157AA');
  test.each<[FieldPolicy, object, string]>([
    ['null', { A: null, T: null, V: null }, 'emit'],
    ['raw', { A: '404040', T: 'c157c2', V: '0002c157' }, 'emit'],
    ['zero-if-blank', { A: '0.00', T: null, V: null }, 'emit'],
    ['replace', { A: null, T: 'A\ufffdB', V: 'A\ufffd' }, 'emit'],
    ['quarantine-row', { A: null, T: null, V: null }, 'quarantine'],
    ['stop', { A: null, T: null, V: null }, 'stop'],
  ])('%s', (onError, expected, disposition) => {
    const plan = compileJsonPlan(f, allColumns(f.columns, { onError }));
    expect(written(plan, image)).toEqual(expected);
    expect(plan.errors.disposition).toBe(disposition);
    const errors = plan.errors.list(image);
    expect(errors).toEqual([
      { column: 'A', code: 'PACKED_SIGN', raw: '404040' },
      { column: 'T', code: 'TEXT_UNDEFINED', raw: 'c157c2' },
      { column: 'V', code: 'TEXT_UNDEFINED', raw: '0002c157' },
    ]);
    const reader = compileRowReader(
      f,
      f.columns.map((c) => ({ column: c.name, onError })),
    );
    expect(reader.read(image, 0, null)).toEqual(Object.values(expected));
    expect(reader.errors.list(image)).toEqual(errors);
    expect(written(plan, hex('12345F C140C2 0000AAAAAA'))).toEqual({ A: '123.45', T: 'A B', V: '' });
    expect(plan.errors.disposition).toBe('emit');
  });
});

describe('legacy values for predicates', () => {
  const packed = (date: LegacyDate, pivot?: number): ColumnFormat =>
    column('A', 'DECIMAL', { length: 9, as: { date, ...(pivot === undefined ? {} : { pivot }) } });
  test('numbers lose leading zeros, characters keep them', () => {
    expect(legacyValue(packed('cyymmdd'), '1999-03-05')).toBe('990305');
    expect(legacyValue(packed('mmddyy'), '2024-03-05')).toBe('30524');
    expect(legacyValue(column('A', 'CHAR', { length: 7, ccsid: 37, as: { date: 'cyymmdd' } }), '1999-03-05')).toBe(
      '0990305',
    );
    expect(legacyValue(column('A', 'DECIMAL', { length: 6, as: { time: 'hhmmss' } }), '09:30:15')).toBe('93015');
    expect(
      legacyValue(column('A', 'DECIMAL', { length: 13, as: { timestamp: 'cyymmddhhmmss' } }), '2018-02-20T08:38:47'),
    ).toBe('1180220083847');
    expect(legacyValue(column('A', 'DATE'), '2024-03-05')).toBe('2024-03-05');
  });

  test('a year the form does not have is refused', () => {
    expect(() => legacyValue(packed('yymmdd'), '2040-01-01')).toThrow(
      expect.objectContaining({ code: 'LEGACY_RANGE' }),
    );
    expect(legacyValue(packed('yymmdd', 70), '2040-01-01')).toBe('400101');
    expect(() => legacyValue(packed('cyymmdd'), '1899-12-31')).toThrow(
      expect.objectContaining({ code: 'LEGACY_RANGE' }),
    );
    expect(() => legacyValue(packed('cyymmdd'), '2023-02-29')).toThrow(
      expect.objectContaining({ code: 'DATE_IMPOSSIBLE' }),
    );
  });

  test('which forms order like their dates', () => {
    expect(LEGACY_DATES.filter((date) => isChronological({ date }))).toEqual([
      'cyymmdd',
      'ccyymmdd',
      'cyyddd',
      'ccyyddd',
    ]);
  });
});
