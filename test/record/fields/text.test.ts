/** Text fields: blanks, lengths, escapes, double bytes and what a page does not define. Bytes are written by hand from IBM's charts. */
import fc from 'fast-check';
import type { ColumnFormat, SqlTypeName } from '../../../src/model/record-format';
import { ebcdic, everywhere, field, hex, planned, reading, short } from '../support/fields';

const char = (length: number, ccsid = 37): ColumnFormat => field('CHAR', { length, ccsid });
/** The slot of a varying field with X'A5' behind its data. */
function slot(data: Buffer, capacity: number, unit = 1): Buffer {
  const out = Buffer.alloc(2 + capacity, 0xa5);
  out.writeUInt16BE(data.length / unit);
  data.copy(out, 2);
  return out;
}

describe('trailing blanks', () => {
  test.each(Array.from({ length: 12 }, (_, i) => i))('%i of them', (blanks) => {
    for (const text of ['', 'A', 'AB', 'ABC', 'ABCD', ' A', 'A B', 'ABCDEFGH']) {
      const length = text.length + blanks;
      if (length === 0) continue;
      const bytes = ebcdic(text + ' '.repeat(blanks));
      expect(short(everywhere(char(length), bytes))).toBe(text);
      expect(short(everywhere(char(length), bytes, { trim: false }))).toBe(text + ' '.repeat(blanks));
    }
  });

  test('of a varying field are trimmed, too, and what is behind its length is not looked at', () => {
    const column = field('VARCHAR', { length: 10, ccsid: 37 });
    expect(short(everywhere(column, slot(ebcdic('AB  '), 10)))).toBe('AB');
    expect(short(everywhere(column, slot(ebcdic('AB  '), 10), { trim: false }))).toBe('AB  ');
    expect(short(everywhere(column, slot(ebcdic(''), 10)))).toBe('');
    expect(short(everywhere(column, slot(ebcdic('ABCDEFGHIJ'), 10)))).toBe('ABCDEFGHIJ');
  });

  test.each([
    ['UTF-8', 'CHAR', 5, 1208, '4142202020', 'AB', 'AB   '],
    ['UTF-16', 'GRAPHIC', 3, 1200, '004100200020', 'A', 'A  '],
    ['UCS-2', 'GRAPHIC', 3, 13488, '004100200020', 'A', 'A  '],
    // X'4040' is the ideographic space
    ['Japanese', 'GRAPHIC', 3, 300, '42c140404040', '\uff21', '\uff21\u3000\u3000'],
    ['ASCII', 'CHAR', 4, 819, '41422020', 'AB', 'AB  '],
    ['mixed', 'CHAR', 6, 939, 'c10e42c10f40', 'A\uff21', 'A\uff21 '],
  ] as const)('%s', (_, type, length, ccsid, bytes, trimmed, kept) => {
    const column = field(type, { length, ccsid });
    expect(short(everywhere(column, hex(bytes)))).toBe(trimmed);
    expect(short(everywhere(column, hex(bytes), { trim: false }))).toBe(kept);
  });

  test('blanks at the beginning of the next field are not taken for it', () => {
    const columns = [char(2), field('CHAR', { name: 'NEXT', length: 6, ccsid: 37 })];
    expect(planned(columns, ebcdic('A       ')).value).toBe('A');
    expect(
      planned(
        [columns[1]!, columns[0]!].map((c, i) => ({ ...c, name: i === 1 ? 'F' : 'NEXT' })),
        ebcdic('      AB'),
      ).value,
    ).toBe('AB');
  });
});

describe('length prefixes', () => {
  test.each([
    ['VARCHAR', 37, 4, '0005 c1c2c3c4'],
    ['VARCHAR', 65535, 4, 'ffff c1c2c3c4'],
    ['VARBINARY', null, 4, '8000 01020304'],
    ['VARGRAPHIC', 1200, 2, '0003 00410042'],
    ['VARGRAPHIC', 1200, 2, '7fff 00410042'],
    ['DATALINK', 37, 4, '0005 c1c2c3c4'],
  ] as const)('%s of CCSID %s (%i): %s is longer than declared', (type, ccsid, length, image) => {
    const bytes = hex(image);
    for (const onError of ['null', 'raw'] as const)
      expect(everywhere(field(type, { length, ccsid }), bytes, { onError })).toEqual({
        value: onError === 'raw' ? bytes.toString('hex') : null,
        errors: [`VARYING_LENGTH ${bytes.toString('hex')}`],
      });
  });

  test.each([0, 1, 2, 3, 4])('%i characters of a VARGRAPHIC(4)', (count) => {
    const text = 'ÄЖ中A'.slice(0, count);
    const data = Buffer.from(text, 'utf16le').swap16();
    expect(short(everywhere(field('VARGRAPHIC', { length: 4, ccsid: 1200 }), slot(data, 8, 2)))).toBe(text);
  });
});

describe('what JSON must escape', () => {
  // CCSID 37: controls where ASCII has other ones (X'05' is tab, X'25' line feed, X'15' next line), quote X'7F', backslash X'E0'
  test.each([
    ['7f', '"'],
    ['e0', '\\'],
    ['05', '\t'],
    ['25', '\n'],
    ['0d', '\r'],
    ['16', '\b'],
    ['0c', '\f'],
    ['00', '\0'],
    ['01', '\u0001'],
    ['3f', '\u001a'],
    ['07', '\u007f'],
    ['15', '\u0085'],
    ['41', '\u00a0'],
  ])('X %s', (byte, expected) => {
    for (const lead of ['', 'c1', 'c1c1c1', 'c1c1c1c1']) {
      const bytes = hex(`${lead}${byte}c1`);
      expect(short(everywhere(char(bytes.length), bytes))).toBe(`${'A'.repeat(lead.length / 2)}${expected}A`);
    }
  });

  test('any bytes of a single-byte page come back as its table has them', () => {
    // ISO 8859-1: a byte is its code point
    const latin = reading(char(16, 819), { trim: false });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(short(latin(Buffer.from(bytes)))).toBe(String.fromCharCode(...bytes));
      }),
    );
  });

  test('any UTF-8 comes back', () => {
    const told = reading(field('VARCHAR', { length: 60, ccsid: 1208 }), { trim: false });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (text) => {
        const data = Buffer.from(text);
        if (data.length > 60) return;
        expect(short(told(slot(data, 60)))).toBe(text);
      }),
    );
  });

  test('any UTF-16 without lone surrogates comes back', () => {
    const told = reading(field('VARGRAPHIC', { length: 60, ccsid: 1200 }), { trim: false });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        expect(short(told(slot(Buffer.from(text, 'utf16le').swap16(), 120, 2)))).toBe(text);
      }),
    );
  });
});

describe('double bytes between shift-out and shift-in', () => {
  // CCSID 939 (Japanese Latin): X'42C1' is the wide A, X'4481' hiragana a, X'4040' the ideographic space
  const mixed = (bytes: string, output = {}): unknown => {
    const image = hex(bytes);
    return short(everywhere(char(image.length, 939), image, output));
  };
  const refused = (code: string) => ({ value: null, codes: [code] });

  test.each([
    ['0e42c10f', '\uff21'],
    ['c10e42c142c10fc2', 'A\uff21\uff21B'],
    ['0e0fc1', 'A'],
    ['0e40400fc1', '\u3000A'],
    ['0e42c10f0e42c10f', '\uff21\uff21'],
    ['c1c2c3c4c5c6c7c8', 'ABCDEFGH'],
    ['c1c2c3c40e42c10f', 'ABCD\uff21'],
    ['0e42c10fc1c2c3c4', '\uff21ABCD'],
  ])('%s', (bytes, text) => {
    expect(mixed(bytes)).toBe(text);
  });

  // what can be read stays, with U+FFFD for what is undefined; a shift without a run is the control character it is
  test.each([
    ['a run that is not closed', 'c10e42c1', 'TEXT_CUT_RUN', 'A\uff21'],
    ['a run cut within a character', 'c10e42', 'TEXT_CUT_RUN', 'A\ufffd'],
    ['nothing behind the shift-out', 'c10e', 'TEXT_CUT_RUN', 'A'],
    ['a shift-in outside of a run', 'c10fc2', 'TEXT_UNPAIRED_SHIFT', 'A\u000fB'],
    ['a shift-out in a run', '0e42c10e42c10f', 'TEXT_UNPAIRED_SHIFT', '\uff21\u000e\uff21'],
    ['a pair nobody defined', '0efefe0f', 'TEXT_UNDEFINED', '\ufffd'],
  ])('%s', (_, bytes, code, readable) => {
    expect(mixed(bytes)).toEqual(refused(code));
    expect(mixed(bytes, { onError: 'raw' })).toEqual({ value: bytes, codes: [code] });
    expect(mixed(bytes, { onError: 'replace' })).toEqual({ value: readable, codes: [code] });
  });

  test('a run cut by the end of the field keeps what was whole', () => {
    expect(mixed('c10e42c142', { onError: 'replace' })).toEqual({ value: 'A\uff21\ufffd', codes: ['TEXT_CUT_RUN'] });
  });
});

describe('what is not text', () => {
  test.each<[string, SqlTypeName, number, number, string, string, string]>([
    ['a byte that begins nothing', 'CHAR', 3, 1208, '41ff42', 'TEXT_UNDEFINED', 'A\ufffdB'],
    ['a continuation alone', 'CHAR', 3, 1208, '418042', 'TEXT_UNDEFINED', 'A\ufffdB'],
    ['an overlong form', 'CHAR', 3, 1208, '41c080', 'TEXT_UNDEFINED', 'A\ufffd\ufffd'],
    ['a surrogate in UTF-8', 'CHAR', 4, 1208, '41eda080', 'TEXT_UNDEFINED', 'A\ufffd\ufffd\ufffd'],
    ['a point above U+10FFFF', 'CHAR', 4, 1208, 'f4908080', 'TEXT_UNDEFINED', '\ufffd\ufffd\ufffd\ufffd'],
    ['a character cut by the end', 'CHAR', 3, 1208, '41e282', 'TEXT_CUT_RUN', 'A\ufffd'],
    ['a high surrogate alone', 'GRAPHIC', 2, 1200, 'd8000041', 'TEXT_UNDEFINED', '\ufffdA'],
    ['a low surrogate alone', 'GRAPHIC', 2, 1200, '0041dc00', 'TEXT_UNDEFINED', 'A\ufffd'],
  ])('%s', (_, type, length, ccsid, bytes, code, lenient) => {
    const column = field(type, { length, ccsid });
    const image = hex(bytes);
    expect(everywhere(column, image)).toEqual({ value: null, errors: [`${code} ${bytes}`] });
    expect(everywhere(column, image, { onError: 'raw' }).value).toBe(bytes);
    expect(everywhere(column, image, { onError: 'replace' })).toEqual({ value: lenient, errors: [`${code} ${bytes}`] });
  });

  test('a byte a single-byte page does not define', () => {
    // CCSID 875 (Greek) has no character at X'DC'
    const column = char(3, 875);
    expect(everywhere(column, hex('c1dcc2'))).toEqual({ value: null, errors: ['TEXT_UNDEFINED c1dcc2'] });
    expect(everywhere(column, hex('c1dcc2'), { onError: 'replace' }).value).toBe('A\ufffdB');
  });
});

test.each<[SqlTypeName, number]>([
  ['CHAR', 3],
  ['VARCHAR', 3],
  ['GRAPHIC', 3],
  ['CLOB', 3],
])('a %s without a CCSID is not guessed', (type, length) => {
  expect(() => planned([field(type, { length })], Buffer.alloc(64))).toThrow(
    expect.objectContaining({ code: 'FORMAT_CCSID', facts: expect.objectContaining({ column: 'F' }) }),
  );
});
