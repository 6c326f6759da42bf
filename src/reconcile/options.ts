/** One reconciliation: which rows are compared with what, and what became of them. */

/** What identifies it; an unfinished one of the same wish is gone on with. */
export interface ReconcileWish {
  /** `LIB/TABLE` as in the config. */
  readonly table: string;
  readonly range: { readonly column: string; readonly from: string; readonly to: string } | null;
  /** SQL condition of the operator, as written. */
  readonly where: string | null;
  /** Differences become events. */
  readonly repair: boolean;
  /** Differences are kept one by one, to be listed. */
  readonly list: boolean;
  /** Sorted list of what a receiver holds (a file of ours, see `SortedList`); null compares with what is remembered. */
  readonly against: string | null;
  /** Rows a second at most; null is as fast as it goes. */
  readonly rowsPerSecond: number | null;
  /** Begun by the table's schedule. */
  readonly scheduled: boolean;
}

/** Rows and keys by what was found of them. `rows` is the sum of the others but `extra`, `repaired`, `keysUnjudged`. */
export interface Figures {
  readonly rows: number;
  readonly matching: number;
  readonly different: number;
  /** Never sent. */
  readonly missing: number;
  /** Keys sent that the table has no more. */
  readonly extra: number;
  /** Differences of all three kinds made good. */
  readonly repaired: number;
  /** No rule tells of the row as it is. */
  readonly filtered: number;
  /** The row cannot be told as it is: a field is undecodable and its policy says so. */
  readonly quarantined: number;
  /** Nothing could be said: see the notes. */
  readonly unjudged: number;
  /** Keys that may be gone, of which nothing can be said. */
  readonly keysUnjudged: number;
}

export const NO_FIGURES: Figures = {
  rows: 0,
  matching: 0,
  different: 0,
  missing: 0,
  extra: 0,
  repaired: 0,
  filtered: 0,
  quarantined: 0,
  unjudged: 0,
  keysUnjudged: 0,
};

type DifferenceKind = 'different' | 'missing' | 'extra' | 'quarantined';

/** One line of `--list`. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** JSON object of the key as events have it. */
  readonly key: string;
  readonly rule: string;
  /** Members that differ; null where it cannot be known. */
  readonly columns: readonly string[] | null;
  /** Why a row is quarantined. */
  readonly code: string | null;
}

export function added(a: Figures, b: Partial<Figures>): Figures {
  const sum: Record<string, number> = { ...a };
  for (const [name, n] of Object.entries(b)) sum[name] = sum[name]! + (n ?? 0);
  return sum as unknown as Figures;
}

/** Differences that are left. */
export function open({
  different,
  missing,
  extra,
  repaired,
}: Pick<Figures, 'different' | 'missing' | 'extra' | 'repaired'>): number {
  return different + missing + extra - repaired;
}
