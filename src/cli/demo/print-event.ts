/** One event as a line that a person enjoys reading. */
import { oneLine } from '../../telemetry/visible';
import type { ReceivedEvent } from './receiver';

const COLOURS: Readonly<Record<string, number>> = { insert: 32, update: 33, delete: 31, read: 36 };

/**
 * `18:04:11.512  order.updated   100245  status 10 -> 20                 ORDHDR  seq 184467  4 ms`
 * @param colour ANSI colours, for terminals only
 */
export function eventLine(event: ReceivedEvent, latencyMs: number, colour: boolean): string {
  const { data } = event;
  const paint = (text: string, code: number): string => {
    const shown = oneLine(text);
    return colour ? `\u001b[${code}m${shown}\u001b[0m` : shown;
  };
  const file = data.meta.table.split('/')[1] ?? data.meta.table;
  return [
    paint(event.time.slice(11, 23), 90),
    paint(event.type.padEnd(18), COLOURS[data.op] ?? 0),
    oneLine(event.subject).padEnd(12),
    oneLine(summary(event)).padEnd(46).slice(0, 46),
    paint(`${file.padEnd(7)} seq ${data.meta.sequence}`, 90),
    paint(`${latencyMs} ms`, 90),
  ].join('  ');
}

function summary(event: ReceivedEvent): string {
  const { op, before, after, changed, key } = event.data;
  if (op === 'update' && before && after) {
    const names = changed ?? Object.keys(after);
    return names.map((name) => `${name} ${show(before[name])} -> ${show(after[name])}`).join(', ');
  }
  const row = after ?? before ?? {};
  return Object.entries(row)
    .filter(([name, value]) => !(name in key) && value !== null && value !== '')
    .slice(0, 4)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ');
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
