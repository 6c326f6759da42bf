/** A change of one row, as the capture stages hand it to mapping: journal entries paired, commit cycles resolved. */
import type { Position, QualifiedName } from './position';
import type { RecordFormat } from './record-format';

export type ChangeOp = 'insert' | 'update' | 'delete' | 'read';

/** How a change was found; `meta.mode` of the event. */
export type ChangeMode = 'stream' | 'backfill' | 'window' | 'replay' | 'reconcile';

/**
 * One record image, out of a journal or made of a row that was read by SQL. `bytes` may be a view into a block and die with
 * it: mapping writes what it needs before it returns.
 * `nulls` has one character a field (0 value, 1 null, 2 a value that cannot be read, 9 not recorded), or is null when nothing can
 * be null.
 */
export interface RecordImage {
  readonly bytes: Uint8Array;
  /** Where the image starts in `bytes`. */
  readonly offset: number;
  /** Image length in bytes, appended LOB data included. */
  readonly length: number;
  readonly nulls: Uint8Array | null;
  /** The layout of a row read by SQL; without one the image has the record format its file has at the change's position. */
  readonly format?: RecordFormat;
}

/** Columns by name in the exact forms of the transport (text untrimmed, decimals as strings): made-up and remembered rows. */
export type SqlRow = Readonly<Record<string, string | number | boolean | Uint8Array | null>>;

/** One side of a change. */
export interface RowSource {
  readonly is: 'image';
  readonly image: RecordImage;
}

/**
 * A change of one row. Positioned changes come from a journal; window and backfill rows have none, and their event id
 * is made of the occasion, key and content instead (see src/map/event/event-id.ts).
 */
export interface Change {
  readonly op: ChangeOp;
  readonly mode: ChangeMode;
  readonly table: QualifiedName;
  readonly member: string;
  /** Null for inserts, reads, and where the journal holds no before image (IMAGES(*AFTER)). */
  readonly before: RowSource | null;
  /** Null for deletes. */
  readonly after: RowSource | null;
  /** Null for rows that were not read from a journal. */
  readonly journal: QualifiedName | null;
  readonly position: Position | null;
  /**
   * Which finding a row read by SQL is: the run of a backfill, one unit of a window. Two findings of the same content are two
   * events, so no two of them share an occasion; what repeats an uncommitted finding may take another, as nothing of it left.
   * At most one change of a row has the same occasion, operation and content. Empty for journal entries: they have a position.
   */
  readonly occasion: string;
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition; never empty, as every event has a time. */
  readonly timestamp: string;
  /** 0 outside commitment control. */
  readonly commitCycle: bigint;
  /** Relative record number; 0 where unknown. */
  readonly rrn: bigint;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
}

/** JSON of a notice. */
type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };

/** What happened to a whole table: the entries beyond rows (codes F and D). */
export interface TableNotice {
  /** Becomes the event type: `table.cleared`, `schema.changed`, `table.reorganized`... */
  readonly kind: string;
  readonly table: QualifiedName;
  readonly member: string;
  readonly journal: QualifiedName;
  readonly position: Position;
  /** As of a change: never empty. */
  readonly timestamp: string;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  /** Facts of the notice: names and counts, never row values. */
  readonly facts: Readonly<Record<string, Fact>>;
}

/** What a window or a comparison found of a whole table, such as a mass delete: no entry says it, so there is no position. */
export interface WindowNotice extends Omit<TableNotice, 'journal' | 'position'> {
  readonly journal: null;
  readonly position: null;
  /** Left out: a window. */
  readonly mode?: 'reconcile';
  /** Which finding it is: part of the event's id, as `Change.occasion` is. */
  readonly occasion: string;
}

export type TableNews = TableNotice | WindowNotice;
