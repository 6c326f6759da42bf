/** From what a statement gives to what a member stores: defaults, identity, row change timestamps, checks. */
import { randomBytes } from 'node:crypto';
import type { SessionValue } from '../../sql-session';
import type { LocalTimestamp, RawRow, RowInput } from '../contract';
import { nullNotAllowed } from '../failures';
import { type Comparable, encodeComparable } from './comparable';
import type { ColumnDef } from './definitions';
import type { StoredRow } from './member-rows';
import type { PhysicalFile } from './physical-file';
import { decodeField, decodeImage, encodeField, INVALID } from './record-image';
import { isLob } from './record-layout';

interface FillContext {
  readonly now: LocalTimestamp;
  readonly user: string;
  /** Takes the next identity value of the file. */
  readonly nextIdentity: () => bigint;
}

const ROWID_BYTES = 17;

/** Text of these characters is the same in every CCSID, so what was encoded need not be read back. */
const INVARIANT = /^[\w .,;:\-/()+*'%&?=<>]*$/;

function isRaw(row: RowInput | ReadonlyMap<number, unknown>): row is RawRow {
  return 'image' in row;
}

export function newRow(file: PhysicalFile, row: RowInput, context: FillContext): StoredRow {
  if (isRaw(row)) return rawRow(file, row);
  const values: Comparable[] = file.columns.map((c, i) => {
    const given = row[i];
    return given === undefined || c.rowChange ? fill(c, context) : encodeComparable(c, given);
  });
  return build(file, Buffer.alloc(file.layout.length), values, null);
}

/** `changes` over `old`; untouched fields keep their very bytes, valid or not. */
export function changedRow(
  file: PhysicalFile,
  old: StoredRow,
  changes: ReadonlyMap<number, SessionValue | undefined> | RawRow,
  context: FillContext,
): StoredRow {
  if (isRaw(changes)) return rawRow(file, changes);
  const values = [...old.values];
  const touched = new Set<number>();
  for (const [i, value] of changes) {
    const c = file.columns[i]!;
    values[i] = value === undefined ? fill(c, context) : encodeComparable(c, value);
    touched.add(i);
  }
  for (const [i, c] of file.columns.entries()) {
    if (!c.rowChange) continue;
    values[i] = context.now;
    touched.add(i);
  }
  const bad = old.bad.filter((i) => !touched.has(i));
  return build(file, Buffer.from(old.image), values, touched, bad);
}

function build(
  file: PhysicalFile,
  image: Buffer,
  values: Comparable[],
  touched: ReadonlySet<number> | null,
  bad: readonly number[] = [],
): StoredRow {
  for (const slot of file.layout.slots) {
    if (touched && !touched.has(slot.ordinal)) continue;
    const value = values[slot.ordinal] ?? null;
    if (value === null && !slot.column.nullable) throw nullNotAllowed(slot.column.name);
    encodeField(image, slot, value, file.nullFill);
    if (value === null || isLob(slot.column) || isExact(slot.column, value)) continue;
    const stored = decodeField(image, slot);
    values[slot.ordinal] = stored === INVALID ? null : stored;
  }
  return { image, nulls: nullMap(file, values, bad), values, bad };
}

function isExact(column: ColumnDef, value: Comparable): boolean {
  if (column.fieldProc !== undefined) return true;
  if (typeof value === 'bigint') return true;
  return (column.type === 'CHAR' || column.type === 'VARCHAR') && typeof value === 'string' && INVARIANT.test(value);
}

function nullMap(file: PhysicalFile, values: readonly Comparable[], bad: readonly number[]): string | null {
  if (!file.layout.nullable) return null;
  return file.columns.map((c, i) => (c.nullable && values[i] === null && !bad.includes(i) ? '1' : '0')).join('');
}

/** As RPG writes: bytes are bytes. Invalid fields are remembered, not refused. */
function rawRow(file: PhysicalFile, row: RawRow): StoredRow {
  const image = Buffer.from(row.image);
  if (image.length !== file.layout.length)
    throw new RangeError(`record image of ${image.length} bytes, expected ${file.layout.length}`);
  const nulls = file.layout.nullable ? (row.nulls ?? '0'.repeat(file.columns.length)) : null;
  const lobs = new Map<number, Comparable>();
  for (const [i, v] of row.lobs ?? []) lobs.set(i, encodeComparable(file.columns[i]!, v));
  for (const i of file.layout.lobs) encodeField(image, file.layout.slots[i]!, lobs.get(i) ?? null);
  return { image, nulls, ...decodeImage(file.layout, image, nulls, lobs) };
}

/** A row of bytes that were journaled or saved. */
export function restoredRow(
  file: PhysicalFile,
  image: Buffer,
  nulls: string | null,
  lobs: ReadonlyMap<number, Comparable>,
): StoredRow {
  return { image, nulls, ...decodeImage(file.layout, image, nulls, lobs) };
}

function fill(column: ColumnDef, context: FillContext): Comparable {
  if (column.identity) return context.nextIdentity();
  if (column.rowChange) return context.now;
  const d = column.default;
  if (d.kind === 'value') return encodeComparable(column, d.value);
  if (d.kind === 'user') return encodeComparable(column, context.user);
  if (d.kind === 'current') return currentValue(column, context.now);
  if (d.kind === 'null' || (d.kind === 'none' && column.nullable)) return null;
  if (d.kind === 'none') throw nullNotAllowed(column.name);
  return column.nullable ? null : typeDefault(column, context.now);
}

function typeDefault(column: ColumnDef, now: LocalTimestamp): Comparable {
  if (column.type === 'DATE' || column.type === 'TIME' || column.type === 'TIMESTAMP') return currentValue(column, now);
  if (/^(DECIMAL|NUMERIC|SMALLINT|INTEGER|BIGINT|REAL|DOUBLE|DECFLOAT|BOOLEAN)$/.test(column.type))
    return encodeComparable(column, column.type === 'BOOLEAN' ? false : '0');
  if (column.type === 'ROWID') return randomBytes(ROWID_BYTES);
  return encodeComparable(column, column.ccsid === 65535 ? Buffer.alloc(0) : '');
}

function currentValue(column: ColumnDef, now: LocalTimestamp): Comparable {
  if (column.type === 'DATE') return now.slice(0, 10);
  if (column.type === 'TIME') return now.slice(11, 19);
  return now;
}
