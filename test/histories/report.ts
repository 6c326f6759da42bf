/** What the histories of a run did, in numbers: one line of JSON for each campaign, added up by scripts/histories.mjs. */
import { appendFileSync } from 'node:fs';
import type { Player } from './player';

export type Counts = Readonly<Record<string, number>>;

/** Committed changes, and what administrators did. */
export function countsOf(players: readonly Player[]): Counts {
  const counts: Record<string, number> = { changes: 0 };
  for (const { oracle, done } of players) {
    counts['changes']! += oracle.committed.length;
    for (const [what, n] of done) {
      const name = what.split(' ')[0]!;
      counts[name] = (counts[name] ?? 0) + n;
    }
  }
  return counts;
}

/** Nothing without HISTORIES_REPORT, the file the lines go to. */
export function report(counts: Counts): void {
  const file = process.env['HISTORIES_REPORT'];
  if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}
