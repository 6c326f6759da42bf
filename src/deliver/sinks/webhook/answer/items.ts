/**
 * Results of a batch, one for each event. A result belongs to the event whose id it has; its place in the list means
 * something only where no result has an id and there are as many as events. What the reply does not speak of is not delivered.
 */
import { DELIVERED, type Outcome } from '../../../sink';
import { at } from './json-path';

/**
 * @param answer JSON of the reply
 * @param path dotted, of the array in it
 * @param isTransient says of a status whether it is tried again
 */
export function judgeItems(
  answer: unknown,
  path: string,
  events: readonly { readonly event: { readonly id: string } }[],
  isTransient: (status: number) => boolean,
): Outcome[] {
  const items = at(answer, path);
  if (!Array.isArray(items)) {
    return events.map(() => ({ is: 'retry', why: `the reply has no array at ${path || 'its root'}` }));
  }
  if (items.some(hasId)) {
    const byId = resultsById(items);
    return events.map(({ event }) => outcomeOf(byId.get(event.id) ?? null, isTransient));
  }
  if (items.length !== events.length) {
    const why = `the reply has ${items.length} results without ids for ${events.length} events`;
    return events.map(() => ({ is: 'retry', why }));
  }
  return items.map((item) => outcomeOf(statusOf(item), isTransient));
}

/** Status by id; null where the reply says two things of one event. */
function resultsById(items: readonly unknown[]): Map<string, number | null> {
  const found = new Map<string, number | null>();
  for (const item of items) {
    if (!hasId(item)) continue;
    const id = String(item.id);
    const status = statusOf(item);
    found.set(id, found.has(id) && found.get(id) !== status ? null : status);
  }
  return found;
}

function outcomeOf(status: number | null, isTransient: (status: number) => boolean): Outcome {
  if (status === null) return { is: 'retry', why: 'the reply says nothing of this event' };
  if (status >= 200 && status < 300) return DELIVERED;
  const why = `the receiver answered ${status} for this event of the batch`;
  return isTransient(status) ? { is: 'retry', why } : { is: 'rejected', why, reason: `http-${status}` };
}

/** A status number, a boolean, or an object with `status`, `statusCode`, `code`, `success` or `errors`; null when it says nothing. */
function statusOf(item: unknown): number | null {
  if (typeof item === 'number') return statusNumber(item);
  if (typeof item === 'boolean') return item ? 200 : 422;
  if (!isObject(item)) return null;
  const status = statusIn(item);
  // one that says 200 and no in one breath has not said yes
  return status !== null && status < 300 && saysNo(item) ? null : status;
}

function saysNo({ success, errors }: Record<string, unknown>): boolean {
  return success === false || (Array.isArray(errors) && errors.length > 0);
}

function statusIn(item: Record<string, unknown>): number | null {
  for (const name of ['statusCode', 'status', 'code']) {
    const status = statusNumber(item[name]);
    if (status !== null) return status;
  }
  if (typeof item['success'] === 'boolean') return item['success'] ? 200 : 422;
  return Array.isArray(item['errors']) ? (item['errors'].length === 0 ? 200 : 422) : null;
}

function statusNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 200 && number <= 599 ? number : null;
}

function hasId(item: unknown): item is { readonly id: string | number } {
  if (!isObject(item)) return false;
  const { id } = item;
  return typeof id === 'string' || typeof id === 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
