/** The plan as a person reads it: a table of tables, then what each lacks. */
import { pageOf } from '../../errors/codes';
import type { CheckCode } from '../../errors/codes/findings';
import { lines as asLines } from '../../telemetry/visible';
import type { Plan } from './plan';

/** @param withColumns a line for each column, too */
export function planText({ tables: plans, diff }: Plan, withColumns: boolean): string {
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
    lines.push(
      `${p.table}: ${p.reason}`,
      ...p.fixes.flatMap((fix) => fix.split('\n').map((part) => `  ${part}`)),
      ...(p.code ? [see(p.code)] : []),
    );
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
  if (diff !== undefined) lines.push(...diffLines(diff));
  return asLines(lines);
}

function diffLines(diff: NonNullable<Plan['diff']> | null): string[] {
  if (diff === null) return ['no daemon has run on this state file yet: there is nothing to compare with'];
  if (diff.length === 0)
    return ['receivers will notice nothing: the configuration says what the state file last ran under'];
  const lines = diff.flatMap(({ level, at, was, is, means }) => [
    `${level === 'breaking' ? 'BREAKS A PROMISE' : 'noticed'}  ${at}`,
    `  was ${was ?? 'not there'}`,
    `  is  ${is ?? 'not there'}`,
    `  ${means}`,
  ]);
  const broken = diff.some((d) => d.level === 'breaking');
  return [...lines, ...(broken ? ['run refuses this without --accept', see('CONTRACT_BROKEN')] : [])];
}

function see(code: CheckCode | 'CONTRACT_BROKEN'): string {
  return `  see ${pageOf(code)}`;
}
