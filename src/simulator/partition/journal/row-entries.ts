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

/** Before-images are kept with *BOTH, and always under commitment control. */
export function keepsBefore(file: PhysicalFile, underCommitControl: boolean): boolean {
  return underCommitControl || file.images === '*BOTH';
}

export function insertEntry(
  file: PhysicalFile,
  rrn: number,
  row: StoredRow,
  reused: boolean,
  o: RowOptions,
): SimulatedRowEntry {
  return full(file, reused ? 'PX' : 'PT', rrn, '0', row, o);
}

export function updateEntries(
  file: PhysicalFile,
  rrn: number,
  before: StoredRow,
  after: StoredRow,
  keepBefore: boolean,
  o: RowOptions,
): SimulatedRowEntry[] {
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
  const up = full(file, 'UP', rrn, keepBefore ? '1' : '0', after, o);
  return keepBefore ? [full(file, 'UB', rrn, '1', before, o), up] : [up];
}

export function deleteEntry(
  file: PhysicalFile,
  rrn: number,
  row: StoredRow,
  keepBefore: boolean,
  o: RowOptions,
  type: 'DL' | 'DR' = 'DL',
): SimulatedRowEntry {
  if (keepBefore) return full(file, type, rrn, '1', row, o);
  return { type, rrn, flag: '0', flags: optionFlags(o), nulls: null, data: null };
}

/** Rollback: before and after image of undoing an update. */
export function undoUpdateEntries(
  file: PhysicalFile,
  rrn: number,
  now: StoredRow,
  restored: StoredRow,
): SimulatedRowEntry[] {
  return [full(file, 'BR', rrn, '1', now, {}), full(file, 'UR', rrn, '1', restored, {})];
}

/** Rollback: a deleted record is written again. There is no before-image, which the flag says. */
export function undoDeleteEntry(file: PhysicalFile, rrn: number, restored: StoredRow): SimulatedRowEntry {
  return full(file, 'UR', rrn, '0', restored, {});
}

function full(
  file: PhysicalFile,
  type: SimulatedRowEntry['type'],
  rrn: number,
  flag: '0' | '1',
  row: StoredRow,
  o: RowOptions,
): SimulatedRowEntry {
  const suffix = lobSuffix(file.layout, row.values);
  const data = suffix ? Buffer.concat([row.image, suffix]) : row.image;
  return { type, rrn, flag, flags: optionFlags(o), nulls: row.nulls, data };
}

function optionFlags(o: RowOptions): number {
  return (o.trigger ? FLAG.trigger : 0) | (o.referential ? FLAG.referential : 0);
}
