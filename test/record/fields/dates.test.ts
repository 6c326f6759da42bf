/** DATE, TIME and TIMESTAMP in every format, separator and century, spelled out by hand and drawn at random. */
import fc from 'fast-check';
import type { DateFormat, TimeFormat } from '../../../src/model/record-format';
import { ebcdic, everywhere, field, reading, short } from '../support/fields';

const FORMATS: readonly DateFormat[] = ['ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL'];

const two = (n: number): string => String(n).padStart(2, '0');

/** A day as each format writes it, by IBM's table of date formats; `-` stands for the separator. */
function spelled(day: Date, format: DateFormat): string {
  const [y, m, d] = [day.getUTCFullYear(), two(day.getUTCMonth() + 1), two(day.getUTCDate())];
  const yy = two(y % 100);
  const yyyy = String(y).padStart(4, '0');
  const first = new Date(0);
  first.setUTCFullYear(y, 0, 1);
  const ddd = String((day.getTime() - first.getTime()) / 86400000 + 1).padStart(3, '0');
  return {
    ISO: `${yyyy}-${m}-${d}`,
    JIS: `${yyyy}-${m}-${d}`,
    USA: `${m}-${d}-${yyyy}`,
    EUR: `${d}-${m}-${yyyy}`,
    MDY: `${m}-${d}-${yy}`,
    DMY: `${d}-${m}-${yy}`,
    YMD: `${yy}-${m}-${d}`,
    JUL: `${yy}-${ddd}`,
  }[format];
}

const STANDARD: Readonly<Record<DateFormat, string>> = {
  ISO: '-',
  JIS: '-',
  USA: '/',
  EUR: '.',
  MDY: '/',
  DMY: '/',
  YMD: '/',
  JUL: '/',
};
const isTwoDigits = (format: DateFormat): boolean => ['MDY', 'DMY', 'YMD', 'JUL'].includes(format);
const noon = (iso: string): Date => new Date(`${iso}T00:00:00Z`);

describe.each(FORMATS)('DATE in *%s', (dateFormat) => {
  const days = ['1940-01-01', '1999-12-31', '2000-01-01', '2000-02-29', '2024-02-29', '2023-12-31', '2039-12-31'];

  test.each(days)('%s', (iso) => {
    const text = spelled(noon(iso), dateFormat);
    expect(short(everywhere(field('DATE', { dateFormat }), ebcdic(text.replaceAll('-', STANDARD[dateFormat]))))).toBe(
      iso,
    );
  });

  test.each(['-', '/', '.', ',', ' '])('separated by %j where the file says so', (dateSeparator) => {
    const column = field('DATE', { dateFormat, dateSeparator });
    const text = spelled(noon('2024-02-29'), dateFormat);
    expect(short(everywhere(column, ebcdic(text.replaceAll('-', dateSeparator))))).toBe('2024-02-29');
    // a format with a separator of its own is read with that one, too; in the others any but the declared one is an error
    const others = ['-', '/', '.', ',', ' '].filter((s) => s !== dateSeparator && s !== STANDARD[dateFormat]);
    for (const other of others)
      expect(short(everywhere(column, ebcdic(text.replaceAll('-', other))))).toEqual({
        value: null,
        codes: ['DATE_TEXT'],
      });
  });

  test('& is a blank, or itself', () => {
    if (!isTwoDigits(dateFormat)) return;
    const column = field('DATE', { dateFormat, dateSeparator: '&' });
    const text = spelled(noon('2024-02-29'), dateFormat);
    for (const separator of [' ', '&'])
      expect(short(everywhere(column, ebcdic(text.replaceAll('-', separator))))).toBe('2024-02-29');
  });

  test('without separators, where each byte is a digit', () => {
    const column = field('DATE', { dateFormat, dateSeparator: '' });
    const bytes = ebcdic(spelled(noon('2024-02-29'), dateFormat).replaceAll('-', ''));
    expect(short(everywhere(column, bytes))).toBe('2024-02-29');
    const told = reading(column);
    for (let i = 0; i < bytes.length; i++)
      for (const byte of [0x40, 0xef, 0xfa, 0x00, 0xff]) {
        const spoiled = Buffer.from(bytes);
        spoiled[i] = byte;
        expect(told(spoiled)).toEqual({ value: null, errors: [`DATE_TEXT ${spoiled.toString('hex')}`] });
      }
  });

  test('any day of its centuries', () => {
    const [min, max] = isTwoDigits(dateFormat) ? ['1940-01-01', '2039-12-31'] : ['0001-01-01', '9999-12-31'];
    const told = reading(field('DATE', { dateFormat }));
    fc.assert(
      fc.property(fc.date({ min: noon(min!), max: noon(max!), noInvalidDate: true }), (moment) => {
        const day = new Date(Math.floor(moment.getTime() / 86400000) * 86400000);
        const text = spelled(day, dateFormat).replaceAll('-', STANDARD[dateFormat]);
        expect(short(told(ebcdic(text)))).toBe(day.toISOString().slice(0, 10));
      }),
    );
  });
});

test.each([
  ['MDY', '013040', '1940-01-30'],
  ['MDY', '013039', '2039-01-30'],
  ['DMY', '300199', '1999-01-30'],
  ['YMD', '000130', '2000-01-30'],
  ['JUL', '00366', '2000-12-31'],
  ['JUL', '40001', '1940-01-01'],
  ['JUL', '39365', '2039-12-31'],
] as const)('two digits of a year, *%s %s', (dateFormat, text, iso) => {
  expect(short(everywhere(field('DATE', { dateFormat, dateSeparator: '' }), ebcdic(text)))).toBe(iso);
});

test.each([
  ['ISO', '2023-02-29'],
  ['ISO', '1900-02-29'],
  ['ISO', '2024-13-01'],
  ['ISO', '2024-00-01'],
  ['ISO', '2024-04-31'],
  ['ISO', '2024-04-00'],
  ['ISO', '0000-01-01'],
  ['USA', '02/30/2024'],
  ['EUR', '31.11.2024'],
  ['MDY', '00/00/00'],
  ['YMD', '23/02/29'],
  ['JUL', '23/366'],
  ['JUL', '24/367'],
  ['JUL', '24/000'],
] as const)('*%s %s is in no calendar', (dateFormat, text) => {
  expect(short(everywhere(field('DATE', { dateFormat }), ebcdic(text)))).toEqual({
    value: null,
    codes: ['DATE_IMPOSSIBLE'],
  });
});

describe('TIME', () => {
  const at = (timeFormat: TimeFormat, text: string, timeSeparator: string | null = null): unknown =>
    short(everywhere(field('TIME', { timeFormat, timeSeparator }), ebcdic(text)));

  test.each([
    ['ISO', '23.59.59', '23:59:59'],
    ['EUR', '00.00.00', '00:00:00'],
    ['JIS', '07:08:09', '07:08:09'],
    ['HMS', '07:08:09', '07:08:09'],
    ['ISO', '24.00.00', '24:00:00'],
    ['HMS', '24:00:00', '24:00:00'],
  ] as const)('*%s %s', (format, text, iso) => {
    expect(at(format, text)).toBe(iso);
  });

  // 12 AM as JTOpen reads it, which is the first hour of the day
  test.each([
    ['01:00 AM', '01:00:00'],
    ['11:59 AM', '11:59:00'],
    ['12:00 PM', '12:00:00'],
    ['12:59 PM', '12:59:00'],
    ['01:00 PM', '13:00:00'],
    ['11:59 PM', '23:59:00'],
    ['12:00 AM', '00:00:00'],
    ['12:30 AM', '00:30:00'],
    ['00:00 AM', '00:00:00'],
    ['09:05 am', '09:05:00'],
    ['09:05 pm', '21:05:00'],
  ])('*USA %s', (text, iso) => {
    expect(at('USA', text)).toBe(iso);
  });

  test.each([
    ['USA', '13:00 PM', 'TIME_IMPOSSIBLE'],
    ['USA', '00:00 PM', 'TIME_IMPOSSIBLE'],
    ['USA', '01:60 AM', 'TIME_IMPOSSIBLE'],
    ['USA', '01.00 AM', 'TIME_TEXT'],
    ['USA', '01:00-AM', 'TIME_TEXT'],
    ['USA', '01:00 XM', 'TIME_TEXT'],
    ['USA', '01:00 AA', 'TIME_TEXT'],
    ['USA', '0a:00 AM', 'TIME_TEXT'],
    ['HMS', '24:00:01', 'TIME_IMPOSSIBLE'],
    ['HMS', '24:01:00', 'TIME_IMPOSSIBLE'],
    ['HMS', '25:00:00', 'TIME_IMPOSSIBLE'],
    ['HMS', '12:60:00', 'TIME_IMPOSSIBLE'],
    ['HMS', '12:00:60', 'TIME_IMPOSSIBLE'],
    ['HMS', '12:00.00', 'TIME_TEXT'],
    ['HMS', '12 00:00', 'TIME_TEXT'],
    ['HMS', '1a:00:00', 'TIME_TEXT'],
    ['HMS', '12:0a:00', 'TIME_TEXT'],
    ['HMS', '12:00:a0', 'TIME_TEXT'],
    ['ISO', '12:00:00', 'TIME_TEXT'],
    ['JIS', '12.00.00', 'TIME_TEXT'],
  ] as const)('*%s %s is refused', (format, text, code) => {
    expect(at(format, text)).toEqual({ value: null, codes: [code] });
  });

  test.each([':', '.', ',', ' '])('*HMS separated by %j', (separator) => {
    const text = ['07', '08', '09'].join(separator);
    expect(at('HMS', text, separator)).toBe('07:08:09');
    expect(at('HMS', text.replaceAll(separator, '-'), separator)).toEqual({ value: null, codes: ['TIME_TEXT'] });
  });

  test('without separators', () => {
    for (const format of ['ISO', 'EUR', 'JIS', 'HMS'] as const) expect(at(format, '235959', '')).toBe('23:59:59');
    // *USA never goes without its colon
    expect(at('USA', '11:59 PM', '')).toBe('23:59:00');
  });
});

describe('TIMESTAMP', () => {
  const at = (text: string, scale: number, output = {}): unknown =>
    short(everywhere(field('TIMESTAMP', { scale }), ebcdic(text), output));

  test.each(Array.from({ length: 13 }, (_, scale) => scale))('%i digits of a second', (scale) => {
    const fraction = '123456789012'.slice(0, scale);
    const dot = scale === 0 ? '' : '.';
    expect(at(`2024-02-29-23.59.58${dot}${fraction}`, scale)).toBe(`2024-02-29T23:59:58${dot}${fraction}`);
    expect(at(`0001-01-01-00.00.00${dot}${'0'.repeat(scale)}`, scale)).toBe(
      `0001-01-01T00:00:00${dot}${'0'.repeat(scale)}`,
    );
    expect(at(`9999-12-31-24.00.00${dot}${'0'.repeat(scale)}`, scale)).toBe(
      `9999-12-31T24:00:00${dot}${'0'.repeat(scale)}`,
    );
  });

  test.each([
    ['2024-02-30-00.00.00.000000', 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-00-10-00.00.00.000000', 'TIMESTAMP_IMPOSSIBLE'],
    ['0000-01-01-00.00.00.000000', 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29-24.00.00.000001', 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29-24.00.01.000000', 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29-23.60.00.000000', 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29 23.59.00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02-29-23:59.00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02-29-23.59:00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02-29-23.59.00,000000', 'TIMESTAMP_TEXT'],
    ['2024/02-29-23.59.00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02/29-23.59.00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02-29-23.59.00.00000a', 'TIMESTAMP_TEXT'],
    ['a024-02-29-23.59.00.000000', 'TIMESTAMP_TEXT'],
    ['2024-02-29-2a.59.00.000000', 'TIMESTAMP_TEXT'],
    ['                          ', 'TIMESTAMP_TEXT'],
  ])('%s is refused', (text, code) => {
    expect(at(text, 6)).toEqual({ value: null, codes: [code] });
  });

  test('any moment, and any byte of it spoiled', () => {
    const told = reading(field('TIMESTAMP', { scale: 3 }));
    const moments = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.nat(22), fc.integer({ min: 1, max: 255 }), (moment, place, change) => {
        const iso = moment.toISOString().slice(0, 23);
        const bytes = ebcdic(`${iso.slice(0, 10)}-${iso.slice(11).replaceAll(':', '.')}`);
        expect(short(told(bytes))).toBe(iso);
        bytes[place] = bytes[place]! ^ change;
        // either the one changed digit is seen, or the field is refused
        const spoiled = told(bytes);
        if (spoiled.errors.length > 0) expect(spoiled.value).toBeNull();
        else expect([...(spoiled.value as string)].filter((c, i) => c !== iso[i])).toHaveLength(1);
      }),
    );
  });
});

test.each(['DATE', 'TIME', 'TIMESTAMP'] as const)(
  'a %s that cannot be read is kept as hex where that is asked for',
  (type) => {
    const length = { DATE: 10, TIME: 8, TIMESTAMP: 26 }[type];
    const bytes = Buffer.alloc(length, 0x40);
    const told = everywhere(field(type, { scale: type === 'TIMESTAMP' ? 6 : 0 }), bytes, { onError: 'raw' });
    expect(told).toEqual({ value: '40'.repeat(length), errors: [`${type}_TEXT ${'40'.repeat(length)}`] });
  },
);
