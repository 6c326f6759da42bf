/** One field read both ways, as a plan writes it and as a row reader hands it out, wherever in its record it stands. */
import type { ColumnFormat, RecordFormat, SqlTypeName } from '../../../src/model/record-format';
import { compileJsonPlan } from '../../../src/record/plan/json-plan';
import type { JsonOutput } from '../../../src/record/plan/outputs';
import { compileRowReader } from '../../../src/record/rows/row-reader';
import { JsonSink } from '../../../src/record/write/json-sink';

/** A column named F. */
export const field = (type: SqlTypeName, more: Partial<ColumnFormat> = {}): ColumnFormat => ({
  name: 'F',
  type,
  length: 0,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...more,
});

export const format = (...columns: ColumnFormat[]): RecordFormat => ({ table: 'LIB/FILE', columns });

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Invariant characters of EBCDIC, from IBM's chart of the syntactic character set: the same bytes in every page. */
const CHART: readonly (readonly [string, number])[] = [
  ['abcdefghi', 0x81],
  ['jklmnopqr', 0x91],
  ['stuvwxyz', 0xa2],
  ['ABCDEFGHI', 0xc1],
  ['JKLMNOPQR', 0xd1],
  ['STUVWXYZ', 0xe2],
  ['0123456789', 0xf0],
  [' ', 0x40],
  ['.', 0x4b],
  ['<(+', 0x4c],
  ['&', 0x50],
  ['*)', 0x5c],
  ['-/', 0x60],
  [',', 0x6b],
  ['_', 0x6d],
  [':', 0x7a],
  ["'=", 0x7d],
];
const INVARIANT = new Map(CHART.flatMap(([run, first]) => [...run].map((c, i) => [c, first + i] as const)));

/** Text to EBCDIC by the chart above, not by the codecs under test. */
export function ebcdic(text: string): Buffer {
  return Buffer.from([...text].map((c) => INVARIANT.get(c) ?? fail(c)));
}

function fail(c: string): never {
  throw new Error(`${JSON.stringify(c)} is not in the chart`);
}

export interface Told {
  readonly value: unknown;
  /** `CODE raw` of each error. */
  readonly errors: readonly string[];
}

type Reading = (image: Buffer, nulls?: string | null) => Told;

const nullMap = (nulls: string | null | undefined): Buffer | null =>
  nulls === null || nulls === undefined ? null : Buffer.from(nulls, 'latin1');

/** What a plan writes for images, and its errors. */
function planner(columns: readonly ColumnFormat[], output: Partial<JsonOutput>): Reading {
  const plan = compileJsonPlan({ table: 'LIB/FILE', columns }, [{ column: 'F', name: 'f', ...output }]);
  const sink = new JsonSink(8);
  return (image, nulls) => {
    sink.rewind();
    const count = plan.write(image, 0, nullMap(nulls), sink);
    const object = JSON.parse(sink.since(0).toString('utf8')) as { f?: unknown };
    const errors = plan.errors.list(image).map((e) => `${e.code} ${e.raw}`);
    expect(count).toBe(errors.length);
    return { value: 'f' in object ? object.f : undefined, errors };
  };
}

/** What a row reader hands out for the same; bytes as hex. */
function rowReader(columns: readonly ColumnFormat[], output: Partial<JsonOutput>): Reading {
  const { decimal: _, binary: __, name: ___, ...rest } = output;
  const reader = compileRowReader({ table: 'LIB/FILE', columns }, [{ column: 'F', ...rest }]);
  return (image, nulls) => {
    const [value] = reader.read(image, 0, nullMap(nulls));
    const errors = reader.errors.list(image).map((e) => `${e.code} ${e.raw}`);
    return { value: value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value, errors };
  };
}

type Read = (
  columns: readonly ColumnFormat[],
  image: Buffer,
  output?: Partial<JsonOutput>,
  nulls?: string | null,
) => Told;

export const planned: Read = (columns, image, output = {}, nulls = null) => planner(columns, output)(image, nulls);

export const read: Read = (columns, image, output = {}, nulls = null) => rowReader(columns, output)(image, nulls);

const LEAD = field('BINARY', { name: 'LEAD', length: 3 });
const TAIL = field('BINARY', { name: 'TAIL', length: 40 });

/**
 * The one answer of plan and reader for a field that is its whole record, stands at its end, or has bytes behind it: generated
 * code differs between these. Bytes around it are X'FF', which is no digit, sign or blank.
 */
export function reading(column: ColumnFormat, output: Partial<JsonOutput> = {}): (bytes: Buffer) => Told {
  const lead = Buffer.alloc(3, 0xff);
  const tail = Buffer.alloc(40, 0xff);
  const alone = [planner([column], output), rowReader([column], output)];
  const last = planner([LEAD, column], output);
  const first = planner([column, TAIL], output);
  const between = [planner([LEAD, column, TAIL], output), rowReader([LEAD, column, TAIL], output)];
  return (bytes) => {
    const amid = Buffer.concat([lead, bytes, tail]);
    const answers = [
      ...alone.map((told) => told(bytes)),
      last(amid.subarray(0, -tail.length)),
      first(amid.subarray(lead.length)),
      ...between.map((told) => told(amid)),
    ];
    for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0]);
    return answers[0]!;
  };
}

/** As `reading`, of one value. */
export function everywhere(column: ColumnFormat, bytes: Buffer, output: Partial<JsonOutput> = {}): Told {
  return reading(column, output)(bytes);
}

/** A value without errors, or the codes of the errors and what stands in its place. */
export function short({ value, errors }: Told): unknown {
  return errors.length === 0 ? value : { value, codes: errors.map((e) => e.split(' ')[0]) };
}
