/**
 * The first tests of a mapping, for people to go on from: a made-up row of a table, inserted, changed and deleted, with the events the
 * mapping makes of it now. Values are made up, since rows of the partition have no place in a file of tests.
 */
import { syntheticRow } from '../map/event-types/sample';
import type { TableRules } from '../map/options';
import { findNamed } from '../model/identifiers';
import { formatName } from '../model/position';
import type { ColumnFormat } from '../model/record-format';
import type { GivenRow, GivenValue, MappingTest } from './model';
import { eventsOf, type TestBench } from './run';

interface FirstWish {
  /** With one rule that reports rows of its own. */
  readonly mapping: TableRules;
  /** Format file, relative to the file of tests. */
  readonly format: string;
  /** Columns shown first: what there is to say of a table. */
  readonly telling: readonly string[];
  /** Number columns whose blanks count as zero. */
  readonly blank: readonly string[];
}

/** Columns of a row that are written out; the others have their defaults. */
const MOST_COLUMNS = 12;
const LEFT_OUT: readonly string[] = ['BINARY', 'VARBINARY', 'BLOB', 'CLOB', 'DBCLOB', 'XML', 'DATALINK', 'ROWID'];
const UNTAGGED = 65535;

/** A list of cases as YAML. @throws CodedError as tests that are run */
export async function firstTests(wish: FirstWish, bench: TestBench): Promise<string> {
  const table = formatName(wish.mapping.table);
  const base: MappingTest = {
    name: '',
    file: wish.format,
    line: 1,
    table,
    op: 'insert',
    before: null,
    after: null,
    image: null,
    beforeImage: null,
    nullMap: null,
    beforeNullMap: null,
    format: wish.format,
    lookups: {},
    entry: {},
    expect: [],
    quarantine: null,
  };
  const cases = casesOf(wish, base, bench);
  const texts: string[] = [];
  for (const test of cases) texts.push(caseText(test, await eventsOf(test, bench)));
  return texts.join('');
}

function casesOf(wish: FirstWish, base: MappingTest, bench: TestBench): MappingTest[] {
  const shape = bench.shapeOf(base, wish.mapping.table)!;
  const [rule] = wish.mapping.rules;
  const key = wish.mapping.key ?? shape.key;
  const named = (name: string): ColumnFormat | undefined => findNamed(name, shape.format.columns, (c) => [c.name]);
  const shown = [...new Set([...key, ...wish.telling].flatMap((n) => named(n) ?? []).concat(shape.format.columns))]
    .filter((c) => !LEFT_OUT.includes(c.type) && c.ccsid !== UNTAGGED)
    .slice(0, MOST_COLUMNS);
  const row = (later: boolean): GivenRow => {
    const made = syntheticRow(shape.format, rule!, later);
    return Object.fromEntries(shown.map((c) => [c.name, String(made[c.name])]));
  };
  const [before, later] = [row(false), row(true)];
  const change = shown.find((c) => !key.includes(c.name) && before[c.name] !== later[c.name])?.name;
  const keyRow = Object.fromEntries(Object.entries(before).filter(([n]) => key.includes(n)));
  const { table } = base;
  const zero = wish.blank.flatMap((n) => named(n) ?? [])[0];
  return [
    { ...base, name: `${table}: a new row`, after: before },
    ...(change === undefined
      ? []
      : [
          {
            ...base,
            name: `${table}: ${change} changes`,
            op: 'update' as const,
            before,
            after: { [change]: later[change]! },
          },
        ]),
    { ...base, name: `${table}: a row that goes`, op: 'delete', before },
    ...(zero === undefined || (zero.type !== 'DECIMAL' && zero.type !== 'NUMERIC')
      ? []
      : [
          {
            ...base,
            name: `${table}: ${zero.name} was never written: blanks`,
            after: { ...keyRow, [zero.name]: { hex: '40'.repeat(widthOf(zero)) } },
          },
        ]),
  ];
}

function widthOf({ type, length }: ColumnFormat): number {
  return type === 'DECIMAL' ? (length >> 1) + 1 : length;
}

interface Body {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function caseText(test: MappingTest, bodies: readonly Body[]): string {
  const lines = [
    `- name: ${JSON.stringify(test.name)}`,
    `  table: ${JSON.stringify(test.table)}`,
    `  op: ${test.op}`,
    `  format: ${JSON.stringify(test.format)}`,
    ...(test.before ? [`  before: ${rowText(test.before)}`] : []),
    ...(test.after ? [`  after: ${rowText(test.after)}`] : []),
  ];
  if (bodies.length === 0) lines.push('  expect: []');
  else lines.push('  expect:', ...bodies.flatMap((body) => eventLines(body, test)));
  return `${lines.join('\n')}\n`;
}

function eventLines({ type, data }: Body, { op }: MappingTest): string[] {
  const members = ['key', ...(op === 'update' ? ['changed'] : []), ...(op === 'delete' ? [] : ['after'])];
  return [
    `    - type: ${JSON.stringify(type)}`,
    ...members.flatMap((name) => (data[name] == null ? [] : [`      ${name}: ${flow(data[name])}`])),
  ];
}

function rowText(row: GivenRow): string {
  const text = (v: GivenValue): string | null => (v === null || typeof v === 'string' ? v : `X'${v.hex}'`);
  return flow(Object.fromEntries(Object.entries(row).map(([name, v]) => [name, text(v)])));
}

/** JSON is YAML. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([n, v]) => `${plainName(n)}: ${flow(v)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Words that YAML would read as something else are quoted. */
function plainName(name: string): string {
  const odd = /^(y|n|yes|no|on|off|true|false|null)$/i.test(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return odd ? JSON.stringify(name) : name;
}
