/** Definition changes together with the D and F entries they leave in the file's journal. */

import { CpfFailure, remoteJournal } from '../failures';
import type { PartitionJob } from '../jobs/job';
import { depositRow } from '../journal/commit-cycle';
import type { Journal } from '../journal/journal';
import type { Journals } from '../journal/journals';
import { deleteEntry, insertEntry, keepsBefore } from '../journal/row-entries';
import type { Kernel } from '../kernel';
import type { ColumnDef, FileDef, JournalImages, KeyDef } from './definitions';
import { ebcdicNames } from './ebcdic';
import type { Files } from './files';
import { lobSuffix, splitLobSuffix } from './lob-suffix';
import type { Member, PhysicalFile } from './physical-file';
import { newRow, restoredRow } from './row-values';

interface JournalStart {
  readonly images: JournalImages;
  readonly omitOpenClose: boolean;
}

export class FileOperations {
  constructor(
    private readonly kernel: Kernel,
    private readonly files: Files,
    private readonly journals: Journals,
  ) {}

  create(job: PartitionJob, def: FileDef): PhysicalFile {
    const file = this.files.create(def);
    const inherit = this.files.libraries.get(def.library)?.inheritJournal ?? null;
    const journal = this.journals.list.find((j) => j.id === inherit);
    if (!journal) return file;
    this.files.setJournal(file, journal, '*BOTH', true);
    this.depositFile(job, file, 'CT');
    this.depositFile(job, file, 'JF');
    for (const member of file.members) {
      this.depositMember(job, member, 'MC');
      this.depositMember(job, member, 'JM');
    }
    return file;
  }

  /** STRJRNPF. @throws CpfFailure CPF7030 when the file is journaled already */
  startJournal(job: PartitionJob, file: PhysicalFile, journal: Journal, o: JournalStart): void {
    if (file.journal)
      throw new CpfFailure('CPF7030', `Cannot start journaling file ${file.name}: it is journaled already.`);
    if (journal.attributes.remote) throw remoteJournal(journal.library, journal.name);
    this.files.setJournal(file, journal, o.images, o.omitOpenClose);
    this.depositFile(job, file, 'JF');
    for (const member of file.members) this.depositMember(job, member, 'JM');
  }

  /** ENDJRNPF. @throws CpfFailure CPF7031 when it is not journaled, CPF9803 while a commit cycle is open on it */
  endJournal(job: PartitionJob, file: PhysicalFile): void {
    if (!file.journal)
      throw new CpfFailure(
        'CPF7031',
        `Cannot end journaling file ${file.name} in ${file.library}: it is not journaled.`,
      );
    this.files.checkIdle(file);
    for (const member of file.members) this.depositMember(job, member, 'EJ');
    this.depositFile(job, file, 'EF');
    this.files.setJournal(file, null, file.images, file.omitOpenClose);
  }

  /** CHGJRNOBJ ATR(*IMAGES). */
  changeImages(job: PartitionJob, file: PhysicalFile, images: JournalImages): void {
    this.files.setJournal(file, file.journal, images, file.omitOpenClose);
    this.depositFile(job, file, 'DJ');
    for (const member of file.members) this.depositMember(job, member, 'JC');
  }

  alter(job: PartitionJob, file: PhysicalFile, columns: readonly ColumnDef[], from: readonly (number | null)[]): void {
    this.files.alter(file, columns, from);
    this.depositFile(job, file, 'CG');
  }

  addKey(job: PartitionJob, file: PhysicalFile, key: KeyDef): void {
    this.files.setKeys(file, [...file.keys, key]);
    if (key.kind === 'primary' || key.kind === 'unique') this.depositFile(job, file, 'AC');
  }

  removeKey(job: PartitionJob, file: PhysicalFile, name: string): void {
    const key = file.keys.find((k) => k.name === name);
    if (!key) return;
    this.files.setKeys(
      file,
      file.keys.filter((k) => k !== key),
    );
    if (key.kind === 'primary' || key.kind === 'unique') this.depositFile(job, file, 'DC');
  }

  drop(job: PartitionJob, file: PhysicalFile): void {
    this.files.checkIdle(file);
    for (const member of file.members) this.depositMember(job, member, 'MD');
    this.depositFile(job, file, 'DT');
    this.files.drop(file);
  }

  /** RNMOBJ and MOVOBJ. The entry has the old name as its object and the new one as its data. */
  rename(job: PartitionJob, file: PhysicalFile, library: string, name: string, longName?: string): void {
    const moved = library !== file.library;
    const { journal } = file;
    const object = file.objectId();
    const members = file.members.map((m) => ({ member: m, object: m.objectId }));
    this.files.rename(file, library, name, longName);
    if (!journal) return;
    const origin = job.origin(journal);
    const data = ebcdicNames(name, library);
    journal.deposit({ code: 'D', type: moved ? 'FM' : 'FN', object, origin, data });
    for (const m of members) {
      const type = moved ? 'MM' : 'MN';
      journal.deposit({ code: 'F', type, object: m.object, origin, data: ebcdicNames(name, library, m.member.name) });
    }
  }

  addMember(job: PartitionJob, file: PhysicalFile, name: string): Member {
    const member = this.files.addMember(file, name);
    this.depositFile(job, file, 'MA');
    this.depositMember(job, member, 'MC');
    if (file.journal) this.depositMember(job, member, 'JM');
    return member;
  }

  removeMember(job: PartitionJob, member: Member): void {
    this.files.checkIdle(member.file, member);
    this.depositMember(job, member, 'MD');
    this.files.removeMember(member);
  }

  renameMember(job: PartitionJob, member: Member, name: string): void {
    this.depositMember(job, member, 'MN', ebcdicNames(member.file.name, member.file.library, name));
    this.files.nameMember(member, name);
  }

  clear(job: PartitionJob, member: Member): number {
    const count = this.files.clear(member);
    this.depositMember(job, member, 'CR', null, count);
    return count;
  }

  /** INZPFM RECORDS(*DFT): records of defaults, without an entry for each. */
  initialize(job: PartitionJob, member: Member, count: number): void {
    const { file } = member;
    const context = {
      now: this.kernel.now(),
      user: job.currentUser,
      nextIdentity: () => this.files.takeIdentity(file),
    };
    for (let i = 0; i < count; i++) {
      const rrn = member.nextRrn;
      member.rows.insert(rrn, newRow(file, [], context));
      member.rowAdded(rrn, context.now);
    }
    this.depositMember(job, member, 'IZ', null, count);
  }

  /** Plain: one F RG. ALWCANCEL(*YES): the tail moves into deleted slots, one DL and one PX for each record. */
  reorganize(job: PartitionJob, member: Member, allowCancel: boolean): void {
    if (allowCancel) this.moveTail(job, member);
    const count = this.files.reorganize(member);
    this.depositMember(job, member, 'RG', null, count);
  }

  private moveTail(job: PartitionJob, member: Member): void {
    this.files.checkIdle(member.file, member);
    const { file } = member;
    const gaps = member.rows.freeSlots(member.nextRrn).reverse();
    for (const to of gaps) {
      const from = member.rows.lastRrn();
      if (from <= to) break;
      const row = member.rows.get(from)!;
      member.rows.delete(from);
      member.rows.insert(to, row);
      if (!file.journal) continue;
      const origin = job.origin(file.journal);
      depositRow(member, deleteEntry(file, { rrn: from, row }, keepsBefore(file, false), {}), 0, 0, origin);
      depositRow(member, insertEntry(file, { rrn: to, row }, true, {}), 0, 0, origin);
    }
  }

  /** SAVOBJ of a file: a copy of its records; F MS and D DH. */
  save(job: PartitionJob, file: PhysicalFile): void {
    const { db } = this.kernel;
    const { library, name } = file;
    db.prepare('DELETE FROM saved_row WHERE library = ? AND name = ?').run(library, name);
    const insert = db.prepare('INSERT INTO saved_row VALUES (?,?,?,?,?,?,?)');
    for (const member of file.members)
      for (const row of this.files.allRows(member))
        insert.run(library, name, member.name, row.rrn, row.image, row.nulls, lobSuffix(file.layout, row.values));
    db.prepare(
      'INSERT INTO saved_object VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET saved = excluded.saved, def = excluded.def',
    ).run(library, name, '*FILE', this.kernel.now(), String(file.layout.length));
    this.depositFile(job, file, 'DH');
    for (const member of file.members) this.depositMember(job, member, 'MS');
  }

  /** RSTOBJ over an existing file: its records are those of the save, and no R entry says so. */
  restore(job: PartitionJob, file: PhysicalFile): void {
    const { db } = this.kernel;
    const { library, name } = file;
    const saved = db
      .prepare("SELECT def FROM saved_object WHERE library = ? AND name = ? AND type = '*FILE'")
      .pluck()
      .get(library, name) as string | undefined;
    if (saved !== String(file.layout.length))
      throw new CpfFailure('CPF3780', `Specified file for ${name} in ${library} not found, or of another format.`);
    const read = db.prepare(
      'SELECT rrn, image, nulls, lobs FROM saved_row WHERE library = ? AND name = ? AND member = ?',
    );
    for (const member of file.members) {
      this.files.clear(member);
      for (const row of read.all(library, name, member.name) as SavedRow[]) {
        const lobs = splitLobSuffix(file.layout, row.image, row.lobs);
        member.rows.insert(row.rrn, restoredRow(file, row.image, row.nulls, lobs));
      }
      member.reset(member.rows.lastRrn() + 1);
      this.depositMember(job, member, 'MR');
    }
    this.depositFile(job, file, 'DZ');
  }

  depositMember(job: PartitionJob, member: Member, type: string, data: Buffer | null = null, count = 0): void {
    const { journal } = member.file;
    if (!journal) return;
    journal.deposit({ code: 'F', type, object: member.objectId, origin: job.origin(journal), rrn: count, data });
  }

  depositFile(job: PartitionJob, file: PhysicalFile, type: string): void {
    const { journal } = file;
    if (!journal) return;
    journal.deposit({ code: 'D', type, object: file.objectId(), origin: job.origin(journal) });
  }
}

interface SavedRow {
  readonly rrn: number;
  readonly image: Buffer;
  readonly nulls: string | null;
  readonly lobs: Buffer | null;
}
