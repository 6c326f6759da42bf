/** Libraries, physical files and members: what CL and SQL definitions do to them, with the D and F entries they leave. */

import type { LocalTimestamp } from '../contract';
import { alreadyExists, CpfFailure, libraryNotFound, objectInUse } from '../failures';
import type { Journal } from '../journal/journal';
import type { Kernel } from '../kernel';
import { type Comparable, decodeComparable, encodeComparable } from './comparable';
import type { ColumnDef, FileDef, JournalImages, KeyDef } from './definitions';
import { ebcdicNames } from './ebcdic';
import type { NumberedRow } from './member-rows';
import { Member, PhysicalFile } from './physical-file';
import { encodeImage } from './record-image';
import { layoutOf, type RecordLayout } from './record-layout';

interface LibraryRecord {
  /** System name, 1-10 characters. */
  readonly name: string;
  /** Name of the schema in SQL; equals `name` when short. */
  readonly longName: string;
  readonly text: string;
  readonly created: LocalTimestamp;
  /** New files are journaled to it (STRJRNLIB, SQL schemas). */
  inheritJournal: number | null;
}

const PAGE = 500;

export class Files {
  readonly libraries = new Map<string, LibraryRecord>();
  readonly list: PhysicalFile[] = [];
  private readonly byName = new Map<string, PhysicalFile>();
  /** System names by the long names of schemas. */
  private readonly systemNames = new Map<string, string>();
  private readonly membersById = new Map<number, Member>();

  constructor(private readonly kernel: Kernel) {}

  load(journalById: (id: number) => Journal | null): void {
    const { db } = this.kernel;
    for (const row of db.prepare('SELECT * FROM library').all() as LibraryRow[])
      this.enrol({ ...row, longName: row.long_name ?? row.name, inheritJournal: row.inherit_journal });
    for (const row of db.prepare('SELECT * FROM file ORDER BY id').all() as FileRow[]) {
      const file = new PhysicalFile(
        row.id,
        JSON.parse(row.def, reviveBigint) as FileDef,
        row.created,
        this.kernel.entries,
      );
      if (row.journal !== null) file.journal = journalById(row.journal);
      file.images = row.images;
      file.omitOpenClose = row.omit_open_close === 1;
      file.journalStart = row.journal_start;
      file.journalIdentifier = row.jid ? Buffer.from(row.jid) : null;
      if (row.identity !== null) file.nextIdentity = BigInt(row.identity);
      this.enlist(file);
    }
    for (const row of db.prepare('SELECT * FROM member ORDER BY id').all() as MemberRow[]) this.loadMember(row);
  }

  private loadMember(row: MemberRow): void {
    const file = this.list.find((f) => f.id === row.file)!;
    const member = new Member(row.id, row.name, file, row.next_rrn, row.created);
    member.open(this.kernel.db);
    member.lastChange = row.last_change;
    member.nextRrn = Math.max(row.next_rrn, member.rows.lastRrn() + 1);
    file.members.push(member);
    this.membersById.set(member.id, member);
  }

  private enrol(record: LibraryRecord): void {
    this.libraries.set(record.name, record);
    if (record.longName !== record.name) this.systemNames.set(record.longName, record.name);
  }

  /** System name of a library that may be named as SQL names its schema. */
  systemLibrary(name: string): string {
    return this.libraries.has(name) ? name : (this.systemNames.get(name) ?? name);
  }

  private enlist(file: PhysicalFile): void {
    file.schema = this.libraries.get(file.library)?.longName ?? file.library;
    if (!this.list.includes(file)) this.list.push(file);
    this.byName.set(`${file.library}/${file.longName}`, file);
    this.byName.set(`${file.library}/${file.name}`, file);
  }

  private delist(file: PhysicalFile): void {
    for (const [key, value] of this.byName) if (value === file) this.byName.delete(key);
  }

  find(library: string, name: string): PhysicalFile | null {
    return this.byName.get(`${this.systemLibrary(library)}/${name}`) ?? null;
  }

  memberById(id: number): Member | null {
    return this.membersById.get(id) ?? null;
  }

  createLibrary(name: string, text: string, longName = name): void {
    if (this.libraries.has(name)) throw new CpfFailure('CPF2111', `Library ${name} already exists.`);
    const created = this.kernel.now();
    this.kernel.db
      .prepare('INSERT INTO library (name, text, created, long_name) VALUES (?, ?, ?, ?)')
      .run(name, text, created, longName);
    this.enrol({ name, longName, text, created, inheritJournal: null });
  }

  deleteLibrary(name: string): void {
    const record = this.libraries.get(name);
    if (!record) throw libraryNotFound(name);
    this.libraries.delete(name);
    this.systemNames.delete(record.longName);
    this.kernel.db.prepare('DELETE FROM library WHERE name = ?').run(name);
  }

  inherit(library: string, journal: Journal | null): void {
    const record = this.libraries.get(library);
    if (!record) throw libraryNotFound(library);
    record.inheritJournal = journal?.id ?? null;
    this.kernel.db.prepare('UPDATE library SET inherit_journal = ? WHERE name = ?').run(record.inheritJournal, library);
  }

  create(def: FileDef): PhysicalFile {
    if (!this.libraries.has(def.library)) throw libraryNotFound(def.library);
    if (this.find(def.library, def.name) || this.find(def.library, def.longName ?? def.name))
      throw alreadyExists(def.library, def.name, '*FILE');
    const created = this.kernel.now();
    const { lastInsertRowid } = this.kernel.db
      .prepare(
        "INSERT INTO file (library, name, def, created, images, omit_open_close) VALUES (?, ?, '', ?, '*AFTER', 0)",
      )
      .run(def.library, def.name, created);
    const file = new PhysicalFile(Number(lastInsertRowid), def, created, this.kernel.entries);
    this.enlist(file);
    this.store(file);
    for (const name of def.members ?? [def.name]) this.addMember(file, name);
    return file;
  }

  addMember(file: PhysicalFile, name: string): Member {
    if (file.members.some((m) => m.name === name))
      throw new CpfFailure('CPF7306', `Member ${name} not added to file ${file.name} in ${file.library}: it exists.`);
    const now = this.kernel.now();
    const { lastInsertRowid } = this.kernel.db
      .prepare('INSERT INTO member (file, name, next_rrn, created, last_change) VALUES (?, ?, 1, ?, ?)')
      .run(file.id, name, now, now);
    const member = new Member(Number(lastInsertRowid), name, file, 1, now);
    member.create(this.kernel.db);
    file.members.push(member);
    this.membersById.set(member.id, member);
    return member;
  }

  removeMember(member: Member): void {
    this.checkIdle(member.file, member);
    member.rows.drop();
    this.kernel.db.prepare('DELETE FROM member WHERE id = ?').run(member.id);
    this.membersById.delete(member.id);
    member.file.members.splice(member.file.members.indexOf(member), 1);
  }

  drop(file: PhysicalFile): void {
    this.checkIdle(file);
    for (const member of [...file.members]) this.removeMember(member);
    this.kernel.db.prepare('DELETE FROM file WHERE id = ?').run(file.id);
    this.list.splice(this.list.indexOf(file), 1);
    this.delist(file);
  }

  /** Renames or moves; the journal identifier stays, as it does on the real thing. */
  rename(file: PhysicalFile, library: string, name: string, longName?: string): void {
    this.checkIdle(file);
    if (!this.libraries.has(library)) throw libraryNotFound(library);
    const holder = this.find(library, name);
    if (holder && (holder !== file || longName === undefined)) throw alreadyExists(library, name, '*FILE');
    this.delist(file);
    const followed = file.longName === file.name;
    for (const member of file.members)
      if (member.name === file.name && name !== file.name) this.nameMember(member, name);
    file.library = library;
    file.longName = longName ?? (followed ? name : file.longName);
    file.name = name;
    this.enlist(file);
    this.store(file);
    for (const member of file.members) member.renamed();
  }

  nameMember(member: Member, name: string): void {
    member.name = name;
    member.renamed();
    this.kernel.db.prepare('UPDATE member SET name = ? WHERE id = ?').run(name, member.id);
  }

  setJournal(file: PhysicalFile, journal: Journal | null, images: JournalImages, omitOpenClose: boolean): void {
    file.journal = journal;
    file.images = images;
    file.omitOpenClose = omitOpenClose;
    file.journalStart = journal ? this.kernel.now() : null;
    if (journal && !file.journalIdentifier) file.journalIdentifier = this.newJournalIdentifier();
    for (const member of file.members) member.renamed();
    this.store(file);
  }

  private newJournalIdentifier(): Buffer {
    const jid = Buffer.alloc(10);
    const next = BigInt(this.kernel.value('jid') ?? '0') + 1n;
    this.kernel.setValue('jid', next.toString());
    jid.writeBigUInt64BE(0xd1d0_0000_0000_0000n | next, 2);
    return jid;
  }

  setKeys(file: PhysicalFile, keys: readonly KeyDef[]): void {
    const gone = file.keys.filter((k) => !keys.includes(k));
    const added = keys.filter((k) => !file.keys.includes(k));
    for (const member of file.members) {
      for (const key of added) member.rows.createIndex(key);
      for (const key of gone) member.rows.dropIndex(key);
    }
    file.keys = keys;
    this.store(file);
    for (const member of file.members) member.open(this.kernel.db);
  }

  /** New record format: every record is rewritten, record numbers stay. */
  alter(file: PhysicalFile, columns: readonly ColumnDef[], from: readonly (number | null)[]): void {
    this.checkIdle(file);
    const old = file.columns;
    const layout = layoutOf(columns);
    const rows = file.members.map((m) => [...this.allRows(m)].map((row) => this.converted(layout, old, from, row)));
    for (const member of file.members) member.rows.drop();
    file.keys = file.keys.filter((k) => k.columns.every((c) => columns.some((n) => n.name === c)));
    file.setColumns(columns);
    for (const [i, member] of file.members.entries()) {
      member.create(this.kernel.db);
      for (const row of rows[i]!) member.rows.insert(row.rrn, row);
      member.reset(member.nextRrn);
    }
    this.store(file);
  }

  private converted(
    layout: RecordLayout,
    old: readonly ColumnDef[],
    from: readonly (number | null)[],
    row: NumberedRow,
  ): NumberedRow {
    const values: Comparable[] = layout.slots.map(({ column }, i) => {
      const source = from[i] ?? null;
      if (source === null || (row.values[source] === null && !column.nullable)) return this.initial(column);
      return encodeComparable(column, decodeComparable(old[source]!, row.values[source]!));
    });
    const nulls = layout.nullable ? values.map((v) => (v === null ? '1' : '0')).join('') : null;
    return { rrn: row.rrn, image: encodeImage(layout, values), nulls, values, bad: [] };
  }

  private initial(column: ColumnDef): Comparable {
    if (column.default.kind === 'value') return encodeComparable(column, column.default.value);
    if (column.nullable) return null;
    const now = this.kernel.now();
    if (column.type === 'DATE') return now.slice(0, 10);
    if (column.type === 'TIME') return now.slice(11, 19);
    if (column.type === 'TIMESTAMP') return now;
    const numeric = /^(DECIMAL|NUMERIC|SMALLINT|INTEGER|BIGINT|REAL|DOUBLE|DECFLOAT)$/.test(column.type);
    return encodeComparable(column, column.type === 'BOOLEAN' ? false : numeric ? '0' : '');
  }

  *allRows(member: Member): Generator<NumberedRow> {
    for (let after = 0; ; ) {
      const page = member.rows.page(after, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.rrn;
    }
  }

  /** All records away; record numbers start over. Returns how many there were. */
  clear(member: Member): number {
    this.checkIdle(member.file, member);
    const count = member.rowCount();
    this.kernel.db.exec(`DELETE FROM ${member.rowTable}`);
    member.reset(1);
    member.lastChange = this.kernel.now();
    this.storeMember(member);
    return count;
  }

  /** RGZPFM: deleted slots are squeezed out, so record numbers change. */
  reorganize(member: Member): number {
    this.checkIdle(member.file, member);
    const { db } = this.kernel;
    const rrns = db.prepare(`SELECT rrn FROM ${member.rowTable} ORDER BY rrn`).pluck().all() as number[];
    const move = db.prepare(`UPDATE ${member.rowTable} SET rrn = ? WHERE rrn = ?`);
    for (const [i, rrn] of rrns.entries()) if (rrn !== i + 1) move.run(i + 1, rrn);
    member.reset(rrns.length + 1);
    this.storeMember(member);
    return rrns.length;
  }

  /** @throws CpfFailure CPF9803 while a commit cycle has changes in the file */
  checkIdle(file: PhysicalFile, only?: Member): void {
    const open = this.kernel.db.prepare('SELECT 1 FROM undo_step WHERE member = ? LIMIT 1');
    for (const member of only ? [only] : file.members)
      if (open.get(member.id)) throw objectInUse(file.library, file.name);
  }

  objectNames(file: PhysicalFile): Buffer {
    return ebcdicNames(file.name, file.library);
  }

  takeIdentity(file: PhysicalFile): bigint {
    const value = file.nextIdentity!;
    const identity = file.columns.find((c) => c.identity)!.identity!;
    file.nextIdentity = value + BigInt(identity.increment);
    this.kernel.db.prepare('UPDATE file SET identity = ? WHERE id = ?').run(file.nextIdentity.toString(), file.id);
    return value;
  }

  store(file: PhysicalFile): void {
    this.kernel.db
      .prepare(
        `UPDATE file SET library = ?, name = ?, def = ?, journal = ?, images = ?, omit_open_close = ?, journal_start = ?,
         jid = ?, identity = ? WHERE id = ?`,
      )
      .run(
        file.library,
        file.name,
        JSON.stringify(file.definition, replaceBigint),
        file.journal?.id ?? null,
        file.images,
        file.omitOpenClose ? 1 : 0,
        file.journalStart,
        file.journalIdentifier,
        file.nextIdentity?.toString() ?? null,
        file.id,
      );
  }

  storeMember(member: Member): void {
    this.kernel.db
      .prepare('UPDATE member SET next_rrn = ?, last_change = ? WHERE id = ?')
      .run(member.nextRrn, member.lastChange, member.id);
  }
}

interface LibraryRow {
  readonly name: string;
  readonly text: string;
  readonly created: string;
  readonly inherit_journal: number | null;
  readonly long_name: string | null;
}

interface FileRow {
  readonly id: number;
  readonly def: string;
  readonly created: string;
  readonly journal: number | null;
  readonly images: JournalImages;
  readonly omit_open_close: number;
  readonly journal_start: string | null;
  readonly jid: Uint8Array | null;
  readonly identity: string | null;
}

interface MemberRow {
  readonly id: number;
  readonly file: number;
  readonly name: string;
  readonly next_rrn: number;
  readonly created: string;
  readonly last_change: string;
}

function replaceBigint(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value;
}

function reviveBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$bigint' in value) return BigInt(String(value.$bigint));
  return '$bytes' in value ? Buffer.from(String(value.$bytes), 'base64') : value;
}
