/** What a plan writes for each output: the options a mapping can compile into it, and their defaults. */
import { CodedError } from '../../errors/coded-error';
import type { ColumnFormat, LegacyMeaning } from '../../model/record-format';
import type { FieldPolicy } from '../field-errors';
import type { Field, Layout } from '../layout/layout';

/** One member of the JSON object. */
export interface JsonOutput {
  /** Source column, as the format names it. */
  readonly column: string;
  /** JSON name. */
  readonly name: string;
  /** Overrides the column's own `as`; null removes it. */
  readonly as?: LegacyMeaning | null;
  /** Text without trailing blanks; default true. */
  readonly trim?: boolean;
  /** DECIMAL, NUMERIC, BIGINT, DECFLOAT and scaled integers as JSON strings (default) or numbers with the same digits. */
  readonly decimal?: 'string' | 'number';
  /** Default base64. */
  readonly binary?: 'base64' | 'hex';
  /** Default null. */
  readonly onError?: FieldPolicy;
  /** The column that holds the time of this date: both become one timestamp. */
  readonly time?: { readonly column: string; readonly as?: LegacyMeaning | null };
  /** Zone of the partition's clock for a timestamp or a date and time pair: its offset is written after it. */
  readonly zone?: string;
}

/** Every column under its own name, with its own meaning. */
export function allColumns(
  columns: readonly ColumnFormat[],
  options: Omit<JsonOutput, 'column' | 'name'> = {},
): JsonOutput[] {
  return columns.map((c) => ({ ...options, column: c.name, name: c.name }));
}

/** @throws CodedError `FORMAT_NO_COLUMN` */
export function fieldNamed(layout: Layout, name: string): Field {
  const field = layout.fields.find((f) => f.column.name === name);
  if (field) return field;
  throw new CodedError({
    code: 'FORMAT_NO_COLUMN',
    message: `${layout.format.table} has no column ${name}`,
    next: `its columns are ${layout.format.columns.map((c) => c.name).join(', ')}`,
    facts: { table: layout.format.table, column: name },
  });
}

/** The meaning in force for a column: the output's, else the column's own. */
export function meaningOf(field: Field, as: LegacyMeaning | null | undefined): LegacyMeaning | null {
  return as === undefined ? (field.column.as ?? null) : as;
}
