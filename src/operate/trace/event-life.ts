/** The life of one stored event: where from, under which rule, every attempt and what the receiver said. */

import { counted } from '../../model/counted';
import type { StoredEvent } from '../../model/delivery';
import { oneLine } from '../../telemetry/visible';
import type { StateFile } from '../state-file';

export type EventLife = ReturnType<typeof lifeOf>;

export function lifeOf(event: StoredEvent, { outbox, disabled }: StateFile) {
  const { history, holds } = outbox;
  const hold = holds.find(event.table);
  const attempts = history.attempts(event.seq);
  return {
    id: event.id,
    type: event.type,
    table: event.table,
    rule: event.rule,
    key: event.key,
    traceKey: event.traceKey,
    journal: event.journal,
    receiver: event.receiver,
    sequence: event.sequence,
    entryAt: event.time,
    writtenAt: new Date(event.appendedAt).toISOString(),
    destinations: history.states(event.seq, attempts).map((s) => ({
      ...s,
      heldBy: s.state === 'held' && hold ? hold.reason : null,
      disabledBy: s.state === 'pending' || s.state === 'waiting' ? (disabled.find(s.destination)?.why ?? null) : null,
      dueAt: s.dueAt === null ? null : new Date(s.dueAt).toISOString(),
    })),
    attempts: attempts.map((a) => ({
      destination: a.destination,
      attempt: a.attempt,
      at: new Date(a.at).toISOString(),
      ms: a.ms,
      outcome: a.outcome,
      status: a.status,
      batch: a.batch,
      error: a.error,
      request: a.request,
      signature: a.signature,
      response: a.response,
    })),
  };
}

export function lifeText(life: EventLife): string {
  const from = life.receiver ? `${life.journal} ${life.receiver}:${life.sequence}` : 'not from a journal';
  const lines = [
    `${life.type} ${life.key}  ${life.id}`,
    `  entry      ${from} at ${life.entryAt}`,
    `  rule       ${life.table} ${life.rule}`,
    `  written    ${life.writtenAt}`,
    ...life.destinations.map(
      (d) =>
        `  ${d.destination}: ${d.state}, ${counted(d.attempts, 'attempt')}${d.dueAt ? `, next at ${d.dueAt}` : ''}${heldText(life, d.heldBy)}${disabledText(d)}`,
    ),
    ...life.attempts.map(
      (a) =>
        `  attempt ${a.attempt} to ${a.destination} at ${a.at}: ${a.outcome} ${a.status ?? ''} ${a.error ?? ''} (${a.ms} ms)`,
    ),
  ];
  return `${lines.map(oneLine).join('\n')}\n\n`;
}

function heldText(life: EventLife, reason: string | null): string {
  return reason === null ? '' : `: the table is paused by ${reason}; next: ibmi-cdc resume --table ${life.table}`;
}

function disabledText(d: EventLife['destinations'][number]): string {
  return d.disabledBy === null
    ? ''
    : `: the destination is disabled: ${d.disabledBy}; next: ibmi-cdc resume --destination ${d.destination}`;
}
