/** Window cursors in their column's own type: moments out of rows, bounds as values, bounds as expressions over the server's clock. */
import fc from 'fast-check';
import type { ColumnFormat, LegacyDate } from '../../src/model/record-format';
import type { SqlValue } from '../../src/transport/transport';
import { atLeast, atMost, upTo } from '../../src/window/cursor-bounds';
import { cursorAt, cursorSql, momentOf } from '../../src/window/cursor-values';
import { fromMs, toMs } from '../../src/window/local-time';
import type { WindowCursor, WindowOptions } from '../../src/window/options';

const column = (name: string, type: ColumnFormat['type'], length = 7): ColumnFormat => ({
  name,
  type,
  length,
  scale: 0,
  ccsid: null,
  nullable: true,
});
const options = (cursor: WindowCursor, columns: readonly ColumnFormat[] = [], marginMs = 2000): WindowOptions => ({
  table: { library: 'L', name: 'T' },
  sqlName: { library: 'L', name: 'T' },
  columns,
  journaled: false,
  key: ['K'],
  cursor,
  everyMs: 1000,
  overlapMs: 60_000,
  marginMs,
  pageRows: 100,
  start: 'now',
  remember: 'key',
});
const legacy = (dateForm: LegacyDate, time: string | null = null, timeForm: 'hhmmss' | 'hhmm' = 'hhmmss') =>
  ({ is: 'legacy', date: 'CHGDAT', dateForm, time, timeForm }) as const;
const TIMESTAMP = { is: 'timestamp', column: 'CHGTS' } as const;
const SEQUENCE = { is: 'sequence', column: 'SEQ' } as const;

describe('the moment of a row', () => {
  test.each<[WindowCursor, SqlValue[], string | null]>([
    [TIMESTAMP, ['2024-02-29T23:59:58'], '2024-02-29T23:59:58.000Z'],
    [TIMESTAMP, ['2024-02-29T23:59:58.5'], '2024-02-29T23:59:58.500Z'],
    [TIMESTAMP, ['2024-02-29T23:59:58.12'], '2024-02-29T23:59:58.120Z'],
    [TIMESTAMP, ['2024-02-29T23:59:58.123'], '2024-02-29T23:59:58.123Z'],
    [TIMESTAMP, ['2024-02-29T23:59:58.125999'], '2024-02-29T23:59:58.125Z'],
    [TIMESTAMP, ['2024-02-29T23:59:58.125999999999'], '2024-02-29T23:59:58.125Z'],
    [TIMESTAMP, ['2024-02-29T24:00:00.000000'], '2024-03-01T00:00:00.000Z'],
    [TIMESTAMP, [null], null],
    [TIMESTAMP, [], null],
    [SEQUENCE, ['17'], null],
    [legacy('cyymmdd'), ['1240229'], '2024-02-29T00:00:00.000Z'],
    [legacy('cyymmdd'), [1240229], '2024-02-29T00:00:00.000Z'],
    [legacy('cyymmdd'), ['0991231'], '1999-12-31T00:00:00.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229', '93015'], '2024-02-29T09:30:15.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229 ', ' 093015 '], '2024-02-29T09:30:15.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229', '240000'], '2024-03-01T00:00:00.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229', null], '2024-02-29T00:00:00.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229', ''], '2024-02-29T00:00:00.000Z'],
    [legacy('ccyymmdd', 'CHGTIM', 'hhmm'), ['20240229', '930'], '2024-02-29T09:30:00.000Z'],
    [legacy('ccyymmdd', 'CHGTIM'), ['20240229', '246000'], null],
    [legacy('cyyddd'), ['124060'], '2024-02-29T00:00:00.000Z'],
    [legacy('ccyyddd'), ['2024366'], '2024-12-31T00:00:00.000Z'],
    [legacy('cyymmdd'), ['0'], null],
    [legacy('cyymmdd'), ['9999999'], null],
    [legacy('cyymmdd'), [''], null],
    [legacy('cyymmdd'), ['       '], null],
    [legacy('cyymmdd'), ['ABC'], null],
    [legacy('cyymmdd'), [null, '93015'], null],
  ])('%j of %j', (cursor, values, iso) => {
    expect(momentOf(cursor, values)).toBe(iso === null ? null : Date.parse(iso));
  });

  test('of any clock and any number of digits of a second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.integer({ min: 0, max: 12 }),
        fc.nat(999),
        (second, scale, thousandth) => {
          const fraction = String(thousandth).padStart(3, '0').padEnd(12, '0').slice(0, scale);
          const text = new Date(second * 1000).toISOString().slice(0, 19) + (scale === 0 ? '' : `.${fraction}`);
          const shown = Number(fraction.padEnd(3, '0').slice(0, 3));
          expect(momentOf(TIMESTAMP, [text])).toBe(second * 1000 + shown);
        },
      ),
    );
  });
});

describe('a moment as values', () => {
  const at = Date.UTC(2024, 2, 5, 9, 3, 7, 125);
  const text = (cursor: WindowCursor, columns: ColumnFormat[] = []) => cursorAt(cursor, options(cursor, columns), at);

  test.each<[string, WindowCursor, ColumnFormat[], SqlValue[]]>([
    ['a timestamp', TIMESTAMP, [], ['2024-03-05T09:03:07.125000']],
    ['a sequence', SEQUENCE, [], []],
    ['a date', legacy('cyymmdd'), [], ['1240305']],
    ['a day of the year', legacy('ccyyddd'), [], ['2024065']],
    ['date and time', legacy('ccyymmdd', 'CHGTIM'), [], ['20240305', '90307']],
    ['date and minutes', legacy('ccyymmdd', 'CHGTIM', 'hhmm'), [], ['20240305', '903']],
    [
      'as text',
      legacy('ccyymmdd', 'CHGTIM'),
      [column('CHGDAT', 'CHAR', 8), column('CHGTIM', 'CHAR', 6)],
      ['20240305', '090307'],
    ],
    [
      'the date a number, the time text',
      legacy('cyymmdd', 'CHGTIM'),
      [column('CHGDAT', 'DECIMAL'), column('CHGTIM', 'VARCHAR', 6)],
      ['1240305', '090307'],
    ],
  ])('%s', (_, cursor, columns, values) => {
    expect(text(cursor, columns)).toEqual(values);
  });

  test('and back, to the second or the day', () => {
    const cursors = [TIMESTAMP, legacy('cyymmdd', 'CHGTIM'), legacy('ccyymmdd', 'CHGTIM'), legacy('cyyddd', 'CHGTIM')];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom(...cursors), (second, cursor) => {
        expect(momentOf(cursor, cursorAt(cursor, options(cursor), second * 1000))).toBe(second * 1000);
      }),
    );
  });
});

describe('the upper bound, taken in the statement itself', () => {
  const NOW = 'CURRENT TIMESTAMP - 2 SECONDS';

  test.each<[string, WindowCursor, ColumnFormat[], string[], string[] | null]>([
    ['a timestamp', TIMESTAMP, [], ['CHGTS'], [NOW]],
    ['a sequence', SEQUENCE, [], ['SEQ'], null],
    [
      'a date',
      legacy('cyymmdd'),
      [],
      ['CHGDAT'],
      [`(YEAR(${NOW}) - 1900) * 10000 + MONTH(${NOW}) * 100 + DAY(${NOW})`],
    ],
    [
      'date and minutes',
      legacy('ccyyddd', 'CHGTIM', 'hhmm'),
      [],
      ['CHGDAT', 'CHGTIM'],
      [`YEAR(${NOW}) * 1000 + DAYOFYEAR(${NOW})`, `HOUR(${NOW}) * 100 + MINUTE(${NOW})`],
    ],
    [
      'a date as text',
      legacy('ccyymmdd'),
      [column('CHGDAT', 'CHAR', 8)],
      ['CHGDAT'],
      [`SUBSTR(DIGITS(CAST(YEAR(${NOW}) * 10000 + MONTH(${NOW}) * 100 + DAY(${NOW}) AS DECIMAL(8, 0))), 1, 8)`],
    ],
  ])('%s', (_, cursor, columns, names, upper) => {
    expect(cursorSql(options(cursor, columns))).toEqual({ columns: names, upper });
  });

  test.each([
    [0, 0],
    [1, 1],
    [999, 1],
    [1000, 1],
    [1001, 2],
  ])('a margin of %i ms is %i seconds', (marginMs, seconds) => {
    expect(cursorSql(options(TIMESTAMP, [], marginMs)).upper).toEqual([`CURRENT TIMESTAMP - ${seconds} SECONDS`]);
  });

  test.each(['yymmdd', 'ddmmyy', 'mmddyy', 'ddmmccyy', 'mmddccyy', 'cddmmyy', 'cmmddyy', 'yyddd'] as const)(
    '%s does not sort by time',
    (form) => {
      expect(() => cursorSql(options(legacy(form)))).toThrow(
        expect.objectContaining({ code: 'WINDOW_CURSOR', message: expect.stringContaining(`in the form ${form}`) }),
      );
    },
  );
});

describe('bounds', () => {
  type Pair = readonly [number, number];
  /** What the predicate says of a row, by the rules of SQL for `>=`, `>`, `OR` and `AND`. */
  const holds = (sql: string, params: readonly SqlValue[], [a, b]: Pair): boolean => {
    let i = 0;
    const text = sql
      .replace(/\?/g, () => String(params[i++]))
      .replaceAll('"A"', String(a))
      .replaceAll('"B"', String(b))
      .replaceAll('AND', '&&')
      .replaceAll('OR', '||');
    expect(text).toMatch(/^[\d &|<>=()]+$/);
    return new Function(`return ${text}`)() as boolean;
  };
  const below = ([a, b]: Pair, [c, d]: Pair): boolean => a < c || (a === c && b < d);
  const pair = fc.tuple(fc.nat(4), fc.nat(4));

  test('of two columns compare as pairs do', () => {
    fc.assert(
      fc.property(pair, pair, (row, bound) => {
        const low = atLeast(['A', 'B'], bound);
        const high = atMost(['A', 'B'], bound);
        expect(holds(low.sql, low.params, row)).toBe(!below(row, bound));
        expect(holds(high.sql, high.params, row)).toBe(!below(bound, row));
        expect(holds(upTo(['A', 'B'], bound.map(String)), [], row)).toBe(!below(bound, row));
      }),
    );
  });

  test('of one column, whose name is always in quotes', () => {
    expect(atLeast(['Chg"Ts'], [1])).toEqual({ sql: '"Chg""Ts" >= ?', params: [1] });
    expect(atMost(['C'], [1])).toEqual({ sql: '"C" <= ?', params: [1] });
    expect(upTo(['C'], ['NOW'])).toBe('"C" <= NOW');
  });
});

test.each([
  ['2024-02-29T23:59:58.123456', '2024-02-29T23:59:58.123000'],
  ['2024-02-29 23:59:58', '2024-02-29T23:59:58.000000'],
  ['2024-02-29', '2024-02-29T00:00:00.000000'],
  ['2024-02-29T23:59:58.5', '2024-02-29T23:59:58.500000'],
])('%s to milliseconds and back', (text, back) => {
  expect(fromMs(toMs(text))).toBe(back);
});
