/** What a reply, or the lack of one, means for the events of the request. */
import { types } from 'node:util';
import { CodedError } from '../../../../errors/coded-error';
import type { WebhookOptions } from '../../../options';
import { DELIVERED, type Hint, type Outcome } from '../../../sink';
import { tlsFailure } from '../dial/tls-words';
import { jsonOf } from './content';
import { rateOf, retryAfter } from './hints';
import { judgeItems } from './items';
import { at } from './json-path';
import type { Reply } from './reply';
import { ReplyTimeout } from './requests';

interface Judged {
  readonly event: { readonly id: string };
}

/** @param limit bytes of the reply that were read at most */
export function judgeReply(
  reply: Reply,
  events: readonly Judged[],
  options: WebhookOptions,
  { now, limit }: { readonly now: number; readonly limit: number },
): Outcome[] {
  const whole = judgeStatus(reply, options, now);
  const { itemResults } = options.batch;
  if (whole.is === 'delivered' && itemResults !== null) {
    const answer = jsonOf(reply, limit);
    return answer.ok
      ? judgeItems(answer.value, itemResults, events, (status) => isTransient(status, options))
      : events.map(() => unreadable(reply, answer.problem));
  }
  const one = whole.is === 'delivered' ? (judgeBody(reply, options, limit) ?? DELIVERED) : whole;
  return events.map(() => one);
}

/** What the head of a reply asks for by itself; null when it asks for nothing. */
export function hintOf(head: Reply, options: WebhookOptions, now: number): Hint | null {
  const outcome = judgeStatus(head, options, now);
  const throttled = outcome.is === 'retry' && outcome.throttled ? { afterMs: outcome.afterMs } : null;
  const rate = rateOf(head, now);
  return throttled === null && rate === null ? null : { throttled, rate };
}

function judgeStatus(reply: Reply, options: WebhookOptions, now: number): Outcome {
  const { status } = reply;
  const accepted = options.success.status.some((s) => s === status || s === '2xx');
  if (status >= 200 && status < 300 && accepted) return DELIVERED;
  if (status === 410) return { is: 'gone', why: 'the receiver answered 410 Gone: it wants no more events' };
  const why = `the receiver answered ${status}${status >= 300 && status < 400 ? ', and redirects are never followed' : ''}`;
  if (!isTransient(status, options)) {
    if (status === 401 || status === 403)
      return { is: 'retry', why: `${why}: it refuses our credentials`, denied: true };
    return { is: 'rejected', why, reason: `http-${status}` };
  }
  const afterMs = retryAfter(reply, now);
  const throttled = status === 429 || (status === 503 && afterMs !== undefined);
  return {
    is: 'retry',
    why,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(throttled ? { throttled } : {}),
    ...(status >= 500 && !throttled ? { endpoint: true } : {}),
  };
}

export function judgeError(error: Error, options: WebhookOptions): Outcome {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  // the HTTP client refuses to send it: nothing that waiting mends
  if (code === 'UND_ERR_INVALID_ARG') {
    return { is: 'rejected', why: `the request cannot be sent: ${error.message}`, reason: 'bad-request' };
  }
  if (error instanceof UnsendableEvent) return { is: 'rejected', why: error.message, reason: error.reason };
  const timeout = error instanceof ReplyTimeout || /TIMEOUT|ETIMEDOUT/.test(code);
  const why = describe(error);
  if (!options.retry.transient.includes(timeout ? 'timeout' : 'network')) {
    return { is: 'rejected', why, reason: timeout ? 'timeout' : 'network' };
  }
  return { is: 'retry', why, endpoint: true };
}

/** An event whose values do not go into a request; the message names no value. */
export class UnsendableEvent extends Error {
  /** @param reason stable word of the dead letter */
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** A condition on the body of a 2xx, for receivers that say 200 with an error inside. */
function judgeBody(reply: Reply, options: WebhookOptions, limit: number): Outcome | null {
  const condition = options.success.body;
  if (condition === null) return null;
  const answer = jsonOf(reply, limit);
  if (!answer.ok) return unreadable(reply, answer.problem);
  const found = at(answer.value, condition.path);
  if (found === condition.equals || (found !== undefined && String(found) === String(condition.equals))) return null;
  return {
    is: 'retry',
    why: `the receiver answered ${reply.status}, but ${condition.path} in its reply is not as success.body expects`,
  };
}

/** The receiver did not refuse the event: what it said of it is not known. */
function unreadable({ status }: Reply, problem: string): Outcome {
  return {
    is: 'retry',
    why: `the receiver answered ${status}, but what it says of the event cannot be read: ${problem}`,
  };
}

function isTransient(status: number, options: WebhookOptions): boolean {
  const kind = status >= 500 ? '5xx' : status >= 400 ? '4xx' : null;
  return options.retry.transient.some((t) => t === status || t === kind);
}

/** A network error in words without the URL. */
export function describe(error: Error): string {
  if (error instanceof CodedError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.message === '' && error instanceof AggregateError ? error.errors[0] : error;
  const text = types.isNativeError(cause) ? cause.message : error.message;
  return tlsFailure(code, text) ?? (code && !text.includes(code) ? `${text} (${code})` : text);
}
