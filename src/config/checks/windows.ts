/** What a window cannot do that keeps the keys of its rows alone: it has nothing to compare with, and a delete is its key. */
import type { RuleOptions } from '../../map/options';
import { sameIdentifier } from '../../model/identifiers';
import type { TableConfig } from '../config';
import type { Finding } from '../issue';

type Path = readonly (string | number)[];

/** Errors, each with the reason; none where `remember: row` holds. */
export function windowFindings(table: TableConfig, rule: RuleOptions, path: Path): Finding[] {
  if (table.capture === 'journal' || table.capture.window.remember === 'row') return [];
  return [...comparing(rule), ...deleting(table, rule)].map(([member, seen, why]) => ({
    severity: 'error',
    code: 'CFG_WINDOW_KEY_ONLY',
    path: [...path, ...member],
    at: 'value',
    seen,
    expected: `expected capture.window.remember: row: with key ${why}`,
    suggestion: null,
  }));
}

type Refusal = readonly [member: Path, seen: string, why: string];

function comparing(rule: RuleOptions): Refusal[] {
  const why = 'a window knows no value from before a change';
  const found: Refusal[] = [];
  if (rule.whenChanged !== null) found.push([['whenChanged'], rule.whenChanged.join(', '), why]);
  if (rule.transitions.length > 0) found.push([['transitions'], 'transitions', why]);
  if (rule.payload.is === 'changed') found.push([['payload'], 'changed', why]);
  if (rule.when !== null && looksBack(rule.when)) found.push([['when'], rule.when, why]);
  for (const [name, { value }] of Object.entries(rule.expressions))
    if (looksBack(value)) found.push([['expressions', name], value, why]);
  return found;
}

/** `before.COL` or `changed(COL)`, outside texts. */
function looksBack(expression: string): boolean {
  return /\bbefore\s*\.|\bchanged\s*\(/i.test(expression.replace(/'(?:[^']|'')*'/g, "''"));
}

function deleting(table: TableConfig, rule: RuleOptions): Refusal[] {
  const reports = rule.actions.includes('delete') && (rule.onDelete.is !== 'ignore' || rule.parent !== null);
  if (!reports || table.capture === 'journal' || table.capture.window.deletes === null) return [];
  const key = table.key ?? [];
  const others = (names: readonly string[]): string[] => names.filter((n) => !key.some((k) => sameIdentifier(k, n)));
  const why = `a deleted row is its key alone${table.key === null ? ', and `key` does not say which that is' : ''}`;
  const found: Refusal[] = [];
  if (rule.when !== null) found.push([['when'], rule.when, why]);
  if (rule.event.is === 'discriminator' && others([rule.event.by]).length > 0)
    found.push([['event', 'by'], rule.event.by, why]);
  for (const member of ['traceKey', 'recordUrl'] as const) {
    const text = rule[member];
    if (text !== null && others(namesIn(text)).length > 0) found.push([[member], text, why]);
  }
  if (rule.parent !== null && others(Object.values(rule.parent.key)).length > 0)
    found.push([['parent', 'key'], Object.values(rule.parent.key).join(', '), why]);
  return found;
}

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{\{([^{}]*)\}\}/g)].map((m) => m[1]!.trim());
}
