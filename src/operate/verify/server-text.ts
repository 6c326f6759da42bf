/**
 * What the server itself makes of a column, as text: the other side of `verify`. Nothing of it goes through our decoders but
 * UTF-16 and plain digits: the server converts, formats and edits.
 */
import { quotedName } from '../../model/identifiers';
import type { ColumnFormat } from '../../model/record-format';

/** Longest graphic result Db2 for i makes, in characters. */
const MOST_CHARACTERS = 16_000;
const BINARY_CCSID = 65535;

/** How an answer of the server is put into the form our values have. */
type Form = 'text' | 'number' | 'float' | 'date' | 'time' | 'timestamp' | 'hex' | 'boolean';

export interface ServerText {
  /** SQL expression over the correlation name `T`. */
  readonly sql: string;
  readonly form: Form;
}

/**
 * @param column as the catalog has it. @param stated CCSID of a column tagged 65535 that the configuration states, else null
 * @returns null where the server has no text of it that could be compared
 */
export function serverText(column: ColumnFormat, stated: number | null): ServerText | null {
  const name = `T.${quotedName(column.name)}`;
  const { type, length, ccsid } = column;
  switch (type) {
    case 'CHAR':
    case 'VARCHAR':
      if (length > MOST_CHARACTERS) return null;
      if (ccsid === null || ccsid === BINARY_CCSID) {
        if (stated === null || stated === BINARY_CCSID) return { sql: `HEX(${name})`, form: 'hex' };
        return { sql: utf16(`CAST(${name} AS VARCHAR(${length}) CCSID ${stated})`, length), form: 'text' };
      }
      return { sql: utf16(name, length), form: 'text' };
    case 'GRAPHIC':
    case 'VARGRAPHIC':
      return length > MOST_CHARACTERS ? null : { sql: utf16(name, length), form: 'text' };
    case 'BINARY':
    case 'VARBINARY':
      return length > MOST_CHARACTERS ? null : { sql: `HEX(${name})`, form: 'hex' };
    case 'DECIMAL':
    case 'NUMERIC':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECFLOAT':
      return { sql: `VARCHAR(${name})`, form: 'number' };
    case 'REAL':
    case 'DOUBLE':
      return { sql: `VARCHAR(${name})`, form: 'float' };
    case 'DATE':
      return { sql: `CHAR(${name}, ISO)`, form: 'date' };
    case 'TIME':
      return { sql: `CHAR(${name}, ISO)`, form: 'time' };
    case 'TIMESTAMP':
      return { sql: `VARCHAR(${name})`, form: 'timestamp' };
    case 'BOOLEAN':
      return { sql: `VARCHAR(${name})`, form: 'boolean' };
    default:
      return null;
  }
}

/** A byte of a page is at most one character, a character of UTF-16 at most two units. */
function utf16(name: string, length: number): string {
  return `CAST(${name} AS VARGRAPHIC(${Math.max(1, length)}) CCSID 1200)`;
}

/** Both sides in one spelling: what differs then, differs. */
export function normal(form: Form, value: string): string {
  switch (form) {
    case 'text':
      return value.replace(/[ \u3000]+$/u, '');
    case 'number':
      return numberText(value.trim());
    case 'hex':
      return value.trim().toUpperCase();
    case 'time':
      return value.trim().replaceAll('.', ':');
    case 'timestamp':
      return timestampText(value.trim());
    case 'boolean':
      return value.trim().toLowerCase();
    default:
      return value.trim();
  }
}

/** Two texts of one binary floating point number may differ in digits that say nothing. */
export function sameFloat(a: string, b: string, single: boolean): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return a.toLowerCase() === b.toLowerCase();
  return single ? Math.fround(x) === Math.fround(y) : x === y;
}

/** `.50`, `0.50`, `5E-1` alike: digits without leading and trailing zeros, and where the point is. */
function numberText(text: string): string {
  const m = /^([+-]?)(\d*)(?:[.,](\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!m) return text.toLowerCase();
  const [, sign, whole = '', part = '', power] = m;
  const digits = `${whole}${part}`.replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return '0';
  const exponent = Number(power ?? 0) - part.length + (digits.length - trimmed.length);
  return `${sign === '-' ? '-' : ''}${trimmed}E${exponent}`;
}

/** `2024-02-29-23.59.59.123456` and `2024-02-29T23:59:59.123456` alike. */
function timestampText(text: string): string {
  const m = /^(\d{4}-\d\d-\d\d)[-T ](\d\d)[.:](\d\d)[.:](\d\d)(?:\.(\d+))?$/.exec(text);
  if (!m) return text;
  const fraction = (m[5] ?? '').replace(/0+$/, '');
  return `${m[1]}T${m[2]}:${m[3]}:${m[4]}${fraction === '' ? '' : `.${fraction}`}`;
}
