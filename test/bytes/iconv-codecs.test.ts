import fc from 'fast-check';
import iconv from 'iconv-lite';
import { registerIconv } from '../../src/bytes/ccsid/iconv-codecs';
import { textCodec } from '../../src/bytes/ccsid/registry';

describe('iconv-lite encodings', () => {
  beforeAll(() => registerIconv());

  test('names are added once and none of its own is replaced', () => {
    expect(iconv.encodingExists('ibm37')).toBe(true);
    expect(iconv.encodingExists('CP-1141')).toBe(true);
    expect(registerIconv()).toEqual([]);
    expect(iconv.encode('ä', 'cp850').toString('hex')).toBe('84');
  });

  test.each([37, 273, 939, 1388, 300, 1200, 1208])('CCSID %i in pieces is the same as in one', (ccsid) => {
    const alphabet = fc.constantFrom(
      ...(ccsid === 300
        ? ['ア', '　', '部']
        : [
            'A',
            ' ',
            '7',
            ...(ccsid > 500 ? ['ア', '中', ...(ccsid >= 1200 && ccsid !== 1388 ? ['😀', 'é'] : [])] : ['ä']),
          ]),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: alphabet, maxLength: 20 }),
        fc.array(fc.nat(50), { maxLength: 6 }),
        (text, cuts) => {
          const bytes = textCodec(ccsid).encode(text);
          expect(iconv.encode(text, `ibm${ccsid}`)).toEqual(bytes);
          expect(iconv.decode(bytes, `ibm${ccsid}`)).toBe(textCodec(ccsid).decode(bytes));
          const decoder = iconv.getDecoder(`ccsid${ccsid}`, { stripBOM: false });
          let seen = '';
          let from = 0;
          for (const to of [...cuts.filter((c) => c <= bytes.length).sort((a, b) => a - b), bytes.length]) {
            seen += decoder.write(bytes.subarray(from, to));
            from = to;
          }
          expect(seen + (decoder.end() ?? '')).toBe(textCodec(ccsid).decode(bytes));
        },
      ),
    );
  });
});
