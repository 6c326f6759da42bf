/**
 * Rows of a journal window as entries, from raw column bytes or from decoded rows.
 *
 * Raw bytes are EBCDIC text in the column's CCSID, packed decimals, big-endian integers. Names, jobs and users repeat
 * from row to row, so their bytes are looked up, not decoded again.
 */
import { ByteMap } from '../../bytes/byte-map';
import { textCodec } from '../../bytes/ccsid/registry';
import { timestampShape } from '../../bytes/date-time';
import { latin1 } from '../../bytes/latin1';
import { Words } from '../../bytes/words';
import type { QualifiedName } from '../../model/position';
import type { ColumnDescriptor, RawBlock, SqlValue } from '../../transport/transport';
import { type Doer, Doers, jobOf, recorded } from './actors';
import { type BlockEntry, holdEntry, type ObjectNames, type ObjectRef } from './block-entry';
import { COLUMN } from './display-journal';

/** Decodes header fields of one result set; lives as long as its statement. */
export class HeaderReader {
  private readonly texts = new Map<string, string>();
  private readonly kinds = new Map<number, string>();
  private readonly refs = new ByteMap<ObjectRef>(MAX_CACHED);
  private readonly doers = new Doers(MAX_CACHED, (block, row, column) => this.text(block, row, column));
  private readonly words = new Words();
  private readonly isoTime = Buffer.alloc(LONGEST_TIMESTAMP);

  constructor(
    readonly columns: readonly ColumnDescriptor[],
    private readonly names: ObjectNames,
    /** Bytes the data were cast to: what fills them may have been cut. */
    readonly dataBytes: number,
  ) {}

  kind(block: RawBlock, row: number): string {
    const at = block.offset(row, COLUMN.code);
    const ty = block.offset(row, COLUMN.type);
    const b = block.buffer;
    if (block.byteLength(row, COLUMN.type) !== 2)
      return this.text(block, row, COLUMN.code).trim() + this.text(block, row, COLUMN.type).trim();
    const key = (b[at]! << 16) | (b[ty]! << 8) | b[ty + 1]!;
    const known = this.kinds.get(key);
    if (known !== undefined) return known;
    const kind = this.text(block, row, COLUMN.code).charAt(0) + this.text(block, row, COLUMN.type);
    this.kinds.set(key, kind);
    return kind;
  }

  object(block: RawBlock, row: number): ObjectRef {
    if (block.isNull(row, COLUMN.object)) return this.names.none;
    const at = block.offset(row, COLUMN.object);
    const end = at + block.byteLength(row, COLUMN.object);
    const words = this.words.of(block.buffer);
    const known = this.refs.get(words, at, end);
    if (known) return known;
    const ref = this.names.ofText(this.text(block, row, COLUMN.object));
    this.refs.add(words, at, end, ref);
    return ref;
  }

  doer(block: RawBlock, row: number): Doer {
    return this.doers.of(block, row);
  }

  integer(block: RawBlock, row: number, column: number): bigint {
    if (block.isNull(row, column)) return 0n;
    const at = block.offset(row, column);
    const length = block.byteLength(row, column);
    switch (this.columns[column]!.type) {
      case 'BIGINT':
        return int64(block.buffer, at);
      case 'INTEGER':
        return BigInt(readInt(block.buffer, at));
      case 'DECIMAL':
        return packed(block.buffer, at, length);
      default:
        return BigInt(this.text(block, row, column).trim() || '0');
    }
  }

  text(block: RawBlock, row: number, column: number): string {
    if (block.isNull(row, column)) return '';
    const at = block.offset(row, column);
    return textCodec(this.columns[column]!.ccsid ?? 37).decode(block.buffer, at, at + block.byteLength(row, column));
  }

  /** `YYYY-MM-DDTHH:MM:SS.ffffff`. What the system writes is turned byte by byte: no entry has the time of another. */
  timestamp(block: RawBlock, row: number): string {
    const length = block.isNull(row, COLUMN.timestamp) ? 0 : block.byteLength(row, COLUMN.timestamp);
    const at = block.offset(row, COLUMN.timestamp);
    const usual = length > 20 && length <= LONGEST_TIMESTAMP && writeIsoTime(block.buffer, at, length, this.isoTime);
    return usual ? latin1(this.isoTime, 0, length) : isoTimestamp(this.text(block, row, COLUMN.timestamp));
  }

  /** Text of a field whose values repeat. */
  cached(block: RawBlock, row: number, column: number): string {
    if (block.isNull(row, column)) return '';
    const at = block.offset(row, column);
    const key = String.fromCharCode(column) + block.buffer.toString('latin1', at, at + block.byteLength(row, column));
    const known = this.texts.get(key);
    if (known !== undefined) return known;
    const text = this.text(block, row, column).trimEnd();
    if (this.texts.size >= MAX_CACHED) this.texts.clear();
    this.texts.set(key, text);
    return text;
  }
}

const MAX_CACHED = 20_000;

/** TIMESTAMP(12). */
const LONGEST_TIMESTAMP = 32;

/** `yyyy-mm-dd-hh.mm.ss.f` in EBCDIC to `yyyy-mm-ddThh:mm:ss.f` in ASCII; false for any other shape. */
function writeIsoTime(b: Uint8Array, at: number, length: number, to: Uint8Array): boolean {
  if (!timestampShape(b, at, length - 20)) return false;
  let other = 0;
  for (let i = 0; i < length; i++) {
    const byte = b[at + i]!;
    const separator = SEPARATORS[i]!;
    // beyond 15 unless the byte is a digit
    if (separator === 0) other |= (byte ^ 0xf0) + 6;
    to[i] = separator === 0 ? byte & 0x3f : separator;
  }
  return other < 16;
}

/** ASCII separators by place, 0 for a digit. */
const SEPARATORS = Uint8Array.from('0000-00-00T00:00:00.000000000000', (c) => (c === '0' ? 0 : c.charCodeAt(0)));

function int64(b: Uint8Array, at: number): bigint {
  const high = readInt(b, at);
  const low = readInt(b, at + 4) >>> 0;
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

function readInt(b: Uint8Array, at: number): number {
  return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!;
}

/** Packed decimal without fraction. Up to 15 digits go through a number, which is exact and several times faster. */
function packed(b: Uint8Array, at: number, length: number): bigint {
  let i = at;
  const end = at + length - 1;
  while (i < end && b[i] === 0) i++;
  if (i === end && b[end]! < 0x10) return 0n;
  const negative = (b[end]! & 0x0f) === 0x0d || (b[end]! & 0x0f) === 0x0b;
  if (end - i <= 7) {
    let n = 0;
    for (; i < end; i++) n = n * 100 + (b[i]! >> 4) * 10 + (b[i]! & 0x0f);
    n = n * 10 + (b[end]! >> 4);
    return BigInt(negative ? -n : n);
  }
  let digits = '';
  for (; i < end; i++) digits += b[i]!.toString(16).padStart(2, '0');
  const n = BigInt(digits + (b[end]! >> 4).toString());
  return negative ? -n : n;
}

/** `YYYY-MM-DD-HH.MM.SS.ffffff` and the transport's form both become the latter. */
function isoTimestamp(text: string): string {
  if (text.charCodeAt(10) === 0x54 || text.length < 19) return text;
  return `${text.slice(0, 10)}T${text.slice(11, 13)}:${text.slice(14, 16)}:${text.slice(17, 19)}${text.slice(19) || '.000000'}`;
}

/** An entry over one row of a raw block. */
export class RawEntry implements BlockEntry {
  readonly kind: string;
  readonly sequence: bigint;
  readonly ref: ObjectRef;
  readonly commitCycle: bigint;
  slot = -1;
  private knownDoer: Doer | null = null;
  /** Set when the data was read again in full. */
  private whole: Uint8Array | null = null;

  constructor(
    readonly receiver: QualifiedName,
    private readonly reader: HeaderReader,
    private readonly block: RawBlock,
    private readonly row: number,
  ) {
    this.kind = reader.kind(block, row);
    this.sequence = reader.integer(block, row, COLUMN.sequence);
    this.ref = reader.object(block, row);
    this.commitCycle = reader.integer(block, row, COLUMN.commitCycle);
  }

  get code(): string {
    return this.kind.charAt(0);
  }
  get type(): string {
    return this.kind.slice(1);
  }
  get object(): QualifiedName | null {
    return this.ref.file;
  }
  get member(): string {
    return this.ref.member;
  }
  get rrn(): bigint {
    return this.reader.integer(this.block, this.row, COLUMN.rrn);
  }
  get timestamp(): string {
    return this.reader.timestamp(this.block, this.row);
  }
  get flag(): string {
    return this.reader.cached(this.block, this.row, COLUMN.flag);
  }
  get nulls(): Uint8Array | null {
    const { block, row } = this;
    if (block.isNull(row, COLUMN.nulls)) return null;
    const at = block.offset(row, COLUMN.nulls);
    return trimNulls(block.buffer, at, at + block.byteLength(row, COLUMN.nulls));
  }
  get bytes(): Uint8Array {
    return this.whole ?? this.block.buffer;
  }
  get dataOffset(): number {
    return this.whole ? 0 : this.block.offset(this.row, COLUMN.data);
  }
  get dataLength(): number {
    if (this.whole) return this.whole.length;
    return this.block.isNull(this.row, COLUMN.data) ? -1 : this.block.byteLength(this.row, COLUMN.data);
  }
  get cut(): boolean {
    return this.whole === null && this.dataLength >= this.reader.dataBytes;
  }
  get data(): Uint8Array | null {
    const length = this.dataLength;
    return length < 0 ? null : this.bytes.subarray(this.dataOffset, this.dataOffset + length);
  }
  get user(): string {
    return this.doer.user;
  }
  get job(): string {
    return this.doer.job;
  }
  get program(): string {
    return this.doer.program;
  }
  private get doer(): Doer {
    this.knownDoer ??= this.reader.doer(this.block, this.row);
    return this.knownDoer;
  }
  get remoteAddress(): string {
    return this.doer.remoteAddress;
  }
  replaceData(data: Uint8Array): void {
    this.whole = data;
  }
  copy(): BlockEntry {
    return holdEntry(this);
  }
}

/** Null indicators as ASCII digits whatever the column's CCSID, without trailing blanks; null when there are none. */
export function trimNulls(b: Uint8Array, from: number, to: number): Uint8Array | null {
  let end = to;
  while (end > from && (b[end - 1] === 0x40 || b[end - 1] === 0x20 || b[end - 1] === 0)) end--;
  if (end === from) return null;
  const nulls = new Uint8Array(end - from);
  for (let i = from; i < end; i++) nulls[i - from] = 0x30 | (b[i]! & 0x0f);
  return nulls;
}

/** An entry over one decoded row, for transports that cannot hand over bytes. */
export class RowEntry implements BlockEntry {
  readonly kind: string;
  readonly sequence: bigint;
  readonly ref: ObjectRef;
  readonly commitCycle: bigint;
  slot = -1;
  private image: Uint8Array | null;
  /** The data was read again in full. */
  private isWhole = false;

  constructor(
    readonly receiver: QualifiedName,
    names: ObjectNames,
    private readonly row: readonly SqlValue[],
    private readonly dataBytes: number,
  ) {
    this.kind = `${this.text(COLUMN.code)}${this.text(COLUMN.type)}`;
    this.sequence = this.integer(COLUMN.sequence);
    const object = row[COLUMN.object];
    this.ref = typeof object === 'string' ? names.ofText(object) : names.none;
    this.commitCycle = this.integer(COLUMN.commitCycle);
    const data = row[COLUMN.data];
    this.image = data instanceof Uint8Array ? data : null;
  }

  private text(column: number): string {
    const value = this.row[column];
    return value === null || value === undefined ? '' : String(value).trimEnd();
  }
  private integer(column: number): bigint {
    const value = this.row[column];
    return value === null || value === undefined || value === '' ? 0n : BigInt(String(value).split('.')[0]!);
  }
  get code(): string {
    return this.kind.charAt(0);
  }
  get type(): string {
    return this.kind.slice(1);
  }
  get object(): QualifiedName | null {
    return this.ref.file;
  }
  get member(): string {
    return this.ref.member;
  }
  get rrn(): bigint {
    return this.integer(COLUMN.rrn);
  }
  get timestamp(): string {
    return isoTimestamp(this.text(COLUMN.timestamp));
  }
  get flag(): string {
    return this.text(COLUMN.flag);
  }
  get nulls(): Uint8Array | null {
    const value = this.row[COLUMN.nulls];
    if (value === null || value === undefined) return null;
    const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    return bytes instanceof Uint8Array ? trimNulls(bytes, 0, bytes.length) : null;
  }
  get bytes(): Uint8Array {
    return this.image ?? EMPTY;
  }
  get dataOffset(): number {
    return 0;
  }
  get dataLength(): number {
    return this.image ? this.image.length : -1;
  }
  get cut(): boolean {
    return !this.isWhole && this.dataLength >= this.dataBytes;
  }
  get data(): Uint8Array | null {
    return this.image;
  }
  private doer(column: number): string {
    return recorded(this.text(column));
  }
  get user(): string {
    return this.doer(COLUMN.user);
  }
  get job(): string {
    return jobOf(this.doer(COLUMN.jobNumber), this.doer(COLUMN.jobUser), this.doer(COLUMN.jobName));
  }
  get program(): string {
    return this.doer(COLUMN.program);
  }
  get remoteAddress(): string {
    return this.doer(COLUMN.remoteAddress);
  }
  replaceData(data: Uint8Array): void {
    this.image = data;
    this.isWhole = true;
  }
  copy(): BlockEntry {
    return holdEntry(this);
  }
}

const EMPTY = new Uint8Array(0);
