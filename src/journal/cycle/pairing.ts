/**
 * Record entries to row changes: after images find their before images by file, member, record number and commit
 * cycle. Concurrent jobs interleave, so neither the table nor the previous entry is enough.
 *
 * BR/UR/DR are written by a rollback, of a savepoint or of the whole cycle, in reverse order of what they undo; an
 * undone DELETE is a UR without BR.
 */
import type { Position, QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import { JournalChange } from './journal-change';

/** A before image whose update never came (the program failed in between) may not be kept for ever. */
const MAX_PARKED = 4096;

export class Pairing {
  /** The common case: the after image is the very next entry of ours. */
  private last: BlockEntry | null = null;
  private readonly parked = new Map<string, BlockEntry>();
  /** Before images given up because no after image came. */
  abandoned = 0;

  constructor(private readonly journal: QualifiedName) {}

  /** @returns the change, or null when the entry only announces one (UB, BR) or is none (IL) */
  next(entry: BlockEntry): JournalChange | null {
    switch (entry.kind) {
      case 'RPT':
      case 'RPX':
        return new JournalChange('insert', this.journal, entry, null, false);
      case 'RUB':
      case 'RBR':
        this.park(entry);
        return null;
      case 'RUP':
        return new JournalChange('update', this.journal, entry, this.take(entry), false);
      case 'RDL':
        return new JournalChange('delete', this.journal, entry, null, false);
      case 'RUR': {
        const before = this.take(entry);
        return new JournalChange(before ? 'update' : 'insert', this.journal, entry, before, true);
      }
      case 'RDR':
        return new JournalChange('delete', this.journal, entry, null, true);
      default:
        return null;
    }
  }

  private park(entry: BlockEntry): void {
    if (this.last) this.remember(this.last);
    this.last = entry;
  }

  private remember(entry: BlockEntry): void {
    if (this.parked.size >= MAX_PARKED) {
      this.parked.delete(this.parked.keys().next().value!);
      this.abandoned++;
    }
    this.parked.set(keyOf(entry), entry);
  }

  private take(after: BlockEntry): BlockEntry | null {
    const last = this.last;
    if (last && belong(last, after)) {
      this.last = null;
      return last;
    }
    if (this.parked.size === 0) return null;
    const key = keyOf(after);
    const before = this.parked.get(key) ?? null;
    if (!before || !belong(before, after)) return null;
    this.parked.delete(key);
    return before;
  }

  /** Call before the block's views die. */
  copy(): void {
    if (this.last) this.remember(this.last);
    this.last = null;
    for (const [key, entry] of this.parked) this.parked.set(key, entry.copy());
  }

  /** Forgets before images of a cycle that ended or of a numbering that was reset. */
  clear(): void {
    this.last = null;
    this.parked.clear();
  }

  /** The first entry a restart must read again, among those still waiting; null when none waits. */
  oldest(before: (a: Position, b: Position) => boolean): Position | null {
    let oldest: Position | null = this.last;
    for (const entry of this.parked.values()) if (!oldest || before(entry, oldest)) oldest = entry;
    return oldest;
  }
}

/** UB belongs to UP, BR to UR. */
function belong(before: BlockEntry, after: BlockEntry): boolean {
  return (
    before.ref === after.ref &&
    before.commitCycle === after.commitCycle &&
    before.rrn === after.rrn &&
    (before.kind === 'RBR') === (after.kind === 'RUR')
  );
}

function keyOf(entry: BlockEntry): string {
  const undo = entry.kind === 'RBR' || entry.kind === 'RUR' ? 'r' : 'u';
  return `${undo}${entry.ref.id}:${entry.rrn}:${entry.commitCycle}`;
}
