/** Columns of a row as values, for keys, predicates and lookups: by the field writers that decode everything else. */
import type { RowSource } from '../model/change';
import type { RecordFormat } from '../model/record-format';
import { withCcsids } from '../record/layout/ccsid-override';
import { compileRowReader, type RowColumn, type RowReader, type RowValue } from '../record/rows/row-reader';
import type { SqlValue } from '../transport/transport';

/** Readers by the layout of the rows, which may change from one statement to the next, and the columns asked for. */
export class ColumnValues {
  private readonly readers = new WeakMap<RecordFormat, Map<string, RowReader>>();

  /**
   * In the exact forms of the transport, text untrimmed, whatever the config says of the column; U+FFFD stands for what its
   * CCSID does not define.
   */
  raw(row: RowSource, names: readonly string[]): SqlValue[] {
    const column = (name: string): RowColumn => ({ column: name, trim: false, as: null, onError: 'replace' });
    return this.read(row, names, 'raw', (format) => compileRowReader(format, names.map(column))).map((v) =>
      v === undefined ? null : v instanceof Uint8Array ? Buffer.from(v) : v,
    );
  }

  /** As events have them. @param untagged CCSID of columns that the catalog calls 65535 */
  asInEvents(row: RowSource, names: readonly string[], untagged: number | null): RowValue[] {
    return this.read(row, names, `event ${untagged}`, (format) => {
      const read = withCcsids(format, untagged === null ? {} : { connection: untagged });
      return compileRowReader(
        read,
        names.map((column) => ({ column })),
      );
    });
  }

  private read(
    { image }: RowSource,
    names: readonly string[],
    kind: string,
    compile: (format: RecordFormat) => RowReader,
  ): RowValue[] {
    const format = image.format!;
    const known = this.readers.get(format) ?? new Map<string, RowReader>();
    this.readers.set(format, known);
    const id = JSON.stringify([kind, names]);
    let reader = known.get(id);
    if (!reader) {
      reader = compile(format);
      known.set(id, reader);
    }
    return reader.read(image.bytes, image.offset, image.nulls, image.offset + image.length);
  }
}
