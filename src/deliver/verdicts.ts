/** What came of a request as a whole, out of what came of its events. */
import { isCoded } from '../errors/coded-error';
import type { AttemptRecord } from '../model/delivery';
import type { DenialOf } from './denials';
import type { DeliveryHooks } from './hooks';
import type { Delivery, Outcome } from './sink';

/** The others of a batch refer to its first row for headers and response. */
export function sameRequest(record: AttemptRecord, attempt: number): AttemptRecord {
  const bare = !record.request && record.signature === null && record.response === null;
  if (record.attempt === attempt && bare) return record;
  return { ...record, attempt, request: null, signature: null, response: null };
}

const SEVERITY = { delivered: 0, rejected: 1, retry: 2, gone: 3 } as const;

export function worst(outcomes: readonly Outcome[]): Outcome['is'] {
  let found: Outcome['is'] = 'delivered';
  for (const { is } of outcomes) if (SEVERITY[is] > SEVERITY[found]) found = is;
  return found;
}

export function deliveredOf(outcomes: readonly Outcome[]): number {
  let count = 0;
  for (const { is } of outcomes) if (is === 'delivered') count++;
  return count;
}

export function isDenied(outcome: Outcome): boolean {
  return outcome.is === 'retry' && outcome.denied === true;
}

/** Outcomes of a request whose credentials were refused, through no fault of the destination. */
export function weighed(
  of: Exclude<DenialOf, 'destination'>,
  outcomes: readonly Outcome[],
  status: number | null,
): readonly Outcome[] {
  return outcomes.map((outcome): Outcome => {
    if (outcome.is !== 'retry' || !outcome.denied) return outcome;
    if (of === 'event') return { is: 'retry', why: outcome.why };
    if (of === 'too long') return { is: 'rejected', why: outcome.why, reason: 'exhausted' };
    const why = `${outcome.why} again and again, while it accepts other events`;
    return { is: 'rejected', why, reason: `http-${status}` };
  });
}

export function failedDelivery(events: number, error: unknown, hooks: DeliveryHooks): Delivery {
  // nothing to try again: the operator must decide, and the daemon ends
  if (isCoded(error) && error.family === 'positionLost') hooks.fatal?.(error);
  const why = error instanceof Error ? error.message : String(error);
  return {
    outcomes: Array.from({ length: events }, () => ({ is: 'retry', why, endpoint: true }) as const),
    exchange: { status: null, request: null, signature: null, response: null, error: why },
  };
}

/** At the end of a drain. */
export function noteCutOff(hooks: DeliveryHooks, destination: string, requests: number): void {
  hooks.note?.('warn', 'requests cut off by the stop: their events are sent again', { destination, requests });
}
