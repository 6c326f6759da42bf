/**
 * LOB data that DISPLAY_JOURNAL appends to the image: per LOB column in order, 16 bytes X'D8' and then the data, the separator
 * also for null and empty ones. Lengths come from the descriptors in the image; the whole must come out even.
 */

import { errorNumber } from './field-errors';
import { type Layout, LOB_DESCRIPTOR, layoutError } from './layout/layout';
import { readInt } from './write/write-numbers';

const SEPARATOR_BYTE = 0xd8;
const SEPARATOR = 16;
const LOB_LENGTH = errorNumber('LOB_LENGTH');
const LOB_MISSING = errorNumber('LOB_MISSING');

/** Start and end of each LOB's data in the image buffer; start below 0 is an error number. Reused for every row. */
export class LobSlices {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Bytes of LOB data in this image. */
  total = 0;

  constructor(private readonly layout: Layout) {
    this.starts = new Int32Array(layout.lobs.length);
    this.ends = new Int32Array(layout.lobs.length);
  }

  /**
   * @param nulls the row's null map; the descriptor of a null LOB is not read
   * @throws CodedError `LAYOUT_LOB` when separators are not where the descriptors put them
   */
  split(b: Uint8Array, offset: number, end: number, nulls: Uint8Array | null): void {
    const data = offset + this.layout.length;
    this.total = end - data;
    const appended = end > data;
    let at = data;
    this.layout.lobs.forEach((field, i) => {
      const slot = offset + field.offset + field.width - LOB_DESCRIPTOR;
      const isNull = nulls !== null && (nulls[field.index]! & 15) === 1;
      const length = isNull ? 0 : readInt(b, slot + 1) * field.unit;
      this.starts[i] = at;
      this.ends[i] = at;
      if (length < 0 || length > field.capacity) this.starts[i] = LOB_LENGTH;
      else if (!appended && length > 0) this.starts[i] = LOB_MISSING;
      if (!appended) return;
      if (this.starts[i]! < 0 || !this.separated(b, at, end)) throw this.uneven(end - data);
      this.starts[i] = at + SEPARATOR;
      at += SEPARATOR + length;
      this.ends[i] = at;
      if (at > end) throw this.uneven(end - data);
    });
    if (appended && at !== end) throw this.uneven(end - data);
  }

  private separated(b: Uint8Array, at: number, end: number): boolean {
    if (at + SEPARATOR > end) return false;
    for (let i = at; i < at + SEPARATOR; i++) if (b[i] !== SEPARATOR_BYTE) return false;
    return true;
  }

  private uneven(appendedBytes: number): Error {
    return layoutError(
      this.layout,
      'LAYOUT_LOB',
      `the ${appendedBytes} bytes after the record image are not the LOB data its ${this.layout.lobs.length} descriptors announce`,
      { appendedBytes },
    );
  }
}
