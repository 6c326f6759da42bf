/**
 * Rows on the wire: reply CP 380E, request CP 381F (docs/protocol.md#9.1); original form 3806 and 3811 (docs/protocol.md#9.2).
 *
 *     head | rows x columns indicators, row-major | rows x row size bytes
 *
 * The rows stay bytes here; their layout comes with the data format.
 */
import { rest, struct, u16, u32, type ValueOf } from '../../bytes/struct';
import { CodedError } from '../../errors/coded-error';

export const extendedData = struct('extended data', [
  ['consistencyToken', u32],
  ['rows', u32],
  ['columns', u16],
  ['indicatorSize', u16], // 2, or 0 = no indicators
  ['flags', u32], // COMPRESSED_ROWS, requests only
  ['rowSize', u32],
  ['data', rest],
]);
export type ExtendedData = ValueOf<typeof extendedData>;

export const originalData = struct('original data', [
  ['consistencyToken', u32],
  ['rows', u32],
  ['columns', u16],
  ['indicatorSize', u16],
  ['rowSize', u16],
  ['data', rest],
]);
type OriginalData = ValueOf<typeof originalData>;

/** In `flags` of 381F: rows follow each other with their varying fields cut to length (docs/protocol.md#6.6). */
export const COMPRESSED_ROWS = 0x80000000;

/** Null indicators (docs/protocol.md#9.1). */
export const INDICATOR = { value: 0, null: -1, mappingError: -2, default: -5, unassigned: -7 } as const;

/** Where indicators and rows lie inside `data`. */
interface RowArea {
  readonly indicatorSize: number;
  readonly rowsAt: number;
}

/** Checks that the counts of the head fit the bytes. @throws CodedError ROWS_LENGTH */
export function rowArea(data: ExtendedData | OriginalData, fixedRows: boolean): RowArea {
  const rowsAt = data.rows * data.columns * data.indicatorSize;
  const needed = rowsAt + (fixedRows ? data.rows * data.rowSize : 0);
  if ((data.indicatorSize !== 0 && data.indicatorSize !== 2) || needed > data.data.length) {
    throw new CodedError({
      code: 'ROWS_LENGTH',
      message: `row data announce ${data.rows} rows of ${data.columns} columns and ${data.rowSize} bytes (indicator size ${data.indicatorSize}): ${needed} bytes needed, ${data.data.length} there`,
      next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
      facts: { rows: data.rows, columns: data.columns, rowSize: data.rowSize, needed, have: data.data.length },
    });
  }
  return { indicatorSize: data.indicatorSize, rowsAt };
}
