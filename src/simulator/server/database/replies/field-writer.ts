/** One column's value into its place in a row. A writer is made once per column of a cursor and then called per row. */
import { encodeDecfloat } from '../../../../bytes/decfloat';
import { encodePacked } from '../../../../bytes/packed';
import { encodeZoned } from '../../../../bytes/zoned';
import { type SessionValue, SqlFailure } from '../../../sql-session';
import type { LobTable } from './lob-table';
import { hostTimestamp, jobDate, jobTime } from './moment-text';
import { blankOf, textWriter } from './text-writer';
import { type ColumnSettings, SQL_TYPE, type WireColumn } from './wire-column';

/**
 * Writes a value that is not null and returns the bytes it really uses; the rest of the field is already zero.
 * @throws SqlFailure when the value cannot be held by the field
 */
export type ReplyFieldWriter = (value: SessionValue, out: Buffer, at: number) => number;

export function replyFieldWriter(column: WireColumn, settings: ColumnSettings, lobs: LobTable): ReplyFieldWriter {
  const { type, length } = column;
  switch (type) {
    case SQL_TYPE.char:
    case SQL_TYPE.graphic:
      return column.ccsid === 65535 ? paddedBytes(column, 0x40) : paddedText(column);
    case SQL_TYPE.varchar:
    case SQL_TYPE.datalink:
      return column.ccsid === 65535 ? varyingBytes(column) : varyingText(column, 1);
    case SQL_TYPE.vargraphic:
      return varyingText(column, 2);
    case SQL_TYPE.binary:
      return paddedBytes(column, 0);
    case SQL_TYPE.varbinary:
    case SQL_TYPE.rowid:
      return varyingBytes(column);
    case SQL_TYPE.decimal:
      return packed(column);
    case SQL_TYPE.numeric:
      return zoned(column);
    case SQL_TYPE.smallint:
      return (v, out, at) => out.writeInt16BE(Number(v), at) - at;
    case SQL_TYPE.integer:
      return (v, out, at) => out.writeInt32BE(Number(v), at) - at;
    case SQL_TYPE.bigint:
      return bigint;
    case SQL_TYPE.float:
      return length === 4
        ? (v, out, at) => out.writeFloatBE(Number(v), at) - at
        : (v, out, at) => out.writeDoubleBE(Number(v), at) - at;
    case SQL_TYPE.decfloat:
      return (v, out, at) => copy(encodeDecfloat(String(v), length as 8 | 16), out, at);
    case SQL_TYPE.boolean:
      return (v, out, at) => out.writeUInt8(v === true || v === 1 ? 0xf1 : 0xf0, at) - at;
    case SQL_TYPE.date:
      return jobText(column, (v) => jobDate(v, settings.dateFormat, settings.dateSeparator));
    case SQL_TYPE.time:
      return jobText(column, (v) => jobTime(v, settings.timeFormat, settings.timeSeparator));
    case SQL_TYPE.timestamp:
      return jobText(column, (v) => hostTimestamp(v, length));
    case SQL_TYPE.blob:
    case SQL_TYPE.clob:
    case SQL_TYPE.dbclob:
      return inlineLob(column);
    default:
      return (v, out, at) => out.writeUInt32BE(lobs.add(v, column), at) - at;
  }
}

function paddedText(column: WireColumn): ReplyFieldWriter {
  const write = textWriter(column.ccsid);
  const blank = blankOf(column.ccsid);
  const { length } = column;
  return (value, out, at) => {
    const used = write(textOf(value), out, at, length);
    if (used < 0) throw tooLong(column);
    if (used < length) out.fill(blank, at + used, at + length);
    return length;
  };
}

function varyingText(column: WireColumn, unit: 1 | 2): ReplyFieldWriter {
  const write = textWriter(column.ccsid);
  const room = column.length - 2;
  return (value, out, at) => {
    const used = write(textOf(value), out, at + 2, room);
    if (used < 0) throw tooLong(column);
    out.writeUInt16BE(used / unit, at);
    return used + 2;
  };
}

function paddedBytes(column: WireColumn, fill: number): ReplyFieldWriter {
  const { length } = column;
  return (value, out, at) => {
    const bytes = bytesOf(value);
    if (bytes.length > length) throw tooLong(column);
    out.set(bytes, at);
    if (bytes.length < length) out.fill(fill, at + bytes.length, at + length);
    return length;
  };
}

function varyingBytes(column: WireColumn): ReplyFieldWriter {
  return (value, out, at) => {
    const bytes = bytesOf(value);
    if (bytes.length + 2 > column.length) throw tooLong(column);
    out.writeUInt16BE(bytes.length, at);
    out.set(bytes, at + 2);
    return bytes.length + 2;
  };
}

/** The usual plain form goes straight into nibbles; anything else through the exact codec, which also reports misfits. */
function packed(column: WireColumn): ReplyFieldWriter {
  const { precision, scale, length } = column;
  return (value, out, at) => {
    const text = String(value);
    const digits = plainDigits(text, precision, scale);
    if (digits === 0)
      return copy(
        encodeOrFail(() => encodePacked(text, precision, scale), column),
        out,
        at,
      );
    const negative = text.charCodeAt(0) === 0x2d;
    let nibbles = negative ? 0x0d : 0x0f;
    let high = true;
    let to = at + length - 1;
    for (let i = text.length - 1; i >= (negative ? 1 : 0); i--) {
      const digit = text.charCodeAt(i) - 0x30;
      if (digit < 0) continue; // the point
      if (high) {
        out[to--] = nibbles | (digit << 4);
      } else nibbles = digit;
      high = !high;
    }
    if (high) out[to--] = nibbles;
    while (to >= at) out[to--] = 0;
    return length;
  };
}

function zoned(column: WireColumn): ReplyFieldWriter {
  const { precision, scale, length } = column;
  return (value, out, at) => {
    const text = String(value);
    if (plainDigits(text, precision, scale) === 0)
      return copy(
        encodeOrFail(() => encodeZoned(text, precision, scale), column),
        out,
        at,
      );
    const negative = text.charCodeAt(0) === 0x2d;
    let to = at + length - 1;
    for (let i = text.length - 1; i >= (negative ? 1 : 0); i--) {
      const digit = text.charCodeAt(i) - 0x30;
      if (digit >= 0) out[to--] = 0xf0 | digit;
    }
    while (to >= at) out[to--] = 0xf0;
    if (negative) out[at + length - 1]! &= 0xdf;
    return length;
  };
}

/** How many digits `text` has when it is `-?ddd[.ddd]` with exactly `scale` decimals, fits, and is not minus zero; else 0. */
function plainDigits(text: string, precision: number, scale: number): number {
  const start = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const point = scale === 0 ? -1 : text.length - scale - 1;
  let digits = 0;
  let nonZero = start === 0;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (i === point) {
      if (c !== 0x2e) return 0;
      continue;
    }
    if (c < 0x30 || c > 0x39) return 0;
    if (c !== 0x30) nonZero = true;
    digits++;
  }
  return nonZero && digits <= precision && (scale === 0 || point > start - 1) ? digits : 0;
}

function bigint(value: SessionValue, out: Buffer, at: number): number {
  const n = Number(value);
  if (Number.isSafeInteger(n)) {
    const high = Math.floor(n / 0x100000000);
    out.writeInt32BE(high, at);
    out.writeUInt32BE(n - high * 0x100000000, at + 4);
  } else out.writeBigInt64BE(BigInt(value as string), at);
  return 8;
}

function jobText(column: WireColumn, form: (value: string) => string | null): ReplyFieldWriter {
  const write = textWriter(column.ccsid);
  return (value, out, at) => {
    const text = form(String(value));
    if (text === null)
      throw new SqlFailure(
        -183,
        '22008',
        `Result of a date in ${column.name} cannot be shown in the date format of the job.`,
      );
    const used = write(text, out, at, column.length);
    if (used !== column.length) throw tooLong(column);
    return used;
  };
}

function inlineLob(column: WireColumn): ReplyFieldWriter {
  const isBytes = column.type === SQL_TYPE.blob;
  const unit = column.type === SQL_TYPE.dbclob ? 2 : 1;
  const write = isBytes ? null : textWriter(column.ccsid);
  return (value, out, at) => {
    let used: number;
    if (write) used = write(textOf(value), out, at + 4, column.length - 4);
    else {
      const bytes = bytesOf(value);
      used = bytes.length + 4 > column.length ? -1 : bytes.length;
      if (used >= 0) out.set(bytes, at + 4);
    }
    if (used < 0) throw tooLong(column);
    out.writeUInt32BE(used / unit, at);
    return used + 4;
  };
}

function encodeOrFail(encode: () => Buffer, column: WireColumn): Buffer {
  try {
    return encode();
  } catch {
    throw new SqlFailure(-802, '22003', `Data conversion or data mapping error on ${column.name}.`, [column.name]);
  }
}

function copy(bytes: Uint8Array, out: Buffer, at: number): number {
  out.set(bytes, at);
  return bytes.length;
}

function textOf(value: SessionValue): string {
  return typeof value === 'string' ? value : String(value);
}

function bytesOf(value: SessionValue): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value), 'latin1');
}

function tooLong(column: WireColumn): SqlFailure {
  return new SqlFailure(-404, '22001', `Value for column or variable ${column.name} too long.`, [column.name]);
}
