/** A journal: depositing entries into its attached receiver, caching, internal entries, the chain's memory. */
import { SqlFailure } from '../../sql-session';
import type { Clock } from '../clock';
import type { FileView, JournalView, LocalTimestamp } from '../contract';
import { DEFAULT_JOURNAL, type JournalAttributes, type ReceiverSizeOption } from '../files/definitions';
import type { Deposit } from './journal-entries';
import { FLAG, type JournalEntries } from './journal-entries';
import type { Receiver } from './receiver';

/** Highest sequence number by RCVSIZOPT. Source: IBM, resetting the sequence number of journal entries. */
const MAX_SEQUENCE: Record<ReceiverSizeOption, bigint> = {
  '*NONE': 2_147_483_136n,
  '*SYSDFT': 9_999_999_999n,
  '*MAXOPT1': 9_999_999_999n,
  '*MAXOPT2': 9_999_999_999n,
  '*MAXOPT3': 18_446_744_073_709_551_600n,
};

/** Below this no limit is reached; spares the exact comparison for each entry. */
const NEVER_FULL = 2_000_000_000;
/** A cache of this many entries is written out by itself. */
const CACHE_ENTRIES = 128;

export interface JournalHost {
  readonly clock: Clock;
  readonly entries: JournalEntries;
  readonly cacheWaitSeconds: number;
  filesOf(journal: Journal): readonly FileView[];
  /** The attached receiver passed its threshold under MNGRCV(*SYSTEM). */
  receiverFull(journal: Journal): void;
}

export class Journal implements JournalView {
  attributes: JournalAttributes = DEFAULT_JOURNAL;
  readonly receivers: Receiver[] = [];
  attachedReceiver!: Receiver;
  /** Start of each open commit cycle: cycle number -> receiver and relative sequence of its SC entry. */
  readonly openCycles = new Map<number, { readonly receiver: Receiver; readonly ccid: number }>();
  private cachedSince: LocalTimestamp | null = null;
  private sinceInternal = 0;
  private changing = false;

  constructor(
    readonly id: number,
    public library: string,
    public name: string,
    readonly created: LocalTimestamp,
    private readonly host: JournalHost,
  ) {}

  get files(): readonly FileView[] {
    return this.host.filesOf(this);
  }

  /** Commit cycles that started in a receiver and are still open. */
  openCyclesIn(receiver: Receiver): number {
    let n = 0;
    for (const cycle of this.openCycles.values()) if (cycle.receiver === receiver) n++;
    return n;
  }

  /**
   * Deposits one entry and returns its sequence number relative to the receiver's base.
   * @throws SqlFailure -904 when the sequence numbers are used up (CPF7003 reason 4) or the journal is inactive
   */
  deposit(d: Deposit): number {
    // what this system does to its copy is noted nowhere: entries come from the source alone
    if (this.attributes.remote) return this.attachedReceiver.lastSeq;
    if (!this.changing && this.isFull(this.attachedReceiver)) this.changeReceiver();
    const receiver = this.attachedReceiver;
    const seq = this.nextSequence(receiver);
    const { clock, entries } = this.host;
    const now = clock.now();
    entries.append(receiver.entryBase, seq, now, {
      code: d.code,
      type: d.type,
      object: d.object ?? 0,
      rrn: d.rrn ?? 0,
      ccid: d.startsCycle ? seq : (d.ccid ?? 0),
      nest: d.nest ?? 0,
      flag: d.flag ?? '0',
      flags: d.flags ?? 0,
      origin: d.origin,
      nulls: d.nulls ?? null,
      data: d.data ?? null,
    });
    receiver.account(seq, d.data?.length ?? 0, d.nulls?.length ?? 0);
    if (this.attributes.cache && d.code !== 'J') this.keepInCache(receiver, seq, now);
    if (this.attributes.internalEvery > 0 && ++this.sinceInternal >= this.attributes.internalEvery)
      this.depositInternal(d.origin);
    return seq;
  }

  private nextSequence(receiver: Receiver): number {
    const seq = receiver.lastSeq === 0 ? Math.max(1, receiver.firstSeq) : receiver.lastSeq + 1;
    if (seq > NEVER_FULL || receiver.base > 0n) this.checkNotExhausted(receiver, seq);
    if (this.attributes.state === '*INACTIVE') throw unusable(this, 'The journal is not active.');
    return seq;
  }

  private checkNotExhausted(receiver: Receiver, seq: number): void {
    if (receiver.base + BigInt(seq) <= MAX_SEQUENCE[this.attributes.receiverSize]) return;
    throw unusable(
      this,
      'CPF7003 Entry not journaled to journal, reason code 4: the maximum sequence number was reached. ' +
        `Use CHGJRN JRN(${this.library}/${this.name}) JRNRCV(*GEN) SEQOPT(*RESET).`,
    );
  }

  private isFull(receiver: Receiver): boolean {
    return (
      receiver.threshold > 0 &&
      receiver.size > receiver.threshold * 1024 &&
      this.attributes.manageReceivers === '*SYSTEM'
    );
  }

  private changeReceiver(): void {
    this.changing = true;
    try {
      this.host.receiverFull(this);
    } finally {
      this.changing = false;
    }
  }

  /** Internal entries use sequence numbers like any other, and are shown only to those who ask. */
  depositInternal(origin: number): void {
    this.sinceInternal = Number.NEGATIVE_INFINITY;
    this.deposit({ code: 'I', type: 'DA', origin, flags: FLAG.internal });
    this.sinceInternal = 0;
  }

  private keepInCache(receiver: Receiver, seq: number, now: LocalTimestamp): void {
    receiver.visibleSeq ??= seq - 1;
    this.cachedSince ??= now;
    if (seq - receiver.visibleSeq >= CACHE_ENTRIES) this.flush();
  }

  /** Writes the cache out: from now on readers see all entries. Commit, close and receiver change do it. */
  flush(): void {
    this.attachedReceiver.visibleSeq = null;
    this.cachedSince = null;
  }

  /** The cache is written out by itself once its oldest entry has waited long enough; readers ask for it here. */
  flushIfDue(): void {
    if (this.cachedSince === null) return;
    const waited =
      Date.parse(`${this.host.clock.now().slice(0, 23)}Z`) - Date.parse(`${this.cachedSince.slice(0, 23)}Z`);
    if (waited >= this.host.cacheWaitSeconds * 1000) this.flush();
  }
}

function unusable(journal: Journal, why: string): SqlFailure {
  const { library, name } = journal;
  return new SqlFailure(-904, '57011', `Resource limit exceeded.`, [name, library], why);
}
