/** The ledger of one journal being filled: entries are noted as read, settled when their fate is known, flushed with the unit. */
import type { QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import { type LedgerRun, LedgerStretch } from './ledger';
import type { LedgerTable } from './table';

export class LedgerWriter {
  private readonly stretch: LedgerStretch;
  /** Slots are counted over all stretches, so that a slot of a written one is recognised. */
  private base = 0;
  private restated = new Map<string, { receiver: QualifiedName; runs: { fate: number; from: bigint; to: bigint }[] }>();
  private restatedRuns = 0;

  constructor(
    private readonly journal: QualifiedName,
    private readonly table: LedgerTable,
    receiver: QualifiedName,
  ) {
    this.stretch = new LedgerStretch(receiver);
  }

  get pending(): number {
    return this.stretch.count + this.restatedRuns;
  }
  /** Flush before noting more. */
  get full(): boolean {
    return this.stretch.full;
  }

  note(entry: BlockEntry, fate: number): void {
    entry.slot = this.base + this.stretch.note(entry.sequence, fate);
  }

  noteSpan(from: bigint, to: bigint, fate: number): void {
    this.stretch.noteSpan(from, to, fate);
  }

  /** Changes the fate of an entry, also of one whose stretch is written already. */
  settle(entry: BlockEntry, fate: number): void {
    if (entry.slot >= this.base) {
      this.stretch.set(entry.slot - this.base, fate);
      return;
    }
    const key = `${entry.receiver.library}/${entry.receiver.name}`;
    const late = this.restated.get(key) ?? { receiver: entry.receiver, runs: [] };
    this.restated.set(key, late);
    const last = late.runs.at(-1);
    if (last && last.fate === fate && last.to + 1n === entry.sequence) last.to = entry.sequence;
    else if (last && last.fate !== fate && last.from === entry.sequence && last.to === entry.sequence) last.fate = fate;
    else {
      late.runs.push({ fate, from: entry.sequence, to: entry.sequence });
      this.restatedRuns++;
    }
  }

  /** A stretch of another receiver than the one being read, such as one that is skipped. */
  restate(receiver: QualifiedName, fate: number, from: bigint, to: bigint): void {
    if (to < from) return;
    const key = `${receiver.library}/${receiver.name}`;
    const late = this.restated.get(key) ?? { receiver, runs: [] };
    this.restated.set(key, late);
    late.runs.push({ fate, from, to });
    this.restatedRuns++;
  }

  settleAs(entry: BlockEntry, fate: 'filtered' | 'quarantined', detail: string): void {
    this.settle(entry, this.table.fateOf(fate, detail));
  }

  /** Writes what is pending; call inside the unit's transaction. */
  flush(nextReceiver: QualifiedName): void {
    this.table.write(this.journal, this.stretch);
    for (const { receiver, runs } of this.restated.values())
      for (const ascending of ascendingParts(runs)) this.table.writeRuns(this.journal, receiver, ascending);
    this.restated = new Map();
    this.restatedRuns = 0;
    this.base += this.stretch.count;
    this.stretch.restart(nextReceiver);
  }
}

/** Cycles overlap, so late runs may step back; packing needs them ascending. */
function* ascendingParts(runs: readonly LedgerRun[]): Iterable<LedgerRun[]> {
  let part: LedgerRun[] = [];
  for (const run of runs) {
    const last = part.at(-1);
    if (last && (run.from <= last.to || part.length >= 4096)) {
      yield part;
      part = [];
    }
    part.push(run);
  }
  if (part.length > 0) yield part;
}
