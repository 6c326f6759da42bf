/** R entries: which images an operation deposits, and how much of them. */
import type { RowOptions } from '../contract';
import { lobSuffix } from '../files/lob-suffix';
import type { StoredRow } from '../files/member-rows';
import type { PhysicalFile } from '../files/physical-file';
import { FLAG } from './journal-entries';
import { minimizeOnBytes, minimizeOnFields } from './minimize';

/** One R entry to deposit; `flag` is the indicator flag: is there a before-image. */
export interface SimulatedRowEntry {
  readonly type: 'PT' | 'PX' | 'UB' | 'UP' | 'DL' | 'BR' | 'UR' | 'DR';
  readonly rrn: number;
  readonly flag: '0' | '1';
  readonly flags: number;
  readonly nulls: string | null;
  readonly data: Buffer | null;
}

/** A row as an operation leaves or finds it, with its number. */
interface NumberedRow {
  readonly rrn: number;
  readonly row: StoredRow;
}

/** Before-images are kept with *BOTH, and always under commitment control. */
export function keepsBefore(file: PhysicalFile, underCommitControl: boolean): boolean {
  return underCommitControl || file.images === '*BOTH';
}

export function insertEntry(file: PhysicalFile, at: NumberedRow, reused: boolean, o: RowOptions): SimulatedRowEntry {
  return full(file, reused ? 'PX' : 'PT', '0', at, o);
}

/** @param changed the row as it was, and `after` it */
export function updateEntries(
  file: PhysicalFile,
  changed: NumberedRow,
  after: StoredRow,
  keepBefore: boolean,
  o: RowOptions,
): SimulatedRowEntry[] {
  const { rrn, row: before } = changed;
  const minimize = file.journal!.attributes.minimize;
  if (minimize !== '*NONE' && file.layout.lobs.length === 0) {
    const images =
      minimize === '*FLDBDY'
        ? minimizeOnFields(file.layout, before, after)
        : minimizeOnBytes(before, after, file.layout.nullable);
    const flags = optionFlags(o) | FLAG.minimized | (minimize === '*FLDBDY' ? FLAG.minimizedOnField : 0);
    const pair: SimulatedRowEntry[] = [
      { type: 'UB', rrn, flag: '1', flags, ...images.before },
      { type: 'UP', rrn, flag: keepBefore ? '1' : '0', flags, ...images.after },
    ];
    return keepBefore ? pair : pair.slice(1);
  }
  const up = full(file, 'UP', keepBefore ? '1' : '0', { rrn, row: after }, o);
  return keepBefore ? [full(file, 'UB', '1', changed, o), up] : [up];
}

export function deleteEntry(
  file: PhysicalFile,
  deleted: NumberedRow,
  keepBefore: boolean,
  o: RowOptions,
): SimulatedRowEntry {
  if (keepBefore) return full(file, 'DL', '1', deleted, o);
  return { type: 'DL', rrn: deleted.rrn, flag: '0', flags: optionFlags(o), nulls: null, data: null };
}

/** Rollback: a record that was written is deleted. */
export function undoInsertEntry(file: PhysicalFile, written: NumberedRow): SimulatedRowEntry {
  return full(file, 'DR', '1', written, {});
}

/** Rollback: before and after image of undoing an update. */
export function undoUpdateEntries(
  file: PhysicalFile,
  rrn: number,
  now: StoredRow,
  restored: StoredRow,
): SimulatedRowEntry[] {
  return [full(file, 'BR', '1', { rrn, row: now }, {}), full(file, 'UR', '1', { rrn, row: restored }, {})];
}

/** Rollback: a deleted record is written again. There is no before-image, which the flag says. */
export function undoDeleteEntry(file: PhysicalFile, rrn: number, restored: StoredRow): SimulatedRowEntry {
  return full(file, 'UR', '0', { rrn, row: restored }, {});
}

function full(
  file: PhysicalFile,
  type: SimulatedRowEntry['type'],
  flag: '0' | '1',
  { rrn, row }: NumberedRow,
  o: RowOptions,
): SimulatedRowEntry {
  const suffix = lobSuffix(file.layout, row.values);
  const data = suffix ? Buffer.concat([row.image, suffix]) : row.image;
  return { type, rrn, flag, flags: optionFlags(o), nulls: row.nulls, data };
}

function optionFlags(o: RowOptions): number {
  return (o.trigger ? FLAG.trigger : 0) | (o.referential ? FLAG.referential : 0);
}
