/** Messages as tables: LL/CP parameters in any order, empty, repeated, unknown, too long and cut, written out by hand. */
import fc from 'fast-check';
import { ByteReader } from '../../../src/bytes/reader';
import { bytes, optional, rest, sized, struct, u8, u16, u32, u64 } from '../../../src/bytes/struct';
import { dbRequest } from '../../../src/hostserver/db-frame';
import { frameHeader } from '../../../src/hostserver/frame';
import { message, readParameters } from '../../../src/hostserver/message';
import { has, ORS, ors, orsNames } from '../../../src/hostserver/ors';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s|\|/g, ''), 'hex');
const table = message('thing', 0x1234, struct('template', [['wish', u16]]), {
  number: [0x1101, u32],
  text: [
    0x1102,
    struct('text', [
      ['ccsid', u16],
      ['data', rest],
    ]),
  ],
  marks: [0x1103, u8, 'many'],
  pair: [
    0x1104,
    struct('pair', [
      ['a', u8],
      ['b', optional(u16)],
    ]),
  ],
});

/** Header of a frame with a template of two bytes, then the parameters. */
const framed = (parameters: string): Buffer => {
  const body = hex(`0000 e004 00000000 00000007 0002 1234 | 00ff ${parameters}`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
};
const decoded = (parameters: string) => table.decode(framed(parameters));

test('a frame without parameters', () => {
  expect(decoded('')).toEqual({
    header: { length: 22, headerId: 0, serverId: 0xe004, instance: 0, correlation: 7, templateLength: 2, id: 0x1234 },
    template: { wish: 255 },
    parameters: {},
    unknown: [],
  });
});

test.each<[string, string, object, object[]]>([
  ['one', '0000000a 1101 00000005', { number: 5 }, []],
  [
    'in any order',
    '0000000a 1102 0025 c1c2 | 0000000a 1101 00000005',
    { number: 5, text: { ccsid: 37, data: hex('c1c2') } },
    [],
  ],
  ['present and empty', '00000006 1101', { number: null }, []],
  ['a text of no characters', '00000008 1102 04b8', { text: { ccsid: 1208, data: Buffer.alloc(0) } }, []],
  ['repeated', '00000007 1103 01 | 00000007 1103 02', { marks: [1, 2] }, []],
  ['repeated, one of them empty', '00000007 1103 01 | 00000006 1103', { marks: [1, null] }, []],
  ['one that was only meant to be repeated', '00000007 1103 09', { marks: [9] }, []],
  ['the last of two where one is meant', '0000000a 1101 00000005 | 0000000a 1101 00000006', { number: 6 }, []],
  ['with a tail it may lack', '00000007 1104 01', { pair: { a: 1, b: undefined } }, []],
  ['with that tail', '00000009 1104 01 0002', { pair: { a: 1, b: 2 } }, []],
  ['longer than it is known to be', '0000000e 1101 00000005 ffffffff', { number: 5 }, []],
  ['unknown', '00000008 7777 abcd', {}, [{ cp: 0x7777, data: hex('abcd') }]],
  [
    'unknown between others',
    '00000007 1103 01 | 00000006 7777 | 00000007 1103 02',
    { marks: [1, 2] },
    [{ cp: 0x7777, data: Buffer.alloc(0) }],
  ],
])('%s', (_, parameters, expected, unknown) => {
  const found = decoded(parameters);
  expect(found.parameters).toEqual(expected);
  expect(found.unknown).toEqual(unknown);
});

test.each([
  ['a length of 0', '00000000 1101 00000005', 'PARAMETER_LENGTH'],
  ['a length of 5', '00000005 1101 00000005', 'PARAMETER_LENGTH'],
  ['longer than the frame', '0000000b 1101 00000005', 'PARAMETER_LENGTH'],
  ['longer than anything', 'ffffffff 1101 00000005', 'PARAMETER_LENGTH'],
  ['cut in its length', '000000', 'BYTES_SHORT'],
  ['cut in its code point', '0000000a 11', 'BYTES_SHORT'],
  ['shorter than its shape', '00000008 1101 0005', 'BYTES_SHORT'],
  ['a pair of nothing but half a tail', '00000008 1104 01 00', 'BYTES_SHORT'],
])('%s is a coded error', (_, parameters, code) => {
  expect(() => decoded(parameters)).toThrow(expect.objectContaining({ code, family: 'protocol' }));
});

test('a cut frame never reads beyond its end', () => {
  const whole = framed('0000000a 1101 00000005 | 0000000a 1102 0025 c1c2 | 00000007 1103 01');
  const memory = Buffer.concat([whole, Buffer.alloc(64, 0xff)]);
  for (let n = 0; n < whole.length; n++) {
    const cut = memory.subarray(0, n);
    // a frame may end between two parameters
    if ([22, 32, 42].includes(n)) expect(Object.keys(table.decode(cut).parameters).length).toBe(n / 10 - 2.2);
    else
      expect(() => table.decode(cut)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(BYTES_SHORT|PARAMETER_LENGTH)$/) }),
      );
  }
});

test('what is decoded encodes to the same bytes, unknown ones last', () => {
  const parameter = fc.constantFrom(
    '0000000a 1101 00000005',
    '00000006 1101',
    '0000000a 1102 0025 c1c2',
    '00000009 1104 01 0002',
    '00000007 1104 01',
  );
  const marks = fc.array(fc.constantFrom('00000007 1103 01', '00000006 1103'), { maxLength: 3 });
  const unknown = fc.constantFrom('', '00000008 7777 abcd', '00000006 7778');
  fc.assert(
    fc.property(fc.uniqueArray(parameter, { selector: (p) => p.slice(9, 13) }), marks, unknown, (list, many, tail) => {
      const frame = framed([...list, ...many, tail].join('|'));
      const { header, template, parameters, unknown: rest } = table.decode(frame);
      expect(table.encode(header, template, parameters, rest).toString('hex')).toBe(frame.toString('hex'));
    }),
  );
});

test('an undefined parameter is not written, an empty one is', () => {
  const frame = table.encode({ serverId: 0xe004 }, { wish: 0 }, { number: null, text: undefined, marks: [] } as never);
  expect(frame.toString('hex', 22)).toBe('000000061101');
});

test('requests count their parameters, each repetition by itself', () => {
  const request = dbRequest('request', 0x1800, { one: [0x3801, u8], list: [0x3802, u8, 'many'] });
  const count = (values: Parameters<typeof request.request>[1]): number =>
    request.request({ correlation: 1, ors: 0 }, values).readUInt16BE(38);
  expect([
    count({}),
    count({ one: 1 }),
    count({ one: null }),
    count({ list: [1, 2, 3] }),
    count({ one: 1, list: [1] }),
  ]).toEqual([0, 1, 1, 3, 2]);
  // statement id in all three places, the descriptor behind them
  expect(
    request.request({ correlation: 0x01020304, ors: 0x80000000, statement: 9, descriptor: 8 }).toString('hex'),
  ).toBe(
    hex('00000028 0000 e004 00000000 01020304 0014 1800 | 80000000 00000000 0009 0009 0000 0009 0008 0000').toString(
      'hex',
    ),
  );
});

describe('shapes', () => {
  test('a part of a frame is named by its path in errors', () => {
    const reader = new ByteReader(hex('0000000a 1101 0000'), 'reply 2800');
    expect(() => [...readParameters(reader)]).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('reply 2800 at 0x0: parameter 1101 says it is 10 bytes long; 8 are left'),
      }),
    );
  });

  test('bytes of a fixed length are not written shorter', () => {
    const three = struct('three', [['b', bytes(3)]]);
    expect(three.encode({ b: hex('010203') }).toString('hex')).toBe('010203');
    expect(() => three.encode({ b: hex('0102') })).toThrow(RangeError);
  });

  test('bytes behind their length', () => {
    const text = struct('text', [
      ['a', sized(u16)],
      ['b', u64],
    ]);
    expect(text.decode(hex('0002 c1c2 ffffffffffffffff'))).toEqual({ a: hex('c1c2'), b: 18446744073709551615n });
    expect(() => text.decode(hex('0003 c1c2'))).toThrow(expect.objectContaining({ code: 'BYTES_SHORT' }));
    expect(text.encode({ a: hex('c1'), b: 1n }).toString('hex')).toBe('0001c10000000000000001');
  });

  test('a header of twenty bytes', () => {
    const header = {
      length: 40,
      headerId: 0x0301,
      serverId: 0xe009,
      instance: 1,
      correlation: 2,
      templateLength: 3,
      id: 0x7003,
    };
    expect(frameHeader.encode(header).toString('hex')).toBe(
      '00000028 0301 e009 00000001 00000002 0003 7003'.replaceAll(' ', ''),
    );
    expect(frameHeader.decode(frameHeader.encode(header))).toEqual(header);
  });
});

describe('the wish list', () => {
  // bits of docs/protocol.md#6.2
  test.each([
    ['reply', 0x80000000],
    ['messageId', 0x40000000],
    ['resultData', 0x04000000],
    ['requestCompressed', 0x00080000],
    ['variableFieldsCompressed', 0x00010000],
    ['cursorAttributes', 0x00008000],
  ] as const)('%s', (name, bit) => {
    expect(ors(ORS[name])).toBe(bit);
    expect(orsNames(bit)).toEqual([name]);
    expect(has(bit, ORS[name])).toBe(true);
  });

  test('together they are an unsigned number, in the order of the list', () => {
    const all = ors(...Object.values(ORS));
    expect(all).toBeGreaterThan(0);
    expect(orsNames(all)).toEqual(Object.keys(ORS));
    expect(orsNames(0)).toEqual([]);
    expect(has(ors(ORS.reply), ORS.sqlca)).toBe(false);
  });
});
