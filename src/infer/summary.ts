/** What a library holds, before its tables one by one: as YAML comments. */
import { oneLine } from '../telemetry/visible';
import { grouped, type TableProposal } from './model';

export function summaryLines(proposals: readonly TableProposal[]): string {
  const head = ['TABLE', 'ROWS', 'CAPTURE', 'KEY', 'DATES', 'BLANK NUMBERS', 'PERSONAL', 'TEXT'];
  const rows = proposals.map((p) => {
    const having = (kind: string): string => {
      const n = p.columns.filter((c) => c.guesses.some((g) => g.kind === kind)).length;
      return n === 0 ? '-' : String(n);
    };
    return [
      p.table,
      grouped(BigInt(p.rows)),
      captureWord(p),
      p.key === null ? '-' : p.key.source === 'sample' ? '?' : p.key.columns.join(', '),
      having('date'),
      having('blankNumeric'),
      having('personal'),
      p.text,
    ];
  });
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `# ${oneLine(cells.map((c, i) => c.padEnd(widths[i]!)).join('  ')).trimEnd()}`;
  const count = (of: (p: TableProposal) => boolean): number => proposals.filter(of).length;
  const tail = `# ${proposals.length} tables: ${count((p) => p.journal !== null)} journaled, ${count((p) => p.journal === null && p.window !== null)} by a window, ${count((p) => p.journal === null && p.window === null)} with neither`;
  return `${[line(head), ...rows.map(line), tail].join('\n')}\n`;
}

function captureWord({ journal, window, state }: TableProposal): string {
  if (state !== 'ok' && state !== 'not journaled') return state;
  return journal !== null ? 'journal' : window === null ? 'none' : 'window';
}
