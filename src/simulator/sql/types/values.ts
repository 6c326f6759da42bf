/** Values across the borders: parameters into SQLite, SQLite results and catalog cells out in the session's forms. */
import { textCodec } from '../../../bytes/ccsid/registry';
import { graphicBlank, padCharacter } from '../../partition/files/comparable';
import { type CursorValue, MAPPING_ERROR, type SessionValue, type SqlFailure } from '../../sql-session';
import { badDateTime, conversionOnParameter, notCompatible } from '../failures';
import { encodeText } from './byte-text';
import { fitsDigits, formatUnscaled, parseUnscaled } from './decimal';
import { bigText, exactForm, fromBigText, integerForm, type Raw, unscaled } from './exact-form';
import { isoDate, isoTime, isoTimestamp } from './iso-text';
import {
  digitsOf,
  INT_DIGITS,
  isBytes,
  isExact,
  isFixedText,
  isInteger,
  isText,
  repOf,
  type SqlType,
} from './sql-type';

/** A parameter value as SQLite compares it. @throws SqlFailure -302 with the parameter's number */
export function bindValue(value: SessionValue, type: SqlType, position: number): Raw {
  try {
    return toRaw(value, type);
  } catch (error) {
    const code = (error as SqlFailure).sqlCode;
    if (code === -180 || code === -181) throw error;
    throw conversionOnParameter(position);
  }
}

function toRaw(value: SessionValue, type: SqlType): Raw {
  if (value === null) return null;
  if (isExact(type)) return exactRaw(value, type);
  switch (repOf(type)) {
    case 'real': {
      const number = Number(value);
      if (Number.isNaN(number)) {
        if (typeof value !== 'number' && value !== 'NaN') throw notCompatible('*N');
        return 'NaN';
      }
      return type.name === 'REAL' ? Math.fround(number) : number;
    }
    case 'date':
      return isoDate(text(value));
    case 'time':
      return isoTime(text(value));
    case 'timestamp':
      return isoTimestamp(text(value), type.scale);
    case 'bool':
      return value === true || value === 1 || value === '1' || value === 'TRUE' || value === 'true' ? 1n : 0n;
    case 'blob':
      return value instanceof Uint8Array ? Buffer.from(value) : encodeText(text(value), 37);
    case 'decfloat':
      return text(value);
    default:
      if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
      return isFixedText(type) ? text(value).replace(/ +$/, '') : text(value);
  }
}

function exactRaw(value: SessionValue, type: SqlType): Raw {
  const unscaled = value === true ? 1n : value === false ? 0n : parseUnscaled(text(value), type.scale);
  if (unscaled === null) throw notCompatible('*N');
  return isInteger(type) ? integerForm(unscaled, type.name) : exactForm(unscaled, type.length);
}

function text(value: SessionValue): string {
  if (value instanceof Uint8Array) throw badDateTime();
  return String(value);
}

type Decoder = (raw: Raw) => SessionValue;

/** Turns a result value of `type` into its session form. */
export function decoderOf(type: SqlType): Decoder {
  if (isExact(type)) return exactDecoder(type);
  if (repOf(type) === 'real') return (raw) => Number(raw);
  if (repOf(type) === 'bool') return (raw) => Number(raw) === 1;
  if (isFixedText(type)) return fixedDecoder(type);
  if (isText(type) || !isBytes(type)) return (raw) => String(raw);
  return (raw) => (Buffer.isBuffer(raw) ? raw : Buffer.from(String(raw), 'latin1'));
}

function exactDecoder(type: SqlType): Decoder {
  if (type.scale === 0 && (type.name === 'SMALLINT' || type.name === 'INTEGER')) return (raw) => Number(raw);
  const { scale } = type;
  if (scale === 0) return (raw) => (typeof raw === 'string' ? fromBigText(raw).toString() : String(raw));
  return (raw) => formatUnscaled(typeof raw === 'string' ? fromBigText(raw) : BigInt(raw as bigint), scale);
}

function fixedDecoder(type: SqlType): Decoder {
  const kind = type.ccsid === null || type.ccsid === 65535 ? 'single' : textCodec(type.ccsid).kind;
  if (type.name === 'CHAR' && kind !== 'single') return (raw) => padCharacter(type, String(raw));
  const blanks = (type.name === 'GRAPHIC' ? graphicBlank(type.ccsid) : ' ').repeat(Math.min(type.length, 65535));
  return (raw) => {
    const s = raw as string;
    return s.length >= type.length ? s : s + blanks.slice(s.length);
  };
}

export interface RowShape {
  readonly decoders: readonly Decoder[];
  /** For each result column: which extra column says that it is bad, and under which ordinal. */
  readonly bad: readonly ({ readonly at: number; readonly ordinal: string } | null)[];
}

export function decodeRow(raw: readonly Raw[], shape: RowShape): CursorValue[] {
  const { decoders, bad } = shape;
  const row = new Array<CursorValue>(decoders.length);
  for (let i = 0; i < decoders.length; i++) {
    const value = raw[i]!;
    const mark = bad[i];
    if (mark && raw[mark.at] !== null && String(raw[mark.at]).split(',').includes(mark.ordinal)) row[i] = MAPPING_ERROR;
    else row[i] = value === null ? null : decoders[i]!(value);
  }
  return row;
}

/** Do integers of these columns need 64 bit? If not, SQLite may hand them over as numbers, which is faster. */
export function needsBigIntegers(types: readonly SqlType[]): boolean {
  return types.some((t) => repOf(t) === 'int' && digitsOf(t) > 15);
}

/** A cell written by catalog code to the form its column's type has in SQLite. */
export function cellToRaw(cell: Cell, type: SqlType): Raw {
  if (cell === null) return null;
  if (isExact(type)) {
    const unscaled =
      typeof cell === 'string' || typeof cell === 'number'
        ? (parseUnscaled(String(cell), type.scale) ?? 0n)
        : BigInt(cell as bigint) * 10n ** BigInt(type.scale);
    if (isInteger(type)) return unscaled;
    return digitsOf(type) <= INT_DIGITS
      ? unscaled
      : bigText(fitsDigits(unscaled, type.length) ? unscaled : 0n, type.length);
  }
  switch (repOf(type)) {
    case 'real':
      return Number(cell);
    case 'bool':
      return cell === true ? 1n : 0n;
    case 'blob':
      return cell instanceof Uint8Array ? asBuffer(cell) : encodeText(String(cell), 37);
    case 'text':
      return isFixedText(type) ? String(cell).replace(/ +$/, '') : String(cell);
    default:
      return String(cell);
  }
}

/** A cell to its session form, without the way through SQLite; `cut` is the length of a VARBINARY it is cast to. */
export function cellForm(type: SqlType, cut: number | null): (cell: Cell) => SessionValue {
  if (cut !== null || isBytes(type)) return (cell) => cutBytes(cell, cut);
  if (isExact(type)) {
    if (type.scale === 0) return isInteger(type) && type.name !== 'BIGINT' ? Number : String;
    return (cell) => formatUnscaled(unscaled(cellToRaw(cell, type)), type.scale);
  }
  const decode = decoderOf(type);
  if (repOf(type) === 'timestamp') return (cell) => String(cell);
  return (cell) => decode(cellToRaw(cell, type));
}

function cutBytes(cell: Cell, cut: number | null): SessionValue {
  const bytes = cell instanceof Uint8Array ? asBuffer(cell) : encodeText(String(cell), 37);
  return cut !== null && bytes.length > cut ? bytes.subarray(0, cut) : bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
}

/** An evaluated argument back to the form catalog code likes. */
export function rawToCell(raw: Raw, type: SqlType): Cell {
  if (raw === null) return null;
  if (isExact(type) && type.scale === 0) return typeof raw === 'string' ? fromBigText(raw) : BigInt(raw as bigint);
  const value = decoderOf(type)(raw);
  return typeof value === 'string' && isText(type) ? value.replace(/ +$/, '') : value;
}

/** A cell as makers of rows like to write it; the engine brings it to the column's form. */
export type Cell = string | number | bigint | boolean | Uint8Array | null;
