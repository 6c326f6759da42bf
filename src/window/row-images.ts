/** Remembered rows brought to the layout that is needed now: what is not known of them is not recorded in the image. */
import type { RecordImage } from '../model/change';
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import { formatId } from '../record/layout/format-history';
import { computeLayout, type Field } from '../record/layout/layout';
import { allColumns } from '../record/plan/outputs';
import { RowImageBuilder } from '../record/rows/row-image';
import { compileRowReader } from '../record/rows/row-reader';
import type { SqlValue } from '../transport/transport';

const VALUE = 0x30;
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
 * The row in another layout of its file: a column of another type is brought over by its value, where that fits; what is new,
 * and LOB data, are not recorded.
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
  const values = valuesOf(image);
  const builder = new RowImageBuilder(format);
  builder.begin();
  const marks = computeLayout(format).fields.map((field) => {
    const source = from.fields.find((f) => f.column.name === field.column.name);
    if (!source || !takes(field) || !takes(source)) return NOT_RECORDED;
    const mark = markOf(image, source.index);
    if (mark !== VALUE) return mark;
    if (sameColumn(source.column, field.column)) builder.put(field.index, dataOf(image, source));
    else builder.putValue(field.index, values.get(field.column.name) ?? null);
    return undefined;
  });
  const made = builder.finish();
  // a value the column cannot hold any more is as good as unknown
  return withMarks(made, (i) => marks[i] ?? (markOf(made, i) === VALUE ? VALUE : NOT_RECORDED));
}

/** Known columns by name, as values: text without trailing blanks. Null: there is no value, or it cannot be read. */
function valuesOf(image: RecordImage): Map<string, SqlValue> {
  const { columns } = image.format!;
  const reader = compileRowReader(image.format!, allColumns(columns, { as: null }));
  const values = reader.read(image.bytes, image.offset, image.nulls, image.offset + image.length);
  return new Map(
    columns.flatMap((c, i) => (values[i] === undefined ? [] : [[c.name, values[i] as SqlValue] as const])),
  );
}

/**
 * Whether two rows of different layouts hold the same, as far as both know it: a file that was altered has other bytes,
 * and no news.
 */
export function holdSame(a: RecordImage, b: RecordImage): boolean {
  const [one, other] = [valuesOf(a), valuesOf(b)];
  const text = (v: SqlValue | undefined): string => JSON.stringify(v instanceof Uint8Array ? Buffer.from(v) : v);
  return [...one].every(([name, value]) => !other.has(name) || text(value) === text(other.get(name)));
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
