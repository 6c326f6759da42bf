/** One random table with its rows and a random mapping of it, from a seed. */
import { type ColumnDef, column } from '../../src/simulator/partition/files/definitions';
import { encodeImage } from '../../src/simulator/partition/files/record-image';
import { layoutOf } from '../../src/simulator/partition/files/record-layout';
import type { SessionValue } from '../../src/simulator/sql-session';
import { Dice } from '../support/dice';
import type { Kind, Options } from './kind';
import { kindOf } from './kinds';

/** Rows of a table on average; long runs take more of each. */
const ROWS = Number(process.env['ROWS'] ?? 16);

export interface RawInput {
  readonly image: Buffer;
  readonly nulls: string;
  readonly lobs: ReadonlyMap<number, SessionValue>;
}

export interface Round {
  readonly seed: number;
  readonly columns: readonly ColumnDef[];
  readonly rows: readonly RawInput[];
  /** `ccsid` of the partition. */
  readonly untagged: number | null;
  /** Under `tables: LIB/FILE`. */
  readonly table: Readonly<Record<string, unknown>>;
}

interface Drawn {
  readonly def: ColumnDef;
  readonly kind: Kind;
}

export function randomRound(seed: number): Round {
  const dice = new Dice(seed);
  const drawn = Array.from({ length: 4 + dice.below(9) }, (_, i): Drawn => {
    const kind = kindOf(dice);
    const { type, length, ...more } = kind.shape;
    const name = `C${i}`;
    const long = dice.below(6) === 0 ? { name: `LONG_COLUMN_${i}`, systemName: `LONG_0000${i % 10}` } : {};
    return { kind, def: { ...column(name, type, length, { nullable: dice.below(3) === 0, ...more }), ...long } };
  });
  const key = column('K', 'INTEGER', 4);
  const columns = [key, ...drawn.map((d) => d.def)];
  const rows = Array.from({ length: 6 + dice.below(2 * ROWS) }, (_, i) => rowOf(dice, columns, drawn, i + 1));
  return {
    seed,
    columns,
    rows,
    untagged: dice.below(3) === 0 ? dice.one([37, 273, 1141]) : null,
    table: tableOptions(dice, drawn),
  };
}

function rowOf(dice: Dice, columns: readonly ColumnDef[], drawn: readonly Drawn[], key: number): RawInput {
  const layout = layoutOf(columns);
  const lobs = new Map<number, SessionValue>();
  const image = encodeImage(
    layout,
    columns.map(() => null),
  );
  image.writeInt32BE(key, 0);
  let nulls = '0';
  for (const [i, { def, kind }] of drawn.entries()) {
    const slot = layout.slots[i + 1]!;
    const isNull = def.nullable && dice.below(5) === 0;
    nulls += isNull ? '1' : '0';
    if (isNull) continue;
    if (kind.lob) {
      lobs.set(i + 1, kind.lob(dice));
      continue;
    }
    const data = kind.bytes(dice);
    const varying = ['VARCHAR', 'VARGRAPHIC', 'VARBINARY'].includes(def.type);
    if (varying) {
      image.fill(0, slot.offset, slot.offset + slot.width);
      image.writeUInt16BE(def.type === 'VARGRAPHIC' ? data.length / 2 : data.length, slot.offset);
      image.set(data, slot.offset + 2);
    } else {
      image.fill(kind.pad, slot.offset, slot.offset + slot.width);
      image.set(data, slot.offset);
    }
  }
  return { image, nulls, lobs };
}

const isLob = (d: Drawn): boolean => d.kind.lob !== undefined;

function tableOptions(dice: Dice, drawn: readonly Drawn[]): Record<string, unknown> {
  const key = keyOptions(dice, drawn);
  const rules = Array.from({ length: 1 + dice.below(3) }, (_, i) => ruleOptions(dice, drawn, i, key));
  return {
    key,
    ...(dice.below(4) === 0 ? { ccsid: dice.one([37, 273, 1141, 5035]) } : {}),
    ...(dice.below(4) === 0 ? { onFieldError: dice.one(['raw', 'replace', 'zero-if-blank']) } : {}),
    rules,
  };
}

function keyOptions(dice: Dice, drawn: readonly Drawn[]): string[] {
  const simple = drawn.filter((d) => !isLob(d));
  return dice.below(3) === 0 && simple.length > 0 ? ['K', dice.one(simple).def.name] : ['K'];
}

function ruleOptions(
  dice: Dice,
  drawn: readonly Drawn[],
  index: number,
  key: readonly string[],
): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const d of drawn) {
    const options = columnOptions(dice, d, drawn);
    if (Object.keys(options).length > 0 && dice.below(4) > 0)
      columns[dice.below(4) === 0 ? d.def.systemName : d.def.name] = options;
  }
  const plain = drawn.filter((d) => !isLob(d));
  const some = (): string => dice.one(plain).def.name;
  const extra: Record<string, unknown> = {};
  const masked = plain.filter((d) => !key.includes(d.def.name));
  if (masked.length > 0 && dice.below(4) === 0)
    extra['mask'] = { [dice.one(masked).def.name]: dice.one(['redact', 'last4', 'drop', { truncate: 2 }]) };
  if (plain.length > 1 && dice.below(4) === 0) {
    const a = some();
    const b = dice.one(plain.filter((d) => d.def.name !== a)).def.name;
    extra['group'] = { g: dice.one([[a, b], { object: { a, b } }]) };
  }
  if (plain.length > 0 && dice.below(3) === 0)
    extra['expressions'] = { e: dice.one([`coalesce(${some()}, 'none')`, `concat(${some()}, '/', K)`, 'K * 2']) };
  if (dice.below(5) === 0) extra['constants'] = { c: dice.one(['x', 1, null, true]) };
  return {
    name: `r${index}`,
    event: `thing${index}`,
    onDelete: 'delete',
    include: '*',
    ...(dice.below(4) === 0 ? { envelope: dice.one(['plain', 'debezium']) } : {}),
    ...(Object.keys(columns).length > 0 ? { columns } : {}),
    ...extra,
  };
}

function columnOptions(dice: Dice, d: Drawn, all: readonly Drawn[]): Options {
  const options: Record<string, unknown> = { ...d.kind.options(dice) };
  // both halves of a pair stand at fixed places
  if (options['date'] !== undefined && d.kind.shape.type !== 'VARCHAR' && dice.below(2) === 0) {
    const clock = all.filter((o) => o !== d && o.kind.shape.type !== 'TIMESTAMP' && !isLob(o));
    const natural = clock.filter((o) => ['TIME', 'DECIMAL', 'NUMERIC', 'CHAR', 'INTEGER'].includes(o.kind.shape.type));
    const time = natural.length > 0 ? dice.one(natural) : null;
    if (time) options['withTime'] = time.def.name;
    if (time && dice.below(2)) options['timeForm'] = 'hhmm';
    if (time && dice.below(2)) options['zone'] = dice.one(['Europe/Berlin', 'UTC', '-03:00']);
  }
  if (dice.below(4) === 0) options['as'] = `member_${d.def.name}`;
  return options;
}
