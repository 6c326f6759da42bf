/** Result columns of one or a few fields, and their rows from bytes written by hand. */
import type { ExtendedData } from '../../../src/hostserver/formats/result-data';
import { wireFieldOf } from '../../../src/hostserver/rows/columns';
import { rowDecoder } from '../../../src/hostserver/rows/decode';
import {
  ISO_TEXT,
  type RowLayout,
  rowLayout,
  type TextOptions,
  type WireField,
} from '../../../src/hostserver/rows/layout';
import type { WireValue } from '../../../src/hostserver/rows/value-readers';
import type { SqlTypeName } from '../../../src/model/record-format';

export interface Column {
  readonly type: SqlTypeName;
  readonly length?: number;
  readonly scale?: number;
  readonly ccsid?: number | null;
  readonly nullable?: boolean;
}

export const hex = (text: string): Buffer => Buffer.from(text.replace(/\s|\|/g, ''), 'hex');

export function wireField(column: Column, text: TextOptions = ISO_TEXT, lobThreshold = 32_000): WireField {
  return wireFieldOf({ length: 0, scale: 0, ccsid: null, nullable: false, ...column }, { text, lobThreshold });
}

export function layoutOf(columns: readonly Column[], text: TextOptions = ISO_TEXT, lobThreshold = 32_000): RowLayout {
  return rowLayout(
    columns.map((c) => wireField(c, text, lobThreshold)),
    text,
  );
}

/** A block whose indicators and rows are given as bytes. */
export function block(layout: RowLayout, rows: number, data: Buffer, more: Partial<ExtendedData> = {}): ExtendedData {
  return {
    consistencyToken: 1,
    rows,
    columns: layout.fields.length,
    indicatorSize: 2,
    flags: 0,
    rowSize: layout.rowSize,
    data,
    ...more,
  };
}

/** The one value of one column, its indicator zero. */
export function firstValue(column: Column, bytes: Buffer, text: TextOptions = ISO_TEXT): WireValue {
  const layout = layoutOf([column], text);
  const [row] = rowDecoder(layout).decode(block(layout, 1, Buffer.concat([hex('0000'), bytes])), false);
  return row![0]!;
}
