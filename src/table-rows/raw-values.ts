/** Values of single columns out of a block of bytes: what stands beside the columns of the table. */
import { textCodec } from '../bytes/ccsid/registry';
import type { RecordFormat } from '../model/record-format';
import { allColumns } from '../record/plan/outputs';
import { RowImageBuilder } from '../record/rows/row-image';
import { compileRowReader, type RowReader } from '../record/rows/row-reader';
import type { ColumnDescriptor, RawBlock, SqlValue } from '../transport/transport';

const BINARY = 65535;
const LATIN = 37;

/** Text of one column. */
export function textAt(block: RawBlock, row: number, column: number, { ccsid }: ColumnDescriptor): string {
  const start = block.offset(row, column);
  const codec = textCodec(ccsid === null || ccsid === BINARY ? LATIN : ccsid);
  return codec.decode(block.buffer, start, start + block.byteLength(row, column));
}

/** Some columns of a block as values, those from `first` on. */
export class BlockValues {
  private readonly builder: RowImageBuilder;
  private readonly reader: RowReader;
  private readonly count: number;

  constructor(
    columns: readonly ColumnDescriptor[],
    private readonly first: number,
  ) {
    const format: RecordFormat = {
      table: 'SQL/RESULT',
      columns: columns.map(({ type, length, scale, ccsid, nullable }, i) => ({
        name: `${i}`,
        type,
        length,
        scale,
        ccsid,
        nullable,
      })),
    };
    this.count = columns.length;
    this.builder = new RowImageBuilder(format);
    this.reader = compileRowReader(format, allColumns(format.columns, { trim: false }));
  }

  read(block: RawBlock, row: number): SqlValue[] {
    if (this.count === 0) return [];
    this.builder.begin();
    for (let c = 0; c < this.count; c++) {
      const at = this.first + c;
      if (block.isNull(row, at)) continue;
      const start = block.offset(row, at);
      this.builder.put(c, block.buffer, start, start + block.byteLength(row, at));
    }
    const { bytes, offset, length, nulls } = this.builder.finish();
    return this.reader.read(bytes, offset, nulls, offset + length).map((v) => v ?? null);
  }
}
