/** What became of journal entries that left no event: which rule filtered them, or whose they were. */
import { FATE } from '../journal/ledger/ledger';
import type { LedgerTable } from '../journal/ledger/table';
import type { Position, QualifiedName } from '../model/position';

interface EntryFate {
  readonly from: bigint;
  readonly to: bigint;
  readonly fate: string;
}

/** Widest range that is looked at. */
const MOST_ENTRIES = 10_000n;

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

/** How often each fate occurs among the newest entries of a receiver, oftenest first; foreign entries and steering ones left out. */
export function newestFates(
  ledger: LedgerTable,
  journal: QualifiedName,
  upTo: Position,
  entries: bigint,
): { readonly fate: string; readonly entries: bigint }[] {
  const counts = new Map<number, bigint>();
  const from = upTo.sequence > entries ? upTo.sequence - entries + 1n : 0n;
  for (const runs of ledger.newestStretches(journal, upTo.receiver, from, upTo.sequence)) {
    for (const run of runs) {
      if (ASIDE.has(run.fate)) continue;
      const first = run.from > from ? run.from : from;
      const last = run.to < upTo.sequence ? run.to : upTo.sequence;
      counts.set(run.fate, (counts.get(run.fate) ?? 0n) + (last - first + 1n));
    }
  }
  return [...counts]
    .map(([fate, n]) => ({ fate: ledger.nameOf(fate), entries: n }))
    .sort((a, b) => (a.entries < b.entries ? 1 : a.entries > b.entries ? -1 : 0));
}

const ASIDE: ReadonlySet<number> = new Set([FATE.control, FATE.notOurs, FATE.notOursByServer, FATE.partner]);
