/** What the catalog says of one mapped table. */
import { findNamed } from '../model/identifiers';
import type { QualifiedName } from '../model/position';
import type { RecordFormat } from '../model/record-format';
import type { CatalogColumn } from './column-format';

/** Anything but `ok` takes that one table out of capture; the others keep flowing. */
/** Whether the record format is known whole: rows of any other table are not decoded. */
export function hasLayout(facts: Pick<TableFacts, 'state' | 'columns'>): boolean {
  return facts.state !== 'layout unknown' && facts.columns.length > 0;
}

export type TableState =
  | 'ok'
  | 'missing'
  | 'no member'
  | 'not journaled'
  | 'unauthorised'
  | 'locked'
  | 'layout unknown';

export interface TableKey {
  /** SQL column names, in key order. */
  readonly columns: readonly string[];
  /** Where the key was found; `access path` is a DDS keyed file, which does not prove uniqueness. */
  readonly source: 'primary key' | 'unique constraint' | 'unique index' | 'access path';
}

export interface TableJournal {
  readonly name: QualifiedName;
  /** `BOTH`: before- and after-images; `AFTER`: before-images only under commitment control. */
  readonly images: 'BOTH' | 'AFTER';
}

export interface TableMember {
  readonly name: string;
  readonly rows: bigint;
  readonly deletedRows: bigint;
}

export interface TableFacts {
  /** As the caller asked for it, `LIB/TABLE`. */
  readonly asked: QualifiedName;
  /** System names: what journal entries carry. */
  readonly file: QualifiedName;
  /** SQL names: what statements use. */
  readonly sqlName: QualifiedName;
  readonly state: TableState;
  /** One sentence for people when `state` is not `ok`. */
  readonly reason: string;
  readonly columns: readonly CatalogColumn[];
  readonly format: RecordFormat;
  readonly key: TableKey | null;
  readonly journal: TableJournal | null;
  readonly members: readonly TableMember[];
}

/** The column a written name means: by SQL name or system name, as the catalog spells them. */
export function columnNamed(facts: Pick<TableFacts, 'columns'>, written: string): CatalogColumn | undefined {
  return findNamed(written, facts.columns, (c) => [c.format.name, c.systemName]);
}
