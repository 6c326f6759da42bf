/** What texts look like: codes, digits, and what belongs to a person, by numbers that are right and wrong. */
import { guessCodes, guessDigits, guessPersonal } from '../../src/infer/texts';

const plain = { name: 'X', label: '' };
const counts = (...values: string[]): Map<string, number> => {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
};
const times = (n: number, value: string): string[] => Array.from({ length: n }, () => value);

describe('codes', () => {
  test('few values in many rows, the most frequent first', () => {
    expect(guessCodes(counts(...times(90, 'O'), ...times(9, 'C'), ...times(1, '')), null, plain)).toMatchObject({
      values: [
        { value: 'O', count: 90 },
        { value: 'C', count: 9 },
        { value: '', count: 1 },
      ],
      status: false,
      evidence: '3 values in 100 rows: O (90), C (9), blank (1)',
    });
  });

  test.each([
    ['one value', times(100, 'O'), null],
    ['too few rows for so many', [...times(8, 'A'), ...times(7, 'B')], null],
    ['longer than a code', [...times(50, 'A'), ...times(50, 'ELEVEN CHRS')], null],
    ['twenty-five of them', Array.from({ length: 25 }, (_, i) => times(10, `C${i}`)).flat(), null],
    ['a number of five digits', [...times(50, '1'), ...times(50, '2')], 5],
  ])('%s are none', (_, values, numeric) => {
    expect(guessCodes(counts(...values), numeric, plain)).toBeNull();
  });

  test('a number that is called a status is one, whatever its length', () => {
    const found = guessCodes(counts(...times(50, '1'), ...times(50, '2')), 9, { name: 'ORDSTS', label: '' });
    expect(found).toMatchObject({ status: true });
  });
});

describe('digits', () => {
  const many = (text: (i: number) => string, n = 60): Map<string, number> =>
    counts(...Array.from({ length: n }, (_, i) => text(i)));

  test('leading zeros are counted, and said to stay', () => {
    const found = guessDigits(many((i) => String(i + 1).padStart(4, '0')));
    expect(found).toMatchObject({ kind: 'digits', leadingZeros: 60, share: 1 });
    expect(found!.evidence).toContain('they stay text');
    expect(guessDigits(many((i) => String(i + 1000)))).toMatchObject({ leadingZeros: 0 });
  });

  test.each([
    ['letters among them', (i: number) => (i < 3 ? `A${i}` : String(i + 1000))],
    ['single digits', (i: number) => String(i % 10)],
    ['signs', (i: number) => `-${i + 10}`],
  ])('%s are none', (_, text) => {
    expect(guessDigits(many(text))).toBeNull();
  });
});

describe('what belongs to a person', () => {
  const what = (values: readonly string[], name = 'X', label = '') =>
    guessPersonal(counts(...values), { name, label })?.what ?? null;

  // examples of the IBAN registry (SWIFT), one a country
  const IBANS = [
    'DE89370400440532013000',
    'GB29NWBK60161331926819',
    'FR1420041010050500013M02606',
    'CH9300762011623852957',
    'NO9386011117947',
  ];
  // test numbers of the card networks
  const CARDS = ['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117', '30569309025904'];

  test('IBANs with their check number, in groups and in small letters', () => {
    expect(what(IBANS)).toBe('iban');
    expect(
      what(
        IBANS.map((i) =>
          i
            .replace(/(.{4})/g, '$1 ')
            .trim()
            .toLowerCase(),
        ),
      ),
    ).toBe('iban');
  });

  test.each(IBANS)('%s with any other check number is none', (iban) => {
    const right = Number(iban.slice(2, 4));
    const wrong = Array.from({ length: 97 }, (_, i) => i + 2)
      .filter((n) => n !== right && n % 97 !== right % 97)
      .slice(0, 20)
      .map((n) => iban.slice(0, 2) + String(n).padStart(2, '0') + iban.slice(4));
    expect(what(wrong)).toBeNull();
  });

  test('card numbers with their check digit, with blanks and dashes', () => {
    expect(what(CARDS)).toBe('card');
    expect(what(CARDS.map((c) => c.replace(/(.{4})/g, '$1-').replace(/-$/, '')))).toBe('card');
  });

  test.each(CARDS)('%s with any other last digit is none', (card) => {
    const right = Number(card.at(-1));
    const wrong = Array.from({ length: 10 }, (_, i) => i).filter((d) => d !== right);
    expect(what(wrong.map((d) => card.slice(0, -1) + d))).toBeNull();
  });

  test.each<[string, string[], string, string, string | null]>([
    ['mail addresses', ['a@b.de', 'x.y+z@mail.example.com', 'o@o.info'], 'X', '', 'mail'],
    ['no mail addresses', ['a@b', '@b.de', 'a b@c.de'], 'X', '', null],
    [
      'numbers with a country, whatever the name',
      ['+49 211 12345', '0049/211/12345', '+81-3-1234-5678'],
      'X',
      '',
      'phone',
    ],
    ['numbers without one under a name', ['0211 123456', '(0211) 12 34 56', '0211/123456'], 'TELNR', '', 'phone'],
    ['the same under another', ['0211 123456', '(0211) 12 34 56', '0211/123456'], 'X', '', null],
    ['too short', ['1234', '112', '110 1'], 'TELNR', '', null],
    ['names under a name', ['Müller', "O'Neill, Shaun", 'van der Berg GmbH & Co.'], 'CUSNAM', '', 'name'],
    ['names under a label', ['Müller', 'Meier', 'Schmidt'], 'F7', 'Last name', 'name'],
    ['names under neither', ['Müller', 'Meier', 'Schmidt'], 'TOWN', '', null],
    ['letters one by one', ['A', 'B', 'C'], 'CUSNAM', '', null],
    ['two values', ['a@b.de', 'c@d.de'], 'X', '', null],
    ['blanks beside them do not count', ['', '', '', 'a@b.de', 'c@d.de', 'e@f.de'], 'X', '', 'mail'],
  ])('%s', (_, values, name, label, expected) => {
    expect(what(values, name, label)).toBe(expected);
  });

  test('nineteen of twenty are enough, eighteen are not, and no value is repeated', () => {
    const mails = (n: number) => [
      ...Array.from({ length: n }, (_, i) => `user${i}@example.com`),
      ...Array.from({ length: 20 - n }, (_, i) => `none ${i}`),
    ];
    expect(what(mails(19))).toBe('mail');
    expect(what(mails(18))).toBeNull();
    expect(guessPersonal(counts(...mails(19)), plain)!.evidence).toBe('95 % of 20 values are mail addresses');
  });

  test('mail and names are hidden whole, of numbers the end is kept', () => {
    const mask = (values: readonly string[]) => guessPersonal(counts(...values), { name: 'CUSNAM', label: '' })!.mask;
    expect([mask(['a@b.de', 'c@d.de', 'e@f.de']), mask(['Ann', 'Bob', 'Cid']), mask(IBANS), mask(CARDS)]).toEqual([
      'redact',
      'redact',
      'last4',
      'last4',
    ]);
  });
});
