/** The configuration after loading: immutable, complete, paths absolute, durations in milliseconds, sizes in bytes. */

import type { TableRules } from '../map/options';
import type { QualifiedName } from '../model/position';
import type { LegacyDate } from '../model/record-format';
import type { RawConfig } from './schema/root';

type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends { reveal(): string }
    ? T
    : T extends readonly (infer E)[]
      ? readonly Frozen<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Frozen<T[K]> }
        : T;

type RawPartition = Frozen<RawConfig['partition']>;
type RawTable = Frozen<RawConfig['tables'][string]>;

interface PartitionConfig extends Omit<RawPartition, 'port' | 'signonPort' | 'commandPort'> {
  readonly port: number;
  readonly signonPort: number;
  readonly commandPort: number;
}

export interface DestinationConfig extends Frozen<RawConfig['destinations'][string]> {
  readonly name: string;
}

type RawWindow = Exclude<RawTable['capture'], 'journal'>['window'];

export interface WindowConfig extends Omit<RawWindow, 'kind' | 'date'> {
  /** `column-type`: a TIMESTAMP column is a timestamp, any other number a sequence. */
  readonly kind: 'timestamp' | 'sequence' | 'legacy' | 'column-type';
  readonly date: LegacyDate;
}

export type ClearedPolicy = RawConfig['policies']['cleared'];

/** Capture side of a table beside the mapping of its rows. */
export interface TableConfig extends TableRules {
  readonly capture: 'journal' | { readonly window: WindowConfig };
  /** Null: the journal the catalog names. */
  readonly journal: QualifiedName | null;
  readonly member: string;
  readonly images: 'both' | 'after' | null;
  readonly uncommitted: boolean;
  readonly deleteGuard: RawTable['deleteGuard'];
  /** Milliseconds; null: none is promised. */
  readonly maxLag: number | null;
  /** Null: only when someone asks for it. */
  readonly reconcile: RawTable['reconcile'];
  /** What a cleared file means: the table's own word, else `policies.cleared`. */
  readonly cleared: ClearedPolicy;
}

export interface Config {
  /** Absolute path of the YAML file, and its folder: relative paths in it start there. */
  readonly file: string;
  readonly folder: string;
  readonly partition: PartitionConfig;
  /** Absolute path. */
  readonly state: string;
  readonly encryption: Frozen<RawConfig['encryption']>;
  readonly destinations: Readonly<Record<string, DestinationConfig>>;
  readonly tables: readonly TableConfig[];
  readonly policies: Frozen<RawConfig['policies']>;
  readonly journal: Frozen<RawConfig['journal']>;
  readonly http: Frozen<RawConfig['http']>;
  readonly alerts: Frozen<RawConfig['alerts']>;
  readonly commands: Frozen<RawConfig['commands']>;
  readonly log: Frozen<RawConfig['log']>;
}
