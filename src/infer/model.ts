/**
 * What the catalog and a sample of rows suggest of a table. Each guess has its share: how many of the values looked at bear it
 * out. Nothing is claimed below {@link CLAIM}.
 */
import type { LegacyDate, LegacyTimestamp } from '../model/record-format';

/** Least share of the values in question that must bear a guess out. */
export const CLAIM = 0.95;

/** Fewest values that can bear a guess out by themselves; fewer need a name or label that says the same. */
export const ENOUGH = 20;

interface Evidence {
  /** 0..1 of the values looked at. */
  readonly share: number;
  /** One sentence for people, with counts. */
  readonly evidence: string;
}

export interface DateGuess extends Evidence {
  readonly kind: 'date';
  readonly form: LegacyDate;
  /** Null: the default of 40 fits, or the form has its century. */
  readonly pivot: number | null;
  readonly sentinels: readonly (number | string)[];
  /** ISO. */
  readonly first: string;
  readonly last: string;
}

export interface TimestampGuess extends Evidence {
  readonly kind: 'timestamp';
  readonly form: LegacyTimestamp;
  readonly sentinels: readonly (number | string)[];
}

export interface TimeGuess extends Evidence {
  readonly kind: 'time';
  readonly form: 'hhmmss' | 'hhmm';
}

/** A few values again and again. */
export interface CodesGuess extends Evidence {
  readonly kind: 'codes';
  /** Most frequent first. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Its name or label says status. */
  readonly status: boolean;
}

/** A number field that was never initialised. */
export interface BlankNumericGuess extends Evidence {
  readonly kind: 'blankNumeric';
}

/** Bytes of CCSID 65535 that read as text. */
export interface CcsidGuess extends Evidence {
  readonly kind: 'ccsid';
  readonly ccsid: number;
}

/** A text column of digits alone. */
export interface DigitsGuess extends Evidence {
  readonly kind: 'digits';
  readonly leadingZeros: number;
}

export type PersonalKind = 'mail' | 'iban' | 'card' | 'phone' | 'name';

export interface PersonalGuess extends Evidence {
  readonly kind: 'personal';
  readonly what: PersonalKind;
  /** As it would stand under `mask`. */
  readonly mask: 'redact' | 'last4';
}

export type ColumnGuess =
  | DateGuess
  | TimestampGuess
  | TimeGuess
  | CodesGuess
  | BlankNumericGuess
  | CcsidGuess
  | DigitsGuess
  | PersonalGuess;

export interface ColumnProposal {
  /** SQL name. */
  readonly column: string;
  /** Name in the event. */
  readonly as: string;
  /** `DECIMAL(7,0)`. */
  readonly type: string;
  /** Label, text or comment of the catalog; '' where there is none. */
  readonly label: string;
  readonly guesses: readonly ColumnGuess[];
}

/** A date and a time of day that belong together. */
export interface PairProposal extends Evidence {
  readonly date: string;
  readonly time: string;
  readonly timeForm: 'hhmmss' | 'hhmm';
}

export interface ParentProposal extends Evidence {
  /** `LIB/FILE`. */
  readonly table: string;
  /** Columns of the child by the key columns of the parent. */
  readonly key: Readonly<Record<string, string>>;
  /** Entity of its events, as far as it is known. */
  readonly event: string;
  readonly source: 'foreign key' | 'names and values';
}

export interface WindowProposal {
  readonly by: readonly string[];
  readonly kind: 'timestamp' | 'legacy' | 'sequence';
  /** Form of the date column of a legacy pair. */
  readonly date: LegacyDate | null;
  readonly time: 'hhmmss' | 'hhmm' | null;
  /** An index leads with its first column. */
  readonly indexed: boolean;
  readonly evidence: string;
}

export interface KeyProposal {
  readonly columns: readonly string[];
  /** What says so; `sample` proves nothing. */
  readonly source: 'primary key' | 'unique constraint' | 'unique index' | 'access path' | 'sample';
}

export interface TableProposal {
  /** `LIB/FILE`, system names. */
  readonly table: string;
  readonly text: string;
  /** `ok`, or what stands against capturing it. */
  readonly state: string;
  readonly reason: string;
  /** Rows by the catalog, and rows looked at. */
  readonly rows: string;
  readonly sampled: number;
  readonly journal: string | null;
  readonly event: string;
  readonly key: KeyProposal | null;
  readonly columns: readonly ColumnProposal[];
  readonly pairs: readonly PairProposal[];
  readonly parents: readonly ParentProposal[];
  /** Only for tables without a journal; null: no column says when a row changed. */
  readonly window: WindowProposal | null;
}

/** `99.98 %`, without needless digits; never 100 % for what is less. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === whole) return '100 %';
  const digits = Math.floor((part / whole) * 10_000) / 100;
  return `${digits} %`;
}

/** `4,812`. */
export function grouped(n: number | bigint): string {
  return n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
