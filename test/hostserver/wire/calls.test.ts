/** What a statement is, from its text; and parameters of program calls as they travel, by the rules of docs/protocol.md#11. */
import fc from 'fast-check';
import { parameterValue, wireParameter } from '../../../src/hostserver/client/command/parameters';
import { hasMarkers, statementType } from '../../../src/hostserver/client/statement-kind';
import { STATEMENT_TYPE } from '../../../src/hostserver/messages/database/statement';
import { USAGE } from '../../../src/hostserver/messages/remote-command';
import { expandRle } from '../../../src/hostserver/rle';

test.each<[string, keyof typeof STATEMENT_TYPE]>([
  ['SELECT 1 FROM T', 'select'],
  ['select 1 from t', 'select'],
  ['  \n\tSELECT 1', 'select'],
  ['((SELECT 1))', 'select'],
  ['( ( SELECT 1 FROM T ) )', 'select'],
  ['WITH A AS (SELECT 1 FROM T) SELECT * FROM A', 'select'],
  ['VALUES 1', 'select'],
  ['VALUES(1)', 'select'],
  ['-- a remark\nSELECT 1', 'select'],
  ['/* one */ -- two\n /* three\n lines */ SELECT 1', 'select'],
  ['CALL QSYS2.QCMDEXC(?)', 'call'],
  ['COMMIT', 'commit'],
  ['ROLLBACK WORK', 'rollback'],
  ['CONNECT TO X', 'connect'],
  ['INSERT INTO T SELECT * FROM U', 'other'],
  ['UPDATE T SET A = 1', 'other'],
  ['SELECTED', 'other'],
  ['-- SELECT', 'other'],
  ['', 'other'],
  ['?', 'other'],
])('%j', (sql, kind) => {
  expect(statementType(sql)).toBe(STATEMENT_TYPE[kind]);
});

test.each([
  ['SELECT ? FROM T', true],
  ["SELECT '?' FROM T", false],
  ["SELECT 'it''s ?' FROM T", false],
  ["SELECT 'a' || ? FROM T", true],
  ['SELECT "A?" FROM T', false],
  ['SELECT "A""?" FROM T', false],
  ['SELECT 1 -- ?\nFROM T', false],
  ['SELECT 1 -- x\n WHERE A = ?', true],
  ['SELECT /* ? */ 1', false],
  ['SELECT /* a */ ? /* b */', true],
  ['', false],
])('%j has markers: %s', (sql, expected) => {
  expect(hasMarkers(sql)).toBe(expected);
});

describe('parameters of programs', () => {
  const bytes = (...list: number[]): Buffer => Buffer.from(list);

  test.each([
    ['input', { input: bytes(1, 2, 3) }, 11, { maximumLength: 3, usage: USAGE.input, data: bytes(1, 2, 3) }],
    [
      'input with zeros behind it',
      { input: bytes(1, 0, 0) },
      11,
      { maximumLength: 3, usage: USAGE.input, data: bytes(1) },
    ],
    ['input of zeros', { input: bytes(0, 0) }, 11, { maximumLength: 2, usage: USAGE.input, data: bytes() }],
    ['output', { output: 500 }, 11, { maximumLength: 500, usage: USAGE.output, data: bytes() }],
    ['both', { input: bytes(1), output: 8 }, 5, { maximumLength: 8, usage: USAGE.inOutNew, data: bytes(1) }],
    [
      'both, to an old server',
      { input: bytes(1), output: 8 },
      4,
      { maximumLength: 8, usage: USAGE.inOut, data: bytes(1) },
    ],
    [
      'more in than out',
      { input: bytes(1, 2, 3), output: 1 },
      5,
      { maximumLength: 3, usage: USAGE.inOutNew, data: bytes(1, 2, 3) },
    ],
    ['neither', {}, 6, { maximumLength: 0, usage: USAGE.nothing, data: bytes() }],
    ['neither, to an old server', {}, 5, { maximumLength: 0, usage: 1, data: bytes() }],
  ])('%s', (_, parameter, level, expected) => {
    expect(wireParameter(parameter, level)).toEqual(expected);
  });

  test('a kibibyte is sent as it is, more is compressed where that is shorter', () => {
    const blanks = (n: number): Buffer => Buffer.alloc(n, 0x40);
    expect(wireParameter({ input: blanks(1024) }, 11).usage).toBe(USAGE.input);
    const packed = wireParameter({ input: blanks(1026) }, 11);
    expect([packed.usage, packed.maximumLength]).toEqual([USAGE.inputCompressed, 1026]);
    expect(packed.data.toString('hex')).toBe('1b40400201');
    expect(wireParameter({ input: blanks(10), output: 2000 }, 11).usage).toBe(USAGE.inOutCompressed);
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => ((i * 7919) >> 3) & 0xff));
    expect(wireParameter({ input: noise }, 11).usage).toBe(USAGE.input);
  });

  test('whatever is sent can be had again, filled up to its length', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.tuple(fc.nat(255), fc.nat(900)).map(([byte, n]) => new Uint8Array(n).fill(byte)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.option(fc.nat(4000), { nil: undefined }), (pieces, output) => {
        const input = Buffer.concat(pieces);
        const { maximumLength, usage, data } = wireParameter(output === undefined ? { input } : { input, output }, 11);
        expect(maximumLength).toBe(Math.max(input.length, output ?? 0));
        const compressed = usage === USAGE.inputCompressed || usage === USAGE.inOutCompressed;
        const sent = compressed
          ? expandRle(data, maximumLength)
          : Buffer.concat([data, Buffer.alloc(maximumLength - data.length)]);
        expect(sent.equals(Buffer.concat([input, Buffer.alloc(maximumLength - input.length)]))).toBe(true);
        expect(data.length).toBeLessThanOrEqual(maximumLength);
      }),
    );
  });

  test.each([
    [
      'an output',
      { maximumLength: 20, usage: USAGE.output, data: Buffer.from('c1c21b40400009', 'hex') },
      `c1c2${'40'.repeat(18)}`,
    ],
    [
      'a compressed in-out',
      { maximumLength: 10, usage: USAGE.inOutCompressed, data: Buffer.from('1b00000005', 'hex') },
      '00'.repeat(10),
    ],
    ['an in-out without its zeros', { maximumLength: 10, usage: USAGE.inOutNew, data: bytes(1, 2) }, '0102'],
  ])('%s comes back', (_, parameter, expected) => {
    expect(parameterValue(parameter).toString('hex')).toBe(expected);
  });

  test('a reply that expands to another length is refused', () => {
    const spoiled = { maximumLength: 11, usage: USAGE.output, data: Buffer.from('1b00000005', 'hex') };
    expect(() => parameterValue(spoiled)).toThrow(expect.objectContaining({ code: 'RLE_DATA' }));
  });
});
