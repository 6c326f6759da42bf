/** Unicode CCSIDs against the decoders of the WHATWG and of Node: whole texts, spoiled ones, texts cut anywhere. */
import fc from 'fast-check';
import { textCodec } from '../../src/bytes/ccsid/registry';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
/** UTF-16 units that need not pair. */
const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })), {
  maxLength: 20,
});

const ENCODED: readonly [ccsid: number, encode: (text: string) => Buffer][] = [
  [1208, (text) => Buffer.from(text, 'utf8')],
  [1200, (text) => Buffer.from(text, 'utf16le').swap16()],
  [13488, (text) => Buffer.from(text, 'utf16le').swap16()],
  [17584, (text) => Buffer.from(text, 'utf16le').swap16()],
  [1202, (text) => Buffer.from(text, 'utf16le')],
];

describe.each(ENCODED)('CCSID %i', (ccsid, encode) => {
  const codec = textCodec(ccsid);

  test('any text, both ways, from the middle of a buffer', () => {
    fc.assert(
      fc.property(anyText, fc.nat(5), fc.nat(5), (text, before, behind) => {
        const bytes = encode(text);
        expect(codec.encode(text).equals(bytes)).toBe(true);
        const memory = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(behind, 0xff)]);
        expect(codec.decode(memory, before, before + bytes.length)).toBe(text);
        expect([codec.lastProblem, codec.lastReplacements]).toEqual([null, 0]);
        const out = new Uint16Array(bytes.length);
        const n = codec.decodeInto(memory, before, before + bytes.length, out);
        expect(String.fromCharCode(...out.subarray(0, n))).toBe(text);
      }),
    );
  });

  test('a text that begins with a byte order mark keeps it', () => {
    expect(codec.decode(encode('\ufeffA'))).toBe('\ufeffA');
    expect(codec.lastProblem).toBeNull();
  });

  test('a text cut within a character says so, and keeps what is whole', () => {
    fc.assert(
      fc.property(anyText, fc.nat(160), (text, cut) => {
        const bytes = encode(text).subarray(0, cut);
        const characters = [...text];
        while (encode(characters.join('')).length > bytes.length) characters.pop();
        const whole = characters.join('');
        const cutWithin = encode(whole).length !== bytes.length;
        const found = codec.decode(bytes);
        if (!cutWithin) expect(found).toBe(whole);
        else {
          expect(found.startsWith(whole)).toBe(true);
          expect(found.slice(whole.length)).toMatch(/^\ufffd+$/);
        }
        expect(codec.lastProblem).toBe(cutWithin ? 'TEXT_CUT_RUN' : null);
      }),
    );
  });
});

test('any bytes as UTF-8, as a browser reads them', () => {
  const browser = new TextDecoder('utf-8', { ignoreBOM: true });
  const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const codec = textCodec(1208);
  const isText = (bytes: Uint8Array): boolean => {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe2, 0x82, 0xac, 0xed, 0xf0, 0xf4));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
      const bytes = Buffer.from(list);
      expect(codec.decode(bytes)).toBe(browser.decode(bytes));
      expect(codec.lastProblem === null).toBe(isText(bytes));
    }),
    { numRuns: 500 },
  );
});

test.each([
  [1200, 'big', (list: number[]) => Buffer.from(Uint16Array.from(list).buffer).swap16()],
  [1202, 'little', (list: number[]) => Buffer.from(Uint16Array.from(list).buffer)],
] as const)('CCSID %i, %s end first: surrogates without their partner are replaced one by one', (ccsid, _, bytesOf) => {
  const codec = textCodec(ccsid);
  fc.assert(
    fc.property(units, (list) => {
      const text = String.fromCharCode(...list);
      const wellFormed = text.replace(
        /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        '\ufffd',
      );
      expect(codec.decode(bytesOf(list))).toBe(wellFormed);
      const marks = (t: string): number => t.split('\ufffd').length - 1;
      expect(codec.lastReplacements).toBe(marks(wellFormed) - marks(text));
    }),
  );
});

test.each([
  [1208, '', ''],
  [1200, '', ''],
  [1208, '00', '\0'],
  [1208, 'f09f9880', '😀'],
  [1208, 'efbfbd', '\ufffd'],
  [1200, 'd83dde00', '😀'],
  [1200, 'fffd', '\ufffd'],
  [1202, '3dd800de', '😀'],
])('CCSID %i: %s', (ccsid, bytes, text) => {
  const codec = textCodec(ccsid);
  expect(codec.decode(hex(bytes))).toBe(text);
  expect(codec.lastProblem).toBeNull();
});

test.each([
  [1208, 'c0af', 'TEXT_UNDEFINED'],
  [1208, 'eda080', 'TEXT_UNDEFINED'],
  [1208, 'f4908080', 'TEXT_UNDEFINED'],
  [1208, '80', 'TEXT_UNDEFINED'],
  [1208, 'e282', 'TEXT_CUT_RUN'],
  [1208, 'f09f98', 'TEXT_CUT_RUN'],
  [1208, 'c3', 'TEXT_CUT_RUN'],
  [1200, 'd83d', 'TEXT_CUT_RUN'],
  [1200, '00', 'TEXT_CUT_RUN'],
  [1200, 'd83dde', 'TEXT_CUT_RUN'],
  [1200, 'd83d0041', 'TEXT_UNDEFINED'],
  [1202, '410042', 'TEXT_CUT_RUN'],
  [1202, '00dc4100', 'TEXT_UNDEFINED'],
])('CCSID %i: %s is %s', (ccsid, bytes, problem) => {
  const codec = textCodec(ccsid);
  codec.decode(hex(bytes));
  expect(codec.lastProblem).toBe(problem);
});
