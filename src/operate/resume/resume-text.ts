/** What `resume` did, and what there is to resume, as a person reads it. */
import { counted } from '../../model/counted';
import { line, lines } from '../../telemetry/visible';
import type { AcceptedState } from './accept-state';
import type { DroppedDestination, PositionSaid, ResumedDestination, ResumedTable } from './resume';
import type { Stopped } from './stopped';

export function stoppedText({ tables, destinations, unconfigured }: Stopped): string {
  return lines([
    ...(tables.length === 0 ? ['no table is paused'] : []),
    ...tables.map(
      (t) =>
        `${t.table}  paused since ${t.heldAt} by ${t.reason}${t.receiver === null ? '' : ` at ${t.receiver}:${t.sequence}`}, ${counted(t.deliveries, 'delivery', 'deliveries')} held`,
    ),
    ...destinations.map((d) => `${d.destination}  disabled since ${d.since}: ${d.why}; ${waits(d.deliveries)}`),
    ...unconfigured.map(
      (d) =>
        `${d.destination}  not in the configuration, ${waits(d.deliveries)}; to give them up: ibmi-cdc resume --destination ${d.destination} --drop`,
    ),
  ]);
}

export function tableText(r: ResumedTable): string {
  if ('acceptedGap' in r) return line(`${r.table}: the changes not seen since ${r.acceptedGap} are accepted`);
  const what = r.drop
    ? `${counted(r.deliveries, 'dead letter')} made`
    : `${counted(r.deliveries, 'delivery', 'deliveries')} queued`;
  return line(`${r.table} goes on, ${what}`);
}

export function destinationText({ destination, deliveries }: ResumedDestination): string {
  return line(`${destination} goes on, ${waits(deliveries)}`);
}

export function positionText({ destination, position, deliveries }: PositionSaid): string {
  const what = position === 'skip' ? 'are taken as sent' : 'are sent again';
  return line(`${destination}: at the next start of the daemon ${deliveries} deliveries that wait ${what}`);
}

export function droppedText({ destination, deliveries }: DroppedDestination): string {
  return line(`${destination} is given up, ${deliveries} deliveries made dead letters`);
}

export function acceptedText({ state, next, setAside }: AcceptedState): string {
  const aside = setAside === null ? '' : `; the log that did not belong to it is now ${setAside}`;
  return line(`${state} is accepted: the next start of the daemon ${next}${aside}`);
}

function waits(deliveries: number): string {
  return counted(deliveries, 'delivery waits', 'deliveries wait');
}
