/** Dead letters as a person reads them: two lines each. */
import { oneLine } from '../../telemetry/visible';
import type { Changed, Letter } from './dlq';

export const LETTERS_HEAD = '    no  dead at                   destination   reason        attempts  event\n';

export function letterText({ no, deadAt, destination, reason, attempts, type, key, id, message }: Letter): string {
  const cells = [
    String(no).padStart(6),
    deadAt,
    destination.padEnd(12),
    reason.padEnd(14),
    String(attempts).padStart(6),
  ];
  const line = `${cells.join('  ')}  ${type} ${key} ${id}`;
  return `${oneLine(line)}\n        ${oneLine(message)}\n`;
}

export function changedText(done: Changed): string {
  return 'queued' in done ? `${done.queued} dead letters queued\n` : `${done.dropped} dead letters dropped\n`;
}
