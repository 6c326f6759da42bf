/** What a reply, or the lack of one, means for the events of the request. */
import { CodedError } from '../../../errors/coded-error';
import type { WebhookOptions } from '../../options';
import { DELIVERED, type Outcome } from '../sink';
import { at, parseJson } from './json-path';
import type { Reply } from './reply';
import { ReplyTimeout } from './requests';

export function judgeReply(
  reply: Reply,
  events: readonly { readonly event: { readonly id: string } }[],
  options: WebhookOptions,
  now: number,
): Outcome[] {
  const whole = judgeStatus(reply, options, now);
  const { itemResults } = options.batch;
  if (whole.is === 'delivered' && itemResults !== null) return judgeItems(reply, itemResults, events, options);
  const one = whole.is === 'delivered' ? (judgeBody(reply, options) ?? DELIVERED) : whole;
  return events.map(() => one);
}

function judgeStatus(reply: Reply, options: WebhookOptions, now: number): Outcome {
  const { status } = reply;
  const accepted = options.success.status.some((s) => s === status || s === '2xx');
  if (status >= 200 && status < 300 && accepted) return DELIVERED;
  if (status === 410) return { is: 'gone', why: 'the receiver answered 410 Gone: it wants no more events' };
  const why = `the receiver answered ${status}${status >= 300 && status < 400 ? ', and redirects are never followed' : ''}`;
  if (!isTransient(status, options)) return { is: 'rejected', why, reason: `http-${status}` };
  const afterMs = retryAfter(reply.headers['retry-after'], now);
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
  const timeout = isTimeout(error);
  const why = describe(error);
  if (!options.retry.transient.includes(timeout ? 'timeout' : 'network')) {
    return { is: 'rejected', why, reason: timeout ? 'timeout' : 'network' };
  }
  return { is: 'retry', why, endpoint: true };
}

/** A condition on the body of a 2xx, for receivers that say 200 with an error inside. */
function judgeBody(reply: Reply, options: WebhookOptions): Outcome | null {
  const condition = options.success.body;
  if (condition === null) return null;
  const found = at(parseJson(reply.body), condition.path);
  if (found === condition.equals || String(found) === String(condition.equals)) return null;
  return {
    is: 'retry',
    why: `the receiver answered ${reply.status}, but ${condition.path} in its reply is not as success.body expects`,
  };
}

/** Each item of the array is a status number, a boolean, or an object with `status`, `statusCode`, `code`, `success` or `errors`. */
function judgeItems(
  reply: Reply,
  path: string,
  events: readonly { readonly event: { readonly id: string } }[],
  options: WebhookOptions,
): Outcome[] {
  const items = at(parseJson(reply.body), path);
  if (!Array.isArray(items)) {
    return events.map(() => ({ is: 'retry', why: `the reply has no array at ${path || 'its root'}` }));
  }
  const byId = new Map(items.filter(isObject).flatMap((item) => ('id' in item ? [[String(item['id']), item]] : [])));
  return events.map(({ event }, i) => judgeItem(byId.get(event.id) ?? items[i], options));
}

function judgeItem(item: unknown, options: WebhookOptions): Outcome {
  const status = itemStatus(item);
  if (status === null) return { is: 'retry', why: 'the reply says nothing of this event' };
  if (status >= 200 && status < 300) return DELIVERED;
  const why = `the receiver answered ${status} for this event of the batch`;
  return isTransient(status, options) ? { is: 'retry', why } : { is: 'rejected', why, reason: `http-${status}` };
}

function itemStatus(item: unknown): number | null {
  if (typeof item === 'number') return item;
  if (typeof item === 'boolean') return item ? 200 : 422;
  if (!isObject(item)) return null;
  for (const name of ['statusCode', 'status', 'code']) {
    const value = item[name];
    if (typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value))) return Number(value);
  }
  if (typeof item['success'] === 'boolean') return item['success'] ? 200 : 422;
  return Array.isArray(item['errors']) ? (item['errors'].length === 0 ? 200 : 422) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTransient(status: number, options: WebhookOptions): boolean {
  const kind = status >= 500 ? '5xx' : status >= 400 ? '4xx' : null;
  return options.retry.transient.some((t) => t === status || t === kind);
}

/** Seconds or an HTTP date, as milliseconds from now; undefined when absent or not understood. RFC 9110 section 10.2.3. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * `X-RateLimit-Remaining` and `-Reset` (seconds from now, or Unix time when it is that large), also without `X-`.
 * Null when the receiver says nothing.
 */
export function rateOf(reply: Reply, now: number): { remaining: number; resetMs: number } | null {
  if (!reply.tells('ratelimit-remaining')) return null;
  const { headers } = reply;
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  if (remaining === undefined) return null;
  const left = Number(remaining);
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'] ?? 1);
  if (!Number.isFinite(left) || !Number.isFinite(reset)) return null;
  return { remaining: left, resetMs: Math.max(0, reset > 1e9 ? reset * 1000 - now : reset * 1000) };
}

function isTimeout(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error instanceof ReplyTimeout || /TIMEOUT|ETIMEDOUT/.test(code);
}

/** A network error in words without the URL. */
function describe(error: Error): string {
  if (error instanceof CodedError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.message === '' && error instanceof AggregateError ? error.errors[0] : error;
  const text = cause instanceof Error ? cause.message : error.message;
  return code && !text.includes(code) ? `${text} (${code})` : text;
}
