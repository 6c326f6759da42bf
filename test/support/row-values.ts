/** The values in the image of a row read by SQL, for tests of what reads rows. */
import type { RowSource } from '../../src/model/change';
import { compileRowReader, type RowValue } from '../../src/record/rows/row-reader';

export function valuesOf(source: RowSource | null | undefined): Readonly<Record<string, RowValue>> {
  const format = source?.image.format;
  if (!source || !format) return {};
  const { bytes, offset, length, nulls } = source.image;
  const names = format.columns.map((c) => c.name);
  const values = compileRowReader(
    format,
    names.map((column) => ({ column })),
  ).read(bytes, offset, nulls, offset + length);
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
