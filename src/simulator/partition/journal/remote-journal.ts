/**
 * A remote journal: the system keeps a copy of a journal's receivers on a second partition, under the same names and sequence
 * numbers. Files stay where they are. Delivery is asynchronous: what `deliver` has not brought yet is not there.
 */
import type { QualifiedName } from '../../../model/position';
import type { EntryObject, LocalTimestamp } from '../contract';
import { alreadyExists, objectNotFound } from '../failures';
import { DEFAULT_JOURNAL, type RemoteType } from '../files/definitions';
import type { Partition } from '../partition';
import type { Journal } from './journal';
import type { StoredEntry } from './journal-entries';
import type { Receiver } from './receiver';

interface RemoteJournalOptions {
  /** On the source. */
  readonly journal: QualifiedName;
  /** On the target; default the same name. */
  readonly remote?: QualifiedName;
  readonly type?: RemoteType;
  /** Library of the receivers on the target; default that of the source's. */
  readonly receiverLibrary?: string;
}

const CHUNK = 500;

export class RemoteJournal {
  private journal: Journal | null;
  private timer: NodeJS.Timeout | null = null;

  private constructor(
    private readonly source: Partition,
    private readonly target: Partition,
    private readonly sourceJournal: Journal,
    private readonly options: RemoteJournalOptions,
  ) {
    const { library, name } = options.remote ?? options.journal;
    const there = target.journal(library, name);
    if (there && !there.attributes.remote) throw alreadyExists(library, name, '*JRN');
    this.journal = there;
  }

  /**
   * ADDRMTJRN and CHGRMTJRN JRNSTATE(*ACTIVE): from the oldest receiver of the attached one's chain, or from where a copy
   * that is there already ends. @throws CpfFailure
   */
  static add(source: Partition, target: Partition, options: RemoteJournalOptions): RemoteJournal {
    const { library, name } = options.journal;
    const journal = source.journal(library, name);
    if (!journal) throw objectNotFound(library, name);
    const remote = new RemoteJournal(source, target, journal, options);
    remote.deliver();
    return remote;
  }

  /** Every `everyMs` brings what is at least `lagMs` old. Stop it before the partitions. */
  keepDelivering(lagMs: number, everyMs = 20): void {
    this.stop();
    this.timer = setInterval(() => this.deliver(lagMs), everyMs);
    this.timer.unref();
  }

  /** CHGRMTJRN JRNSTATE(*INACTIVE). */
  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** Brings the entries that are at least `lagMs` old. @returns how many there were */
  deliver(lagMs = 0): number {
    const until = lagMs > 0 ? earlier(this.source.now(), lagMs) : null;
    return this.target.transaction(() => {
      const chain = this.sourceJournal.receivers.filter((r) => r.chain === this.sourceJournal.attachedReceiver.chain);
      let brought = 0;
      for (const receiver of chain) {
        if (!receiver.readable) continue;
        const copy = this.copyOf(receiver);
        const { count, whole } = this.fill(copy, receiver, until);
        brought += count;
        if (!whole || receiver.status === 'ATTACHED') break;
        this.detach(copy, receiver);
      }
      return brought;
    });
  }

  private copyOf(receiver: Receiver): Receiver {
    const { journalStore } = this.target;
    const library = this.options.receiverLibrary ?? receiver.library;
    const known = journalStore.receiver(library, receiver.name);
    if (known) return known;
    const copy = journalStore.createReceiver(library, receiver.name, receiver.threshold);
    copy.base = receiver.base;
    const previous = this.journal?.receivers.at(-1) ?? null;
    const { chain, place, attached } = receiver;
    const { remote = this.options.journal, type = '*TYPE1' } = this.options;
    if (this.journal === null) {
      const attributes = {
        ...DEFAULT_JOURNAL,
        ...this.sourceJournal.attributes,
        manageReceivers: '*USER',
        deleteReceivers: false,
        remote: { type, system: this.source.systemName, ...this.options.journal },
      } as const;
      this.journal = journalStore.createRemote(remote, attributes);
    }
    journalStore.attachCopy(this.journal, copy, { chain, place, attached, previous });
    return copy;
  }

  /** Entries behind those that are there, in order. */
  private fill(copy: Receiver, receiver: Receiver, until: LocalTimestamp | null): { count: number; whole: boolean } {
    const source = this.source.kernel.entries;
    const last = receiver.readableSeq;
    let count = 0;
    for (;;) {
      const chunk = source.scan(receiver.entryBase, copy.lastSeq + 1, last, { internal: true, dependent: true }, CHUNK);
      for (const entry of chunk) {
        if (until !== null && entry[1] > until) return { count, whole: false };
        this.append(copy, entry);
        count++;
      }
      if (chunk.length < CHUNK) return { count, whole: copy.lastSeq >= last };
    }
  }

  private append(copy: Receiver, stored: StoredEntry): void {
    const [seq, ts, code, type, object, rrn, ccid, nest, flag, flags, origin, nulls, data] = stored;
    const from = this.source.kernel.entries;
    const to = this.target.kernel.entries;
    to.append(copy.entryBase, seq, ts, {
      code,
      type,
      object: object === 0 ? 0 : to.objectId(withoutId(from.object(object))),
      rrn,
      ccid,
      nest,
      flag,
      flags,
      origin: to.originId(from.origin(origin)),
      nulls,
      data,
    });
    copy.account(seq, data?.length ?? 0, nulls?.length ?? 0);
  }

  private detach(copy: Receiver, receiver: Receiver): void {
    if (copy.status !== 'ATTACHED') return;
    copy.status = 'ONLINE';
    copy.detached = receiver.detached;
    copy.nextName = receiver.nextName && { library: copy.library, name: receiver.nextName.name };
    this.target.journalStore.store(copy);
  }
}

function withoutId({ library, name, member, objectType, fileType, journalIdentifier }: EntryObject) {
  return { library, name, member, objectType, fileType, journalIdentifier };
}

function earlier(now: LocalTimestamp, ms: number): LocalTimestamp {
  return `${new Date(Date.parse(`${now.slice(0, 23)}Z`) - ms).toISOString().slice(0, 23)}999`;
}
