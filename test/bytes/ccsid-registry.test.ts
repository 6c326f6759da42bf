import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownCcsids, textCodec } from '../../src/bytes/ccsid/registry';

describe('textCodec', () => {
  test.each([
    [37, 'C885939396', 'Hello'],
    [273, '4A', 'Ä'],
    [500, '4A', '['],
    [1140, '9F', '€'],
    [1141, '4AE05A', 'ÄÖÜ'],
    [1208, 'C3A4', 'ä'],
    [1200, '00E4D83DDE00', 'ä😀'],
    [13488, '20AC', '€'],
    [300, '43814382', 'アイ'],
    [939, 'C10E438143820FC2', 'AアイB'],
    [1390, '0E42600F', '−'],
    [819, 'E4', 'ä'],
    [943, '8341', 'ア'],
  ])('CCSID %i: %s is %s, both ways', (ccsid, bytes, text) => {
    const codec = textCodec(ccsid);
    expect(codec.decode(Buffer.from(bytes, 'hex'))).toBe(text);
    expect(codec.lastProblem).toBeNull();
    expect(codec.encode(text).toString('hex').toUpperCase()).toBe(bytes);
    expect(codec.lastReplacements).toBe(0);
  });

  test.each([
    [939, 'C10E43814382', 'Aアイ', 'TEXT_CUT_RUN'],
    [939, 'C10E438143', 'Aア\ufffd', 'TEXT_CUT_RUN'],
    [939, 'C10E430FC1', 'A\ufffdA', 'TEXT_CUT_RUN'],
    [939, 'C10FC2', 'A\u000fB', 'TEXT_UNPAIRED_SHIFT'],
    [939, 'C10E43810E43820F', 'Aア\u000eイ', 'TEXT_UNPAIRED_SHIFT'],
    [939, '0EFEFD0F', '\ufffd', 'TEXT_UNDEFINED'],
    [300, '438143', 'ア\ufffd', 'TEXT_CUT_RUN'],
    [1200, '0041D800', 'A\ufffd', 'TEXT_CUT_RUN'],
    [1200, 'DC000041', '\ufffdA', 'TEXT_UNDEFINED'],
    [1208, '41C3', 'A\ufffd', 'TEXT_CUT_RUN'],
    [1208, '41FF41', 'A\ufffdA', 'TEXT_UNDEFINED'],
    [836, 'C157C2', 'A\ufffdB', 'TEXT_UNDEFINED'],
  ])('CCSID %i: %s gives %j and reports %s', (ccsid, bytes, text, problem) => {
    const codec = textCodec(ccsid);
    expect({ text: codec.decode(Buffer.from(bytes, 'hex')), problem: codec.lastProblem }).toEqual({ text, problem });
  });

  test('docs/ccsids.md lists every page, and no other', () => {
    const text = readFileSync(join(__dirname, '../../docs/ccsids.md'), 'utf8');
    const rows = text.split('\n').filter((l) => /^\| (EBCDIC|Unicode|ASCII)/.test(l));
    const listed = rows.flatMap((row) =>
      [
        ...row
          .split('|')[2]!
          .replace(/\([^)]*\)/g, '')
          .matchAll(/\d+(?:-\d+)?/g),
      ].flatMap(([range]) => {
        const [from, to] = range.split('-').map(Number);
        return Array.from({ length: (to ?? from!) - from! + 1 }, (_, i) => from! + i);
      }),
    );
    expect(listed.sort((a, b) => a - b)).toEqual(knownCcsids());
  });

  test.each([
    [4971, 'FC41', '€Α'],
    [9030, 'C1', 'A'],
    [8612, 'F0', '0'],
    [12708, 'C1', 'A'],
    [12712, '41', 'א'],
    [13121, 'C1', 'A'],
    [28709, 'C1', 'A'],
    [1175, 'C1', 'A'],
    [1125, '80', 'А'],
    [1202, '4100', 'A'],
    [17584, '0041', 'A'],
    [8492, '4381', 'ア'],
  ])('CCSID %i: %s is %s', (ccsid, bytes, text) => {
    expect(textCodec(ccsid).decode(Buffer.from(bytes, 'hex'))).toBe(text);
  });

  test('refuses bytes and unknown pages with a code', () => {
    expect(() => textCodec(65535)).toThrow(expect.objectContaining({ code: 'CCSID_BINARY', family: 'decode' }));
    expect(() => textCodec(4)).toThrow(expect.objectContaining({ code: 'CCSID_UNKNOWN', family: 'decode' }));
  });

  test('what a page lacks becomes its substitution character and is counted', () => {
    expect(textCodec(37).encode('a€b').toString('hex')).toBe('813f82');
    expect(textCodec(37).lastReplacements).toBe(1);
    expect(textCodec(300).encode('ア😀').toString('hex')).toBe('4381fefe');
    expect(textCodec(300).lastReplacements).toBe(1);
  });

  test.each(knownCcsids())('CCSID %i loads', (ccsid) => {
    expect(textCodec(ccsid).ccsid).toBe(ccsid);
    expect(textCodec(ccsid).decode(textCodec(ccsid).encode(''))).toBe('');
  });
});
