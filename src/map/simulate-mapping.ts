/**
 * A mapping run over recorded journal entries, with no IBM i in reach. Entries are JSON lines as exported from
 * QSYS2.DISPLAY_JOURNAL: record images as hex, header fields by name. UB is paired with the UP that follows it for the
 * same file, member and record number.
 */
import { CodedError } from '../errors/coded-error';
import type { Change, ChangeOp, RowSource } from '../model/change';
import type { EventDraft, MapOutcome } from '../model/event';
import { formatName, parseName } from '../model/position';
import type { Mapper } from './mapper';

/** One line. `type` is the journal entry type of code R; everything but `table`, `type` and `hex` may be left out. */
export interface RecordedEntry {
  readonly table: string;
  readonly type: string;
  readonly hex: string;
  readonly nullMap?: string | null;
  readonly member?: string;
  readonly journal?: string;
  readonly receiver?: string;
  readonly sequence?: string | number;
  readonly timestamp?: string;
  readonly commitCycle?: string | number;
  readonly rrn?: string | number;
  readonly user?: string;
  readonly job?: string;
  readonly program?: string;
  readonly remoteAddress?: string;
}

export interface SimulatedResult {
  /** 1 upwards, of the entry in the file. */
  readonly line: number;
  readonly outcome: MapOutcome | { readonly is: 'skipped'; readonly why: string };
}

const OPS: Readonly<Record<string, ChangeOp>> = {
  PT: 'insert',
  PX: 'insert',
  UP: 'update',
  DL: 'delete',
  UR: 'update',
  DR: 'delete',
};
const BEFORE = new Set(['UB', 'BR']);

/** Maps the entries in order. @returns one result for each line, and the events that waited for the end */
export function simulateMapping(
  mapper: Mapper,
  lines: Iterable<string>,
): { results: SimulatedResult[]; late: EventDraft[] } {
  const held = new Map<string, RowSource>();
  const results: SimulatedResult[] = [];
  let line = 0;
  mapper.beginUnit();
  for (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const entry = parseEntry(text, line);
    const slot = `${entry.table}|${entry.member ?? ''}|${entry.rrn ?? 0}|${entry.commitCycle ?? 0}`;
    if (BEFORE.has(entry.type)) {
      held.set(slot, imageOf(entry));
      results.push({ line, outcome: { is: 'skipped', why: 'before image: sent with the entry after it' } });
      continue;
    }
    const op = OPS[entry.type];
    const before = held.get(slot) ?? null;
    held.delete(slot);
    if (!op) results.push({ line, outcome: { is: 'skipped', why: `entry type ${entry.type} changes no row` } });
    else results.push({ line, outcome: outcomeOf(mapper, changeOf(entry, op, before, line)) });
  }
  return { results, late: mapper.endUnit() };
}

function outcomeOf(mapper: Mapper, change: Change): SimulatedResult['outcome'] {
  return mapper.has(change.table)
    ? mapper.map(change)
    : { is: 'skipped', why: `no rules for ${formatName(change.table)}` };
}

function changeOf(entry: RecordedEntry, op: ChangeOp, before: RowSource | null, line: number): Change {
  const table = parseName(entry.table)!;
  const image = imageOf(entry);
  return {
    op,
    mode: 'stream',
    table,
    member: entry.member ?? table.name,
    before: op === 'delete' ? image : op === 'update' ? before : null,
    after: op === 'delete' ? null : image,
    journal: parseName(entry.journal ?? 'RECORDED/JOURNAL'),
    position: { receiver: parseName(entry.receiver ?? 'RECORDED/RECEIVER')!, sequence: BigInt(entry.sequence ?? line) },
    occasion: '',
    timestamp: entry.timestamp ?? '1970-01-01T00:00:00.000000',
    commitCycle: BigInt(entry.commitCycle ?? 0),
    rrn: BigInt(entry.rrn ?? 0),
    user: entry.user ?? '',
    job: entry.job ?? '',
    program: entry.program ?? '',
    remoteAddress: entry.remoteAddress ?? '',
  };
}

function imageOf(entry: RecordedEntry): RowSource {
  const bytes = Buffer.from(entry.hex, 'hex');
  const nulls = entry.nullMap ? Buffer.from(entry.nullMap, 'latin1') : null;
  return { is: 'image', image: { bytes, offset: 0, length: bytes.length, nulls } };
}

/** A line that cannot be used. */
export function badEntry(line: number, what: string): CodedError {
  return new CodedError({
    code: 'ENTRIES_LINE',
    message: `line ${line} of the entries: ${what}`,
    next: 'write one JSON object a line: {"table":"LIB/FILE","type":"PT","hex":"..","nullMap":null,...}',
    facts: { line },
  });
}

/** @throws CodedError `ENTRIES_LINE` */
export function parseEntry(text: string, line: number): RecordedEntry {
  const bad = (what: string): CodedError => badEntry(line, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('saw no JSON, expected an object');
  }
  const e = value as Partial<RecordedEntry>;
  if (typeof value !== 'object' || value === null) throw bad('expected an object');
  if (typeof e.table !== 'string' || !parseName(e.table)) throw bad('expected table, as LIB/FILE');
  if (typeof e.type !== 'string' || e.type.length !== 2)
    throw bad('expected type, an entry type such as PT, UB, UP, DL');
  if (typeof e.hex !== 'string' || !/^([0-9A-Fa-f]{2})*$/.test(e.hex)) throw bad('expected hex, the record image');
  for (const name of ['sequence', 'commitCycle', 'rrn'] as const) {
    if (e[name] !== undefined && !/^\d{1,20}$/.test(String(e[name]))) throw bad(`expected ${name}, a whole number`);
  }
  for (const name of ['journal', 'receiver'] as const) {
    if (e[name] !== undefined && !parseName(String(e[name]))) throw bad(`expected ${name}, as LIB/NAME`);
  }
  return value as RecordedEntry;
}
