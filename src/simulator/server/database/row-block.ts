/**
 * Blocks of rows, CP 380E (protocol reference 9.1 and 6.6):
 *
 *     fixed:    rows x columns indicators | rows x row size bytes
 *     varying:  indicators | u32 offset of the offset array | u32 per row | rows, varying fields cut to their length
 *
 * The writers of all columns are compiled once per cursor; a block is one buffer filled in one pass.
 */
import { INDICATOR } from '../../../hostserver/formats/result-data';
import { type CursorValue, MAPPING_ERROR, type SqlValue } from '../../sql-session';
import { type FieldWriter, fieldWriter } from './field-writer';
import type { LobTable } from './lob-table';
import { type ColumnSettings, isVarying, rowSize, type WireColumn } from './wire-column';

export interface RowBlock {
  readonly rows: number;
  readonly columns: number;
  readonly rowSize: number;
  /** Indicators and rows, everything after the fixed head of 380E. */
  readonly data: Buffer;
  readonly varying: boolean;
}

export class RowEncoder {
  readonly rowSize: number;
  readonly hasVarying: boolean;
  private readonly writers: readonly FieldWriter[];
  private readonly varying: readonly boolean[];

  constructor(
    readonly columns: readonly WireColumn[],
    settings: ColumnSettings,
    lobs: LobTable,
  ) {
    this.rowSize = rowSize(columns);
    this.writers = columns.map((column) => fieldWriter(column, settings, lobs));
    this.varying = columns.map((column) => isVarying(column.type));
    this.hasVarying = this.varying.includes(true);
  }

  /** Every row takes `rowSize` bytes. */
  fixed(rows: readonly (readonly CursorValue[])[]): RowBlock {
    const columns = this.columns.length;
    const rowsAt = rows.length * columns * 2;
    // zero-filled: the unused ends of varying fields must not carry what the memory held before
    const data = Buffer.alloc(rowsAt + rows.length * this.rowSize);
    let indicator = 0;
    let at = rowsAt;
    for (const row of rows) {
      for (let c = 0; c < columns; c++) {
        this.put(row[c]!, c, data, indicator, at);
        indicator += 2;
        at += this.columns[c]!.length;
      }
    }
    return { rows: rows.length, columns, rowSize: this.rowSize, data, varying: false };
  }

  /** Varying fields take only what they use. */
  compressed(rows: readonly (readonly CursorValue[])[]): RowBlock {
    const columns = this.columns.length;
    const headerAt = rows.length * columns * 2;
    const rowsAt = headerAt + 4 + rows.length * 4;
    const data = Buffer.alloc(rowsAt + rows.length * this.rowSize);
    data.writeUInt32BE(4, headerAt);
    let indicator = 0;
    let at = rowsAt;
    for (let r = 0; r < rows.length; r++) {
      data.writeUInt32BE(at - headerAt, headerAt + 4 + r * 4);
      for (let c = 0; c < columns; c++) {
        const used = this.put(rows[r]![c]!, c, data, indicator, at);
        indicator += 2;
        at += this.varying[c] ? used : this.columns[c]!.length;
      }
    }
    return { rows: rows.length, columns, rowSize: this.rowSize, data: data.subarray(0, at), varying: true };
  }

  /** Bytes used by the value; a null varying field keeps its length prefix of zero. */
  private put(value: CursorValue, column: number, data: Buffer, indicator: number, at: number): number {
    if (value === null || value === MAPPING_ERROR) {
      data.writeInt16BE(value === null ? INDICATOR.null : INDICATOR.mappingError, indicator);
      return 2;
    }
    return this.writers[column]!(value as SqlValue, data, at);
  }
}
