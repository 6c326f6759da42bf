/** Values into rows: the samples of protocol reference 9.4, and the quick paths against the exact codecs. */
import fc from 'fast-check';
import { encodePacked } from '../../../src/bytes/packed';
import { encodeZoned } from '../../../src/bytes/zoned';
import { replyFieldWriter } from '../../../src/simulator/server/database/replies/field-writer';
import { LobTable } from '../../../src/simulator/server/database/replies/lob-table';
import { isoDate, isoTime, jobDate, jobTime } from '../../../src/simulator/server/database/replies/moment-text';
import { type ColumnSettings, wireColumn } from '../../../src/simulator/server/database/replies/wire-column';
import type { ResultColumn, SessionValue } from '../../../src/simulator/sql-session';
import { column } from '../../support/tiny-engine';

const SETTINGS: ColumnSettings = {
  jobCcsid: 37,
  dateFormat: 5,
  dateSeparator: 1,
  timeFormat: 2,
  timeSeparator: 1,
  lobThreshold: 1000,
  booleanSupported: true,
  rowidSupported: true,
};

/** The whole field as hex; what the writer did not touch shows as `ee`. */
function written(c: ResultColumn, value: SessionValue): string {
  const wire = wireColumn(c, SETTINGS);
  const out = Buffer.alloc(wire.length, 0xee);
  replyFieldWriter(wire, SETTINGS, new LobTable())(value, out, 0);
  return out.toString('hex');
}

test.each<[ResultColumn, SessionValue, string]>([
  [column('C', 'DECIMAL', 9, { scale: 2 }), '-1234567.89', '123456789d'],
  [column('C', 'DECIMAL', 8, { scale: 2 }), '0.05', '000000005f'],
  [column('C', 'DECIMAL', 5, { scale: 2 }), '-0.00', '00000f'],
  [column('C', 'DECIMAL', 5, { scale: 0 }), '1E+3', '01000f'],
  [column('C', 'NUMERIC', 7, { scale: 3 }), '1234.567', 'f1f2f3f4f5f6f7'],
  [column('C', 'NUMERIC', 3), '-12', 'f0f1d2'],
  [column('C', 'DECFLOAT', 8), '-1.50', 'a2300000000000d0'],
  [column('C', 'DECFLOAT', 16), '123456789012345678901234567890.1234', '2607134b9c1e28e56f3c127177823534'],
  [column('C', 'SMALLINT'), -2, 'fffe'],
  [column('C', 'INTEGER'), 258, '00000102'],
  [column('C', 'BIGINT'), '-9223372036854775808', '8000000000000000'],
  [column('C', 'BIGINT'), '-1', 'ffffffffffffffff'],
  [column('C', 'REAL'), 1.5, '3fc00000'],
  [column('C', 'DOUBLE'), -2.5, 'c004000000000000'],
  [column('C', 'CHAR', 4, { ccsid: 37 }), 'Aä', 'c1434040'],
  [column('C', 'CHAR', 4, { ccsid: 273 }), 'Aä', 'c1c04040'],
  [column('C', 'CHAR', 4, { ccsid: 65535 }), Buffer.from([0xff]), 'ff404040'],
  [column('C', 'CHAR', 3, { ccsid: 37 }), '€', '3f4040'],
  [column('C', 'VARCHAR', 6, { ccsid: 1208 }), 'ä€', '0005c3a4e282acee'],
  [column('C', 'GRAPHIC', 3, { ccsid: 1200 }), 'ab', '006100620020'],
  [column('C', 'VARGRAPHIC', 3, { ccsid: 13488 }), 'ab', '000200610062eeee'],
  [column('C', 'BINARY', 3), Buffer.from([1]), '010000'],
  [column('C', 'VARBINARY', 3), Buffer.from([1]), '000101eeee'],
  [column('C', 'BLOB', 2), Buffer.from([7]), '0000000107ee'],
  [column('C', 'DBCLOB', 2, { ccsid: 1200 }), 'a', '000000010061eeee'],
  [column('C', 'BOOLEAN'), true, 'f1'],
  [column('C', 'DATE'), '2024-02-29', 'f2f0f2f460f0f260f2f9'],
  [column('C', 'TIME'), '23:59:58', 'f2f34bf5f94bf5f8'],
  [column('C', 'TIMESTAMP', 7, { scale: 0 }), '2024-02-29T01:02:03', 'f2f0f2f460f0f260f2f960f0f14bf0f24bf0f3'],
])('%j holds %s as %s', (c, value, hex) => {
  expect(written(c, value)).toBe(hex);
});

test.each<[ResultColumn, SessionValue]>([
  [column('C', 'CHAR', 2, { ccsid: 37 }), 'abc'],
  [column('C', 'VARCHAR', 2, { ccsid: 1208 }), '€'],
  [column('C', 'DECIMAL', 3, { scale: 1 }), '100.0'],
  [column('C', 'NUMERIC', 3), '1.5'],
  [column('C', 'VARBINARY', 1), Buffer.alloc(2)],
])('%j refuses %s and cuts nothing', (c, value) => {
  expect(() => written(c, value)).toThrow(expect.objectContaining({ name: 'SqlFailure' }));
});

test('the quick path of decimals writes what the exact codecs write', () => {
  const decimal = fc.integer({ min: 1, max: 31 }).chain((precision) =>
    fc.integer({ min: 0, max: precision }).chain((scale) =>
      fc.bigInt({ min: 0n, max: 10n ** BigInt(precision) - 1n }).chain((digits) =>
        fc.boolean().map((negative) => {
          const all = digits.toString().padStart(scale + 1, '0');
          const text = scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`;
          return { precision, scale, text: precision === scale ? text.replace(/^0\./, '.') : text, negative };
        }),
      ),
    ),
  );
  fc.assert(
    fc.property(decimal, ({ precision, scale, text, negative }) => {
      const value = negative ? `-${text}` : text;
      expect(written(column('C', 'DECIMAL', precision, { scale }), value)).toBe(
        encodePacked(value, precision, scale).toString('hex'),
      );
      expect(written(column('C', 'NUMERIC', precision, { scale }), value)).toBe(
        encodeZoned(value, precision, scale).toString('hex'),
      );
    }),
  );
});

test.each([
  [0, 0, '24/060'],
  [1, 0, '02/29/24'],
  [2, 2, '29.02.24'],
  [3, 1, '24-02-29'],
  [4, 0, '02/29/2024'],
  [5, 0, '2024-02-29'],
  [6, 0, '29.02.2024'],
  [7, 0, '2024-02-29'],
])('date format %d with separator %d: %s, both ways', (format, separator, text) => {
  expect(jobDate('2024-02-29', format, separator)).toBe(text);
  expect(isoDate(text, format)).toBe('2024-02-29');
});

test('a year that two digits cannot hold has no text in a two-digit format', () => {
  expect([jobDate('1939-12-31', 1, 0), jobDate('2040-01-01', 0, 0)]).toEqual([null, null]);
  expect([jobDate('1940-01-01', 1, 0), jobDate('2039-12-31', 1, 0)]).toEqual(['01/01/40', '12/31/39']);
});

test.each([
  [0, 1, '13.59.00'],
  [1, 0, '01:59 PM'],
  [2, 0, '13.59.00'],
  [3, 0, '13.59.00'],
  [4, 0, '13:59:00'],
])('time format %d with separator %d: %s, both ways', (format, separator, text) => {
  expect(jobTime('13:59:00', format, separator)).toBe(text);
  expect(isoTime(text)).toBe('13:59:00');
});

test('midnight and noon in USA time', () => {
  expect([jobTime('00:05:00', 1, 0), jobTime('12:05:00', 1, 0)]).toEqual(['12:05 AM', '12:05 PM']);
  expect([isoTime('12:05 AM'), isoTime('12:05 PM')]).toEqual(['00:05:00', '12:05:00']);
});
