/** Saving, freeing and restoring receivers: the media they are saved to is a table beside the entries. */
import type { QualifiedName } from '../../../model/position';
import { alreadyExists, objectInUse, objectNotFound } from '../failures';
import type { Kernel } from '../kernel';
import { applyMeasure, type Journals, unavailable } from './journals';
import { packName, type Receiver } from './receiver';

const COPY = 'ts, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data';

interface SavedReceiver {
  readonly id: number;
  readonly journal: number | null;
  readonly threshold: number;
  readonly chain: number;
  readonly place: number;
  readonly base: string;
  readonly attached: string | null;
  readonly detached: string | null;
  readonly savedLast: number;
  readonly previous: string | null;
  readonly next: string | null;
  readonly partial: boolean;
}

export class ReceiverMedia {
  constructor(
    private readonly kernel: Kernel,
    private readonly journals: Journals,
  ) {}

  /** SAVOBJ of a receiver: copies its entries; STG(*FREE) then gives up their storage. */
  save(receiver: Receiver, free: boolean, origin: number): void {
    const { db } = this.kernel;
    if (free && receiver.status === 'ATTACHED') throw objectInUse(receiver.library, receiver.name);
    if (receiver.status === 'FREED') throw unavailable(receiver);
    receiver.saved = this.kernel.now();
    receiver.savedLast = receiver.lastSeq;
    db.prepare('DELETE FROM saved_entry WHERE receiver = ?').run(receiver.id);
    db.prepare(
      `INSERT INTO saved_entry (receiver, id, ${COPY}) SELECT ?, id, ${COPY} FROM journal_entry WHERE id BETWEEN ? AND ?`,
    ).run(receiver.id, receiver.entryBase, receiver.entryBase + BigInt(receiver.lastSeq));
    db.prepare(
      'INSERT INTO saved_object VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET saved = excluded.saved, def = excluded.def',
    ).run(receiver.library, receiver.name, '*JRNRCV', receiver.saved, JSON.stringify(this.snapshot(receiver)));
    if (receiver.status !== 'ATTACHED') receiver.status = free ? 'FREED' : 'SAVED';
    if (free) this.kernel.entries.remove(receiver.entryBase);
    this.journals.store(receiver);
    const { journal } = receiver.owner;
    const object = this.journals.objectOf(receiver);
    journal?.deposit({ code: 'J', type: free ? 'RF' : 'RS', origin, object });
  }

  private snapshot(receiver: Receiver): object {
    const { id, journal, threshold, chain, place, base, attached, detached, savedLast, firstSeq } = {
      ...pick(receiver),
      journal: receiver.owner.journal?.id ?? null,
    };
    const previous = packName(receiver.previousName);
    const next = packName(receiver.nextName);
    const partial = receiver.status === 'ATTACHED';
    return {
      id,
      journal,
      threshold,
      chain,
      place,
      base: base.toString(),
      attached,
      detached,
      savedLast,
      firstSeq,
      previous,
      next,
      partial,
    };
  }

  /** RSTOBJ of a receiver: readable again; PARTIAL when the copy was taken while it was attached. */
  restore(library: string, name: string, origin: number): Receiver {
    const { db, entries } = this.kernel;
    const def = db
      .prepare("SELECT def FROM saved_object WHERE library = ? AND name = ? AND type = '*JRNRCV'")
      .pluck()
      .get(library, name) as string | undefined;
    if (!def) throw objectNotFound(library, name);
    const saved = JSON.parse(def) as SavedReceiver;
    const present = this.journals.receiver(library, name);
    if (present && present.status !== 'FREED') throw alreadyExists(library, name, '*JRNRCV');
    const receiver = present ?? this.recreate(library, name, saved);
    db.prepare(
      `INSERT INTO journal_entry (id, ${COPY}) SELECT id - ? + ?, ${COPY} FROM saved_entry WHERE receiver = ?`,
    ).run(BigInt(saved.id) << 44n, receiver.entryBase, saved.id);
    applyMeasure(receiver, entries.measure(receiver.entryBase));
    receiver.status = saved.partial ? 'PARTIAL' : 'SAVED';
    this.journals.store(receiver);
    receiver.owner.journal?.deposit({ code: 'J', type: 'RR', origin, object: this.journals.objectOf(receiver) });
    return receiver;
  }

  private recreate(library: string, name: string, saved: SavedReceiver): Receiver {
    const receiver = this.journals.createReceiver(library, name, saved.threshold);
    const journal = this.journals.list.find((j) => j.id === saved.journal) ?? null;
    const { chain, place, attached, detached } = saved;
    Object.assign(receiver, { chain, place, attached, detached, saved: this.kernel.now(), savedLast: saved.savedLast });
    receiver.base = BigInt(saved.base);
    receiver.previousName = parse(saved.previous);
    receiver.nextName = parse(saved.next);
    receiver.owner.journal = journal;
    if (journal) {
      journal.receivers.push(receiver);
      journal.receivers.sort((a, b) => ((a.attached ?? '') < (b.attached ?? '') ? -1 : 1));
    }
    return receiver;
  }
}

function pick(r: Receiver) {
  const { id, threshold, chain, place, base, attached, detached, savedLast, firstSeq } = r;
  return { id, threshold, chain, place, base, attached, detached, savedLast, firstSeq };
}

function parse(text: string | null): QualifiedName | null {
  if (text === null) return null;
  const [library, name] = text.split('/');
  return { library: library!, name: name! };
}
