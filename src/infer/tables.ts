/** The guesses over a whole table: key, pairs of date and time, the column a window can be read by. */
import type { TableFacts } from '../catalog/table-facts';
import { hints, momentStem } from './hints';
import {
  CLAIM,
  type ColumnProposal,
  type DateGuess,
  grouped,
  type KeyProposal,
  type PairProposal,
  percent,
  type TimeGuess,
  type WindowProposal,
} from './model';
import type { ColumnTally } from './tally';

export function proposeKey(facts: TableFacts, tallies: readonly ColumnTally[]): KeyProposal | null {
  if (facts.key) return facts.key;
  const one = tallies.find(
    (t) =>
      t.rows >= 100 &&
      t.counts.size === t.rows &&
      t.nulls === 0 &&
      /CHAR|DECIMAL|NUMERIC|INT/.test(t.column.format.type),
  );
  return one ? { columns: [one.column.format.name], source: 'sample' } : null;
}

interface Moment<G> {
  readonly column: ColumnProposal;
  readonly guess: G;
  readonly tally: ColumnTally;
}

function moments<K extends 'date' | 'time'>(
  kind: K,
  columns: readonly ColumnProposal[],
  tallies: readonly ColumnTally[],
): Moment<K extends 'date' ? DateGuess : TimeGuess>[] {
  return columns.flatMap((column, i) => {
    const guess = column.guesses.find((g) => g.kind === kind);
    return guess ? [{ column, guess: guess as K extends 'date' ? DateGuess : TimeGuess, tally: tallies[i]! }] : [];
  });
}

/** A time belongs to the date whose name is the same but for the stem: CHGDAT and CHGTIM. */
export function proposePairs(columns: readonly ColumnProposal[], tallies: readonly ColumnTally[]): PairProposal[] {
  const times = moments('time', columns, tallies);
  return moments('date', columns, tallies).flatMap(({ column: date, tally, guess }) => {
    const stem = momentStem(tally.column.systemName);
    const time = times.find((t) => momentStem(t.tally.column.systemName) === stem);
    if (!time || stem === '') return [];
    const share = Math.min(guess.share, time.guess.share);
    return share < CLAIM
      ? []
      : [
          {
            date: date.column,
            time: time.column.column,
            timeForm: time.guess.form,
            share,
            evidence: `${date.column} and ${time.column.column} are named as a pair, ${percent(Math.round(share * 10_000), 10_000)} of them are a date and a time`,
          },
        ];
  });
}

/**
 * What says when a row changed. Its name or label must say so: a date alone may be anything.
 * @param leads SQL names of columns that an index begins with
 */
export function proposeWindow(
  facts: TableFacts,
  columns: readonly ColumnProposal[],
  pairs: readonly PairProposal[],
  tallies: readonly ColumnTally[],
  leads: readonly string[],
): WindowProposal | null {
  const changed = (name: string): boolean => {
    const i = columns.findIndex((c) => c.column === name);
    return hints('changed', { name: tallies[i]!.column.systemName, label: columns[i]!.label });
  };
  const stamp = facts.columns.find((c) => c.format.type === 'TIMESTAMP' && changed(c.format.name));
  if (stamp) {
    const by = [stamp.format.name];
    return {
      by,
      kind: 'timestamp',
      date: null,
      time: null,
      indexed: leads.includes(by[0]!),
      evidence: `${by[0]} is a timestamp named as the moment of a change`,
    };
  }
  const pair = pairs.find((p) => changed(p.date));
  if (pair) {
    const date = columns.find((c) => c.column === pair.date)!.guesses.find((g): g is DateGuess => g.kind === 'date')!;
    return {
      by: [pair.date, pair.time],
      kind: 'legacy',
      date: date.form,
      time: pair.timeForm,
      indexed: leads.includes(pair.date),
      evidence: `${pair.date} and ${pair.time} are named as the moment of a change`,
    };
  }
  const counter = facts.columns.find((c) => c.identity);
  if (!counter) return null;
  const by = [counter.format.name];
  return {
    by,
    kind: 'sequence',
    date: null,
    time: null,
    indexed: leads.includes(by[0]!),
    evidence: `${by[0]} is an identity column: new rows are found by it, changed ones are not`,
  };
}

/** CCSIDs of the text columns, the most frequent first. */
export function usualCcsids(facts: TableFacts): number[] {
  const counts = new Map<number, number>();
  for (const { format } of facts.columns)
    if (format.ccsid !== null && format.ccsid !== 65535 && /CHAR/.test(format.type))
      counts.set(format.ccsid, (counts.get(format.ccsid) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([ccsid]) => ccsid);
}

/** Words about the sample that stand at the head of a proposal. */
export function sampleWords(sampled: number, rows: bigint | null): string {
  return rows === null ? `${grouped(sampled)} rows looked at` : `${grouped(rows)} rows, ${grouped(sampled)} looked at`;
}

/** Values of a column that can be asked for in another table. */
export function someValues(tally: ColumnTally, most: number): string[] {
  const values = [...tally.counts.keys()].filter((v) => v.trim() !== '' && !/^0+$/.test(v));
  const step = Math.max(1, Math.floor(values.length / most));
  return values.filter((_, i) => i % step === 0).slice(0, most);
}
