/** Rows of blocks while they are visited: the image of each, and the caller's own columns, read when they are asked for. */
import type { RecordImage, RowSource } from '../model/change';
import type { RecordFormat } from '../model/record-format';
import { imageCopy } from '../record/rows/row-image';
import type { ColumnDescriptor, RawBlock, SqlValue } from '../transport/transport';
import { BlockRows } from './block-rows';
import { BlockValues } from './raw-values';

export interface TableRow extends RowSource {
  /** The caller's own columns. */
  readonly lead: readonly SqlValue[];
}

/** Good until the next one. */
export interface VisitedRow extends TableRow {
  /** One of the caller's own columns that holds a whole number below 2^53. */
  whole(column: number): number;
}

/** Digits that a number holds exactly. */
const SAFE_DIGITS = 15;

class RowAtHand implements VisitedRow {
  readonly is = 'image';
  private block!: RawBlock;
  private row = 0;
  private readonly values: BlockValues;

  image!: RecordImage;

  /** @param columns the caller's own ones, which stand first */
  constructor(private readonly columns: readonly ColumnDescriptor[]) {
    this.values = new BlockValues(columns, 0);
  }

  at(block: RawBlock, row: number, image: RecordImage): this {
    this.block = block;
    this.row = row;
    this.image = image;
    return this;
  }

  get lead(): readonly SqlValue[] {
    return this.values.read(this.block, this.row);
  }

  whole(column: number): number {
    const { block, row } = this;
    const { type, length, scale } = this.columns[column]!;
    if (type !== 'DECIMAL' || scale !== 0 || length > SAFE_DIGITS || block.isNull(row, column))
      return Number(this.lead[column]);
    const { buffer } = block;
    const start = block.offset(row, column);
    const last = start + block.byteLength(row, column) - 1;
    let n = 0;
    for (let p = start; p < last; p++) n = n * 100 + (buffer[p]! >> 4) * 10 + (buffer[p]! & 15);
    n = n * 10 + (buffer[last]! >> 4);
    const sign = buffer[last]! & 15;
    return sign === 0x0d || sign === 0x0b ? -n : n;
  }

  /** The row in bytes of its own, for when the block is gone. */
  kept(): TableRow {
    return { is: 'image', image: imageCopy(this.image), lead: this.lead };
  }
}

/** A row that was handed over as values. */
export function asVisited(row: TableRow): VisitedRow {
  return { ...row, whole: (column) => Number(row.lead[column]) };
}

/** Rows handed over one by one, in place of a list. */
export interface Visit {
  readonly use: (row: VisitedRow) => void;
  last: TableRow | null;
}

/** The rows of one result. */
export class BlockVisit {
  private readonly rows: BlockRows | null;
  private readonly atHand: RowAtHand;

  /** @param build makes the image of a row that cannot be taken as it lies */
  constructor(
    format: RecordFormat,
    columns: readonly ColumnDescriptor[],
    lead: number,
    private readonly build: (block: RawBlock, row: number) => RecordImage,
  ) {
    this.rows = BlockRows.of(format, columns, lead);
    this.atHand = new RowAtHand(columns.slice(0, lead));
  }

  /** @param complete false: a value of the row just built was not to be had, and the statement is to be run again */
  block(block: RawBlock, visit: Visit, complete: () => boolean): void {
    const { rows, atHand } = this;
    const direct = rows?.begin(block) ?? false;
    for (let r = 0; r < block.rowCount; r++) {
      const image = direct && rows!.read(block, r) ? rows!.image : this.build(block, r);
      if (complete()) visit.use(atHand.at(block, r, image));
    }
    if (block.rowCount > 0 && complete()) visit.last = atHand.kept();
  }
}
