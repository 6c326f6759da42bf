/**
 * Record images: what a member stores and a journal entry carries. The simulated partition's own reading of the layout;
 * it shares the byte codecs with the product, not its decoder.
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import { decodeDecfloat, encodeDecfloat } from '../../../bytes/decfloat';
import { decodePacked, encodePacked } from '../../../bytes/packed';
import { decodeZoned, encodeZoned } from '../../../bytes/zoned';
import { decodeStored, encodeStored } from '../../stored-text';
import { conversionError, valueTooLong } from '../failures';
import {
  type Comparable,
  encodeComparable,
  formatScaled,
  graphicBlank,
  isBytes,
  scaledOf,
  withoutBlanks,
} from './comparable';
import { dateText, parseDateText, parseTimeText, timeText } from './date-text';
import type { ColumnDef, NullFill } from './definitions';
import { isLob, type RecordLayout, type Slot } from './record-layout';

/** The bytes of a field are no value of its type (blanks in a packed field). */
export const INVALID = Symbol('invalid field bytes');

const BLANK = 0x40;
const EBCDIC = textCodec(37);

/** A new image: every field from its comparable. */
export function encodeImage(layout: RecordLayout, values: readonly Comparable[]): Buffer {
  const image = Buffer.alloc(layout.length);
  for (const slot of layout.slots) encodeField(image, slot, values[slot.ordinal] ?? null);
  return image;
}

/** The values of an image; LOB fields come from `lobs`. Invalid ones are null and listed. */
export function decodeImage(
  layout: RecordLayout,
  image: Buffer,
  nulls: string | null,
  lobs: ReadonlyMap<number, Comparable>,
): { values: Comparable[]; bad: number[] } {
  const values: Comparable[] = [];
  const bad: number[] = [];
  for (const slot of layout.slots) {
    if (nulls !== null && nulls[slot.ordinal] === '1') values.push(null);
    else if (isLob(slot.column)) values.push(lobs.get(slot.ordinal) ?? emptyLob(slot.column));
    else {
      const value = decodeField(image, slot);
      if (value === INVALID) bad.push(slot.ordinal);
      values.push(value === INVALID ? null : value);
    }
  }
  return { values, bad };
}

function emptyLob(column: ColumnDef): Comparable {
  return isBytes(column) ? Buffer.alloc(0) : '';
}

/**
 * Writes one field. A varying field leaves the bytes after its current length as they were, and a null one leaves
 * blanks or zeros: neither means anything, and readers must not look.
 * @throws SqlFailure -404 too long, -406 not representable
 */
export function encodeField(image: Buffer, slot: Slot, value: Comparable, nullFill: NullFill = 'usual'): void {
  const { column } = slot;
  if (isLob(column)) encodeLobSlot(image, slot, value);
  else if (value === null) fillNull(image, slot, nullFill);
  else {
    encodeValue(image, slot, value);
    if (column.fieldProc !== undefined) scramble(image, slot);
  }
}

function encodeValue(image: Buffer, slot: Slot, value: Exclude<Comparable, null>): void {
  const { column, offset, width } = slot;
  switch (column.type) {
    case 'CHAR':
    case 'BINARY':
    case 'GRAPHIC':
      putFixed(image, slot, fieldBytes(column, value));
      return;
    case 'VARCHAR':
    case 'VARBINARY':
    case 'VARGRAPHIC':
    case 'DATALINK':
    case 'ROWID':
      putVarying(image, slot, fieldBytes(column, value));
      return;
    case 'DECIMAL':
      image.set(encodePacked(decimalText(column, value), column.length, column.scale), offset);
      return;
    case 'NUMERIC':
      image.set(encodeZoned(decimalText(column, value), column.length, column.scale), offset);
      return;
    case 'SMALLINT':
      image.writeInt16BE(Number(value), offset);
      return;
    case 'INTEGER':
      image.writeInt32BE(Number(value), offset);
      return;
    case 'BIGINT':
      image.writeBigInt64BE(BigInt(value as bigint), offset);
      return;
    case 'REAL':
      image.writeFloatBE(Number(value), offset);
      return;
    case 'DOUBLE':
      image.writeDoubleBE(Number(value), offset);
      return;
    case 'DECFLOAT':
      image.set(encodeDecfloat(String(value), column.length === 8 ? 8 : 16), offset);
      return;
    case 'BOOLEAN':
      image[offset] = Number(value) === 1 ? 0xf1 : 0xf0;
      return;
    default:
      image.set(EBCDIC.encode(momentText(column, String(value))).subarray(0, width), offset);
  }
}

/** A field's comparable, or INVALID. LOB slots hold no data: the caller keeps it. */
export function decodeField(stored: Buffer, slot: Slot): Comparable | typeof INVALID {
  const { column, offset, width } = slot;
  const image = column.fieldProc === undefined ? stored : Buffer.from(stored);
  if (column.fieldProc !== undefined) scramble(image, slot);
  try {
    switch (column.type) {
      case 'DECIMAL':
        return decimalOf(column, decodePacked(image, offset, column.length, column.scale));
      case 'NUMERIC':
        return decimalOf(column, decodeZoned(image, offset, column.length, column.scale));
      case 'SMALLINT':
        return BigInt(image.readInt16BE(offset));
      case 'INTEGER':
        return BigInt(image.readInt32BE(offset));
      case 'BIGINT':
        return image.readBigInt64BE(offset);
      case 'REAL':
        return floatOf(image.readFloatBE(offset));
      case 'DOUBLE':
        return floatOf(image.readDoubleBE(offset));
      case 'DECFLOAT':
        return decodeDecfloat(image, offset, column.length === 8 ? 8 : 16);
      case 'BOOLEAN':
        return image[offset] === 0xf1 ? 1n : image[offset] === 0xf0 ? 0n : INVALID;
      case 'DATE':
        return parseDateText(column, EBCDIC.decode(image, offset, offset + width)) ?? INVALID;
      case 'TIME':
        return parseTimeText(column, EBCDIC.decode(image, offset, offset + width)) ?? INVALID;
      case 'TIMESTAMP':
        return parseTimestamp(EBCDIC.decode(image, offset, offset + width)) ?? INVALID;
      default:
        return decodeBytes(column, image, offset, width);
    }
  } catch {
    return INVALID;
  }
}

function floatOf(value: number): Comparable {
  return Number.isNaN(value) ? 'NaN' : value;
}

function decodeBytes(column: ColumnDef, image: Buffer, offset: number, width: number): Comparable | typeof INVALID {
  const varying = isVarying(column);
  const unit = column.type === 'VARGRAPHIC' ? 2 : 1;
  const start = varying ? offset + 2 : offset;
  const end = varying ? start + image.readUInt16BE(offset) * unit : offset + width;
  if (end > offset + width) return INVALID;
  if (isBytes(column)) return Buffer.from(image.subarray(start, end));
  const text = decodeStored(column.ccsid ?? 37, image, start, end);
  if (column.type === 'GRAPHIC') return withoutBlanks(text, graphicBlank(column.ccsid));
  return column.type === 'CHAR' ? text.replace(/ +$/, '') : text;
}

function isVarying(column: ColumnDef): boolean {
  return ['VARCHAR', 'VARBINARY', 'VARGRAPHIC', 'DATALINK', 'ROWID'].includes(column.type);
}

/** The bytes of a text or binary value, in the column's CCSID. */
export function fieldBytes(column: ColumnDef, value: Comparable): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return encodeStored(column.ccsid === 65535 || column.ccsid === null ? 37 : column.ccsid, String(value));
}

function putFixed(image: Buffer, slot: Slot, bytes: Buffer): void {
  const { column, offset, width } = slot;
  if (bytes.length > width) throw valueTooLong(column.name);
  const blank = column.type === 'GRAPHIC' ? graphicBlank(column.ccsid) : ' ';
  const pad = column.type === 'BINARY' ? null : isBytes(column) ? Buffer.of(BLANK) : fieldBytes(column, blank);
  if (pad === null) image.fill(0, offset, offset + width);
  else image.fill(pad, offset, offset + width);
  image.set(bytes, offset);
}

function putVarying(image: Buffer, slot: Slot, bytes: Buffer): void {
  const { column, offset, width } = slot;
  if (bytes.length > width - 2) throw valueTooLong(column.name);
  image.writeUInt16BE(column.type === 'VARGRAPHIC' ? bytes.length / 2 : bytes.length, offset);
  image.set(bytes, offset + 2);
}

/** What the field procedure of this partition does: its bytes, those of a varying field's data, each turned over; twice is once. */
function scramble(image: Buffer, { column, offset, width }: Slot): void {
  const start = isVarying(column) ? offset + 2 : offset;
  for (let at = start; at < offset + width; at++) image[at] = image[at]! ^ 0x5a;
}

/** The type's own default: what a program finds in a null field it looks into all the same. */
export function encodeDefault(image: Buffer, slot: Slot): void {
  const { type } = slot.column;
  if (/^(DECIMAL|NUMERIC|SMALLINT|INTEGER|BIGINT)$/.test(type)) encodeValue(image, slot, 0n);
  else if (type === 'REAL' || type === 'DOUBLE') encodeValue(image, slot, 0);
  else if (type === 'DATE') encodeValue(image, slot, '1940-01-01');
  else if (type === 'TIME') encodeValue(image, slot, '00:00:00');
  else if (type === 'TIMESTAMP') encodeValue(image, slot, '0001-01-01T00:00:00.000000');
  else if (type === 'DECFLOAT') encodeValue(image, slot, '0');
  else if (type === 'BOOLEAN') encodeValue(image, slot, 0n);
  else if (isVarying(slot.column)) image.writeUInt16BE(0, slot.offset);
  else encodeValue(image, slot, type === 'BINARY' ? Buffer.alloc(0) : '');
}

function fillNull(image: Buffer, slot: Slot, fill: NullFill): void {
  const { column, offset, width } = slot;
  if (fill === 'kept') return;
  if (fill === 'defaults') {
    encodeDefault(image, slot);
    return;
  }
  const usual = isVarying(column) || /INT|REAL|DOUBLE|DECFLOAT|BINARY/.test(column.type);
  const zero = fill === 'zeros' || (fill === 'usual' && usual);
  image.fill(zero ? 0 : BLANK, offset, offset + width);
}

/** Pad, info byte, length in the column's declared unit, zeros where the pointer would be. */
function encodeLobSlot(image: Buffer, slot: Slot, value: Comparable): void {
  const { column, offset, width } = slot;
  const bytes = value === null ? 0 : fieldBytes(column, value).length;
  const at = offset + width - 29;
  image.fill(0, offset, offset + width);
  if (column.type === 'DBCLOB') image[at] = 1;
  image.writeInt32BE(column.type === 'DBCLOB' ? bytes / 2 : bytes, at + 1);
}

function decimalText(column: ColumnDef, value: Comparable): string {
  return formatScaled(scaledOf(value), column.scale);
}

function decimalOf(column: ColumnDef, text: string): Comparable {
  return encodeComparable(column, text);
}

function momentText(column: ColumnDef, value: string): string {
  if (column.type === 'DATE') return dateText(column, value);
  if (column.type === 'TIME') return timeText(column, value);
  const m = /^(\d{4}-\d\d-\d\d)[T -](\d\d)[:.](\d\d)[:.](\d\d)(?:[.](\d{0,12}))?$/.exec(value);
  if (!m || parseTimestamp(`${m[1]}-${m[2]}.${m[3]}.${m[4]}`) === null) throw conversionError(column.name);
  const fraction = column.scale === 0 ? '' : `.${(m[5] ?? '').padEnd(column.scale, '0').slice(0, column.scale)}`;
  return `${m[1]}-${m[2]}.${m[3]}.${m[4]}${fraction}`;
}

/** `yyyy-mm-dd-hh.mm.ss.uuuuuu` to `YYYY-MM-DDTHH:MM:SS.ffffff`; null when it is no moment. */
function parseTimestamp(text: string): string | null {
  const m = /^(\d{4}-\d\d-\d\d)-(\d\d)\.(\d\d)\.(\d\d)(\.\d+)?$/.exec(text);
  if (!m) return null;
  const date = parseDateText({ dateFormat: 'ISO' }, m[1]!);
  const time = parseTimeText({ timeFormat: 'ISO' }, `${m[2]}.${m[3]}.${m[4]}`);
  return date && time ? `${date}T${time}${m[5] ?? ''}` : null;
}
