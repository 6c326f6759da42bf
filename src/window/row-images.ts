/** Remembered rows brought to the layout that is needed now: what is not known of them is not recorded in the image. */
import type { RecordImage } from '../model/change';
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import { formatId } from '../record/format-history';
import { computeLayout, type Field } from '../record/layout';
import { RowImageBuilder } from '../record/rows/row-image';
import type { SqlValue } from '../transport/transport';

const VALUE = 0x30;
const NULL = 0x31;
const NOT_RECORDED = 0x39;

/** A row of which nothing but its key is known. @param values of the key columns, in the exact forms of the transport */
export function keyImage(format: RecordFormat, key: readonly string[], values: readonly SqlValue[]): RecordImage {
  const builder = new RowImageBuilder(format);
  builder.begin();
  for (const [i, column] of format.columns.entries()) {
    const at = key.indexOf(column.name);
    if (at >= 0) builder.putValue(i, values[at] ?? null);
  }
  const image = builder.finish();
  return withMarks(image, (i) => (key.includes(format.columns[i]!.name) ? markOf(image, i) : NOT_RECORDED));
}

/**
 * The row in another layout of its file: a column that is not there as it was, and LOB data, are not recorded.
 * @returns the same image where the layouts are equal
 */
export function relaid(image: RecordImage, format: RecordFormat): RecordImage {
  if (formatId(image.format!) === formatId(format)) return image;
  return copied(image, format, (field) => field.storage !== 'lob');
}

/** Without its LOB data. */
export function withoutLobs(image: RecordImage): RecordImage {
  return copied(image, image.format!, (field) => field.storage !== 'lob');
}

function copied(image: RecordImage, format: RecordFormat, takes: (field: Field) => boolean): RecordImage {
  const from = computeLayout(image.format!);
  const builder = new RowImageBuilder(format);
  builder.begin();
  const marks = computeLayout(format).fields.map((field) => {
    const source = from.fields.find((f) => sameColumn(f.column, field.column));
    if (!source || !takes(field)) return NOT_RECORDED;
    const mark = markOf(image, source.index);
    if (mark === VALUE) builder.put(field.index, dataOf(image, source));
    return mark;
  });
  return withMarks(builder.finish(), (i) => marks[i]!);
}

function sameColumn(a: ColumnFormat, b: ColumnFormat): boolean {
  const one = (c: ColumnFormat): string => formatId({ table: '', columns: [{ ...c, nullable: true }] });
  return a.name === b.name && one(a) === one(b);
}

/** Without length prefix. */
function dataOf({ bytes, offset }: RecordImage, field: Field): Uint8Array {
  const start = offset + field.offset;
  if (field.storage === 'fixed') return bytes.subarray(start, start + field.width);
  const units = (bytes[start]! << 8) | bytes[start + 1]!;
  return bytes.subarray(start + 2, start + 2 + units * field.unit);
}

function markOf({ nulls }: RecordImage, index: number): number {
  // blank and EBCDIC digits say the same in their low half
  return nulls === null ? VALUE : 0x30 | (nulls[index]! & 15);
}

function withMarks(image: RecordImage, mark: (index: number) => number): RecordImage {
  const nulls = Uint8Array.from(image.format!.columns, (_, i) => mark(i));
  return { ...image, nulls: nulls.every((m) => m === VALUE) ? null : nulls };
}

/** Whether something of a row is unknown. */
export function isPartial({ nulls }: RecordImage): boolean {
  return nulls?.some((m) => m !== VALUE && m !== NULL && (m & 15) === 9) ?? false;
}
