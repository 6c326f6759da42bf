/** What a statement asks for so that a row can be put together: the columns themselves, or their stored bytes in hex. */

import { quotedName } from '../model/identifiers';
import type { ColumnFormat } from '../model/record-format';
import type { Field, Layout } from '../record/layout/layout';

/** Longest field in bytes whose hex text is a VARCHAR Db2 for i can make (32,740 characters). */
const HEX_BYTES = 16_000;

/** One expression of the list. */
export interface Selected {
  /** Column of the record format. */
  readonly index: number;
  readonly as: 'column' | 'hex';
}

/**
 * Whether `HEX(column)` says how the column is stored. It does not for dates and times, which a file keeps in a form of its
 * own, nor for what is too long or has no bytes in the row.
 */
export function hexable(field: Field): boolean {
  if (field.storage === 'lob' || field.width > HEX_BYTES) return false;
  if (field.column.type === 'ROWID' || field.column.type === 'DATALINK') return false;
  return !['date', 'time', 'timestamp', 'boolean'].includes(field.kind);
}

/** A driver hands over numbers and text already made of the bytes; a mapping error or an undefined byte is gone by then. */
export function needsHex(field: Field): boolean {
  const { kind, column } = field;
  return hexable(field) && (kind === 'text' || kind === 'packed' || kind === 'zoned' || column.scale > 0);
}

/** Columns first, then the hex of some of them; the names given to hex columns are none a table has by chance. */
export function selectList(layout: Layout, selected: readonly Selected[], qualifier: string): string {
  const expression = (c: ColumnFormat): string => `${qualifier}${quotedName(c.name)}`;
  return selected
    .map(({ index, as }) => {
      const column = expression(layout.fields[index]!.column);
      return as === 'hex' ? `HEX(${column}) AS "HEX of field ${index + 1}"` : column;
    })
    .join(', ');
}
