/** The plan as a person reads it: a table of tables, then what each lacks. */
import { pageOf } from '../../errors/codes';
import type { CheckCode } from '../../errors/codes/findings';
import type { Plan } from './plan';

/** @param withColumns a line for each column, too */
export function planText({ tables: plans }: Plan, withColumns: boolean): string {
  const head = ['TABLE', 'STATE', 'CAPTURE', 'JOURNAL', 'IMAGES', 'KEY', 'CCSIDS'];
  const rows = plans.map((p) => [
    p.file === p.table ? p.table : `${p.table} (${p.file})`,
    p.state,
    p.capture,
    p.journal ?? '-',
    p.images ?? '-',
    p.key.length > 0 ? `${p.key.join(', ')} [${p.keySource}]` : '-',
    p.ccsids.join(' '),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, i) => c.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const lines = [line(head), ...rows.map(line)];
  for (const p of plans.filter((plan) => plan.reason !== ''))
    lines.push(`${p.table}: ${p.reason}`, ...p.fixes.map((fix) => `  ${fix}`), ...(p.code ? [see(p.code)] : []));
  for (const p of plans)
    for (const warning of p.warnings) lines.push(`${p.table}: ${warning}`, see('CHECK_COLUMN_HIDDEN'));
  for (const { table, unseen } of plans)
    if (unseen)
      lines.push(
        `${table}: changes not seen: ${unseen.text}; next: ${unseen.next.join('; then ')}`,
        see('CHECK_CHANGES_UNSEEN'),
      );
  if (withColumns)
    for (const p of plans)
      for (const c of p.columns) lines.push(`  ${c.name}  ${c.type}${c.ccsid === null ? '' : `  CCSID ${c.ccsid}`}`);
  const bad = plans.filter((p) => p.state !== 'ok').length;
  lines.push(`${plans.length - bad} of ${plans.length} tables can be captured`);
  return `${lines.join('\n')}\n`;
}

function see(code: CheckCode): string {
  return `  see ${pageOf(code)}`;
}
