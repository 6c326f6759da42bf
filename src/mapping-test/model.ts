/** Unit tests of a mapping: a row of a file goes in, the events a receiver would get are expected. */

/** Text of a column in the exact form of its type, `null`, or bytes; a YAML scalar is taken as it is written. */
export type GivenValue = string | null | { readonly hex: string };

export type GivenRow = Readonly<Record<string, GivenValue>>;

/** What stands in an expectation: JSON, in which a number also knows how it was written. */
export type ExpectedValue =
  | string
  | boolean
  | null
  | ExpectedNumber
  | readonly ExpectedValue[]
  | { readonly [member: string]: ExpectedValue };

/** `12.30` equals the JSON number 12.3 and the text "12.30". */
export class ExpectedNumber {
  constructor(
    readonly value: number,
    readonly written: string,
  ) {}
}

export interface ExpectedEvent {
  readonly type: string;
  /** `after` has no other members than those named. */
  readonly exactly: boolean;
  /** Members of `data` (`op`, `key`, `after`, `before`, `changed`, `meta`, ...) or of the whole body (`subject`, ...). */
  readonly members: Readonly<Record<string, ExpectedValue>>;
  /** Destinations; null: not compared. */
  readonly to: readonly string[] | null;
  readonly line: number;
}

export interface MappingTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** As written: `LIB/FILE`. */
  readonly table: string;
  readonly op: 'insert' | 'update' | 'delete' | 'read';
  readonly before: GivenRow | null;
  readonly after: GivenRow | null;
  /** Record images in hex in place of rows. */
  readonly image: string | null;
  readonly beforeImage: string | null;
  readonly nullMap: string | null;
  readonly beforeNullMap: string | null;
  /** A format file, relative to the test file, or the format itself. */
  readonly format: string | object | null;
  /** Answers of lookups: name, key, value. */
  readonly lookups: Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>>;
  /** Header of the entry. */
  readonly entry: Readonly<Partial<Record<'timestamp' | 'user' | 'job' | 'program', string>>>;
  readonly expect: readonly ExpectedEvent[];
  /** The code under which the row is set aside; null: it must not be. */
  readonly quarantine: string | null;
}

export interface CaseDifference {
  /** `event 1: after.orderDate`. */
  readonly at: string;
  readonly expected: string;
  readonly saw: string;
}

export interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly ok: boolean;
  readonly differences: readonly CaseDifference[];
}
