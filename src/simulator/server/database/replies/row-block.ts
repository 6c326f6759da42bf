/**
 * Blocks of rows, CP 380E (protocol reference 9.1 and 6.6):
 *
 *     fixed:    rows x columns indicators | rows x row size bytes
 *     varying:  indicators | u32 offset of the offset array | u32 per row | rows, varying fields cut to their length
 *
 * The writers of all columns are compiled once per cursor; a block is one buffer filled in one pass.
 */
import { INDICATOR } from '../../../../hostserver/formats/result-data';
import { type CursorValue, MAPPING_ERROR, type SessionValue } from '../../../sql-session';
import { type ReplyFieldWriter, replyFieldWriter } from './field-writer';
import type { LobTable } from './lob-table';
import { type ColumnSettings, isVarying, rowSize, type WireColumn } from './wire-column';

export type Row = readonly CursorValue[];

export interface ReplyRowSource {
  next(): Row | null;
  /** The last row did not fit: it comes first in the next block. */
  putBack(): void;
}

export interface RowBlock {
  readonly rows: number;
  readonly columns: number;
  readonly rowSize: number;
  /** Indicators and rows, everything after the fixed head of 380E. */
  readonly data: Buffer;
  readonly varying: boolean;
}

export class ReplyRowEncoder {
  readonly rowSize: number;
  readonly hasVarying: boolean;
  private readonly writers: readonly ReplyFieldWriter[];
  private readonly varying: readonly boolean[];
  private scratch = Buffer.alloc(0);
  private indicators = Buffer.alloc(0);

  constructor(
    readonly columns: readonly WireColumn[],
    settings: ColumnSettings,
    lobs: LobTable,
  ) {
    this.rowSize = rowSize(columns);
    this.writers = columns.map((column) => replyFieldWriter(column, settings, lobs));
    this.varying = columns.map((column) => isVarying(column.type));
    this.hasVarying = this.varying.includes(true);
  }

  /** Every row takes `rowSize` bytes. */
  fixed(rows: readonly Row[]): RowBlock {
    const columns = this.columns.length;
    const rowsAt = rows.length * columns * 2;
    // zero-filled: the unused ends of varying fields must not carry what the memory held before
    const data = Buffer.alloc(rowsAt + rows.length * this.rowSize);
    let indicator = 0;
    let at = rowsAt;
    for (const row of rows) {
      for (let c = 0; c < columns; c++) {
        const value = row[c]!;
        if (value === null || value === MAPPING_ERROR) data.writeInt16BE(indicatorOf(value), indicator);
        else this.writers[c]!(value as SessionValue, data, at);
        indicator += 2;
        at += this.columns[c]!.length;
      }
    }
    return { rows: rows.length, columns, rowSize: this.rowSize, data, varying: false };
  }

  /** Varying fields take only what they use. As many rows as fit into `bytes`, one at least; null when there is none. */
  compressed(bytes: number, source: ReplyRowSource): RowBlock | null {
    const columns = this.columns.length;
    const ends: number[] = [];
    let used = 0;
    try {
      for (let row = source.next(); row !== null; row = source.next()) {
        const rows = ends.length + 1;
        this.makeRoom(used + this.rowSize, rows * columns * 2);
        const end = this.putCompressed(row, used, (rows - 1) * columns * 2);
        const size = rows * (columns * 2 + 4) + 4 + end;
        if (rows > 1 && size > bytes) {
          source.putBack();
          break;
        }
        ends.push(end);
        used = end;
      }
      return ends.length === 0 ? null : this.assembled(ends);
    } finally {
      // the row that did not fit too, and one with a value that could not be written
      this.scratch.fill(0, 0, Math.min(this.scratch.length, used + this.rowSize));
      this.indicators.fill(0, 0, Math.min(this.indicators.length, (ends.length + 1) * columns * 2));
    }
  }

  /** Returns where the row ends. */
  private putCompressed(row: Row, start: number, indicators: number): number {
    let at = start;
    for (let c = 0; c < row.length; c++) {
      const value = row[c]!;
      let used = NULL_BYTES;
      if (value === null || value === MAPPING_ERROR)
        this.indicators.writeInt16BE(indicatorOf(value), indicators + c * 2);
      else used = this.writers[c]!(value as SessionValue, this.scratch, at);
      at += this.varying[c] ? used : this.columns[c]!.length;
    }
    return at;
  }

  private assembled(ends: readonly number[]): RowBlock {
    const columns = this.columns.length;
    const headerAt = ends.length * columns * 2;
    const rowsAt = headerAt + 4 + ends.length * 4;
    const data = Buffer.allocUnsafe(rowsAt + ends.at(-1)!);
    this.indicators.copy(data, 0, 0, headerAt);
    data.writeUInt32BE(4, headerAt);
    let start = rowsAt;
    for (let r = 0; r < ends.length; r++) {
      data.writeUInt32BE(start - headerAt, headerAt + 4 + r * 4);
      start = rowsAt + ends[r]!;
    }
    this.scratch.copy(data, rowsAt, 0, ends.at(-1)!);
    return { rows: ends.length, columns, rowSize: this.rowSize, data, varying: true };
  }

  /** Both stay zero beyond what is written: a declared row may be a hundred times as long as what is in it. */
  private makeRoom(rowBytes: number, indicatorBytes: number): void {
    this.scratch = grown(this.scratch, rowBytes);
    this.indicators = grown(this.indicators, indicatorBytes);
  }
}

/** A varying field that is null keeps its length prefix of zero. */
const NULL_BYTES = 2;

function indicatorOf(value: null | typeof MAPPING_ERROR): number {
  return value === null ? INDICATOR.null : INDICATOR.mappingError;
}

function grown(buffer: Buffer<ArrayBuffer>, needed: number): Buffer<ArrayBuffer> {
  if (buffer.length >= needed) return buffer;
  const larger = Buffer.alloc(Math.max(needed, buffer.length * 2, 4096));
  buffer.copy(larger);
  return larger;
}
