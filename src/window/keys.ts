/**
 * How the rows of a window table are named in its state: by the values of their key, or, where a value cannot be read or asked
 * for (bytes that no CCSID maps, a number that is none), by the bytes the file stores.
 */
import { CodedError } from '../errors/coded-error';
import type { RecordImage } from '../model/change';
import { formatName } from '../model/position';
import { computeLayout } from '../record/layout/layout';
import type { SqlValue } from '../transport/transport';
import type { WindowOptions } from './options';
import { keyText } from './window-state';

export interface RowKey {
  readonly text: string;
  /** What a statement can ask for; null where it cannot. */
  readonly values: readonly SqlValue[] | null;
}

/** No text of values begins so. */
const BYTES = '!';

/** @param values of the key columns, as they are read. @param image of the row, or of its key columns alone */
export function rowKey(values: readonly SqlValue[], image: RecordImage, columns: readonly string[]): RowKey {
  if (isAskable(values, image, columns)) return { text: keyText(values), values };
  const { fields } = computeLayout(image.format!);
  const parts = columns.map((name) => {
    const field = fields.find((f) => f.column.name === name)!;
    const start = image.offset + field.offset;
    const bytes = Buffer.from(image.bytes.subarray(start, start + field.width)).toString('hex');
    return `${image.nulls === null ? 0 : image.nulls[field.index]! & 15}${bytes}`;
  });
  return { text: `${BYTES}${parts.join('.')}`, values: null };
}

/** Whether rows can be asked for by this name. */
export function isAsked(text: string): boolean {
  return !text.startsWith(BYTES);
}

/** The last row whose values say where a page ends; null where none does. */
export function boundary(keys: readonly RowKey[]): readonly SqlValue[] | null {
  for (let i = keys.length - 1; i >= 0; i--) if (keys[i]!.values !== null) return keys[i]!.values;
  return null;
}

/**
 * Where the next page begins behind a full one. Rows behind the last one that says it are met again with the next page.
 * @param last where the page before ended
 * @throws CodedError WINDOW_PAGE: a page holds nothing but rows that cannot be asked for
 */
export function nextPage(
  options: WindowOptions,
  keys: readonly RowKey[],
  last: readonly SqlValue[] | null,
): readonly SqlValue[] {
  const at = boundary(keys);
  if (at !== null && (last === null || keyText(at) !== keyText(last))) return at;
  throw new CodedError({
    code: 'WINDOW_PAGE',
    message: `${formatName(options.table)}: ${keys.length} rows beside each other have keys that cannot be read`,
    next: 'mend the key fields on the partition, or raise capture.window.pageRows above the number of such rows',
  });
}

function isAskable(values: readonly SqlValue[], image: RecordImage, columns: readonly string[]): boolean {
  const format = image.format!;
  return values.every((value, i) => {
    const index = format.columns.findIndex((c) => c.name === columns[i]);
    if (image.nulls !== null && (image.nulls[index]! & 15) === 2) return false;
    if (typeof value === 'number') return Number.isFinite(value);
    if (typeof value !== 'string') return true;
    // what stands for an undefined byte is asked for in vain; so is a NaN, which may be none of another NaN's kind
    if (format.columns[index]!.type === 'DECFLOAT') return /\d/.test(value);
    return !value.includes('\ufffd');
  });
}
