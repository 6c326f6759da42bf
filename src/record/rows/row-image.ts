/**
 * Record images made of columns, one after the other: what a row read by SQL becomes before it is mapped. LOB data follow
 * the image as they do in a journal entry.
 */
import { textCodec } from '../../bytes/ccsid/registry';
import { isCoded } from '../../errors/coded-error';
import type { RecordImage, SqlRow } from '../../model/change';
import type { RecordFormat } from '../../model/record-format';
import { computeLayout, type Field, type Layout, LOB_DESCRIPTOR, layoutError } from '../layout/layout';
import { fieldBytes } from './field-bytes';

/** Characters of a null map. */
const VALUE = 0x30;
const NULL = 0x31;
/** Cannot be decoded, and its bytes are lost. */
const UNREADABLE = 0x32;

/** Bytes that are copied one by one. */
const SHORT = 48;

const SEPARATOR = Buffer.alloc(16, 0xd8);

export class RowImageBuilder {
  readonly layout: Layout;
  private readonly blanks: readonly Uint8Array[];
  private image: Buffer;
  private nulls: Buffer;
  private lobs: Uint8Array[] = [];

  /**
   * @param format as the row's columns are laid out; see `tableRowFormat`
   * @param reuse one buffer for all rows: an image is good until the next `begin`
   */
  constructor(
    readonly format: RecordFormat,
    private readonly reuse = false,
  ) {
    this.layout = computeLayout(format);
    this.blanks = this.layout.fields.map(blankOf);
    this.image = Buffer.alloc(0);
    this.nulls = Buffer.alloc(0);
  }

  /** Starts a row; every column is null until it is given. */
  begin(): void {
    if (this.reuse && this.nulls.length > 0) {
      this.image.fill(0);
      this.nulls.fill(NULL);
    } else {
      this.image = Buffer.alloc(this.layout.length);
      this.nulls = Buffer.alloc(this.layout.fields.length, NULL);
    }
    this.lobs = this.layout.lobs.map(() => SEPARATOR.subarray(0, 0));
  }

  /**
   * The column's bytes as the file stores them, without length prefix. They are copied.
   * @throws CodedError `LAYOUT_IMAGE`: more bytes than the format has, or fewer where the length is fixed
   */
  put(index: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    const field = this.layout.fields[index]!;
    const length = end - start;
    if (!this.fits(index, length)) throw this.misfit(field, length);
    this.nulls[index] = VALUE;
    if (field.storage === 'lob') {
      this.lobs[this.layout.lobs.indexOf(field)] = Buffer.from(bytes.subarray(start, end));
      this.image.writeUInt32BE(length / field.unit, field.offset + field.width - LOB_DESCRIPTOR + 1);
      return;
    }
    let at = field.offset;
    if (field.storage === 'varying') at = this.image.writeUInt16BE(length / field.unit, at);
    // most fields are short: a view of each would cost more than its bytes
    if (length > SHORT) this.image.set(bytes.subarray(start, end), at);
    else for (let p = start; p < end; p++) this.image[at++] = bytes[p]!;
  }

  /** Whether data of so many bytes can stand in the column. */
  fits(index: number, length: number): boolean {
    const field = this.layout.fields[index]!;
    const room = field.storage === 'fixed' ? length === field.width : length <= field.capacity;
    return room && length % field.unit === 0;
  }

  /** A value in the exact form of the transport; what the column cannot hold counts as unreadable. */
  putValue(index: number, value: SqlRow[string]): void {
    if (value === null) return;
    const field = this.layout.fields[index]!;
    try {
      this.put(index, padded(fieldBytes(field, value), field, this.blanks[index]!));
    } catch (error) {
      if (!isCoded(error) || error.family !== 'decode') throw error;
      this.unreadable(index);
    }
  }

  /** The partition cannot hand the value over, and its bytes are not to be had: an error in the event, never a silent null. */
  unreadable(index: number): void {
    this.nulls[index] = UNREADABLE;
  }

  finish(): RecordImage {
    const parts = this.lobs.flatMap((data) => [SEPARATOR, data]);
    const bytes = parts.length === 0 ? this.image : Buffer.concat([this.image, ...parts]);
    return {
      bytes,
      offset: 0,
      length: bytes.length,
      nulls: this.nulls.some((mark) => mark !== VALUE) ? this.nulls : null,
      format: this.format,
    };
  }

  private misfit(field: Field, length: number): Error {
    return layoutError(
      this.layout,
      'LAYOUT_IMAGE',
      `column ${field.column.name} has ${length} bytes, its format ${field.capacity}`,
      { column: field.column.name, bytes: length, formatBytes: field.capacity },
    );
  }
}

/** The image of a row of which some columns are known by value; the others are null. For made-up and remembered rows. */
export function rowImage(format: RecordFormat, row: SqlRow): RecordImage {
  const builder = new RowImageBuilder(format);
  builder.begin();
  for (const [i, column] of format.columns.entries()) builder.putValue(i, row[column.name] ?? null);
  return builder.finish();
}

/** The same image in bytes of its own, for when its buffer is used again. */
export function imageCopy({ bytes, offset, length, nulls, format }: RecordImage): RecordImage {
  return {
    bytes: Buffer.from(bytes.subarray(offset, offset + length)),
    offset: 0,
    length,
    nulls: nulls && Buffer.from(nulls),
    ...(format ? { format } : {}),
  };
}

/** What a fixed field is filled up with behind a shorter text. */
function blankOf(field: Field): Uint8Array {
  if (field.kind !== 'text') return Uint8Array.of(field.column.type === 'BINARY' ? 0 : 0x40);
  const { ccsid, type } = field.column;
  const codec = textCodec(ccsid ?? 37);
  return codec.encode(type === 'GRAPHIC' && ccsid !== 1200 && ccsid !== 13488 ? '\u3000' : ' ');
}

function padded(bytes: Uint8Array, field: Field, blank: Uint8Array): Uint8Array {
  if (field.storage !== 'fixed' || bytes.length >= field.width || (field.kind !== 'text' && field.kind !== 'bytes'))
    return bytes;
  const out = Buffer.alloc(field.width, blank);
  out.set(bytes);
  return out;
}
