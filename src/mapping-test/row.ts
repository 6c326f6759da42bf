/** Rows of a test to record images. */
import { CodedError, isCoded } from '../errors/coded-error';
import type { TableShape } from '../map/event-types/event-types';
import type { RecordImage } from '../model/change';
import { findNamed } from '../model/identifiers';
import type { ColumnFormat } from '../model/record-format';
import { fieldBytes } from '../record/rows/field-bytes';
import { RowImageBuilder } from '../record/rows/row-image';
import type { GivenRow, GivenValue, MappingTest } from './model';

type Images = { readonly before: RecordImage | null; readonly after: RecordImage | null };

/**
 * Both sides of the change. Columns of `after` that are not named are as they were before; key columns of `before` that are not
 * named are as they are afterwards; whatever neither names has its default.
 * @throws CodedError `TEST_ROW`, family config: a column that is none, a value it cannot hold
 */
export function imagesOf(test: MappingTest, shape: TableShape, key: readonly string[]): Images {
  const [first, second] = test.op === 'delete' ? [test.before, null] : [test.before, test.after];
  const before = first === null ? null : columnsOf(test, shape, first);
  const after = second === null ? null : columnsOf(test, shape, second);
  const keys = key.flatMap((k) => shape.format.columns.find((c) => c.name === k)?.name ?? shape.aliases?.get(k) ?? []);
  const wholeBefore = before && new Map([...[...(after ?? [])].filter(([name]) => keys.includes(name)), ...before]);
  const wholeAfter = after && new Map([...(before ?? []), ...after]);
  const image = (rows: Map<string, GivenValue> | null, hex: string | null, nulls: string | null): RecordImage | null =>
    hex === null ? rows && rowOf(test, shape, rows) : recorded(hex, nulls);
  return test.op === 'delete'
    ? { before: image(wholeBefore, test.image ?? test.beforeImage, test.nullMap ?? test.beforeNullMap), after: null }
    : {
        before: test.op === 'update' ? image(wholeBefore, test.beforeImage, test.beforeNullMap) : null,
        after: image(wholeAfter, test.image, test.nullMap),
      };
}

/** By the names of the format. */
function columnsOf(test: MappingTest, { format, aliases }: TableShape, row: GivenRow): Map<string, GivenValue> {
  const short = new Map([...(aliases ?? [])].map(([system, sql]) => [sql, system]));
  return new Map(
    Object.entries(row).map(([written, value]) => {
      const found = findNamed(written, format.columns, (c) => [c.name, short.get(c.name) ?? c.name]);
      if (!found)
        throw rowError(
          test,
          `${format.table} has no column ${written}`,
          `its columns: ${format.columns.map((c) => c.name).join(', ')}`,
        );
      return [found.name, value];
    }),
  );
}

function rowOf(test: MappingTest, { format }: TableShape, row: ReadonlyMap<string, GivenValue>): RecordImage {
  const builder = new RowImageBuilder(format);
  builder.begin();
  for (const [i, column] of format.columns.entries()) {
    const value = row.has(column.name) ? row.get(column.name)! : defaultOf(column);
    if (value === null) continue;
    if (typeof value === 'object') {
      const bytes = Buffer.from(value.hex, 'hex');
      if (!builder.fits(i, bytes.length))
        throw rowError(
          test,
          `${column.name}: ${bytes.length} bytes do not fit it`,
          `DSPFFD FILE(${format.table}) says its length`,
        );
      builder.put(i, bytes);
      continue;
    }
    try {
      fieldBytes(builder.layout.fields[i]!, value);
    } catch (error) {
      if (!isCoded(error)) throw error;
      throw rowError(
        test,
        `${column.name}: ${JSON.stringify(value)} is no value of ${column.type}(${column.length},${column.scale}): ${error.message}`,
        `write it as \`ibmi-cdc decode\` does, or its bytes as X'..'`,
      );
    }
    builder.putValue(i, value);
    if ((builder.finish().nulls?.[i] ?? 0x30) !== 0x30)
      throw rowError(
        test,
        `${column.name}: ${JSON.stringify(value)} is too long for ${column.type}(${column.length})`,
        'shorten it',
      );
  }
  return builder.finish();
}

/** Forms of dates with two digits of the year, which begin with 1940. */
const SHORT_YEARS: readonly string[] = ['MDY', 'DMY', 'YMD', 'JUL'];

/** What Db2 fills in for a column that takes no nulls; the current date and time are never meant by a test. */
function defaultOf({ nullable, type, dateFormat }: ColumnFormat): string | null {
  if (nullable) return null;
  switch (type) {
    case 'DECIMAL':
    case 'NUMERIC':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'REAL':
    case 'DOUBLE':
    case 'DECFLOAT':
      return '0';
    case 'DATE':
      return SHORT_YEARS.includes(dateFormat ?? 'ISO') ? '1940-01-01' : '0001-01-01';
    case 'TIME':
      return '00:00:00';
    case 'TIMESTAMP':
      return '0001-01-01T00:00:00';
    case 'BOOLEAN':
      return 'false';
    default:
      return '';
  }
}

function recorded(hex: string, nullMap: string | null): RecordImage {
  const bytes = Buffer.from(hex, 'hex');
  return { bytes, offset: 0, length: bytes.length, nulls: nullMap === null ? null : Buffer.from(nullMap, 'latin1') };
}

function rowError({ file, line, name }: MappingTest, message: string, next: string): CodedError {
  return new CodedError({
    code: 'TEST_ROW',
    message: `${file}:${line}: ${name}: ${message}`,
    next,
    facts: { file, line },
  });
}
