/** What `resume` did, and what there is to resume, as a person reads it. */
import { counted } from '../../model/counted';
import type { AcceptedState } from './accept-state';
import type { DroppedDestination, PositionSaid, ResumedDestination, ResumedTable } from './resume';
import type { Stopped } from './stopped';

export function stoppedText({ tables, destinations, unconfigured }: Stopped): string {
  return [
    tables.length === 0 ? 'no table is paused\n' : '',
    ...tables.map(
      (t) =>
        `${t.table}  paused since ${t.heldAt} by ${t.reason}${t.receiver === null ? '' : ` at ${t.receiver}:${t.sequence}`}, ${counted(t.deliveries, 'delivery', 'deliveries')} held\n`,
    ),
    ...destinations.map((d) => `${d.destination}  disabled since ${d.since}: ${d.why}; ${waits(d.deliveries)}\n`),
    ...unconfigured.map(
      (d) =>
        `${d.destination}  not in the configuration, ${waits(d.deliveries)}; to give them up: ibmi-cdc resume --destination ${d.destination} --drop\n`,
    ),
  ].join('');
}

export function tableText(r: ResumedTable): string {
  if ('acceptedGap' in r) return `${r.table}: the changes not seen since ${r.acceptedGap} are accepted\n`;
  const what = r.drop
    ? `${counted(r.deliveries, 'dead letter')} made`
    : `${counted(r.deliveries, 'delivery', 'deliveries')} queued`;
  return `${r.table} goes on, ${what}\n`;
}

export function destinationText({ destination, deliveries }: ResumedDestination): string {
  return `${destination} goes on, ${waits(deliveries)}\n`;
}

export function positionText({ destination, position, deliveries }: PositionSaid): string {
  const what = position === 'skip' ? 'are taken as sent' : 'are sent again';
  return `${destination}: at the next start of the daemon ${deliveries} deliveries that wait ${what}\n`;
}

export function droppedText({ destination, deliveries }: DroppedDestination): string {
  return `${destination} is given up, ${deliveries} deliveries made dead letters\n`;
}

export function acceptedText({ state, next, setAside }: AcceptedState): string {
  const aside = setAside === null ? '' : `; the log that did not belong to it is now ${setAside}`;
  return `${state} is accepted: the next start of the daemon ${next}${aside}\n`;
}

function waits(deliveries: number): string {
  return counted(deliveries, 'delivery waits', 'deliveries wait');
}
