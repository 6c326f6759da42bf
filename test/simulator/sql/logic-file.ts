/**
 * Files of statements and what they must give: one text that a person reads, extends, and runs in two ways, against the engine
 * itself and through IBM's own driver over the wire. The form is that of sqllogictest with one row a line; see logic/README.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, 'logic');

/** Who runs a file; records may name those that skip them. */
export type Player = 'engine' | 'jtopen';

interface RecordBase {
  readonly file: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly sql: string;
  readonly skip: readonly string[];
}

export interface StatementRecord extends RecordBase {
  readonly kind: 'statement';
  /** Null where it must succeed. */
  readonly error: { readonly code: number; readonly state: string; readonly text: string } | null;
  /** Rows it must say to have changed; null where that is not asked. */
  readonly count: number | null;
}

export interface QueryRecord extends RecordBase {
  readonly kind: 'query';
  /** One letter a column. */
  readonly letters: string;
  /** Rows in any order. */
  readonly rowsort: boolean;
  /** Types as described, `DECIMAL(14,2)`; empty where they are not asked. */
  readonly types: readonly string[];
  /** One text a row. */
  readonly rows: readonly string[];
}

export type LogicRecord = StatementRecord | QueryRecord;

export function logicFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.test'))
    .sort();
}

/** @throws Error naming file and line for what is no record */
export function readLogicFile(name: string): LogicRecord[] {
  const lines = readFileSync(join(FOLDER, name), 'utf8').split('\n');
  const records: LogicRecord[] = [];
  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at]!)) at++;
    else {
      const start = at;
      while (at < lines.length && lines[at]!.trim() !== '') at++;
      records.push(recordOf(name, start + 1, lines.slice(start, at)));
    }
  }
  return records;
}

function isBlank(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}

function recordOf(file: string, line: number, block: readonly string[]): LogicRecord {
  const lines = block.filter((text) => !text.startsWith('#'));
  const skip: string[] = [];
  while (lines[0]?.startsWith('skipif ')) skip.push(lines.shift()!.slice('skipif '.length).trim());
  const head = lines.shift() ?? '';
  const cut = lines.indexOf('----');
  const sql = lines.slice(0, cut < 0 ? undefined : cut).join('\n');
  const base = { file, line, sql, skip };
  const query = /^query ([ITDRXB]+)( rowsort)?(?: -> (.*))?$/.exec(head);
  if (query && cut >= 0) {
    const types = query[3] === undefined ? [] : query[3].split(/,\s+/);
    const rows = lines.slice(cut + 1);
    return { kind: 'query', ...base, letters: query[1]!, rowsort: query[2] !== undefined, types, rows };
  }
  const statement = /^statement (?:ok(?: (\d+))?|error (-?\d+) ([0-9A-Z]{5})(?: (.*))?)$/.exec(head);
  if (!statement || cut >= 0)
    throw new Error(`${file}:${line}: "${head}" begins no record; see test/simulator/sql/logic/README.md`);
  const [, count, code, state, text = ''] = statement;
  const error = code === undefined ? null : { code: Number(code), state: state!, text };
  return { kind: 'statement', ...base, error, count: count === undefined ? null : Number(count) };
}

export type LogicValue = string | number | boolean | bigint | Uint8Array | null;

/** A row as the files write it. @param letters of its columns */
export function rowText(values: readonly LogicValue[], letters: string): string {
  return values.map((value, i) => valueText(value, letters[i] ?? '?')).join(' | ');
}

function valueText(value: LogicValue, letter: string): string {
  if (value === null) return 'NULL';
  switch (letter) {
    case 'T':
      return `'${String(value).replaceAll("'", "''")}'`;
    case 'X':
      return value instanceof Uint8Array
        ? `X'${Buffer.from(value).toString('hex').toUpperCase()}'`
        : `? ${String(value)}`;
    case 'B':
      return value === true ? 'TRUE' : value === false ? 'FALSE' : `? ${String(value)}`;
    case 'D':
      return String(value).replace('T', ' ');
    default:
      return String(value);
  }
}

/** `DECIMAL(14,2)`, of a column as it is described. */
export function typeText({ type, length, scale }: { type: string; length: number; scale: number }): string {
  switch (type) {
    case 'DECIMAL':
    case 'NUMERIC':
      return `${type}(${length},${scale})`;
    case 'TIMESTAMP':
      return `TIMESTAMP(${scale})`;
    case 'DECFLOAT':
      return `DECFLOAT(${length === 8 ? 16 : 34})`;
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'REAL':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'BOOLEAN':
      return type;
    default:
      return `${type}(${length})`;
  }
}
