/** LOB data behind the image: the slots name lengths, sixteen X'D8' stand before each, and all must come out even. */
import type { ColumnFormat } from '../../src/model/record-format';
import { computeLayout } from '../../src/record/layout/layout';
import { compileJsonPlan } from '../../src/record/plan/json-plan';
import { compileRowReader } from '../../src/record/rows/row-reader';
import { JsonSink } from '../../src/record/write/json-sink';
import { field, format, hex, planned, read } from './support/fields';

const SEPARATOR = Buffer.alloc(16, 0xd8);

interface Given {
  readonly column: ColumnFormat;
  /** Bytes of data; null for a null LOB. */
  readonly data: Buffer | null;
  /** What the slot says, where that is not the truth. */
  readonly said?: number;
}

/** An image with the LOBs it has by IBM's layout: slots in the record, and data behind it unless there is none. */
function image(lobs: readonly Given[], appended = true): Buffer {
  const layout = computeLayout(format(...lobs.map((l) => l.column)));
  const record = Buffer.alloc(layout.length);
  layout.fields.forEach((f, i) => {
    const { data, said } = lobs[i]!;
    // information byte, then the length
    record.writeInt32BE(said ?? (data?.length ?? 0) / f.unit, f.offset + f.width - 29 + 1);
  });
  return Buffer.concat([record, ...(appended ? lobs.flatMap((l) => [SEPARATOR, l.data ?? Buffer.alloc(0)]) : [])]);
}

const clob = (name = 'F', length = 100): ColumnFormat => field('CLOB', { name, length, ccsid: 1208 });
const blob = (name = 'F', length = 100): ColumnFormat => field('BLOB', { name, length });
const dbclob = (name = 'F', length = 100): ColumnFormat => field('DBCLOB', { name, length, ccsid: 1200 });
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

test.each<[string, ColumnFormat, Buffer, unknown, unknown]>([
  ['CLOB', clob(), Buffer.from('Grüße "\n'), 'Grüße "\n', 'Grüße "\n'],
  ['CLOB in EBCDIC', { ...clob(), ccsid: 37 }, hex('c1c24040'), 'AB', 'AB'],
  ['an empty CLOB', clob(), Buffer.alloc(0), '', ''],
  ['DBCLOB, whose length counts characters', dbclob(), utf16('Ж中'), 'Ж中', 'Ж中'],
  ['BLOB', blob(), hex('0001ff'), 'AAH/', '0001ff'],
  ['XML', field('XML', { length: 100 }), Buffer.from('<a>é</a>'), '<a>é</a>', '<a>é</a>'],
  ['CLOB of bytes', { ...clob(), ccsid: 65535 }, hex('c1'), 'wQ==', 'c1'],
  ['data that looks like a separator', blob(), SEPARATOR, SEPARATOR.toString('base64'), SEPARATOR.toString('hex')],
])('%s', (_, column, data, written, value) => {
  const bytes = image([{ column, data }]);
  expect(planned([column], bytes)).toEqual({ value: written, errors: [] });
  expect(read([column], bytes)).toEqual({ value, errors: [] });
});

test('several, with nulls between them: a null one has its separator and no data', () => {
  const columns = [clob('A'), blob('F'), dbclob('C'), clob('D')];
  const bytes = image([
    { column: columns[0]!, data: Buffer.from('one') },
    { column: columns[1]!, data: null, said: 99 },
    { column: columns[2]!, data: utf16('two') },
    { column: columns[3]!, data: Buffer.alloc(0) },
  ]);
  const plan = compileJsonPlan(format(...columns));
  const sink = new JsonSink();
  plan.write(bytes, 0, Buffer.from('0100'), sink);
  expect(JSON.parse(sink.since(0).toString())).toEqual({ A: 'one', F: null, C: 'two', D: '' });
  const reader = compileRowReader(
    format(...columns),
    ['D', 'C', 'F', 'A'].map((column) => ({ column })),
  );
  expect(reader.read(bytes, 0, Buffer.from('0100'))).toEqual(['', 'two', null, 'one']);
});

test('a fixed field after a slot is found behind its alignment', () => {
  const columns = [field('CHAR', { name: 'LEAD', length: 5, ccsid: 37 }), clob('L'), field('SMALLINT')];
  const layout = computeLayout(format(...columns));
  const record = Buffer.alloc(layout.length);
  record.writeInt16BE(-7, layout.fields[2]!.offset);
  const bytes = Buffer.concat([record, SEPARATOR]);
  expect(planned(columns, bytes).value).toBe(-7);
  expect(read(columns, bytes).value).toBe(-7);
});

describe('an image without its data', () => {
  test('is whole where every LOB is empty or null', () => {
    expect(planned([clob()], image([{ column: clob(), data: Buffer.alloc(0) }], false))).toEqual({
      value: '',
      errors: [],
    });
    expect(planned([clob()], image([{ column: clob(), data: null, said: 5 }], false), {}, '1')).toEqual({
      value: null,
      errors: [],
    });
  });

  test.each([
    ['LOB_MISSING', 5],
    ['LOB_LENGTH', 101],
    ['LOB_LENGTH', -1],
    ['LOB_LENGTH', -2147483648],
  ])('%s where a slot says %i', (code, said) => {
    const bytes = image([{ column: clob(), data: Buffer.alloc(0), said }], false);
    // the 29 bytes of the slot, without its alignment
    const raw = bytes.subarray(-29).toString('hex');
    for (const onError of ['null', 'raw', 'replace'] as const) {
      const expected = { value: onError === 'raw' ? raw : null, errors: [`${code} ${raw}`] };
      expect(planned([clob()], bytes, { onError })).toEqual(expected);
      expect(read([clob()], bytes, { onError })).toEqual(expected);
    }
  });

  test('characters of a DBCLOB count twice', () => {
    expect(
      planned([dbclob()], image([{ column: dbclob(), data: Buffer.alloc(0), said: 100 }], false)).errors[0],
    ).toMatch(/^LOB_MISSING /);
    expect(
      planned([dbclob()], image([{ column: dbclob(), data: Buffer.alloc(0), said: 101 }], false)).errors[0],
    ).toMatch(/^LOB_LENGTH /);
  });
});

describe('data that does not come out even is refused whole', () => {
  const data = Buffer.from('hello');
  const good = image([
    { column: clob('F'), data },
    { column: blob('G'), data },
  ]);
  const columns = [clob('F'), blob('G')];
  const record = computeLayout(format(...columns)).length;
  const refused = (bytes: Buffer): void => {
    for (const work of [() => planned(columns, bytes), () => read(columns, bytes)])
      expect(work).toThrow(expect.objectContaining({ code: 'LAYOUT_LOB', family: 'decode' }));
  };

  test('cut anywhere behind the record', () => {
    for (let n = record + 1; n < good.length; n++) refused(good.subarray(0, n));
  });

  test('a byte too many', () => refused(Buffer.concat([good, Buffer.alloc(1)])));

  test('any byte of a separator spoiled', () => {
    for (const first of [record, record + 21])
      for (let i = 0; i < 16; i++) {
        const bytes = Buffer.from(good);
        bytes[first + i] = 0xd9;
        refused(bytes);
      }
  });

  test.each([4, 6, 101, -1])('a slot that says %i', (said) => {
    refused(
      image([
        { column: clob('F'), data, said },
        { column: blob('G'), data },
      ]),
    );
  });
});

describe('data that is no text', () => {
  const data = hex('41ff42');
  const columns = [field('INTEGER', { name: 'SECRET' }), clob(), blob('G')];
  const layout = computeLayout(format(...columns));
  const record = Buffer.alloc(layout.length);
  record.writeInt32BE(0x11223344, 0);
  for (const f of layout.lobs) record.writeInt32BE(3, f.offset + f.width - 28);
  const bytes = Buffer.concat([record, SEPARATOR, data, SEPARATOR, hex('aabbcc')]);

  test.each([
    ['null', null],
    ['raw', '41ff42'],
    ['replace', 'A\ufffdB'],
  ] as const)('%s: its error shows its own bytes and no others', (onError, value) => {
    const expected = { value, errors: ['TEXT_UNDEFINED 41ff42'] };
    expect(planned(columns, bytes, { onError })).toEqual(expected);
    expect(read(columns, bytes, { onError })).toEqual(expected);
  });
});

test('a LOB larger than any buffer that is kept', () => {
  const data = Buffer.alloc(300_000, 'ab"');
  const column = clob('F', 400_000);
  const bytes = image([{ column, data }]);
  expect(planned([column], bytes).value).toBe(data.toString());
  expect(read([column], bytes).value).toBe(data.toString());
  const wide = dbclob('F', 400_000);
  const units = utf16('Ж中'.repeat(50_000));
  expect(planned([wide], image([{ column: wide, data: units }])).value).toBe('Ж中'.repeat(50_000));
});
