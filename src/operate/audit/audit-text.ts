/** The audit of one journal as a person reads it. */
import { FATE, FATE_NAMES } from '../../journal/ledger/ledger';
import { counted } from '../../model/counted';
import { lines as asLines } from '../../telemetry/visible';
import type { JournalAudit } from './audit';

export function auditText(report: JournalAudit): string {
  const { journal, from, to, entries, notProved, holes } = report;
  const lines = [`${journal}  ${from} to ${to}: ${entries} entries on the partition`];
  for (const [fate, n] of inOrder(report.fates))
    lines.push(`  ${String(n).padStart(10)}  ${fate}${rest(fate, report)}`);
  for (const { receiver, why } of notProved)
    lines.push(`  NOT PROVED  receiver ${receiver} is ${why}: what became of its entries rests on the ledger alone`);
  for (const hole of holes) {
    const what = hole.why === 'skipped' ? 'skipped by policies.positionLost, and still readable' : 'without a fate';
    lines.push(`  HOLE  ${hole.receiver}:${hole.from} to ${hole.to}: ${hole.entries} entries ${what}`);
  }
  lines.push(`  ${verdict(report)}`);
  return asLines(lines);
}

/** What every journal has first, then what rules filtered or quarantined. */
function inOrder(fates: JournalAudit['fates']): [fate: string, entries: number][] {
  const known = Object.values(FATE_NAMES);
  const place = (fate: string): number => (known.indexOf(fate) + known.length + 1) % (known.length + 1);
  return Object.entries(fates).sort(([a], [b]) => place(a) - place(b));
}

function rest(fate: string, { pending, deadLetters }: JournalAudit): string {
  if (fate !== FATE_NAMES[FATE.published]) return '';
  return ` (${counted(pending, 'event')} pending, ${counted(deadLetters, 'dead letter')})`;
}

function verdict({ holes, notProved }: JournalAudit): string {
  if (holes.length > 0) return counted(holes.length, 'hole');
  if (notProved.length === 0) return 'complete: every entry has a fate';
  return `no hole in what the partition still shows; ${counted(notProved.length, 'receiver')} not proved`;
}
