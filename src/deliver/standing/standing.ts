/**
 * How a destination stands, for people: logged once when it changes, and shown by `status`, `/readyz` and the
 * metrics. What it says of the past is bounded: the answer times are those of the last requests.
 */
import type { DeliveryHooks } from '../hooks';
import type { Paced } from '../limits/adaptive-concurrency';

interface Since {
  /** Epoch milliseconds. */
  readonly since: number;
  /** What it answered, in words. */
  readonly why: string;
  /** Epoch milliseconds of the next attempt. */
  readonly next: number;
}

interface AnswerTimes {
  /** Milliseconds within which half of the answers came, and 95 of 100. */
  readonly p50: number;
  readonly p95: number;
  /** Requests they are taken from, 512 at most. */
  readonly requests: number;
}

/** Each null when there is nothing to say. */
export interface DestinationStanding {
  /** Nothing was accepted since. */
  readonly failing: Since | null;
  /** It refuses our credentials. */
  readonly denied: Since | null;
  /** Not asked until then, epoch milliseconds; `pause` is as long as that was when it was said. */
  readonly paced: { readonly until: number; readonly pause: number; readonly why: string } | null;
  readonly answers: AnswerTimes | null;
}

const REMEMBERED = 512;
/** So few answers say nothing of one in twenty. */
const FEWEST = 20;
/** Share of the timeout at which answers are slow, and that at which they are no longer. */
const SLOW = 0.8;
const QUICK_AGAIN = 0.6;
/** A destination that fails and recovers by turns is in the log this often at most. */
const REPORT_AGAIN_MS = 300_000;

interface StandingParts {
  readonly name: string;
  readonly hooks: DeliveryHooks;
  /** Milliseconds after which an answer counts as none; null where there is no such limit. */
  readonly timeout: number | null;
  /** Wall clock. */
  readonly now: () => number;
  readonly steady: () => number;
}

export class Standing {
  private failing: Since | null = null;
  private denied: Since | null = null;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private reported = false;
  private slow = false;
  private readonly times = new Float64Array(REMEMBERED);
  private count = 0;

  constructor(private readonly parts: StandingParts) {}

  /** A request ended with an answer, or at its timeout. */
  answered(ms: number): void {
    this.times[this.count++ % REMEMBERED] = ms;
  }

  /** Something was accepted. */
  accepted(): void {
    if (this.failing === null && this.denied === null) return;
    const { name, hooks } = this.parts;
    const { since } = (this.denied ?? this.failing)!;
    if (this.reported || this.denied !== null) {
      hooks.note?.('info', 'destination accepts events again', { destination: name, since: iso(since) });
    }
    if (this.denied !== null) hooks.denied?.(name, false);
    this.failing = this.denied = null;
    this.reported = false;
  }

  /** Nothing of a request was accepted. @param pause milliseconds until the next attempt */
  refused(why: string, pause: number): void {
    const { name, hooks, now, steady } = this.parts;
    const next = now() + pause;
    this.failing = { since: this.failing?.since ?? now(), why, next };
    if (this.reported || steady() - this.reportedAt < REPORT_AGAIN_MS) return;
    this.reported = true;
    this.reportedAt = steady();
    hooks.note?.('warn', 'destination does not accept events: they are kept and tried again', {
      destination: name,
      why,
      nextAttempt: iso(next),
    });
  }

  /** It refuses our credentials. @param pause milliseconds until it is asked again */
  deniedUs(why: string, pause: number): void {
    const { name, hooks, now } = this.parts;
    const next = now() + pause;
    const before = this.denied;
    this.denied = { since: before?.since ?? now(), why, next };
    if (before !== null) return;
    hooks.denied?.(name, true);
    hooks.note?.('error', 'destination refuses our credentials: its events are kept, one is tried now and then', {
      destination: name,
      why,
      nextAttempt: iso(next),
      next: 'put the new credentials where the configuration looks them up; they are read again before each attempt',
    });
  }

  /** @param paced on the steady clock */
  report(paced: Paced | null): DestinationStanding {
    const { now, steady } = this.parts;
    const pause = paced ? Math.ceil(paced.until - steady()) : 0;
    const answers = this.answers();
    if (answers) this.reportSlow(answers);
    return {
      failing: this.failing,
      denied: this.denied,
      paced: paced ? { until: Math.round(now() + pause), pause, why: paced.why } : null,
      answers,
    };
  }

  private answers(): AnswerTimes | null {
    const requests = Math.min(this.count, REMEMBERED);
    if (requests === 0) return null;
    const sorted = this.times.slice(0, requests).sort();
    const within = (share: number): number => sorted[Math.ceil(share * requests) - 1]!;
    return { p50: within(0.5), p95: within(0.95), requests };
  }

  private reportSlow({ p95, requests }: AnswerTimes): void {
    const { name, hooks, timeout } = this.parts;
    if (timeout === null || requests < FEWEST) return;
    if (this.slow) this.slow = p95 > timeout * QUICK_AGAIN;
    else if (p95 > timeout * SLOW) {
      this.slow = true;
      hooks.note?.('warn', 'destination answers slowly: close to the timeout, after which events repeat', {
        destination: name,
        p95Ms: Math.round(p95),
        timeoutMs: timeout,
        next: 'raise timeouts.response of this destination, or ask its people why it is slow',
      });
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
