/** The row store of journal entries: appending, bulk loading, range scans by receiver and sequence number. */
import type Database from 'better-sqlite3';
import type { EntryObject, EntryOrigin, LocalTimestamp } from '../contract';
import { SEQUENCE_MASK } from '../files/schema';

export const FLAG = {
  trigger: 1,
  referential: 2,
  ignore: 4,
  minimized: 8,
  minimizedOnField: 16,
  internal: 32,
} as const;

/** What an entry says besides its place. `rrn` is a count for entries that are not R. */
interface EntryFields {
  readonly code: string;
  readonly type: string;
  readonly object: number;
  readonly rrn: number;
  /** Relative to the receiver's base, as `seq` is. */
  readonly ccid: number;
  readonly nest: number;
  readonly flag: string;
  readonly flags: number;
  readonly origin: number;
  readonly nulls: string | null;
  readonly data: Uint8Array | null;
}

/** A stored entry: [seq, ts, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data]. */
export type StoredEntry = [
  number,
  string,
  string,
  string,
  number,
  number,
  number,
  number,
  string,
  number,
  number,
  string | null,
  Buffer | null,
];

/** Bounds and pushed-down conditions of one scan; sequence numbers are relative and inclusive. */
export interface ScanFilter {
  readonly codes?: readonly string[];
  readonly types?: readonly string[];
  readonly objects?: readonly number[];
  readonly origins?: readonly number[];
  readonly ccid?: number;
  /** Codes for which `objects` does not count. */
  readonly codesOfAnyObject?: readonly string[];
  readonly internal: boolean;
  /** False: without what triggers and constraints deposited. */
  readonly dependent: boolean;
}

const NO_OBJECT: EntryObject = {
  id: 0,
  library: '',
  name: '',
  member: '',
  object30: ' '.repeat(30),
  objectType: '',
  fileType: '',
  journalIdentifier: null,
};

const COLUMNS = 'ts, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data';

export class JournalEntries {
  private readonly insert: Database.Statement;
  private readonly scans = new Map<string, Database.Statement>();
  private readonly objects = new Map<number, EntryObject>();
  private readonly objectIds = new Map<string, number>();
  private readonly origins = new Map<number, EntryOrigin>();
  private readonly originIds = new Map<string, number>();

  constructor(
    private readonly db: Database.Database,
    private readonly systemName: string,
  ) {
    this.insert = db.prepare(`INSERT INTO journal_entry (id, ${COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`);
    for (const row of db.prepare('SELECT * FROM entry_object').all() as ObjectRow[]) this.rememberObject(row);
    for (const row of db.prepare('SELECT * FROM entry_origin').all() as OriginRow[]) this.rememberOrigin(row);
  }

  append(base: bigint, seq: number, ts: LocalTimestamp, e: EntryFields): void {
    const { code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data } = e;
    this.insert.run(base + BigInt(seq), ts, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data);
  }

  /** First and last relative sequence, visible entries, bytes, longest data and null map of a receiver. */
  measure(base: bigint): {
    first: number;
    last: number;
    count: number;
    bytes: number;
    maxData: number;
    maxNulls: number;
  } {
    return this.db
      .prepare(
        `SELECT coalesce(min(id) & ${SEQUENCE_MASK}, 0) AS first, coalesce(max(id) & ${SEQUENCE_MASK}, 0) AS last,
         count(*) AS count, coalesce(sum(coalesce(length(data), 0) + 200), 0) AS bytes,
         coalesce(max(length(data)), 0) AS maxData, coalesce(max(length(nulls)), 0) AS maxNulls
         FROM journal_entry WHERE id BETWEEN ? AND ?`,
      )
      .get(base, base + SEQUENCE_MASK) as never;
  }

  /** Up to `limit` entries with from <= seq <= to, in order. */
  scan(base: bigint, from: number, to: number, filter: ScanFilter, limit: number): StoredEntry[] {
    const lists = [filter.codes, filter.types, filter.objects, filter.codesOfAnyObject, filter.origins];
    const shape = `${lists.map((l) => l?.length ?? -1).join()}/${filter.ccid === undefined ? 0 : 1}/${filter.internal}/${filter.dependent}`;
    let statement = this.scans.get(shape);
    if (!statement) {
      statement = this.db.prepare(this.scanSql(filter)).raw();
      if (this.scans.size > 200) this.scans.clear();
      this.scans.set(shape, statement);
    }
    const ccid = filter.ccid === undefined ? [] : [filter.ccid];
    const bound = lists.flatMap((l) => (l as readonly (string | number)[] | undefined) ?? []);
    return statement.all(base + BigInt(from), base + BigInt(to), ...bound, ...ccid, limit) as StoredEntry[];
  }

  private scanSql(filter: ScanFilter): string {
    const marks = (n: number) => Array.from({ length: n }, () => '?').join();
    const one = (name: string, list?: readonly unknown[]) =>
      list ? ` AND ${name} IN (${list.length ? marks(list.length) : 'NULL'})` : '';
    const { codesOfAnyObject: free } = filter;
    const objects = () =>
      free?.length
        ? ` AND (${one('object', filter.objects).slice(5)} OR code IN (${marks(free.length)}))`
        : one('object', filter.objects);
    return (
      `SELECT id & ${SEQUENCE_MASK}, ${COLUMNS} FROM journal_entry WHERE id BETWEEN ? AND ?` +
      one('code', filter.codes) +
      one('type', filter.types) +
      objects() +
      one('origin', filter.origins) +
      (filter.ccid === undefined ? '' : ' AND ccid = ?') +
      (filter.internal ? '' : ` AND flags & ${FLAG.internal} = 0`) +
      (filter.dependent ? '' : ` AND flags & ${FLAG.trigger | FLAG.referential} = 0`) +
      ' ORDER BY id LIMIT ?'
    );
  }

  /** Relative sequence of the first entry at or after (`>=`) or past (`>`) a timestamp; null if there is none. */
  firstSince(base: bigint, from: number, to: number, op: '>=' | '>', ts: LocalTimestamp): number | null {
    const row = this.db
      .prepare(
        `SELECT id & ${SEQUENCE_MASK} FROM journal_entry WHERE id BETWEEN ? AND ? AND ts ${op} ? ORDER BY id LIMIT 1`,
      )
      .pluck()
      .get(base + BigInt(from), base + BigInt(to), ts) as number | undefined;
    return row ?? null;
  }

  remove(base: bigint): void {
    this.db.prepare('DELETE FROM journal_entry WHERE id BETWEEN ? AND ?').run(base, base + SEQUENCE_MASK);
  }

  objectId(o: Omit<EntryObject, 'id' | 'object30'>): number {
    const jid = o.journalIdentifier ? Buffer.from(o.journalIdentifier).toString('hex') : '';
    const key = `${o.library}/${o.name}/${o.member}/${o.objectType}/${o.fileType}/${jid}`;
    const known = this.objectIds.get(key);
    if (known !== undefined) return known;
    const id = Number(
      this.db
        .prepare('INSERT INTO entry_object (library, name, member, object_type, file_type, jid) VALUES (?,?,?,?,?,?)')
        .run(o.library, o.name, o.member, o.objectType, o.fileType, o.journalIdentifier).lastInsertRowid,
    );
    this.rememberObject({ ...o, id, object_type: o.objectType, file_type: o.fileType, jid: o.journalIdentifier });
    return id;
  }

  object(id: number): EntryObject {
    return this.objects.get(id) ?? NO_OBJECT;
  }

  allObjects(): Iterable<EntryObject> {
    return this.objects.values();
  }

  originId(o: Omit<EntryOrigin, 'id' | 'systemName'> & { readonly systemName?: string }): number {
    const known = this.originIds.get(originKey(o));
    if (known !== undefined) return known;
    const id = Number(
      this.db
        .prepare(
          `INSERT INTO entry_origin (job_name, job_user, job_number, user_name, program, program_library, remote_address,
           remote_port, thread, system) VALUES (?,?,?,?,?,?,?,?,?,?)`,
        )
        .run(
          o.jobName,
          o.jobUser,
          o.jobNumber,
          o.userName,
          o.program,
          o.programLibrary,
          o.remoteAddress,
          o.remotePort,
          o.thread,
          o.systemName ?? null,
        ).lastInsertRowid,
    );
    this.keepOrigin({ ...o, id, systemName: o.systemName ?? this.systemName });
    return id;
  }

  origin(id: number): EntryOrigin {
    return this.origins.get(id)!;
  }

  allOrigins(): Iterable<EntryOrigin> {
    return this.origins.values();
  }

  private rememberObject(row: ObjectRow): void {
    const jid = row.jid ? Buffer.from(row.jid) : null;
    const { id, library, name, member, object_type: objectType, file_type: fileType } = row;
    const object30 = name.padEnd(10) + library.padEnd(10) + member.padEnd(10);
    this.objects.set(id, { id, library, name, member, object30, objectType, fileType, journalIdentifier: jid });
    this.objectIds.set(`${library}/${name}/${member}/${objectType}/${fileType}/${jid?.toString('hex') ?? ''}`, id);
  }

  private rememberOrigin(row: OriginRow): void {
    this.keepOrigin({
      id: row.id,
      jobName: row.job_name,
      jobUser: row.job_user,
      jobNumber: row.job_number,
      userName: row.user_name,
      program: row.program,
      programLibrary: row.program_library,
      remoteAddress: row.remote_address,
      remotePort: row.remote_port,
      thread: row.thread,
      systemName: row.system ?? this.systemName,
    });
  }

  private keepOrigin(origin: EntryOrigin): void {
    this.origins.set(origin.id, origin);
    this.originIds.set(
      originKey(origin.systemName === this.systemName ? { ...origin, systemName: undefined } : origin),
      origin.id,
    );
  }

  /** Ids handed out inside a transaction that was rolled back are void: read the tables again. */
  forget(): void {
    for (const m of [this.objects, this.objectIds, this.origins, this.originIds]) m.clear();
    for (const row of this.db.prepare('SELECT * FROM entry_object').all() as ObjectRow[]) this.rememberObject(row);
    for (const row of this.db.prepare('SELECT * FROM entry_origin').all() as OriginRow[]) this.rememberOrigin(row);
  }
}

function originKey(o: Omit<EntryOrigin, 'id' | 'systemName'> & { readonly systemName?: string | undefined }): string {
  return [
    o.jobName,
    o.jobUser,
    o.jobNumber,
    o.userName,
    o.program,
    o.programLibrary,
    o.remoteAddress,
    o.remotePort,
    o.thread,
    o.systemName ?? '',
  ].join('\u0001');
}

interface ObjectRow {
  id: number;
  library: string;
  name: string;
  member: string;
  object_type: string;
  file_type: string;
  jid: Uint8Array | null;
}

interface OriginRow {
  id: number;
  job_name: string;
  job_user: string;
  job_number: string;
  user_name: string;
  program: string;
  program_library: string;
  remote_address: string;
  remote_port: number;
  thread: string;
  /** Of a remote journal's entries; null is this system. */
  system: string | null;
}

export interface Deposit {
  readonly code: string;
  readonly type: string;
  readonly object?: number;
  readonly rrn?: number;
  /** Commit cycle, relative to the receiver base. */
  readonly ccid?: number;
  readonly nest?: number;
  readonly flag?: string;
  readonly flags?: number;
  readonly origin: number;
  readonly nulls?: string | null;
  readonly data?: Uint8Array | null;
  /** The entry starts a commit cycle: its own number is its cycle. */
  readonly startsCycle?: boolean;
}
