/** Which table a row belongs to, where no foreign key says it: by the names of key columns, borne out by the values. */
import type { TableFacts } from '../catalog/table-facts';
import type { KeyedTable } from '../catalog/words';
import { quotedName } from '../model/identifiers';
import { formatName, type QualifiedName } from '../model/position';
import { allRows, type SqlConnection } from '../transport/transport';
import { entityOf } from './hints';
import { CLAIM, grouped, type ParentProposal, percent } from './model';
import { someValues } from './tables';
import type { ColumnTally } from './tally';

/** Values of the first key column that are asked for in the parent. */
const ASKED = 50;

/** Fewest of them that bear a parent out. */
const LEAST = 5;

interface ParentCandidate {
  readonly parent: QualifiedName;
  /** SQL names of the child's columns by the parent's key columns, in key order. */
  readonly key: readonly (readonly [parent: string, child: string])[];
}

/** Tables whose whole key begins the key of this one, the longest key first. */
export function parentCandidates(facts: TableFacts, keyed: readonly KeyedTable[]): ParentCandidate[] {
  const own = facts.key?.columns ?? [];
  const candidates: ParentCandidate[] = [];
  for (const { file, key } of keyed) {
    if (formatName(file) === formatName(facts.file) || key.length === 0 || key.length >= own.length) continue;
    const pairs = key.map((parent, i): [string, string] | null => {
      const child = facts.columns.find((c) => c.format.name === own[i])!;
      return [child.format.name, child.systemName].some((name) => alike(name, parent))
        ? [parent, child.format.name]
        : null;
    });
    if (pairs.every((p): p is [string, string] => p !== null)) candidates.push({ parent: file, key: pairs });
  }
  return candidates.sort((a, b) => b.key.length - a.key.length);
}

/** The same name, or the same but for the two letters that each file of that time puts before its fields. */
function alike(a: string, b: string): boolean {
  return a === b || (a.length >= 5 && a.length === b.length && a.slice(2) === b.slice(2));
}

/** @returns null when fewer of the values are there than a claim needs */
export async function parentOf(
  connection: SqlConnection,
  { parent, key }: ParentCandidate,
  tallies: readonly ColumnTally[],
): Promise<ParentProposal | null> {
  const [first, child] = key[0]!;
  const tally = tallies.find((t) => t.column.format.name === child);
  const values = tally ? someValues(tally, ASKED) : [];
  if (values.length < LEAST) return null;
  const result = await connection.query(
    `SELECT COUNT(DISTINCT ${quotedName(first)}) FROM ${quotedName(parent.library)}.${quotedName(parent.name)}
 WHERE ${quotedName(first)} IN (${values.map(() => '?').join(', ')})`,
    values,
  );
  const found = Number((await allRows(result))[0]?.[0] ?? 0);
  if (found / values.length < CLAIM) return null;
  return {
    table: formatName(parent),
    event: entityOf('', parent.name),
    key: Object.fromEntries(key),
    source: 'names and values',
    share: found / values.length,
    evidence: `the key of ${formatName(parent)} begins the key of this table, and ${percent(found, values.length)} of ${grouped(values.length)} values are there`,
  };
}
