/** The values of one column of a sample, counted. */
import type { CatalogColumn } from '../catalog/column-format';

export interface ColumnTally {
  readonly column: CatalogColumn;
  /** Texts and numbers as they are written, text without trailing blanks; nulls and what cannot be decoded are not among them. */
  readonly counts: ReadonlyMap<string, number>;
  /** Untranslated values of a column of CCSID 65535. */
  readonly bytes: readonly Uint8Array[];
  readonly nulls: number;
  /** Number fields whose bytes are all X'40'. */
  readonly blanks: number;
  /** Fields that cannot be decoded for another reason. */
  readonly broken: number;
  /** Rows looked at. */
  readonly rows: number;
}

/** How many values there are. */
export function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const n of counts.values()) sum += n;
  return sum;
}

/** How many of them fit. */
export function fitting(counts: ReadonlyMap<string, number>, fits: (value: string) => boolean): number {
  let sum = 0;
  for (const [value, n] of counts) if (fits(value)) sum += n;
  return sum;
}

/** Without what is empty. */
export function filled(counts: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...counts].filter(([value]) => value.trim() !== ''));
}
