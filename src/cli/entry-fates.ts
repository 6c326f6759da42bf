/** What became of journal entries that left no event: which rule filtered them, or whose they were. */
import type { LedgerTable } from '../journal/ledger-table';
import type { QualifiedName } from '../model/position';

export interface EntryFate {
  readonly from: bigint;
  readonly to: bigint;
  readonly fate: string;
}

/** Widest range that is looked at. */
export const MOST_ENTRIES = 10_000n;

/** Fates of `[from, to]` of one receiver, neighbours of one fate together; entries that were never read are left out. */
export function entryFates(
  ledger: LedgerTable,
  journal: QualifiedName,
  receiver: QualifiedName,
  from: bigint,
  to: bigint,
): EntryFate[] {
  const last = to - from < MOST_ENTRIES ? to : from + MOST_ENTRIES - 1n;
  const fates: (number | undefined)[] = new Array(Number(last - from) + 1);
  for (const run of ledger.runs(journal, receiver, from, last)) {
    const start = run.from > from ? run.from : from;
    const end = run.to < last ? run.to : last;
    fates.fill(run.fate, Number(start - from), Number(end - from) + 1);
  }
  const found: EntryFate[] = [];
  for (let at = 0; at < fates.length; ) {
    const fate = fates[at];
    let next = at + 1;
    while (next < fates.length && fates[next] === fate) next++;
    if (fate !== undefined) {
      found.push({ from: from + BigInt(at), to: from + BigInt(next - 1), fate: ledger.nameOf(fate) });
    }
    at = next;
  }
  return found;
}
