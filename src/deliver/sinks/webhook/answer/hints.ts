/**
 * What a reply says about when to come again. Receivers write all kinds of things there, and a hint that is misread makes
 * thousands of requests: only what the standard knows is one, anything else is as if nothing had been said.
 */
import { RATE_ENDING, type Reply } from './reply';

type HeaderValue = string | string[] | undefined;

/**
 * `Retry-After` as milliseconds from when the reply came; undefined where it is absent, past or neither digits nor a date.
 * A date is measured against the reply's own `Date`: the clocks of two machines differ. RFC 9110 section 10.2.3.
 * @param now epoch milliseconds by our clock, for a reply without a date
 */
export function retryAfter(reply: Pick<Reply, 'headers'>, now: number): number | undefined {
  const text = single(reply.headers['retry-after']);
  if (text === null) return undefined;
  if (/^[0-9]+$/.test(text)) return Number(text) * 1000;
  const date = httpDate(text);
  if (date === null) return undefined;
  const ms = date - clockOf(reply, now);
  return ms > 0 ? ms : undefined;
}

/**
 * `X-RateLimit-Remaining` and `-Reset`, also without `X-`; null when the receiver says nothing that can be read.
 * The reset is milliseconds from now; without a readable one it is a second.
 */
export function rateOf(reply: Reply, now: number): { remaining: number; resetMs: number } | null {
  if (!reply.hasHeader(RATE_ENDING)) return null;
  const { headers } = reply;
  const remaining = single(headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']);
  if (remaining === null || !/^[0-9]+$/.test(remaining)) return null;
  const reset = single(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  return { remaining: Number(remaining), resetMs: resetOf(reset, clockOf(reply, now)) };
}

const UNKNOWN_RESET_MS = 1000;
/** 2001-09-09 in seconds, 1973-03-03 in milliseconds: a reset as large as this is a moment, below it a number of seconds. */
const LEAST_EPOCH_SECONDS = 1e9;
const LEAST_EPOCH_MS = 1e11;
const MOST_EPOCH_MS = 1e14;

/** Seconds from now, Unix seconds or Unix milliseconds, distinguished by size. */
function resetOf(text: string | null, clock: number): number {
  if (text === null || !/^[0-9]+$/.test(text)) return UNKNOWN_RESET_MS;
  const value = Number(text);
  if (value < LEAST_EPOCH_SECONDS) return value > 0 ? value * 1000 : UNKNOWN_RESET_MS;
  if (value >= MOST_EPOCH_MS) return UNKNOWN_RESET_MS;
  const left = (value < LEAST_EPOCH_MS ? value * 1000 : value) - clock;
  return left > 0 ? left : UNKNOWN_RESET_MS;
}

/** A header that came more than once says nothing unless it says the same each time. */
function single(value: HeaderValue): string | null {
  if (value === undefined) return null;
  const texts = new Set((Array.isArray(value) ? value : [value]).map((text) => text.trim()));
  const [text] = texts;
  return texts.size === 1 && text ? text : null;
}

/** The receiver's clock when it answered, ours where it does not say. */
function clockOf(reply: Pick<Reply, 'headers'>, now: number): number {
  const text = single(reply.headers['date']);
  return (text === null ? null : httpDate(text)) ?? now;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';
/** The three forms of RFC 9110 section 5.6.7: what senders write today, and the two that receivers must still accept. */
const DATE_FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** Epoch milliseconds; null for what is none of the three forms, or no moment. */
export function httpDate(text: string): number | null {
  for (const form of DATE_FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return momentOf(parts as Record<DatePart, string>);
  }
  return null;
}

type DatePart = 'day' | 'month' | 'year' | 'hour' | 'minute' | 'second';

function momentOf(parts: Record<DatePart, string>): number | null {
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  // a leap second is the last one of its minute
  if (hour > 23 || minute > 59 || second > 60) return null;
  const month = MONTHS.indexOf(parts.month);
  const year = parts.year.length === 2 ? fullYear(Number(parts.year)) : Number(parts.year);
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, Math.min(59, second));
  return date.getUTCDate() === day && date.getUTCMonth() === month ? date.getTime() : null;
}

/** Two digits that would lie more than 50 years ahead belong to the century before. */
function fullYear(digits: number): number {
  const thisYear = new Date().getUTCFullYear();
  const year = thisYear - (thisYear % 100) + digits;
  return year > thisYear + 50 ? year - 100 : year;
}
