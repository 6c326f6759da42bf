/**
 * What mapping needs to know: the rules of one table, as normalised from the YAML. No optionals. Names of columns are as
 * written, quotes included: see `model/identifiers`.
 */

import type { ChangeOp } from '../model/change';
import type { Priority } from '../model/event';
import type { QualifiedName } from '../model/position';
import type { LegacyMeaning } from '../model/record-format';
import type { FieldPolicy } from '../record/field-errors';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Reveals a key when it is needed; never printed. */
interface KeySource {
  reveal(): string;
}

export type EventNaming =
  | {
      readonly is: 'entity';
      readonly entity: string;
      readonly created: string;
      readonly updated: string;
      readonly deleted: string;
      readonly read: string;
      readonly aliases: readonly string[];
    }
  | {
      readonly is: 'discriminator';
      readonly by: string;
      readonly types: Readonly<Record<string, string>>;
      /** Entity for any other value; null filters the row. */
      readonly otherwise: string | null;
    };

export interface ColumnOptions {
  /** Name in the event; null: the column's own. */
  readonly as: string | null;
  readonly meaning: LegacyMeaning | null;
  readonly withTime: string | null;
  readonly timeForm: 'hhmmss' | 'hhmm';
  readonly zone: string | null;
  readonly number: boolean;
  readonly ccsid: number | null;
  /** Null: the table's policy. */
  readonly onError: FieldPolicy | null;
  readonly title: string | null;
  readonly description: string | null;
}

export type GroupOptions =
  | { readonly is: 'array'; readonly columns: readonly string[]; readonly skipEmpty: boolean }
  | { readonly is: 'object'; readonly members: Readonly<Record<string, string>> };

export interface ComputedOptions {
  readonly value: string;
  readonly scale: number | null;
  readonly number: boolean;
}

export type MaskOptions =
  | { readonly is: 'drop' }
  | { readonly is: 'redact' }
  | { readonly is: 'last'; readonly keep: number }
  | { readonly is: 'truncate'; readonly keep: number }
  | { readonly is: 'hash'; readonly key: KeySource; readonly length: number };

interface TransitionOptions {
  readonly event: string;
  readonly column: string;
  /** Null: any value before. */
  readonly from: readonly string[] | null;
  readonly to: readonly string[];
  readonly instead: boolean;
}

export type LookupOptions =
  | {
      readonly is: 'values';
      readonly values: Readonly<Record<string, string | number | boolean | null>>;
      readonly otherwise: string | number | boolean | null;
    }
  | {
      readonly is: 'table';
      readonly table: QualifiedName;
      readonly key: string;
      readonly value: string;
      readonly ttl: number;
      readonly max: number;
      readonly refreshOnChange: boolean;
      readonly otherwise: string | number | boolean | null;
    };

export interface ParentOptions {
  readonly event: string;
  readonly table: QualifiedName | null;
  /** Parent key name to child column. */
  readonly key: Readonly<Record<string, string>>;
  readonly changed: string;
  /** `commit`, or milliseconds. */
  readonly debounce: 'commit' | number;
  /** The event carries the row of the parent, as the rule of its table shows it. */
  readonly fetch: boolean;
}

type PayloadOptions =
  | { readonly is: 'full' }
  | { readonly is: 'changed' }
  | { readonly is: 'thin'; readonly columns: readonly string[] };

export type EnvelopeOptions =
  | { readonly is: 'cloudevents' }
  | { readonly is: 'debezium' }
  | { readonly is: 'plain' }
  | { readonly is: 'template'; readonly template: JsonValue };

type DeleteOptions =
  | { readonly is: 'ignore' }
  | { readonly is: 'delete' }
  | { readonly is: 'update'; readonly set: Readonly<Record<string, string | number | boolean | null>> };

export interface RuleOptions {
  /** Unique within the table; part of every event id. */
  readonly name: string;
  readonly event: EventNaming;
  readonly title: string | null;
  readonly description: string | null;
  /** `*`: every column but `exclude`; otherwise exactly these. */
  readonly include: '*' | readonly string[];
  readonly exclude: readonly string[];
  readonly columns: Readonly<Record<string, ColumnOptions>>;
  readonly group: Readonly<Record<string, GroupOptions>>;
  readonly constants: Readonly<Record<string, JsonValue>>;
  readonly expressions: Readonly<Record<string, ComputedOptions>>;
  readonly mask: Readonly<Record<string, MaskOptions>>;
  readonly when: string | null;
  readonly whenChanged: readonly string[] | null;
  readonly transitions: readonly TransitionOptions[];
  readonly actions: readonly ChangeOp[];
  readonly ignore: {
    readonly jobs: readonly string[];
    readonly users: readonly string[];
    readonly programs: readonly string[];
  };
  readonly onDelete: DeleteOptions;
  /** What an update that changes the key becomes. */
  readonly keyChange: 'update' | 'deleteAndCreate';
  /** Destinations of `to` that keep the last record of each key: they get a tombstone for a former key. */
  readonly tombstones: readonly string[];
  readonly payload: PayloadOptions;
  readonly rawImage: 'off' | 'hex' | 'base64';
  readonly envelope: EnvelopeOptions;
  readonly traceKey: string | null;
  readonly recordUrl: string | null;
  readonly version: string;
  readonly priority: Priority;
  readonly parent: ParentOptions | null;
  /** Milliseconds undelivered events of one key may be merged in; null = never. */
  readonly coalesceWindow: number | null;
  readonly to: readonly string[];
  /** Bytes a body may have; a larger event is sent thin. */
  readonly maxBytes: number;
}

/** Every rule of one table. */
export interface TableRules {
  readonly table: QualifiedName;
  /** Key columns as written; null: whatever the catalog says. */
  readonly key: readonly string[] | null;
  readonly ccsid: number | null;
  /** Keep for each key what was last sent. */
  readonly remember: boolean;
  readonly onFieldError: FieldPolicy;
  readonly lookups: Readonly<Record<string, LookupOptions>>;
  readonly owner: string | null;
  /** Destinations of notices about the whole table; null: all its rules have. */
  readonly notices: readonly string[] | null;
  readonly rules: readonly RuleOptions[];
}
