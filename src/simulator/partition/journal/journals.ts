/** Journals and receiver chains: create, change, detach, save, free, restore, delete. */
import type { QualifiedName } from '../../../model/position';
import type { LocalTimestamp } from '../contract';
import { alreadyExists, CpfFailure, objectInUse } from '../failures';
import { DEFAULT_JOURNAL, type JournalAttributes } from '../files/definitions';
import { ebcdicNames } from '../files/ebcdic';
import type { Kernel } from '../kernel';
import { Journal, type JournalHost } from './journal';
import { nextReceiverName, packName, Receiver, type ReceiverRow } from './receiver';

interface JournalRow {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  readonly attributes: string;
  readonly created: string;
}

/** Where a receiver stands in the chains of its journal. */
interface Link {
  readonly chain: number;
  readonly place: number;
  readonly previous: Receiver | null;
}

/** Sequence numbers of a receiver: `base` plus 1, 2, ... of which `first` is the first it will hold. */
interface SequenceStart {
  readonly base: bigint;
  readonly first: number;
}

const FROM_ONE: SequenceStart = { base: 0n, first: 1 };

function startAt(sequence: bigint): SequenceStart {
  return { base: sequence - 1n, first: 1 };
}

interface ChangeReceiver {
  /** A receiver that exists, or null to generate one (*GEN). */
  readonly receiver?: Receiver | null;
  readonly reset?: boolean;
  readonly origin: number;
  /** First sequence number of the new receiver; for chains that start near the maximum. */
  readonly firstSequence?: bigint;
  /** Start a new chain: the receivers do not link (as after a restore of the journal). */
  readonly newChain?: boolean;
}

export class Journals {
  readonly list: Journal[] = [];
  readonly receivers: Receiver[] = [];

  constructor(
    private readonly kernel: Kernel,
    private readonly host: JournalHost,
  ) {}

  load(): void {
    const { db, entries } = this.kernel;
    for (const row of db.prepare('SELECT * FROM journal ORDER BY id').all() as JournalRow[]) {
      const journal = new Journal(row.id, row.library, row.name, row.created, this.host);
      journal.attributes = { ...DEFAULT_JOURNAL, ...(JSON.parse(row.attributes) as JournalAttributes) };
      this.list.push(journal);
    }
    const rows = db.prepare('SELECT * FROM receiver WHERE deleted = 0 ORDER BY attached, id').all();
    for (const row of rows as LoadedReceiver[]) {
      const journal = this.list.find((j) => j.id === row.journal) ?? null;
      const receiver = new Receiver(row, { journal });
      const kept = { first: row.first_seq ?? 0, last: row.last_seq ?? 0 };
      const measured = entries.measure(receiver.entryBase);
      applyMeasure(receiver, receiver.status === 'FREED' ? { ...measured, ...kept } : measured);
      this.receivers.push(receiver);
      if (!journal) continue;
      journal.receivers.push(receiver);
      if (receiver.status === 'ATTACHED') journal.attachedReceiver = receiver;
    }
  }

  find(library: string, name: string): Journal | null {
    return this.list.find((j) => j.name === name && j.library === library) ?? null;
  }

  receiver(library: string, name: string): Receiver | null {
    return this.receivers.find((r) => r.name === name && r.library === library) ?? null;
  }

  /** CRTJRNRCV. @throws CpfFailure CPF7010 when it is there already */
  createReceiver(library: string, name: string, threshold = 0): Receiver {
    if (this.receiver(library, name)) throw alreadyExists(library, name, '*JRNRCV');
    const id = this.insertReceiver(library, name, threshold);
    const row: ReceiverRow = {
      id,
      library,
      name,
      chain: 0,
      place: 0,
      status: 'EMPTY',
      base: '0',
      attached: null,
      detached: null,
      saved: null,
      saved_last: null,
      previous: null,
      next: null,
      threshold,
    };
    const receiver = new Receiver(row, { journal: null });
    this.receivers.push(receiver);
    return receiver;
  }

  private insertReceiver(library: string, name: string, threshold: number): number {
    const { lastInsertRowid } = this.kernel.db
      .prepare(
        `INSERT INTO receiver (library, name, chain, place, status, base, threshold) VALUES (?, ?, 0, 0, 'EMPTY', '0', ?)`,
      )
      .run(library, name, threshold);
    return Number(lastInsertRowid);
  }

  /** A remote journal: no receiver yet, no entry ever of its own. */
  createRemote({ library, name }: QualifiedName, attributes: JournalAttributes): Journal {
    if (this.find(library, name)) throw alreadyExists(library, name, '*JRN');
    return this.enter(library, name, attributes);
  }

  /** The copy of a receiver becomes the one that is filled. */
  attachCopy(
    journal: Journal,
    receiver: Receiver,
    o: { chain: number; place: number; attached: LocalTimestamp | null; previous: Receiver | null },
  ): void {
    const { base } = receiver;
    this.attach(journal, receiver, o, { base, first: 0 });
    receiver.attached = o.attached;
    this.store(receiver);
  }

  private enter(library: string, name: string, attributes: JournalAttributes): Journal {
    const created = this.kernel.now();
    const { lastInsertRowid } = this.kernel.db
      .prepare('INSERT INTO journal (library, name, attributes, created) VALUES (?, ?, ?, ?)')
      .run(library, name, JSON.stringify(attributes), created);
    const journal = new Journal(Number(lastInsertRowid), library, name, created, this.host);
    journal.attributes = attributes;
    this.list.push(journal);
    return journal;
  }

  /** CRTJRN: attaches the receiver, whose first entry is J PR. */
  create(
    library: string,
    name: string,
    receiver: Receiver,
    attributes: Partial<JournalAttributes>,
    o: { readonly origin: number; readonly firstSequence?: bigint; readonly withoutEntry?: boolean },
  ): Journal {
    if (this.find(library, name)) throw alreadyExists(library, name, '*JRN');
    if (receiver.status !== 'EMPTY') throw receiverUsed(receiver);
    const journal = this.enter(library, name, { ...DEFAULT_JOURNAL, ...attributes });
    const start = o.firstSequence === undefined ? FROM_ONE : startAt(o.firstSequence);
    this.attach(journal, receiver, { chain: 1, place: 1, previous: null }, start);
    if (!o.withoutEntry) this.depositNames(receiver, 'PR', null, o.origin);
    return journal;
  }

  changeAttributes(journal: Journal, change: Partial<JournalAttributes>): void {
    if (change.cache === false) journal.flush();
    journal.attributes = { ...journal.attributes, ...change };
    this.kernel.db
      .prepare('UPDATE journal SET attributes = ? WHERE id = ?')
      .run(JSON.stringify(journal.attributes), journal.id);
  }

  /** CHGJRN JRNRCV(...): J NR closes the old receiver, J PR opens the new one. */
  changeReceiver(journal: Journal, change: ChangeReceiver): Receiver {
    if (change.reset && journal.openCycles.size > 0)
      throw new CpfFailure(
        'CPF7018',
        `Sequence number of journal ${journal.name} in ${journal.library} not reset; commit cycles are active.`,
      );
    const old = journal.attachedReceiver;
    const next = change.receiver ?? this.generate(old);
    if (next.status !== 'EMPTY') throw receiverUsed(next);
    journal.flush();
    const linked = !change.newChain;
    this.depositNames(old, 'NR', next, change.origin);
    old.status = 'ONLINE';
    old.detached = this.kernel.now();
    if (linked) old.nextName = { library: next.library, name: next.name };
    const going = change.reset || !linked ? FROM_ONE : { base: old.base, first: old.lastSeq + 1 };
    const start = change.firstSequence === undefined ? going : startAt(change.firstSequence);
    const link = linked
      ? { chain: old.chain, place: old.place + 1, previous: old }
      : { chain: old.chain + 1, place: 1, previous: null };
    this.attach(journal, next, link, start);
    this.depositNames(next, 'PR', linked ? old : null, change.origin);
    this.store(old);
    if (journal.attributes.deleteReceivers) this.deleteUnneeded(journal, change.origin);
    return next;
  }

  private generate(old: Receiver): Receiver {
    let name = nextReceiverName(old.name);
    while (this.receiver(old.library, name)) name = nextReceiverName(name);
    return this.createReceiver(old.library, name, old.threshold);
  }

  private attach(journal: Journal, receiver: Receiver, { chain, place, previous }: Link, start: SequenceStart): void {
    receiver.owner.journal = journal;
    receiver.status = 'ATTACHED';
    receiver.attached = this.kernel.now();
    receiver.chain = chain;
    receiver.place = place;
    receiver.previousName = previous ? { library: previous.library, name: previous.name } : null;
    receiver.base = start.base;
    receiver.firstSeq = start.first;
    journal.receivers.push(receiver);
    journal.attachedReceiver = receiver;
    this.store(receiver);
  }

  private depositNames(receiver: Receiver, type: 'PR' | 'NR', other: QualifiedName | null, origin: number): void {
    const data = ebcdicNames(other?.name ?? '', other?.library ?? '', '', '');
    receiver.journal?.deposit({ code: 'J', type, origin, data });
  }

  /** DLTRCV(*YES): the system deletes detached receivers it no longer needs itself; it knows nothing of readers. */
  private deleteUnneeded(journal: Journal, origin: number): void {
    for (const receiver of [...journal.receivers])
      if (receiver.status !== 'ATTACHED' && journal.openCyclesIn(receiver) === 0) this.deleteReceiver(receiver, origin);
  }

  /** DLTJRNRCV. A gap in the chain is the operator's business. @throws CpfFailure CPF7021 while attached */
  deleteReceiver(receiver: Receiver, origin: number): void {
    if (receiver.status === 'ATTACHED')
      throw new CpfFailure(
        'CPF7021',
        `Receiver ${receiver.name} in ${receiver.library} is attached and cannot be deleted.`,
      );
    const journal = this.list.find((j) => j === receiver.owner.journal);
    this.kernel.entries.remove(receiver.entryBase);
    this.kernel.db.prepare('UPDATE receiver SET deleted = 1 WHERE id = ?').run(receiver.id);
    remove(this.receivers, receiver);
    if (!journal) return;
    remove(journal.receivers, receiver);
    if (journal.attachedReceiver !== receiver)
      journal.deposit({
        code: 'J',
        type: 'RD',
        origin,
        object: this.objectOf(receiver),
        data: ebcdicNames(receiver.name, receiver.library),
      });
  }

  /** DLTJRN; its receivers stay. */
  delete(journal: Journal): void {
    if (journal.files.length > 0) throw objectInUse(journal.library, journal.name);
    const { attachedReceiver } = journal;
    attachedReceiver.status = 'ONLINE';
    attachedReceiver.detached = this.kernel.now();
    remove(this.list, journal);
    for (const receiver of journal.receivers) {
      receiver.owner.journal = null;
      this.store(receiver);
    }
    this.kernel.db.prepare('DELETE FROM journal WHERE id = ?').run(journal.id);
  }

  objectOf(receiver: Receiver): number {
    const { library, name } = receiver;
    return this.kernel.entries.objectId({
      library,
      name,
      member: '',
      objectType: '*JRNRCV',
      fileType: '',
      journalIdentifier: null,
    });
  }

  store(r: Receiver): void {
    this.kernel.db
      .prepare(
        `UPDATE receiver SET journal = ?, chain = ?, place = ?, status = ?, base = ?, attached = ?, detached = ?, saved = ?,
         saved_last = ?, previous = ?, next = ?, threshold = ?, first_seq = ?, last_seq = ? WHERE id = ?`,
      )
      .run(
        r.owner.journal?.id ?? null,
        r.chain,
        r.place,
        r.status,
        r.base.toString(),
        r.attached,
        r.detached,
        r.saved,
        r.savedLast,
        packName(r.previousName),
        packName(r.nextName),
        r.threshold,
        r.firstSeq,
        r.lastSeq,
        r.id,
      );
  }
}

type LoadedReceiver = ReceiverRow & {
  readonly journal: number | null;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
};

export function applyMeasure(
  receiver: Receiver,
  m: { first: number; last: number; count: number; bytes: number; maxData: number; maxNulls: number },
): void {
  receiver.firstSeq = m.first;
  receiver.lastSeq = m.last;
  receiver.count = m.count;
  receiver.size = m.bytes;
  receiver.maxDataLength = m.maxData;
  receiver.maxNullIndicators = m.maxNulls;
}

function receiverUsed(receiver: Receiver): CpfFailure {
  return new CpfFailure(
    'CPF7011',
    `Receiver ${receiver.name} in ${receiver.library} was attached before and cannot be used.`,
  );
}

export function unavailable(receiver: Receiver): CpfFailure {
  return new CpfFailure('CPF7022', `Receiver ${receiver.name} in ${receiver.library} not available: storage freed.`);
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
