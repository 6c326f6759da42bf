/** A block of rows as bytes: where each value lies, without decoding it. Every place is checked before it is handed out. */
import { type ExtendedData, INDICATOR, rowArea } from '../formats/result-data';
import { checkColumns, valueLength, variableLength, variableRowStarts, variableStride } from '../rows/decode';
import type { RowLayout } from '../rows/layout';

/** Places of undecoded values; they die with the next block. */
export interface RawRows {
  readonly buffer: Buffer;
  readonly rowCount: number;
  isNull(row: number, column: number): boolean;
  /** Indicator -2; such a value counts as null. */
  isMappingError(row: number, column: number): boolean;
  /** Every value of the block is there. */
  readonly complete: boolean;
  /** Bytes from a row to the next where all of them have their values at the same places; 0 where they do not. */
  readonly stride: number;
  /** Offset in `buffer` of the value's bytes, behind any length prefix. */
  offset(row: number, column: number): number;
  byteLength(row: number, column: number): number;
}

/** @throws CodedError ROWS_FORMAT, ROWS_LENGTH, VALUE_LENGTH */
export function rawBlock(layout: RowLayout, data: ExtendedData, variableFields: boolean): RawRows {
  checkColumns(layout, data, variableFields);
  // the indicators are looked at first, so they must be there
  rowArea(data, !variableFields);
  const indicators = indicatorsOf(layout, data);
  if (variableFields || data.rows === 0) return new VariableBlock(layout, data, indicators);
  return new FixedBlock(layout, data, indicators);
}

type Indicators = Pick<RawRows, 'isNull' | 'isMappingError' | 'complete'>;

const NO_INDICATORS: Indicators = { isNull: () => false, isMappingError: () => false, complete: true };

/** As many zeros as are compared at once. */
const ZEROS = Buffer.alloc(1 << 14);

function indicatorsOf(layout: RowLayout, { indicatorSize, rows, data }: ExtendedData): Indicators {
  if (indicatorSize === 0) return NO_INDICATORS;
  const columns = layout.fields.length;
  return {
    complete: isZero(data, rows * columns * indicatorSize),
    isNull: (row, column) => data[(row * columns + column) * 2]! >= 0x80,
    isMappingError: (row, column) => data.readInt16BE((row * columns + column) * 2) === INDICATOR.mappingError,
  };
}

function isZero(data: Buffer, length: number): boolean {
  for (let at = 0; at < length; at += ZEROS.length) {
    const part = Math.min(ZEROS.length, length - at);
    if (ZEROS.compare(data, at, at + part, 0, part) !== 0) return false;
  }
  return true;
}

class FixedBlock implements RawRows {
  readonly buffer: Buffer;
  readonly rowCount: number;
  readonly complete: boolean;
  readonly stride: number;
  readonly isNull: Indicators['isNull'];
  readonly isMappingError: Indicators['isMappingError'];
  private readonly rowsAt: number;

  constructor(
    private readonly layout: RowLayout,
    private readonly data: ExtendedData,
    indicators: Indicators,
  ) {
    this.buffer = data.data;
    this.rowCount = data.rows;
    this.complete = indicators.complete;
    this.stride = data.rowSize;
    this.isNull = indicators.isNull;
    this.isMappingError = indicators.isMappingError;
    this.rowsAt = rowArea(data, true).rowsAt;
  }

  offset(row: number, column: number): number {
    const field = this.layout.fields[column]!;
    return this.rowsAt + row * this.data.rowSize + field.offset + field.prefix;
  }

  byteLength(row: number, column: number): number {
    const field = this.layout.fields[column]!;
    if (field.prefix === 0) return field.length;
    return valueLength(field, this.buffer, this.rowsAt + row * this.data.rowSize + field.offset, column);
  }
}

/** Rows with their varying fields cut to length: places are found once per block. */
class VariableBlock implements RawRows {
  readonly buffer: Buffer;
  readonly rowCount: number;
  readonly complete: boolean;
  readonly stride = 0;
  readonly isNull: Indicators['isNull'];
  readonly isMappingError: Indicators['isMappingError'];
  private readonly places: Uint32Array;
  private readonly columns: number;

  constructor(layout: RowLayout, data: ExtendedData, indicators: Indicators) {
    this.buffer = data.data;
    this.rowCount = data.rows;
    this.complete = indicators.complete;
    this.isNull = indicators.isNull;
    this.isMappingError = indicators.isMappingError;
    this.columns = layout.fields.length;
    this.places = new Uint32Array(data.rows * this.columns * 2);
    let place = 0;
    for (const start of variableRowStarts(data)) {
      // a plain loop: every value of every row passes here
      for (let column = 0, at = start; column < this.columns; column++) {
        const field = layout.fields[column]!;
        const length = variableLength(field, data.data, at, column);
        this.places[place++] = at + field.prefix;
        this.places[place++] = length;
        at += variableStride(field, length);
      }
    }
  }

  offset(row: number, column: number): number {
    return this.places[(row * this.columns + column) * 2]!;
  }

  byteLength(row: number, column: number): number {
    return this.places[(row * this.columns + column) * 2 + 1]!;
  }
}

/** The block with some values replaced: LOBs fetched by their locators. */
export function withValues(block: RawRows, columns: number, values: ReadonlyMap<number, Buffer>): RawRows {
  if (values.size === 0) return block;
  const places = new Map<number, { at: number; length: number }>();
  const parts: Buffer[] = [block.buffer];
  let at = block.buffer.length;
  for (const [key, bytes] of values) {
    places.set(key, { at, length: bytes.length });
    parts.push(bytes);
    at += bytes.length;
  }
  return {
    buffer: Buffer.concat(parts, at),
    rowCount: block.rowCount,
    complete: block.complete,
    stride: 0,
    isNull: (row, column) => block.isNull(row, column),
    isMappingError: (row, column) => block.isMappingError(row, column),
    offset: (row, column) => places.get(row * columns + column)?.at ?? block.offset(row, column),
    byteLength: (row, column) => places.get(row * columns + column)?.length ?? block.byteLength(row, column),
  };
}
