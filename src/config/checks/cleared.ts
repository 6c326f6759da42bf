/** What `cleared: delete` needs: to know which keys were sent, and the lane they were sent in. */
import type { TableConfig } from '../config';
import type { Finding } from '../issue';
import type { TablePaths } from './table-paths';

/** Errors, each with the reason. */
export function clearedFindings(table: TableConfig, paths: TablePaths): Finding[] {
  if (table.cleared !== 'delete' || table.capture !== 'journal') return [];
  const findings: Finding[] = [];
  const refuse = (path: readonly (string | number)[], seen: string, expected: string): void => {
    const code = 'CFG_CLEARED_DELETE';
    findings.push({ severity: 'error', code, path, at: 'value', seen, expected, suggestion: null });
  };
  if (!table.remember) {
    const expected = 'expected remember: true: cleared: delete needs the keys that are remembered as sent';
    refuse([...paths.table, 'remember'], 'false', expected);
  }
  const key = new Set(table.key ?? []);
  for (const [i, rule] of table.rules.entries()) {
    if (rule.traceKey === null || rule.onDelete.is === 'ignore' || table.key === null) continue;
    const names = [...rule.traceKey.matchAll(/\{\{([^{}]*)\}\}/g)].map((m) => m[1]!.trim().toUpperCase());
    if (names.every((name) => key.has(name))) continue;
    const expected =
      'expected key columns alone: of a cleared row nothing but its key is known, so its delete would leave in another lane';
    refuse([...paths.rules[i]!, 'traceKey'], rule.traceKey, expected);
  }
  return findings;
}
