/**
 * The comparable form of a field: what the row table keeps in c0..cN so that SQLite compares, sorts and joins as Db2 would.
 *
 * | type                                  | comparable                                                        |
 * | CHAR, GRAPHIC                         | TEXT without trailing blanks (CCSID 65535: BLOB)                  |
 * | VARCHAR, VARGRAPHIC, CLOB, DBCLOB, XML| TEXT as it is (CCSID 65535: BLOB)                                 |
 * | DECIMAL, NUMERIC up to 18 digits      | INTEGER = value x 10^scale, always bound as bigint                |
 * | DECIMAL, NUMERIC above 18 digits      | TEXT: `1` + digits for values >= 0, `0` + nines' complement below |
 * | SMALLINT, INTEGER, BIGINT             | INTEGER (x 10^scale if scaled)                                    |
 * | REAL, DOUBLE                          | REAL; TEXT `NaN`, which SQLite has no number for                  |
 * | DECFLOAT                              | TEXT as SQL shows it (not in numeric order)                       |
 * | DATE, TIME, TIMESTAMP                 | ISO TEXT, as in the session's value forms                         |
 * | BINARY, VARBINARY, BLOB, ROWID        | BLOB                                                              |
 * | BOOLEAN                               | 0 or 1                                                            |
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import type { ColumnFormat } from '../../../model/record-format';
import type { SessionValue } from '../../sql-session';
import { encodeStored, hasKeptBytes } from '../../stored-text';
import { conversionError, numericOverflow } from '../failures';
import { xmlDocument, xmlTextOf } from './xml-document';

export type Comparable = bigint | number | string | Buffer | null;

/** @throws SqlFailure -406 when the value is none of the type or out of range. */
export function encodeComparable(column: ColumnFormat, value: SessionValue): Comparable {
  if (value === null) return null;
  switch (column.type) {
    case 'DECIMAL':
    case 'NUMERIC': {
      const scaled = parseScaled(String(value), column.scale);
      if (scaled === null || digitCount(scaled) > column.length) throw numericOverflow(column.name);
      return column.length <= 18 ? scaled : orderedText(scaled, column.length);
    }
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT': {
      const scaled = parseScaled(String(value), column.scale);
      if (scaled === null || !fitsBinary(column, scaled)) throw numericOverflow(column.name);
      return scaled;
    }
    case 'REAL':
    case 'DOUBLE': {
      const number = Number(value);
      if (Number.isNaN(number)) {
        if (typeof value !== 'number' && value !== 'NaN') throw conversionError(column.name);
        return 'NaN';
      }
      return column.type === 'REAL' ? Math.fround(number) : number;
    }
    case 'BOOLEAN':
      return value === true || value === 1 || value === '1' || value === 'TRUE' ? 1n : 0n;
    default:
      return isBytes(column) ? asBytes(value) : textOf(column, value);
  }
}

/** The value form of a stored comparable; CHAR is blank padded to its length again. */
export function decodeComparable(column: ColumnFormat, stored: Comparable): SessionValue {
  if (stored === null) return null;
  switch (column.type) {
    case 'DECIMAL':
    case 'NUMERIC':
      return formatScaled(scaledOf(stored), column.scale);
    case 'SMALLINT':
    case 'INTEGER':
      return column.scale > 0 ? formatScaled(BigInt(stored as bigint), column.scale) : Number(stored);
    case 'BIGINT':
      return formatScaled(BigInt(stored as bigint), column.scale);
    case 'REAL':
    case 'DOUBLE':
      return Number(stored);
    case 'BOOLEAN':
      return Number(stored) === 1;
    case 'CHAR':
      return Buffer.isBuffer(stored) ? stored : padCharacter(column, String(stored));
    case 'GRAPHIC':
      return String(stored).padEnd(column.length, graphicBlank(column.ccsid));
    default:
      return Buffer.isBuffer(stored) ? stored : String(stored);
  }
}

/** True for columns whose comparable is a BLOB. */
export function isBytes(column: ColumnFormat): boolean {
  const { type } = column;
  if (type === 'BINARY' || type === 'VARBINARY' || type === 'BLOB' || type === 'ROWID') return true;
  return (type === 'CHAR' || type === 'VARCHAR' || type === 'CLOB') && column.ccsid === 65535;
}

function textOf(column: ColumnFormat, value: SessionValue): string {
  if (column.type === 'XML')
    return xmlDocument(value instanceof Uint8Array ? xmlTextOf(Buffer.from(value)) : String(value));
  if (value instanceof Uint8Array) throw conversionError(column.name);
  const text = String(value);
  if (column.type === 'GRAPHIC') return withoutBlanks(text, graphicBlank(column.ccsid));
  return column.type === 'CHAR' ? text.replace(/ +$/, '') : text;
}

/** Without the blanks of a fixed field; an ordinary blank given for a double-byte column counts as its own. */
export function withoutBlanks(text: string, blank: string): string {
  return text.replace(blank === ' ' ? / +$/ : /[ \u3000]+$/, '');
}

function asBytes(value: SessionValue): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value), 'latin1');
}

/** Blanks up to the length of a CHAR, which counts bytes: those of UTF-8, and in mixed pages the pairs and their shifts. */
export function padCharacter(column: { readonly ccsid: number | null; readonly length: number }, text: string): string {
  const codec = isAscii(text) || column.ccsid === null || column.ccsid === 65535 ? null : textCodec(column.ccsid);
  const plain = codec === null || (codec.kind === 'single' && !hasKeptBytes(text));
  const used = plain ? text.length : encodeStored(column.ccsid!, text).length;
  return used >= column.length ? text : text + ' '.repeat(column.length - used);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

/** The blank of a graphic column: pure double-byte pages have an ideographic one. */
export function graphicBlank(ccsid: number | null): string {
  return ccsid === null || ccsid === 1200 || ccsid === 13488 ? ' ' : '\u3000';
}

/** `-12.3`, scale 2 -> -1230n. Digits below the scale are cut, as Db2 assigns decimals; null when it is no number. */
function parseScaled(text: string, scale: number): bigint | null {
  const m = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/.exec(text);
  if (!m || (m[2] === '' && (m[3] ?? '') === '')) return null;
  const fraction = m[3] ?? '';
  const digits = `${m[2]}${fraction}`;
  const shift = scale - fraction.length + Number(m[4] ?? 0);
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, Math.max(0, digits.length + shift));
  const magnitude = BigInt(kept || '0');
  return m[1] === '-' ? -magnitude : magnitude;
}

/** -1230n, scale 2 -> `-12.30`. */
export function formatScaled(scaled: bigint, scale: number): string {
  if (scale <= 0) return scaled.toString();
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scale + 1, '0');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function digitCount(scaled: bigint): number {
  return (scaled < 0n ? -scaled : scaled).toString().length;
}

const BINARY_BITS: Record<string, bigint> = { SMALLINT: 15n, INTEGER: 31n, BIGINT: 63n };

function fitsBinary(column: ColumnFormat, value: bigint): boolean {
  const limit = 1n << BINARY_BITS[column.type]!;
  return value >= -limit && value < limit;
}

const COMPLEMENT: Record<string, string> = Object.fromEntries([...'0123456789'].map((d) => [d, String(9 - Number(d))]));

function complement(digits: string): string {
  return digits.replace(/\d/g, (d) => COMPLEMENT[d]!);
}

function orderedText(scaled: bigint, digits: number): string {
  const magnitude = (scaled < 0n ? -scaled : scaled).toString().padStart(digits, '0');
  return scaled < 0n ? `0${complement(magnitude)}` : `1${magnitude}`;
}

/** The scaled integer behind a decimal's comparable, of either form. */
export function scaledOf(stored: Comparable): bigint {
  if (typeof stored !== 'string') return BigInt(stored as bigint);
  const text = stored;
  return text[0] === '1' ? BigInt(text.slice(1)) : -BigInt(complement(text.slice(1)));
}

/** One text for each comparable, for use as part of a map key. */
export function encodeKeyPart(value: Comparable): string {
  if (value === null) return 'n';
  return Buffer.isBuffer(value) ? `b${value.toString('hex')}` : `${typeof value === 'string' ? 't' : 'v'}${value}`;
}
