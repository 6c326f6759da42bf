import type { Field } from '../layout/layout';

/** Where the parts of a legacy form stand among its digits, counted from the first; -1 where it has none. */
export interface LegacyParts {
  readonly is: 'date' | 'time';
  /** Digits of the form. */
  readonly digits: number;
  /** One century digit (0 is 19xx), two, or none (then the pivot decides). */
  readonly centuryDigits: 0 | 1 | 2;
  readonly century: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly pivot: number;
}

/** How one output is compiled. */
export type Step =
  | { readonly is: 'packed' | 'zoned'; readonly scale: number }
  | { readonly is: 'single' | 'smallint' | 'int' | 'timestamp' }
  /** A legacy date or time whose everyday values are written without a call. */
  | { readonly is: 'legacy'; readonly parts: LegacyParts }
  | { readonly is: 'call' }
  | { readonly is: 'pair' };

export interface StepSource {
  readonly step: Step;
  readonly field: Field;
  /** Index of the output: names its tables and writers in the runtime. */
  readonly k: number;
  /** `"name":` as bytes. */
  readonly key: Uint8Array;
  readonly quoted: boolean;
  /** Whether the image goes on for at least eight bytes after the field, so that words may be read across its end. */
  readonly words: boolean;
  /** Index of a LOB in the slices, or -1. */
  readonly lob: number;
  /** Number of the pair's time field in the null map, and its place. */
  readonly time?: { readonly index: number; readonly offset: number };
}
