/** What a gap means and what mends it, for status, plan, doctor and the log. */
import { formatName, formatPosition } from '../../model/position';
import { NOT_CAPTURED, type TableGap } from './gap-table';

/** One line: what happened, since when, whether it goes on. */
export function gapText(gap: TableGap): string {
  const from = formatPosition(gap.from);
  if (gap.until === null) return `${gap.kind} at ${from}: changes are not seen from there on`;
  if (formatPosition(gap.until) === from) return `${gap.kind} at ${from}: rows may have changed without entries`;
  return `${gap.kind} at ${from}: changes up to ${formatPosition(gap.until)} were not seen`;
}

/** Commands in the order to give them. */
export function gapMending(gap: TableGap): string[] {
  const { table } = gap;
  const start = `STRJRNPF FILE(${table}) JRN(${formatName(gap.journal)}) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
  const backfill = `ibmi-cdc backfill --table ${table}`;
  if (gap.until !== null) return [backfill];
  const name = table.slice(table.indexOf('/') + 1);
  switch (gap.kind) {
    case 'journaling.ended':
      return [start, backfill];
    case 'member.deleted':
      return [`ADDPFM FILE(${table}) MBR(${name})`, backfill];
    case 'table.renamed':
    case 'table.moved':
    case 'member.renamed':
    case 'member.moved':
      return [`its new name under tables:, or give it its old name back: ${undo(gap.kind, table, name)}`, backfill];
    case NOT_CAPTURED:
      return [`\`ibmi-cdc plan\` says why; start the daemon again when it can be captured`, backfill];
    default:
      return [`create ${table} again or take it out of tables:`, start, backfill];
  }
}

function undo(kind: string, table: string, name: string): string {
  const library = table.slice(0, table.indexOf('/'));
  if (kind === 'table.renamed') return `RNMOBJ OBJ(${library}/NEWNAME) OBJTYPE(*FILE) NEWOBJ(${name})`;
  if (kind === 'member.renamed') return `RNMM FILE(${table}) MBR(NEWNAME) NEWMBR(${name})`;
  return `MOVOBJ OBJ(NEWLIB/${name}) OBJTYPE(*FILE) TOLIB(${library})`;
}
