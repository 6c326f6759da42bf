/** Rows of the recorded replies against what JTOpen printed for them, and every type both ways. */
import fc from 'fast-check';
import { CodedError } from '../../src/errors/coded-error';
import { dbReply } from '../../src/hostserver/messages/database/db-reply';
import { changeDescriptor } from '../../src/hostserver/messages/database/descriptor';
import { execute } from '../../src/hostserver/messages/database/execute';
import { has, ORS } from '../../src/hostserver/ors';
import { expandFrame, isReplyCompressed } from '../../src/hostserver/rle';
import { sqlColumnOf, wireFieldOf } from '../../src/hostserver/rows/columns';
import { isoDate, isoTime, jobDate, jobTime } from '../../src/hostserver/rows/date-text';
import { rowDecoder } from '../../src/hostserver/rows/decode';
import { type EncodableValue, rowEncoder } from '../../src/hostserver/rows/encode';
import { ISO_TEXT, rowLayout, type TextOptions, type WireField } from '../../src/hostserver/rows/layout';
import { LobLocator, type WireValue } from '../../src/hostserver/rows/value-readers';
import type { DateFormat, SqlTypeName, TimeFormat } from '../../src/model/record-format';
import { loadTrace } from './support/traces';

function rowsOf(file: string): WireValue[][] {
  const rows: WireValue[][] = [];
  let layout: ReturnType<typeof rowLayout> | null = null;
  for (const frame of loadTrace(file).frames) {
    if (frame.from !== 'server' || frame.service !== 'database' || frame.bytes.readUInt16BE(18) !== 0x2800) continue;
    const reply = dbReply.decode(isReplyCompressed(frame.bytes) ? expandFrame(frame.bytes) : frame.bytes);
    const { dataFormat, resultData } = reply.parameters;
    if (dataFormat) layout = rowLayout(dataFormat.fields);
    if (!resultData || !layout) continue;
    rows.push(...rowDecoder(layout).decode(resultData, has(reply.template.ors, ORS.variableFieldsCompressed)));
  }
  return rows;
}

/** The way the recording Java program printed a value; locators were printed with their content. */
function printed(value: WireValue, index: number): string {
  if (value === null) return 'NULL';
  if (value instanceof LobLocator) return 'LOCATOR';
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('hex')}(${value.length})`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' && (index === 8 || index === 9)) return javaDouble(value);
  return String(value)
    .replace(/^(\d{4}-\d\d-\d\d)T/, '$1 ')
    .replace(/^(\d\d):(\d\d):(\d\d)$/, '$1.$2.$3');
}

function javaDouble(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Math.abs(value) >= 1e7) return value.toExponential().replace('e+', 'E');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

test.each(['05', '06', '07', '08', '09', '19', '20', '21'])('trace %s: our values are what JTOpen printed', (file) => {
  const expected = loadTrace(file)
    .facts.filter((fact) => fact.startsWith('client printed: ROW ') || fact.startsWith('client printed: ROW |'))
    .map((fact) => fact.replace('client printed: ROW ', '').split(' | '));
  const rows = rowsOf(file);
  const announced = loadTrace(file)
    .facts.map((fact) => /rows=(\d+)/.exec(fact))
    .filter((m) => m !== null);
  expect(rows).toHaveLength(announced.reduce((sum, m) => sum + Number(m[1]), 0));
  expect(rows.length).toBeGreaterThanOrEqual(expected.length);
  expected.forEach((cells, r) => {
    cells.slice(0, rows[r]!.length).forEach((cell, c) => {
      const ours = printed(rows[r]![c]!, c);
      if (ours !== 'LOCATOR')
        expect({ r, c, cell: ours.trimEnd() }).toEqual({ r, c, cell: cell.replace(/ ?\|$/, '').trimEnd() });
    });
  });
});

test('trace 10: the parameter row JTOpen sent, decoded and encoded again', () => {
  const frames = loadTrace('10').frames.filter((f) => f.from === 'client' && f.service === 'database');
  const format = changeDescriptor.decode(frames.find((f) => f.bytes.readUInt16BE(18) === 0x1e00)!.bytes).parameters
    .format!;
  const data = execute.decode(frames.find((f) => f.bytes.readUInt16BE(18) === 0x1805)!.bytes).parameters.parameterData!;
  const layout = rowLayout(format.fields);
  const [row] = rowDecoder(layout).decode(data, false);
  expect(row).toEqual([
    42,
    'char      ',
    'Zeichen ä€',
    '-123.45',
    '12.500',
    '1152921504606846976',
    '2026-11-21',
    '12:34:56',
    '2026-11-21T12:34:56.789012',
    Buffer.from([1, 2, 3]),
  ]);
  const again = rowEncoder(layout).encode([row as EncodableValue[]]);
  // Behind the 13 bytes of the VARCHAR JTOpen leaves remnants of an earlier frame.
  const clean = Buffer.from(data.data);
  clean.fill(0, 20 + 4 + 10 + 2 + 13, 20 + 4 + 10 + 22);
  expect(again.data.toString('hex')).toBe(clean.toString('hex'));
});

interface Column {
  readonly type: SqlTypeName;
  readonly length: number;
  readonly scale?: number;
  readonly ccsid?: number | null;
}
const text = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'ABCxyz019 äöüß.-/'), maxLength: max });
const wide = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'AZ09äß€中文日本'), maxLength: max });
const decimalOf = (digits: number, scale: number): fc.Arbitrary<string> =>
  fc.bigInt(-(10n ** BigInt(digits)) + 1n, 10n ** BigInt(digits) - 1n).map((n) => {
    const d = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
    return `${n < 0n ? '-' : ''}${scale > 0 ? `${d.slice(0, -scale)}.${d.slice(-scale)}` : d}`;
  });
const isoDates = fc
  .date({ min: new Date('1940-01-01'), max: new Date('2039-12-31'), noInvalidDate: true })
  .map((d) => d.toISOString().slice(0, 10));
const isoTimes = fc.nat(86399).map((s) => new Date(s * 1000).toISOString().slice(11, 19));
const blob = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: max }).map((b) => Buffer.from(b));

const types: readonly [Column, fc.Arbitrary<WireValue>][] = [
  [{ type: 'CHAR', length: 20, ccsid: 37 }, text(20).map((t) => t.padEnd(20))],
  [{ type: 'CHAR', length: 8, ccsid: 65535 }, fc.uint8Array({ minLength: 8, maxLength: 8 }).map((b) => Buffer.from(b))],
  [{ type: 'VARCHAR', length: 30, ccsid: 273 }, text(30)],
  [{ type: 'VARCHAR', length: 60, ccsid: 1208 }, wide(15)],
  [{ type: 'GRAPHIC', length: 12, ccsid: 1200 }, wide(12).map((t) => t.padEnd(12))],
  [{ type: 'VARGRAPHIC', length: 12, ccsid: 13488 }, wide(12)],
  [{ type: 'DECIMAL', length: 63, scale: 30 }, decimalOf(63, 30)],
  [{ type: 'DECIMAL', length: 7, scale: 0 }, decimalOf(7, 0)],
  [{ type: 'NUMERIC', length: 31, scale: 2 }, decimalOf(31, 2)],
  [{ type: 'SMALLINT', length: 2 }, fc.integer({ min: -0x8000, max: 0x7fff })],
  [{ type: 'INTEGER', length: 4 }, fc.integer()],
  [{ type: 'BIGINT', length: 8 }, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String)],
  [{ type: 'REAL', length: 4 }, fc.float({ noNaN: true })],
  [{ type: 'DOUBLE', length: 8 }, fc.double({ noNaN: true })],
  [{ type: 'DECFLOAT', length: 8 }, decimalOf(16, 3)],
  [{ type: 'DECFLOAT', length: 16 }, decimalOf(34, 4)],
  [{ type: 'DATE', length: 10 }, isoDates],
  [{ type: 'TIME', length: 8 }, isoTimes],
  [
    { type: 'TIMESTAMP', length: 26, scale: 6 },
    fc.tuple(isoDates, isoTimes, fc.nat(999999)).map(([d, t, f]) => `${d}T${t}.${String(f).padStart(6, '0')}`),
  ],
  [{ type: 'TIMESTAMP', length: 19, scale: 0 }, fc.tuple(isoDates, isoTimes).map(([d, t]) => `${d}T${t}`)],
  [
    { type: 'TIMESTAMP', length: 32, scale: 12 },
    fc.tuple(isoDates, isoTimes).map(([d, t]) => `${d}T${t}.000000000001`),
  ],
  [{ type: 'BOOLEAN', length: 1 }, fc.boolean()],
  [{ type: 'ROWID', length: 40 }, blob(40)],
  [{ type: 'BINARY', length: 4 }, fc.uint8Array({ minLength: 4, maxLength: 4 }).map((b) => Buffer.from(b))],
  [{ type: 'VARBINARY', length: 16 }, blob(16)],
  [{ type: 'BLOB', length: 200 }, blob(200)],
  [{ type: 'CLOB', length: 200, ccsid: 1208 }, wide(50)],
  [{ type: 'DBCLOB', length: 50, ccsid: 1200 }, wide(50)],
];

const fields: WireField[] = types.map(([c]) =>
  wireFieldOf({ scale: 0, ccsid: null, nullable: true, ...c }, { text: ISO_TEXT, lobThreshold: 1024 }),
);

test('every type: what is encoded is decoded, null or not', () => {
  const layout = rowLayout(fields);
  const row = fc.tuple(...types.map(([, values]) => fc.option(values)));
  fc.assert(
    fc.property(fc.array(row, { minLength: 0, maxLength: 4 }), (rows) => {
      const data = rowEncoder(layout).encode(rows as EncodableValue[][]);
      const back = rowDecoder(layout).decode(data, false);
      expect(back).toEqual(
        rows.map((r) =>
          r.map((v, c) =>
            typeof v === 'string' && types[c]![0].length === 7 ? plain(v) : plainDecimal(v, types[c]![0]),
          ),
        ),
      );
    }),
    { numRuns: 150 },
  );
});

/** -0 and -0.00 do not exist on the wire. */
function plain(value: string): string {
  return /^-0*(\.0*)?$/.test(value) ? value.slice(1) : value;
}
function plainDecimal(value: unknown, column: Column): unknown {
  if (typeof value !== 'string' || !['DECIMAL', 'NUMERIC', 'BIGINT', 'DECFLOAT'].includes(column.type)) return value;
  return plain(value);
}

test('a column goes to a wire field and back', () => {
  const layout = rowLayout(fields);
  layout.fields.forEach((field, i) => {
    const [column] = types[i]!;
    const back = sqlColumnOf(field, fields[i]!.ccsid);
    expect({ type: back.type, length: back.length, scale: back.scale }).toEqual({
      type: column.type,
      length: column.length,
      scale: column.scale ?? 0,
    });
  });
});

test.each<[DateFormat, string]>([
  ['ISO', '2024-02-29'],
  ['JIS', '2024-02-29'],
  ['USA', '02/29/2024'],
  ['EUR', '29.02.2024'],
  ['MDY', '02/29/24'],
  ['DMY', '29/02/24'],
  ['YMD', '24/02/29'],
  ['JUL', '24/060'],
])('date format %s', (format, job) => {
  expect(jobDate('2024-02-29', format)).toBe(job);
  expect(isoDate(job, format)).toBe('2024-02-29');
  expect(isoDate(jobDate('1999-12-31', format), format)).toBe('1999-12-31');
});

test.each<[TimeFormat, string, string]>([
  ['ISO', '23.59.58', '23:59:58'],
  ['EUR', '23.59.58', '23:59:58'],
  ['JIS', '23:59:58', '23:59:58'],
  ['HMS', '23:59:58', '23:59:58'],
  ['USA', '11:59 PM', '23:59:00'],
  ['USA', '12:05 AM', '00:05:00'],
])('time format %s', (format, job, iso) => {
  expect(jobTime(iso, format)).toBe(job);
  expect(isoTime(job, format)).toBe(iso);
});

test('a job that writes dates its own way is understood', () => {
  const options: TextOptions = { jobCcsid: 273, dateFormat: 'DMY', timeFormat: 'USA' };
  const layout = rowLayout(
    [
      wireFieldOf(
        { type: 'DATE', length: 0, scale: 0, ccsid: null, nullable: false },
        { text: options, lobThreshold: 0 },
      ),
      wireFieldOf(
        { type: 'TIME', length: 0, scale: 0, ccsid: null, nullable: false },
        { text: options, lobThreshold: 0 },
      ),
    ],
    options,
  );
  const data = rowEncoder(layout).encode([['2026-11-21', '17:05:00']]);
  expect(data.rowSize).toBe(16);
  expect(rowDecoder(layout).decode(data, false)).toEqual([['2026-11-21', '17:05:00']]);
});

test.each<[string, Column, EncodableValue]>([
  ['text longer than its column', { type: 'VARCHAR', length: 3, ccsid: 37 }, 'ABCD'],
  ['a decimal with too many digits', { type: 'DECIMAL', length: 5, scale: 2 }, '1234.56'],
  ['a decimal that would be rounded', { type: 'NUMERIC', length: 5, scale: 2 }, '1.234'],
  ['a SMALLINT out of range', { type: 'SMALLINT', length: 2 }, 40000],
  ['a BIGINT out of range', { type: 'BIGINT', length: 8 }, '9223372036854775808'],
  ['text for bytes', { type: 'BINARY', length: 4 }, 'abcd'],
  ['a date in another form', { type: 'DATE', length: 10 }, '29.02.2024'],
])('%s is refused without the value in the message', (_name, column, value) => {
  const layout = rowLayout([
    wireFieldOf({ scale: 0, ccsid: null, nullable: false, ...column }, { text: ISO_TEXT, lobThreshold: 0 }),
  ]);
  try {
    rowEncoder(layout).encode([[value]]);
    throw new Error('accepted');
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).code).toBe('PARAMETER_VALUE');
    expect(String(error)).not.toContain(String(value));
  }
});

test('a length prefix beyond its field and a row count beyond the bytes are coded errors', () => {
  const layout = rowLayout([
    wireFieldOf(
      { type: 'VARCHAR', length: 5, scale: 0, ccsid: 37, nullable: false },
      { text: ISO_TEXT, lobThreshold: 0 },
    ),
  ]);
  const data = rowEncoder(layout).encode([['AB']]);
  data.data.writeUInt16BE(6, 2);
  expect(() => rowDecoder(layout).decode(data, false)).toThrow(expect.objectContaining({ code: 'VALUE_LENGTH' }));
  expect(() => rowDecoder(layout).decode({ ...data, rows: 2 }, false)).toThrow(
    expect.objectContaining({ code: 'ROWS_LENGTH' }),
  );
});
