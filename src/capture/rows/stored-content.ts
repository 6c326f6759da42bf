/** What an event of the outbox said of its row: the `after` of its body, whatever the envelope. */
import type { Outbox } from '../../outbox/outbox';

/** JSON object; null where the event is gone, was never stored, or its envelope is a template of the operator's. */
export function storedContent({ history }: Outbox, id: string): string | null {
  const body = history.events({ id: [id] }, { limit: 1 })[0]?.body;
  if (!body) return null;
  const event = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  const data = event['data'];
  const holder = isObject(data) && 'after' in data ? data : event;
  const after = holder['after'];
  return isObject(after) ? JSON.stringify(after) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
