/** Numbers as dates, times and timestamps: what is claimed, what is not, and what is set aside as "no date". */
import { guessDate, guessTime, guessTimestamp } from '../../src/infer/dates';

const named = (name: string) => ({ name, label: '' });
const DATE = named('ORDDAT');
const numbers = (...values: number[]): Map<number, number> => {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
};
/** Days of 2023 and 2024, a week apart. */
const DAYS = Array.from({ length: 100 }, (_, i) => new Date(Date.UTC(2023, 0, 3 + i * 7)));
const parts = (d: Date) => {
  const [y, m, day] = [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()];
  const ddd = Math.round((d.getTime() - Date.UTC(y, 0, 1)) / 86_400_000) + 1;
  return { y, m, day, ddd, yy: y % 100 };
};
type Parts = ReturnType<typeof parts>;

test.each<[string, number, (p: Parts) => number]>([
  ['cyymmdd', 7, ({ yy, m, day }) => 1_000_000 + yy * 10_000 + m * 100 + day],
  ['ccyymmdd', 8, ({ y, m, day }) => y * 10_000 + m * 100 + day],
  ['yymmdd', 6, ({ yy, m, day }) => yy * 10_000 + m * 100 + day],
  ['ddmmyy', 6, ({ yy, m, day }) => day * 10_000 + m * 100 + yy],
  ['mmddyy', 6, ({ yy, m, day }) => m * 10_000 + day * 100 + yy],
  ['ddmmccyy', 8, ({ y, m, day }) => day * 1_000_000 + m * 10_000 + y],
  ['mmddccyy', 8, ({ y, m, day }) => m * 1_000_000 + day * 10_000 + y],
  ['cyyddd', 6, ({ yy, ddd }) => 100_000 + yy * 1000 + ddd],
  ['ccyyddd', 7, ({ y, ddd }) => y * 1000 + ddd],
  ['yyddd', 5, ({ yy, ddd }) => yy * 1000 + ddd],
])('%s in a field of %i digits', (form, digits, number) => {
  const found = guessDate(numbers(...DAYS.map((d) => number(parts(d)))), digits, DATE);
  expect(found).toMatchObject({
    kind: 'date',
    form,
    pivot: null,
    sentinels: [],
    share: 1,
    first: DAYS[0]!.toISOString().slice(0, 10),
    last: DAYS.at(-1)!.toISOString().slice(0, 10),
  });
});

const cyymmdd = DAYS.map((d) => parts(d)).map(({ yy, m, day }) => 1_000_000 + yy * 10_000 + m * 100 + day);

test.each([
  ['zero', [0, 0, 0], [0]],
  ['nines to the end of the field', [9_999_999], [9_999_999]],
  ['nines of a shorter form', [999_999], [999_999]],
  ['all of them', [0, 999_999, 9_999_999], [0, 999_999, 9_999_999]],
])('%s is no date, and meant to be none', (_, special, sentinels) => {
  const found = guessDate(numbers(...cyymmdd, ...special), 7, DATE)!;
  expect(found.sentinels).toEqual(sentinels);
  for (const n of sentinels) expect(found.evidence).toContain(`are ${n}`);
});

test('five of a hundred may be wrong, six may not', () => {
  const spoiled = (n: number) => numbers(...cyymmdd.slice(n), ...Array.from({ length: n }, (_, i) => 1_241_332 + i));
  const found = guessDate(spoiled(5), 7, DATE);
  expect(found).toMatchObject({ form: 'cyymmdd', share: 0.95 });
  expect(found!.evidence).toContain('5 are no dates');
  expect(guessDate(spoiled(6), 7, DATE)).toBeNull();
});

test.each<[string, number[], number, string]>([
  ['order numbers that happen to fit', cyymmdd, 7, 'ORDNO'],
  ['a counter', Array.from({ length: 100 }, (_, i) => 1_240_101 + i), 7, 'F7'],
  ['1 to 366', Array.from({ length: 366 }, (_, i) => i + 1), 6, 'DAT'],
  ['nothing but zeros', Array.from({ length: 100 }, () => 0), 7, 'ORDDAT'],
  ['nothing', [], 7, 'ORDDAT'],
  ['one date', [1_240_305], 7, 'ORDDAT'],
  ['a field too short', cyymmdd, 4, 'ORDDAT'],
  ['years of 1850', Array.from({ length: 100 }, (_, i) => 18_500_101 + (i % 28)), 8, 'ORDDAT'],
])('%s are no dates', (_, values, digits, name) => {
  expect(guessDate(numbers(...values), digits, named(name))).toBeNull();
});

test('dates show themselves without a name that says so, when there are enough of them with gaps between', () => {
  expect(guessDate(numbers(...cyymmdd), 7, named('F7'))).toMatchObject({ form: 'cyymmdd' });
  expect(guessDate(numbers(...cyymmdd.slice(0, 5)), 7, named('F7'))).toBeNull();
  // two digits to spare are too much of a chance
  expect(guessDate(numbers(...cyymmdd), 9, named('F7'))).toBeNull();
  expect(guessDate(numbers(...cyymmdd), 9, DATE)).toMatchObject({ form: 'cyymmdd' });
});

test('two-digit years on both sides of 39 and 40 get a pivot of their own', () => {
  // birthdays of 1925 to 1999: 39 and 40 are both of the last century
  const births = Array.from({ length: 75 }, (_, i) => (25 + i) * 10_000 + ((i % 12) + 1) * 100 + ((i % 28) + 1));
  const found = guessDate(numbers(...births), 6, named('BIRTHDAT'))!;
  expect(found.form).toBe('yymmdd');
  expect(found.pivot).not.toBeNull();
  expect([found.first, found.last].map((d) => d.slice(0, 4))).toEqual(['1925', '1999']);
});

describe('times', () => {
  const hhmmss = Array.from({ length: 60 }, (_, i) => (i % 24) * 10_000 + i * 100 + ((i * 7) % 60));
  const hhmm = Array.from({ length: 60 }, (_, i) => (i % 24) * 100 + i);

  test.each<[string, number[], number, string, string | null]>([
    ['six digits', hhmmss, 6, 'CHGTIM', 'hhmmss'],
    ['four digits', hhmm, 4, 'CHGTIM', 'hhmm'],
    ['four digits in a field of six', hhmm, 6, 'CHGTIM', 'hhmm'],
    ['midnight as 24:00', [...hhmmss, 240_000], 6, 'CHGTIM', 'hhmmss'],
    ['without a name', hhmmss, 6, 'F7', null],
    ['too short a field', [1, 2, 3], 3, 'CHGTIM', null],
    ['minutes above 59', hhmmss.map((n) => n + 6000), 6, 'CHGTIM', null],
    ['negative ones', hhmmss.map((n) => -n - 1), 6, 'CHGTIM', null],
    ['one value', [93_015], 6, 'CHGTIM', null],
    ['zeros', [0, 0, 0], 6, 'CHGTIM', null],
  ])('%s', (_, values, digits, name, form) => {
    expect(guessTime(numbers(...values), digits, named(name))?.form ?? null).toBe(form);
  });
});

describe('timestamps in one field', () => {
  const texts = (...values: string[]): Map<string, number> => new Map(values.map((v) => [v, 1]));

  test.each<[string, string[], number, string | null, number[]]>([
    ['cyymmddhhmmss', ['1240305093015', '1240306235959'], 13, 'cyymmddhhmmss', []],
    ['of the last century, a digit shorter', ['991231235959', '980101000000'], 13, 'cyymmddhhmmss', []],
    ['ccyymmddhhmmss', ['20240305093015', '20240306235959'], 14, 'ccyymmddhhmmss', []],
    ['with zeros', ['1240305093015', '1240306235959', '0'], 13, 'cyymmddhhmmss', [0]],
    ['with nines', ['1240305093015', '1240306235959', '9999999999999'], 13, 'cyymmddhhmmss', [9_999_999_999_999]],
    ['no such day', ['1240230093015', '1240231093015'], 13, null, []],
    ['no such time', ['1240305096015', '1240306250000'], 13, null, []],
    ['one of them', ['1240305093015'], 13, null, []],
    ['a short field', ['1240305093015', '1240306235959'], 12, null, []],
    ['nothing but zeros', ['0', '00'], 13, null, []],
    ['letters', ['ABC', 'DEF'], 13, null, []],
  ])('%s', (_, values, digits, form, sentinels) => {
    const found = guessTimestamp(texts(...values), digits);
    expect(found?.form ?? null).toBe(form);
    if (found) expect(found.sentinels).toEqual(sentinels);
  });
});
