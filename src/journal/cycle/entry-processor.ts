/**
 * Entries to pending items: pairs images, keeps commit cycles until they end, reports table events, keeps the ledger. Synchronous and free
 * of I/O; the reader feeds it in receiver order.
 */
import type { TableNotice } from '../../model/change';
import { formatName, type Position, type QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import { FATE } from '../ledger/ledger';
import type { LedgerWriter } from '../ledger/writer';
import type { CommitCycles } from './commit-cycles';
import { Pairing } from './pairing';
import { happeningOf, noticeOf } from './table-events';
import type { Effect, Pending } from './unit';

/** What the reader must do before it feeds the next entry. */
export type Demand =
  | { readonly is: 'none' }
  /** Publish what is pending, have the record format of `file` read again, and then feed this entry again: it was not dealt with. */
  | { readonly is: 'relayout'; readonly file: QualifiedName; readonly at: Position }
  /** The journal went on in another receiver; the entry was dealt with. */
  | { readonly is: 'receiver changed' }
  /** The cycle began before our first entry: feed its earlier entries, then this entry again. */
  | { readonly is: 'cycle head'; readonly cycle: bigint };

const NONE: Demand = { is: 'none' };
const RECEIVER_CHANGED: Demand = { is: 'receiver changed' };

/** Entries at or before `read` were dealt with by an earlier run, except those of cycles still open then. */
interface Replay {
  readonly read: Position;
  readonly openCycles: ReadonlySet<bigint>;
}

export class EntryProcessor {
  private pending: Pending[] = [];
  readonly pairing: Pairing;
  private oursCount = 0;
  private seenCount = 0;
  private replay: Replay | null;
  /** Cycles with a number up to this one may have begun before we did; 0 once no such cycle can exist. */
  private headsUpTo: bigint;
  private readonly headsDone = new Set<bigint>();
  /** Files whose format may have changed without an entry: `LIB/FILE`. */
  private readonly stale: Set<string>;
  /** Entry before which a format was read again last. */
  private laidOutAt = '';

  constructor(
    private readonly journal: QualifiedName,
    private readonly cycles: CommitCycles,
    private readonly ledger: LedgerWriter,
    start: {
      readonly replay: Replay | null;
      readonly headsUpTo: bigint;
      readonly stale?: readonly QualifiedName[];
    },
  ) {
    this.pairing = new Pairing(journal);
    this.replay = start.replay;
    this.headsUpTo = start.headsUpTo;
    this.stale = new Set((start.stale ?? []).map(formatName));
  }

  /** Deals with one entry. A demand `cycle head` means that it was not dealt with yet. */
  process(entry: BlockEntry): Demand {
    if (this.replay !== null && this.isReplayed(entry)) return this.reprocess(entry);
    const { kind } = entry;
    switch (kind.charCodeAt(0)) {
      case CODE_R:
        return this.record(entry);
      case CODE_C:
        return this.commitment(entry);
      case CODE_F:
      case CODE_D:
        return this.happening(entry);
      case CODE_J:
        this.seenCount++;
        this.ledger.note(entry, FATE.control);
        return kind === 'JNR' ? RECEIVER_CHANGED : NONE;
      default:
        this.seenCount++;
        this.ledger.note(entry, FATE.notOurs);
        return NONE;
    }
  }

  private record(entry: BlockEntry): Demand {
    const { table } = entry.ref;
    if (table === null) {
      this.seenCount++;
      this.ledger.note(entry, FATE.notOurs);
      return NONE;
    }
    if (this.stale.size > 0 && this.stale.delete(formatName(table.file)))
      return { is: 'relayout', file: table.file, at: { receiver: entry.receiver, sequence: entry.sequence } };
    const cycle = entry.commitCycle;
    const held = cycle !== 0n && !table.uncommitted;
    if (held && this.needsHead(cycle)) return { is: 'cycle head', cycle };
    this.seenCount++;
    this.oursCount++;
    const change = this.pairing.next(entry);
    if (change === null) {
      this.ledger.note(entry, entry.kind === 'RUB' || entry.kind === 'RBR' ? FATE.partner : FATE.noChange);
      return NONE;
    }
    if (held) {
      this.ledger.note(entry, FATE.held);
      this.cycles.add(change, cycle);
    } else {
      this.ledger.note(entry, FATE.published);
      this.pending.push(change);
    }
    return NONE;
  }

  private commitment(entry: BlockEntry): Demand {
    const cycle = entry.commitCycle;
    if (entry.kind === 'CCM') {
      if (this.needsHead(cycle)) return { is: 'cycle head', cycle };
      const committed = this.cycles.commit(cycle);
      if (committed) this.pending.push({ cycle: committed, at: new Commit(entry) });
    } else if (entry.kind === 'CRB') this.drop(cycle);
    this.seenCount++;
    this.ledger.note(entry, FATE.control);
    return NONE;
  }

  private drop(cycle: bigint): void {
    const dropped = this.cycles.rollback(cycle);
    if (!dropped) return;
    for (const item of dropped.items) if ('entry' in item) this.ledger.settle(item.entry, FATE.rolledBack);
    dropped.done();
  }

  private happening(entry: BlockEntry): Demand {
    const { table } = entry.ref;
    const happening = table ? happeningOf(entry.kind) : null;
    // the new format is on record before the notice is: a restart in between must not take the old one for what follows
    if (table && happening?.action === 'relayout' && !this.laidOut(entry))
      return { is: 'relayout', file: table.file, at: { receiver: entry.receiver, sequence: entry.sequence } };
    this.seenCount++;
    if (!table || !happening) {
      this.ledger.note(entry, table ? FATE.noChange : FATE.notOurs);
      return NONE;
    }
    this.oursCount++;
    if (happening.gap === 'opens') this.stale.add(formatName(table.file));
    const notice = noticeOf(this.journal, entry, happening);
    const cycle = entry.commitCycle;
    if (cycle !== 0n && !table.uncommitted) {
      this.ledger.note(entry, FATE.held);
      this.cycles.add(notice, cycle);
    } else {
      this.ledger.note(entry, FATE.notice);
      this.pending.push(notice);
    }
    return NONE;
  }

  /** False the first time it is asked about an entry. */
  private laidOut({ receiver, sequence }: BlockEntry): boolean {
    const at = `${formatName(receiver)}:${sequence}`;
    if (this.laidOutAt === at) return true;
    this.laidOutAt = at;
    return false;
  }

  private needsHead(cycle: bigint): boolean {
    return this.headsUpTo >= cycle && cycle !== 0n && !this.cycles.has(cycle) && !this.headsDone.has(cycle);
  }

  /** Feeds an entry of a cycle's part before our start; the ledger does not know it, since our reading began later. */
  feedHead(entry: BlockEntry): void {
    if (entry.kind.charCodeAt(0) !== CODE_R || entry.ref.table === null || entry.ref.table.uncommitted) return;
    const change = this.pairing.next(entry);
    if (change) {
      change.copy();
      this.cycles.add(change, entry.commitCycle);
    }
  }

  headFed(cycle: bigint): void {
    this.headsDone.add(cycle);
  }

  private isReplayed(entry: BlockEntry): boolean {
    const { read } = this.replay!;
    if (read.receiver.name !== entry.receiver.name || read.receiver.library !== entry.receiver.library) return true;
    if (entry.sequence <= read.sequence) return true;
    this.replay = null;
    return false;
  }

  /** Reading reached a receiver after the checkpoint's: whatever comes is new. */
  endReplay(): void {
    this.replay = null;
  }

  /** What an earlier run read, while its entries come again. */
  get replayed(): Position | null {
    return this.replay?.read ?? null;
  }

  get replaying(): boolean {
    return this.replay !== null;
  }

  /** An entry that an earlier run dealt with: only cycles that were open then, and images that wait, matter. */
  private reprocess(entry: BlockEntry): Demand {
    const code = entry.kind.charCodeAt(0);
    const { table } = entry.ref;
    if ((code !== CODE_R && code !== CODE_F && code !== CODE_D) || table === null) return NONE;
    const open = entry.commitCycle !== 0n && !table.uncommitted && this.replay!.openCycles.has(entry.commitCycle);
    if (code !== CODE_R) {
      const happening = happeningOf(entry.kind);
      if (happening && open) this.cycles.add(noticeOf(this.journal, entry, happening), entry.commitCycle);
      return NONE;
    }
    const change = this.pairing.next(entry);
    if (change && open) this.cycles.add(change, entry.commitCycle);
    return NONE;
  }

  /**
   * The numbering starts again at 1. The system resets it only while no cycle is active, so what is still held was
   * orphaned and never committed.
   */
  numberingReset(): void {
    for (const cycle of this.cycles.openIds()) this.drop(cycle);
    this.pairing.clear();
    this.headsUpTo = 0n;
    this.headsDone.clear();
  }

  /** Copies what would die with the block. */
  copy(): void {
    this.pairing.copy();
    this.cycles.copy();
  }

  /** Entries of captured tables, and all entries: their share decides where filtering is cheaper. */
  get ours(): number {
    return this.oursCount;
  }
  get seen(): number {
    return this.seenCount;
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  /** A notice that no entry reports. */
  announce(notice: TableNotice): void {
    this.pending.push(notice);
  }

  takePending(): Pending[] {
    const { pending } = this;
    this.pending = [];
    return pending;
  }
}

/** Looked at only where it is asked for: capture commits thousands a second and does not. */
class Commit implements Effect {
  constructor(private readonly entry: BlockEntry) {}

  get position(): Position {
    return { receiver: this.entry.receiver, sequence: this.entry.sequence };
  }
  get timestamp(): string {
    return this.entry.timestamp;
  }
}

const CODE_R = 0x52;
const CODE_C = 0x43;
const CODE_F = 0x46;
const CODE_D = 0x44;
const CODE_J = 0x4a;
