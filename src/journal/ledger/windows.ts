/**
 * Where in a receiver changes of ours stand, by the ledger: windows that begin at an entry that was really seen, so that
 * the partition can be asked for them again. For looking back; the reader itself never needs it.
 */
import type { QualifiedName } from '../../model/position';
import { DETAIL_BASE, FATE, type LedgerRun } from './ledger';
import type { LedgerTable } from './table';

interface LedgerWindow {
  readonly from: bigint;
  readonly to: bigint;
}

/** Sequence numbers of one window, about. */
const SPAN = 10_000n;
/** More numbers than these without a change of ours are not read. */
const GAP = 2_000n;

const OURS: ReadonlySet<number> = new Set([FATE.published, FATE.held, FATE.rolledBack, FATE.partner, FATE.lost]);

/**
 * Windows inside `[from, to]`, newest first, until `budget` numbers are covered.
 * @returns `rest`: before this number something of ours was left out; null when nothing was
 */
export function ledgerWindows(
  ledger: LedgerTable,
  journal: QualifiedName,
  receiver: QualifiedName,
  range: { readonly from: bigint; readonly to: bigint },
  budget: bigint,
): { readonly windows: readonly LedgerWindow[]; readonly rest: bigint | null } {
  const ours: LedgerRun[] = [];
  let held = 0n;
  let cut = false;
  for (const runs of ledger.newestStretches(journal, receiver, range.from, range.to)) {
    if (held > budget) {
      cut = true;
      break;
    }
    for (const run of runs) {
      if (run.fate < DETAIL_BASE && !OURS.has(run.fate)) continue;
      ours.push(clipped(run, range));
      held += run.to - run.from + 1n;
    }
  }
  ours.sort((a, b) => (a.from < b.from ? 1 : a.from > b.from ? -1 : 0));
  const { windows, rest } = packed(ours, budget);
  return { windows, rest: rest ?? (cut ? (ours.at(-1)?.from ?? null) : null) };
}

/** @param runs newest first; those of late settled entries may repeat numbers of others */
function packed(runs: readonly LedgerRun[], budget: bigint): { windows: LedgerWindow[]; rest: bigint | null } {
  const windows: { from: bigint; to: bigint }[] = [];
  let left = budget;
  for (const piece of pieces(runs)) {
    const last = windows.at(-1);
    const join = last !== undefined && last.from - piece.to <= GAP && last.to - piece.from < SPAN;
    const cost = (join ? last.from : piece.to + 1n) - piece.from;
    if (cost > left) return { windows, rest: last?.from ?? piece.to };
    left -= cost;
    if (join) last.from = piece.from;
    else windows.push(piece);
  }
  return { windows, rest: null };
}

/** Runs without overlap in parts of at most a span: every number inside a run was seen, so a window may begin there. */
function* pieces(runs: readonly LedgerRun[]): Generator<{ from: bigint; to: bigint }> {
  let before: bigint | null = null;
  for (const run of runs) {
    let to: bigint = before !== null && run.to >= before ? before - 1n : run.to;
    while (to >= run.from) {
      const from: bigint = to - run.from >= SPAN ? to - SPAN + 1n : run.from;
      yield { from, to };
      before = from;
      to = from - 1n;
    }
  }
}

/** The beginning stays: it is what the partition is asked from, and it must be an entry that was seen. */
function clipped(run: LedgerRun, range: { readonly to: bigint }): LedgerRun {
  return run.to > range.to ? { ...run, to: range.to } : run;
}
