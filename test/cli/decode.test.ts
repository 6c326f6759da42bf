import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Command } from 'commander';
import { register } from '../../src/cli/commands/mapping/decode';

interface Outcome {
  readonly code: number;
  readonly lines: string[];
}

/** Runs the command on the given input; a program of its own, so that no other command is loaded. */
async function decode(input: Iterable<string | Buffer>, ...args: string[]): Promise<Outcome> {
  const stdout = new PassThrough();
  const out: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => out.push(chunk));
  let code = -1;
  const program = new Command('ibmi-cdc').exitOverride().option('--json', '', false);
  register(program, {
    stdin: Readable.from(input),
    stdout,
    stderr: new PassThrough(),
    env: {},
    exit: (n) => {
      code = n;
    },
  });
  await program.parseAsync(['decode', ...args], { from: 'user' });
  const text = Buffer.concat(out).toString('utf8');
  return { code, lines: text === '' ? [] : text.trimEnd().split('\n') };
}

const column = (name: string, type: string, rest: object = {}): object => ({
  name,
  type,
  length: 0,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...rest,
});

async function one(columns: object[], hex: string, nullMap: string | null = null, ...args: string[]): Promise<unknown> {
  const format = { table: 'LIB/FILE', columns };
  const { lines } = await decode([`${JSON.stringify({ hex: hex.replace(/ /g, ''), nullMap, format })}\n`], ...args);
  return JSON.parse(lines[0]!);
}

const good = (row: object): object => ({ row, errors: [] });

describe('the documented example of an exported ENTRY_DATA', () => {
  const format = [
    column('F1', 'CHAR', { length: 32, ccsid: 273 }),
    column('F2', 'VARCHAR', { length: 128, ccsid: 273 }),
    column('F3', 'VARGRAPHIC', { length: 128, ccsid: 1200 }),
    column('N1', 'DECIMAL', { length: 11, scale: 2 }),
    column('N2', 'NUMERIC', { length: 11, scale: 2 }),
    column('N3', 'INTEGER', { length: 4 }),
  ];
  const image =
    `C1${'40'.repeat(31)}000AC1C2C3C4C5C6C7C8C9D1${'A5'.repeat(118)}` +
    `000D00C400D600DC00E400F600FC00DF00A7007B005D005B005D007D${'5A'.repeat(230)}00000001234F` +
    'F0F0F0F0F0F0F0F5F6F7F8' +
    '0000005A';

  test('decodes every slot', async () => {
    expect(await one(format, image)).toEqual(
      good({ F1: 'A', F2: 'ABCDEFGHIJ', F3: 'ÄÖÜäöüß§{][]}', N1: '12.34', N2: '56.78', N3: 90 }),
    );
  });

  test('a truncated or prolonged image is refused, whatever its length', async () => {
    const input = [];
    for (let n = 0; n <= image.length + 2; n += 26)
      if (n !== image.length)
        input.push(
          `${JSON.stringify({ hex: image.padEnd(image.length + 2, '0').slice(0, n), nullMap: null, format: { table: 'A/B', columns: format } })}\n`,
        );
    const { code, lines } = await decode(input);
    expect(code).toBe(5);
    expect(lines.length).toBe(input.length);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ error: { code: 'LAYOUT_IMAGE' } });
  });
});

describe('values', () => {
  test.each<[string, object[], string, object]>([
    ['trailing blanks', [column('A', 'CHAR', { length: 4, ccsid: 37 })], '40C14040', { A: ' A' }],
    ['all blank', [column('A', 'CHAR', { length: 2, ccsid: 37 })], '4040', { A: '' }],
    ['escapes', [column('A', 'CHAR', { length: 5, ccsid: 37 })], '7FE0250057', { A: '"\\\n\u0000ï' }],
    ['mixed', [column('A', 'CHAR', { length: 10, ccsid: 939 })], 'C10E438143820F404040', { A: 'Aアイ' }],
    ['DBCS pads', [column('A', 'GRAPHIC', { length: 3, ccsid: 300 })], '438140404040', { A: 'ア' }],
    ['UTF-8', [column('A', 'CHAR', { length: 6, ccsid: 1208 })], 'C3A4E282AC20', { A: 'ä€' }],
    ['UTF-16', [column('A', 'GRAPHIC', { length: 4, ccsid: 1200 })], '00E4D83DDE000020', { A: 'ä😀' }],
    ['bit data', [column('A', 'CHAR', { length: 3, ccsid: 65535 })], '00FF40', { A: 'AP9A' }],
    ['binary', [column('A', 'BINARY', { length: 4 })], 'A385A2A3', { A: 'o4Wiow==' }],
    ['varbinary', [column('A', 'VARBINARY', { length: 5 })], '0002A385A2A3A3', { A: 'o4U=' }],
    ['rowid', [column('A', 'ROWID')], `0002ABCD${'00'.repeat(38)}`, { A: 'q80=' }],
    [
      'smallint',
      [column('A', 'SMALLINT'), column('B', 'SMALLINT', { scale: 2 })],
      '8000FFFB',
      { A: -32768, B: '-0.05' },
    ],
    [
      'integer',
      [column('A', 'INTEGER'), column('B', 'INTEGER')],
      '800000007FFFFFFF',
      { A: -2147483648, B: 2147483647 },
    ],
    [
      'bigint',
      [column('A', 'BIGINT'), column('B', 'BIGINT')],
      '8000000000000000001FFFFFFFFFFFFF',
      { A: '-9223372036854775808', B: '9007199254740991' },
    ],
    ['real', [column('A', 'REAL'), column('B', 'REAL')], '3DCCCCCD7FC00000', { A: 0.1, B: 'NaN' }],
    [
      'double',
      [column('A', 'DOUBLE'), column('B', 'DOUBLE')],
      '3FB999999999999AFFF0000000000000',
      { A: 0.1, B: '-Infinity' },
    ],
    [
      'decfloat',
      [column('A', 'DECFLOAT', { length: 8 }), column('B', 'DECFLOAT', { length: 16 })],
      'A2300000000003D0F8000000000000000000000000000000',
      { A: '-7.50', B: '-Infinity' },
    ],
    ['boolean', [column('A', 'BOOLEAN'), column('B', 'BOOLEAN')], 'F0F1', { A: false, B: true }],
    [
      'decimals',
      [column('A', 'DECIMAL', { length: 4, scale: 2 }), column('B', 'NUMERIC', { length: 3, scale: 3 })],
      '01230D F0F5C0',
      { A: '-12.30', B: '0.050' },
    ],
    [
      '63 digits',
      [column('A', 'DECIMAL', { length: 63, scale: 1 })],
      `${'12'.repeat(31)}3D`,
      { A: `-${'12'.repeat(31)}.3` },
    ],
    ['date *ISO', [column('A', 'DATE')], 'F2F0F2F460F0F260F2F9', { A: '2024-02-29' }],
    ['date *EUR', [column('A', 'DATE', { dateFormat: 'EUR' })], 'F0F34BF1F24BF2F0F2F0', { A: '2020-12-03' }],
    [
      'date *MDY-',
      [column('A', 'DATE', { dateFormat: 'MDY', dateSeparator: '-' })],
      'F0F260F2F960F4F0',
      { A: '1940-02-29' },
    ],
    ['date *JUL', [column('A', 'DATE', { dateFormat: 'JUL' })], 'F2F461F0F6F0', { A: '2024-02-29' }],
    [
      'date *YMD without separator',
      [column('A', 'DATE', { dateFormat: 'YMD', dateSeparator: '' })],
      'F2F4F0F2F2F9',
      { A: '2024-02-29' },
    ],
    [
      'time *USA',
      [column('A', 'TIME', { timeFormat: 'USA' }), column('B', 'TIME', { timeFormat: 'USA' })],
      'F0F17AF0F540D7D4F1F27AF0F040C1D4',
      { A: '13:05:00', B: '00:00:00' },
    ],
    ['time 24', [column('A', 'TIME')], 'F2F44BF0F04BF0F0', { A: '24:00:00' }],
    [
      'timestamp(0)',
      [column('A', 'TIMESTAMP', { scale: 0 })],
      'F2F0F2F460F0F260F2F960F2F34BF5F94BF5F9',
      { A: '2024-02-29T23:59:59' },
    ],
    [
      'timestamp(12)',
      [column('A', 'TIMESTAMP', { scale: 12 })],
      'F2F0F2F460F0F260F2F960F2F34BF5F94BF5F94BF1F2F3F4F5F6F7F8F9F0F1F2',
      { A: '2024-02-29T23:59:59.123456789012' },
    ],
  ])('%s', async (_, columns, hex, row) => {
    expect(await one(columns, hex)).toEqual(good(row));
  });

  test('--keep-blanks and --binary hex', async () => {
    const columns = [column('A', 'CHAR', { length: 3, ccsid: 37 }), column('B', 'BINARY', { length: 2 })];
    expect(await one(columns, 'C14040 A385', null, '--keep-blanks', '--binary', 'hex')).toEqual(
      good({ A: 'A  ', B: 'a385' }),
    );
  });

  test('a null column is never decoded; one that was not recorded is left out', async () => {
    const columns = [
      column('A', 'DECIMAL', { length: 3 }),
      column('B', 'DECIMAL', { length: 3 }),
      column('C', 'DECIMAL', { length: 3 }),
    ];
    expect(await one(columns, '4040 123F 4040', '109')).toEqual(good({ A: null, B: '123' }));
  });
});

describe('legacy meanings', () => {
  const packed = (digits: number, as: object): object => column('A', 'DECIMAL', { length: digits, as });
  test.each<[string, object, string, string | null]>([
    ['cyymmdd', packed(7, { date: 'cyymmdd' }), '1240305F', '2024-03-05'],
    ['cyymmdd of 19xx', packed(7, { date: 'cyymmdd' }), '0990305F', '1999-03-05'],
    ['cyymmdd of 28xx', packed(7, { date: 'cyymmdd' }), '9240305F', '2824-03-05'],
    ['cmmddyy', packed(7, { date: 'cmmddyy' }), '1030524F', '2024-03-05'],
    ['cddmmyy', packed(7, { date: 'cddmmyy' }), '1050324F', '2024-03-05'],
    ['yymmdd', packed(6, { date: 'yymmdd' }), '0240305F', '2024-03-05'],
    ['yymmdd before the pivot', packed(6, { date: 'yymmdd' }), '0390305F', '2039-03-05'],
    ['yymmdd at the pivot', packed(6, { date: 'yymmdd' }), '0400305F', '1940-03-05'],
    ['yymmdd, own pivot', packed(6, { date: 'yymmdd', pivot: 70 }), '0690305F', '2069-03-05'],
    ['mmddyy', packed(6, { date: 'mmddyy' }), '0030524F', '2024-03-05'],
    ['ddmmyy', packed(6, { date: 'ddmmyy' }), '0050324F', '2024-03-05'],
    ['ccyymmdd', packed(8, { date: 'ccyymmdd' }), '020240305F', '2024-03-05'],
    ['mmddccyy', packed(8, { date: 'mmddccyy' }), '003052024F', '2024-03-05'],
    ['ddmmccyy', packed(8, { date: 'ddmmccyy' }), '005032024F', '2024-03-05'],
    ['cyyddd', packed(6, { date: 'cyyddd' }), '0124065F', '2024-03-05'],
    ['cyyddd of 19xx', packed(6, { date: 'cyyddd' }), '0099064F', '1999-03-05'],
    ['yyddd', packed(5, { date: 'yyddd' }), '24065F', '2024-03-05'],
    ['ccyyddd', packed(7, { date: 'ccyyddd' }), '2024065F', '2024-03-05'],
    ['hhmmss', packed(6, { time: 'hhmmss' }), '0093015F', '09:30:15'],
    ['hhmmss midnight', packed(6, { time: 'hhmmss' }), '0240000F', '24:00:00'],
    ['hhmm', packed(4, { time: 'hhmm' }), '00930F', '09:30:00'],
    ['timestamp', packed(13, { timestamp: 'cyymmddhhmmss' }), '1180220083847F', '2018-02-20T08:38:47'],
    ['timestamp of 14 digits', packed(14, { timestamp: 'ccyymmddhhmmss' }), '020170913132434F', '2017-09-13T13:24:34'],
    [
      '14 digits in a BIGINT',
      column('A', 'BIGINT', { as: { timestamp: 'ccyymmddhhmmss' } }),
      '00001258681CAF92',
      '2017-09-13T13:24:34',
    ],
    ['sentinel', packed(7, { date: 'cyymmdd', sentinels: [0, 9999999] }), '9999999F', null],
    ['sentinel zero', packed(7, { date: 'cyymmdd', sentinels: [0, 9999999] }), '0000000F', null],
    ['sentinel blanks', packed(7, { date: 'cyymmdd', sentinels: ['*BLANKS'] }), '40404040', null],
    [
      'sentinel text that begins like a special one',
      column('A', 'CHAR', { length: 7, ccsid: 37, as: { date: 'cyymmdd', sentinels: ['*NONE'] } }),
      '5CD5D6D5C54040',
      null,
    ],
    [
      'sentinel text of blanks',
      column('A', 'CHAR', { length: 3, ccsid: 37, as: { date: 'cyymmdd', sentinels: ['   '] } }),
      '404040',
      null,
    ],
    ['zoned', column('A', 'NUMERIC', { length: 7, as: { date: 'cyymmdd' } }), 'F1F2F4F0F3F0F5', '2024-03-05'],
    [
      'character',
      column('A', 'CHAR', { length: 7, ccsid: 37, as: { date: 'cyymmdd' } }),
      'F1F2F4F0F3F0F5',
      '2024-03-05',
    ],
    [
      'untagged character',
      column('A', 'CHAR', { length: 8, ccsid: 65535, as: { date: 'ccyymmdd' } }),
      'F2F0F2F4F0F3F0F5',
      '2024-03-05',
    ],
    [
      'character timestamp',
      column('A', 'CHAR', { length: 13, ccsid: 37, as: { timestamp: 'cyymmddhhmmss' } }),
      'F1F1F8F0F2F2F0F0F8F3F8F4F7',
      '2018-02-20T08:38:47',
    ],
    [
      'character *LOVAL',
      column('A', 'CHAR', { length: 8, ccsid: 37, as: { date: 'ccyymmdd', sentinels: ['*LOVAL', '*HIVAL'] } }),
      '0000000000000000',
      null,
    ],
    [
      'character digits *HIVAL',
      column('A', 'CHAR', { length: 7, ccsid: 37, as: { date: 'cyymmdd', sentinels: ['*HIVAL'] } }),
      'F9F9F9F9F9F9F9',
      null,
    ],
    ...(
      [
        ['INTEGER', '7FFFFFFF'],
        ['INTEGER', '80000000'],
        ['SMALLINT', '7FFF'],
        ['SMALLINT', '8000'],
        ['BIGINT', '7FFFFFFFFFFFFFFF'],
        ['BIGINT', '8000000000000000'],
      ] as const
    ).map(([type, hex]): [string, object, string, null] => [
      `${type} at the end of its range`,
      column('A', type, { as: { date: 'cyymmdd', sentinels: ['*HIVAL', '*LOVAL'] } }),
      hex,
      null,
    ]),
    ...(
      [
        [7, '9999999F'],
        [7, '9999999D'],
        [6, '0999999C'],
        [17, '99999999999999999F'],
        [17, '99999999999999999D'],
      ] as const
    ).map(([length, hex]): [string, object, string, null] => [
      `packed ${hex} at the end of its range`,
      column('A', 'DECIMAL', { length, as: { date: 'cyymmdd', sentinels: ['*HIVAL', '*LOVAL'] } }),
      hex,
      null,
    ]),
    [
      'zoned *LOVAL',
      column('A', 'NUMERIC', { length: 7, as: { date: 'cyymmdd', sentinels: ['*LOVAL'] } }),
      'F9F9F9F9F9F9D9',
      null,
    ],
    [
      'character *HIVAL',
      column('A', 'CHAR', { length: 8, ccsid: 37, as: { date: 'ccyymmdd', sentinels: ['*LOVAL', '*HIVAL'] } }),
      'FFFFFFFFFFFFFFFF',
      null,
    ],
  ])('%s', async (_, c, hex, value) => {
    expect(await one([c], hex)).toEqual(good({ A: value }));
  });

  test.each<[string, object, string, string]>([
    ['month 13', packed(7, { date: 'cyymmdd' }), '1241305F', 'DATE_IMPOSSIBLE'],
    ['zero without a sentinel', packed(7, { date: 'cyymmdd' }), '0000000F', 'DATE_IMPOSSIBLE'],
    ['29 February of 2023', packed(7, { date: 'cyymmdd' }), '1230229F', 'DATE_IMPOSSIBLE'],
    ['too many digits', packed(7, { date: 'yymmdd' }), '1240305F', 'LEGACY_RANGE'],
    ['negative', packed(7, { date: 'cyymmdd' }), '1240305D', 'LEGACY_RANGE'],
    ['day 366 of 2023', packed(6, { date: 'cyyddd' }), '0123366F', 'DATE_IMPOSSIBLE'],
    ['25 hours', packed(6, { time: 'hhmmss' }), '0250000F', 'TIME_IMPOSSIBLE'],
    ['blank packed', packed(7, { date: 'cyymmdd' }), '40404040', 'PACKED_SIGN'],
    [
      'zero of an integer is not *LOVAL',
      column('A', 'INTEGER', { as: { date: 'cyymmdd', sentinels: ['*LOVAL', '*HIVAL'] } }),
      '00000000',
      'DATE_IMPOSSIBLE',
    ],
    [
      '-1 of an integer is not *HIVAL',
      column('A', 'INTEGER', { as: { date: 'cyymmdd', sentinels: ['*LOVAL', '*HIVAL'] } }),
      'FFFFFFFF',
      'LEGACY_RANGE',
    ],
    ['*HIVAL is not *LOVAL', packed(7, { date: 'cyymmdd', sentinels: ['*LOVAL'] }), '9999999F', 'DATE_IMPOSSIBLE'],
    [
      'letters',
      column('A', 'CHAR', { length: 8, ccsid: 37, as: { date: 'ccyymmdd' } }),
      'C1F0F2F4F0F3F0F5',
      'LEGACY_TEXT',
    ],
  ])('%s is null and an error with its bytes', async (_, c, hex, code) => {
    expect(await one([c], hex)).toEqual({ row: { A: null }, errors: [{ column: 'A', code, raw: hex.toLowerCase() }] });
  });
});

describe('bad fields', () => {
  test.each<[string, object, string, string]>([
    ['blank packed', column('A', 'DECIMAL', { length: 5 }), '404040', 'PACKED_SIGN'],
    ['packed digit', column('A', 'DECIMAL', { length: 5 }), '1a345f', 'PACKED_DIGIT'],
    ['long packed', column('A', 'DECIMAL', { length: 31 }), '40'.repeat(16), 'PACKED_SIGN'],
    ['blank zoned', column('A', 'NUMERIC', { length: 3 }), '404040', 'ZONED_SIGN'],
    ['zoned digit', column('A', 'NUMERIC', { length: 3 }), 'f1fff2', 'ZONED_DIGIT'],
    ['date', column('A', 'DATE'), 'f2f0f2f460f0f260f3f0', 'DATE_IMPOSSIBLE'],
    ['date in another format', column('A', 'DATE'), 'f0f34bf1f24bf2f0f2f0', 'DATE_TEXT'],
    ['time', column('A', 'TIME'), 'f2f54bf0f04bf0f0', 'TIME_IMPOSSIBLE'],
    ['boolean', column('A', 'BOOLEAN'), 'c1', 'BOOLEAN_VALUE'],
    ['length prefix', column('A', 'VARCHAR', { length: 2, ccsid: 37 }), '0003c1c2', 'VARYING_LENGTH'],
    ['cut run', column('A', 'CHAR', { length: 4, ccsid: 939 }), 'c10e4381', 'TEXT_CUT_RUN'],
    ['undefined point', column('A', 'CHAR', { length: 2, ccsid: 836 }), 'c157', 'TEXT_UNDEFINED'],
  ])('%s', async (_, c, hex, code) => {
    const neighbour = column('B', 'SMALLINT');
    expect(await one([c, neighbour], `${hex}0007`)).toEqual({
      row: { A: null, B: 7 },
      errors: [{ column: 'A', code, raw: hex }],
    });
  });
});

describe('LOB slots', () => {
  const columns = [
    column('ID', 'INTEGER'),
    column('HEAD', 'CHAR', { length: 5, ccsid: 37 }),
    column('BODY', 'CLOB', { length: 1048576, ccsid: 37 }),
    column('MID', 'CHAR', { length: 3, ccsid: 37 }),
    column('RAW', 'BLOB', { length: 1048576 }),
    column('DOC', 'XML', { length: 2147483647, ccsid: 1208 }),
    column('WIDE', 'DBCLOB', { length: 1048576, ccsid: 13488 }),
    column('TAIL', 'CHAR', { length: 2, ccsid: 37 }),
  ];
  const slot = (pad: number, length: number): string =>
    `${'00'.repeat(pad)}00${length.toString(16).padStart(8, '0')}${'00'.repeat(24)}`;
  const mark = 'D8'.repeat(16);
  const image = `00000001${'C1'.repeat(5)}${slot(10, 3)}${'C2'.repeat(3)}${slot(0, 2)}${slot(3, 3)}${slot(3, 2)}C3C3`;

  test('data after the image is split by the lengths of the descriptors', async () => {
    expect(image.length / 2).toBe(146);
    expect(await one(columns, `${image}${mark}C1C2C3${mark}FFFE${mark}3C612F${mark}00410042`)).toEqual(
      good({ ID: 1, HEAD: 'AAAAA', BODY: 'ABC', MID: 'BBB', RAW: '//4=', DOC: '<a/', WIDE: 'AB', TAIL: 'CC' }),
    );
  });

  test('a null LOB has a separator and no data', async () => {
    expect(await one(columns, `${image}${mark}${mark}FFFE${mark}3C612F${mark}00410042`, '00100000')).toMatchObject({
      row: { BODY: null, RAW: '//4=' },
    });
  });

  test('data that does not come out even is a layout error', async () => {
    expect(await one(columns, `${image}${mark}C1C2C3${mark}FFFE${mark}3C612F${mark}004100`)).toMatchObject({
      error: { code: 'LAYOUT_LOB' },
    });
    expect(await one(columns, `${image}C1C2C3`)).toMatchObject({ error: { code: 'LAYOUT_LOB' } });
  });

  test('an image without its LOB data keeps the rest of the row', async () => {
    const { row, errors } = (await one(columns, image)) as { row: object; errors: { code: string; column: string }[] };
    expect(row).toEqual({ ID: 1, HEAD: 'AAAAA', BODY: null, MID: 'BBB', RAW: null, DOC: null, WIDE: null, TAIL: 'CC' });
    expect(errors.map((e) => `${e.column} ${e.code}`)).toEqual(
      ['BODY', 'RAW', 'DOC', 'WIDE'].map((c) => `${c} LOB_MISSING`),
    );
  });
});

describe('the stream', () => {
  const dir = mkdtempSync(join(tmpdir(), 'decode-'));
  const file = join(dir, 'format.json');
  beforeAll(() =>
    writeFileSync(
      file,
      JSON.stringify({ table: 'LIB/FILE', columns: [column('A', 'CHAR', { length: 1, ccsid: 37 })] }),
    ),
  );
  afterAll(() => rmSync(dir, { recursive: true }));

  test('order is kept, malformed lines have their place, exit code 5', async () => {
    const input = [
      '{"hex":"C1"}',
      'nonsense',
      '{"hex":"C1C2"}',
      '[]',
      '{"hex":"C"}',
      '{"hex":"C2","nullMap":"2"}',
      '{"hex":"C2","nullMap":"00"}',
      '{"hex":"C3","nullMap":null}',
    ];
    const { code, lines } = await decode(
      input.map((l) => `${l}\n`),
      '--format',
      file,
    );
    expect(code).toBe(5);
    expect(lines.map((l) => JSON.parse(l)).map((l) => l.error?.code ?? l.row.A)).toEqual([
      'A',
      'INPUT_JSON',
      'LAYOUT_IMAGE',
      'INPUT_JSON',
      'INPUT_HEX',
      'INPUT_NULL_MAP',
      'LAYOUT_NULLS',
      'C',
    ]);
  });

  test('any chunking, many lines, one huge line, no newline at the end', async () => {
    const huge = JSON.stringify({
      hex: 'C1'.repeat(300000),
      format: {
        table: 'A/B',
        columns: [column('X', 'CLOB', { length: 5, ccsid: 37 }), column('A', 'CHAR', { length: 9, ccsid: 37 })],
      },
    });
    const text = `${'{"hex":"C1"}\r\n'.repeat(20000)}\n${huge}\n{"hex":"C2"}`;
    const bytes = Buffer.from(text);
    const chunks: Buffer[] = [];
    for (let at = 0, n = 1; at < bytes.length; at += n, n = (n * 7 + 3) % 65521)
      chunks.push(bytes.subarray(at, at + n));
    const { code, lines } = await decode(chunks, '--format', file);
    expect(lines.length).toBe(20002);
    expect(lines[19999]).toBe('{"row":{"A":"A"},"errors":[]}');
    expect(JSON.parse(lines[20000]!).error.code).toBe('LAYOUT_LOB');
    expect(lines[20001]).toBe('{"row":{"A":"B"},"errors":[]}');
    expect(code).toBe(5);
  });

  test('a line is answered when it comes, not when the input ends', async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const program = new Command('ibmi-cdc').exitOverride().option('--json', '', false);
    register(program, { stdin, stdout, stderr: new PassThrough(), env: {}, exit: () => undefined });
    const ended = program.parseAsync(['decode', '--format', file], { from: 'user' });
    const answers: string[] = [];
    for (const hex of ['C1', 'C2']) {
      stdin.write(`{"hex":"${hex}"}\n`);
      const [chunk] = (await once(stdout, 'data')) as [Buffer];
      answers.push(chunk.toString());
    }
    expect(answers).toEqual(['{"row":{"A":"A"},"errors":[]}\n', '{"row":{"A":"B"},"errors":[]}\n']);
    stdin.end();
    await ended;
  });

  test('a format whose table is null', async () => {
    const format = { table: null, columns: [column('A', 'CHAR', { length: 1, ccsid: 37 })] };
    const { lines } = await decode([JSON.stringify({ hex: 'C1', nullMap: null, format })]);
    expect(JSON.parse(lines[0]!)).toEqual(good({ A: 'A' }));
  });

  test('an empty input is done', async () => {
    expect(await decode([], '--format', file)).toEqual({ code: 0, lines: [] });
  });

  test('a line without any format, and a format file that is none', async () => {
    expect(JSON.parse((await decode(['{"hex":"C1"}'])).lines[0]!).error.code).toBe('INPUT_FORMAT');
    writeFileSync(join(dir, 'bad.json'), '{"columns":[{"name":"A","type":"CHARR","length":1}]}');
    await expect(decode([], '--format', join(dir, 'bad.json'))).rejects.toMatchObject({
      code: 'FORMAT_FILE',
      family: 'config',
    });
    await expect(decode([], '--format', join(dir, 'none.json'))).rejects.toMatchObject({ code: 'FORMAT_FILE' });
  });

  test('--explain shows offset, width, bytes and value', async () => {
    const { lines } = await decode(['{"hex":"C1"}'], '--format', file, '--explain');
    expect(lines).toEqual([
      'line 1: LIB/FILE, 1 bytes',
      'offset  width  column  type     bytes  value',
      '     0      1  A       CHAR(1)  c1     "A"',
    ]);
    const json = await decode(['{"hex":"C1"}'], '--format', file, '--explain', '--json');
    expect(JSON.parse(json.lines[0]!).fields).toEqual([
      { column: 'A', type: 'CHAR(1)', offset: 0, width: 1, hex: 'c1', value: '"A"', error: null },
    ]);
  });

  test('--ccsid reads untagged columns as text', async () => {
    expect(await one([column('A', 'CHAR', { length: 3, ccsid: 65535 })], '4AE05A', null, '--ccsid', '273')).toEqual(
      good({ A: 'ÄÖÜ' }),
    );
  });
});
