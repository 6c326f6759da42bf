/** What capture needs of mapping: the mappers of all tables, kept in step with their record formats. */
import type { CodedError } from '../../errors/coded-error';
import type { Change, TableNews } from '../../model/change';
import type { EventDraft, FieldErrorCount, MapOutcome } from '../../model/event';
import type { Position, QualifiedName } from '../../model/position';
import type { HeldKey } from '../../model/rows/row-hold';

export interface Mapping {
  /**
   * Called before the first change of a unit; bodies handed out before may still be in use, so none is written over.
   * @param alone for changes that are looked at by themselves: nothing held is seen, nothing is held afterwards
   * @param again after {@link loadLookups}: what the unit itself changed does not make those answers stale
   */
  beginUnit(alone?: boolean, again?: boolean): void;
  /** The transaction of the unit has committed. */
  confirm(): void;
  /** @param only names of the rules that are asked; null or left out for all */
  map(change: Change, only?: ReadonlySet<string> | null): MapOutcome;
  /** With what was held of the table before it. */
  notice(notice: TableNews): readonly EventDraft[];
  /** Keys of deleted rows that are not reported, since the last call or the last `beginUnit`. */
  takeUnsaid(): readonly HeldKey[];
  /** The key of the row under each rule that remembers rows. @throws CodedError family decode */
  heldKeys(change: Change): readonly HeldKey[];
  /** Events of a row that is gone, of which only the key is known; none where deletions are not reported. */
  gone(rule: string, members: readonly (string | null)[], change: Change): readonly EventDraft[];
  /** Drafts of what is held of a table, before its format is read again. */
  releaseTable(file: QualifiedName): readonly EventDraft[];
  /** Has anything waited for its whole window? */
  anyDue(): boolean;
  /** Drafts of it. */
  releaseDue(): readonly EventDraft[];
  /** Drafts that waited for the end of the unit; what waits longer is written down. Inside the transaction. */
  endUnit(): readonly EventDraft[];
  /** Fields that could not be decoded since the last call or the last `beginUnit`, by column. */
  takeFieldErrors(): readonly FieldErrorCount[];
  /** Reads the record format again and compiles the table's mapper for it. */
  relayout(file: QualifiedName, at: Position | null): Promise<void>;
  /** How many formats of the file are on record: beyond one, entries may be older than the one it is mapped by now. */
  formatCount(file: QualifiedName): number;
  /**
   * Maps by the format the file had at an older position for as long as `use` runs, which must be at once.
   * @param compare of positions in the file's journal: negative when the first one is earlier
   */
  withFormatAt<T>(file: QualifiedName, at: Position, compare: (a: Position, b: Position) => number, use: () => T): T;
  /** Questions the partition has to answer before the unit can be mapped; then it is mapped again. */
  missingLookups(): readonly unknown[];
  loadLookups(): Promise<void>;
  stopped(change: Change, outcome: Extract<MapOutcome, { is: 'stopped' }>): CodedError;
}

/** A unit asks for lookups so many times; each after the first means that another stage changed what was looked up. */
export const MOST_ASKS = 5;
