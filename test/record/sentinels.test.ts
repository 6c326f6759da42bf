/** Values that mean null, in fields that keep their own type, and ends of ranges no calendar has. */

import { textCodec } from '../../src/bytes/ccsid/registry';
import type { ColumnFormat, SqlTypeName } from '../../src/model/record-format';
import { compileJsonPlan } from '../../src/record/plan/json-plan';
import type { JsonOutput } from '../../src/record/plan/outputs';
import { compileRowReader } from '../../src/record/rows/row-reader';
import { JsonSink } from '../../src/record/write/json-sink';
import { bodyOf, change, column, eventsOf, image, mapperFor } from '../map/support';

const field = (type: SqlTypeName, length: number, more: Partial<ColumnFormat> = {}): ColumnFormat => ({
  name: 'F',
  type,
  length,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...more,
});

function decoded(
  columns: ColumnFormat[],
  bytes: Buffer,
  output: Partial<JsonOutput>,
): { f: unknown; errors: string[] } {
  const plan = compileJsonPlan({ table: 'L/F', columns }, [{ column: columns[0]!.name, name: 'f', ...output }]);
  const sink = new JsonSink(256);
  plan.write(bytes, 0, null, sink);
  const { f } = JSON.parse(sink.since(0).toString('utf8'));
  return { f, errors: plan.errors.list(bytes).map((e) => `${e.column} ${e.code}`) };
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ebcdic = (text: string): Buffer => textCodec(37).encode(text);

test.each<[string, ColumnFormat, Buffer, readonly (string | number)[], unknown]>([
  ['INTEGER 0', field('INTEGER', 4), hex('00000000'), [0], null],
  ['INTEGER 0 is not the lowest', field('INTEGER', 4), hex('00000000'), ['*LOVAL'], 0],
  ['INTEGER -1 is not the highest', field('INTEGER', 4), hex('ffffffff'), ['*HIVAL'], -1],
  ['INTEGER highest', field('INTEGER', 4), hex('7fffffff'), ['*HIVAL'], null],
  ['INTEGER lowest', field('INTEGER', 4), hex('80000000'), ['*LOVAL'], null],
  ['SMALLINT highest', field('SMALLINT', 2), hex('7fff'), ['*HIVAL'], null],
  ['BIGINT highest', field('BIGINT', 8), hex('7fffffffffffffff'), ['*HIVAL'], null],
  ['BIGINT lowest', field('BIGINT', 8), hex('8000000000000000'), ['*LOVAL'], null],
  ['BIGINT one less', field('BIGINT', 8), hex('7ffffffffffffffe'), ['*HIVAL'], '9223372036854775806'],
  ['CHAR', field('CHAR', 5, { ccsid: 37 }), ebcdic('N/A  '), ['N/A'], null],
  ['another CHAR', field('CHAR', 5, { ccsid: 37 }), ebcdic('N/B  '), ['N/A'], 'N/B'],
  ['DECIMAL with a fraction', field('DECIMAL', 5, { scale: 2 }), hex('99999f'), ['*HIVAL'], null],
  ['the same as a number', field('DECIMAL', 5, { scale: 2 }), hex('00150f'), [1.5], null],
  ['DOUBLE', field('DOUBLE', 8), hex('0000000000000000'), [0], null],
  ['BINARY', field('BINARY', 2, { ccsid: 65535 }), hex('0000'), ['*LOVAL'], null],
  ['DATE', field('DATE', 10), ebcdic('9999-12-31'), ['9999-12-31'], null],
  ['TIMESTAMP', field('TIMESTAMP', 26, { scale: 6 }), ebcdic('0001-01-01-00.00.00.000000'), ['0001-01-01'], null],
  ['TIMESTAMP(0)', field('TIMESTAMP', 19), ebcdic('9999-12-31-23.59.59'), ['9999-12-31T23:59:59'], null],
])('%s', (_, format, bytes, sentinels, value) => {
  expect(decoded([format], bytes, { as: { sentinels } })).toEqual({ f: value, errors: [] });
  // keys, expressions and groups see the same
  const reader = compileRowReader({ table: 'L/F', columns: [format] }, [{ column: 'F', as: { sentinels } }]);
  expect(reader.read(bytes, 0, null)).toEqual([value]);
});

test('a binary date field of its highest number', () => {
  const as = { date: 'cyymmdd', sentinels: ['*HIVAL', '*LOVAL'] } as const;
  expect(decoded([field('INTEGER', 4)], hex('7fffffff'), { as })).toEqual({ f: null, errors: [] });
  expect(decoded([field('BIGINT', 8)], hex('8000000000000000'), { as })).toEqual({ f: null, errors: [] });
});

test('a sentinel of a timestamp counts before its zone is written behind it', () => {
  const format = field('TIMESTAMP', 26, { scale: 6 });
  const output = { as: { sentinels: ['0001-01-01-00.00.00.000000'] }, zone: 'Europe/Berlin' };
  expect(decoded([format], ebcdic('0001-01-01-00.00.00.000000'), output)).toEqual({ f: null, errors: [] });
  expect(decoded([format], ebcdic('2024-06-01-12.00.00.000000'), output).f).toBe('2024-06-01T12:00:00.000000+02:00');
});

describe('midnight after the last day of the calendar', () => {
  const last = ebcdic('9999-12-31-24.00.00.000000');
  const format = field('TIMESTAMP', 26, { scale: 6 });

  test('is kept as it is without a zone', () => {
    expect(decoded([format], last, {})).toEqual({ f: '9999-12-31T24:00:00.000000', errors: [] });
  });

  test('cannot be written under a zone', () => {
    expect(decoded([format], last, { zone: 'UTC' })).toEqual({ f: null, errors: ['F TIMESTAMP_IMPOSSIBLE'] });
  });

  test.each([undefined, 'Europe/Berlin'])('nor as a pair, zone %s', (zone) => {
    const pair = [field('DECIMAL', 8), field('DECIMAL', 6, { name: 'T' })];
    const output = {
      as: { date: 'ccyymmdd' },
      time: { column: 'T', as: { time: 'hhmmss' } },
      ...(zone === undefined ? {} : { zone }),
    } as const;
    expect(decoded(pair, hex('099991231f 0240000f'), output)).toEqual({ f: null, errors: ['F TIMESTAMP_IMPOSSIBLE'] });
    expect(decoded(pair, hex('099991230f 0240000f'), output).f).toMatch(/^9999-12-31T00:00:00/);
  });
});

test('a configuration may name sentinels alone', () => {
  const format = { table: 'ORDLIB/ORDHDR', columns: [column('ORDNO', 'DECIMAL', 7), column('C', 'CHAR', 3)] };
  const yaml = '  ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { ORDNO: true, C: { sentinels: ["N/A"] } } }';
  const told = (c: string) =>
    bodyOf(
      eventsOf(
        mapperFor(yaml, { formats: [format] }),
        change({ op: 'insert', after: image(format, { ORDNO: '1', C: c }) }),
      )[0]!,
    ).data.after.C;
  expect([told('N/A'), told('N/B')]).toEqual([null, 'N/B']);
});
