/** How a destination stands, as `status` says it. */
import type { StoredStanding } from '../../deliver/standing/standing-table';
import { lines as asLines } from '../../telemetry/visible';

export interface StandingFacts {
  /** Nothing was accepted since; null while events are accepted. */
  readonly failing: { readonly since: string; readonly why: string; readonly nextAttempt: string } | null;
  /** It refuses our credentials since. */
  readonly denied: { readonly since: string; readonly why: string; readonly nextAttempt: string } | null;
  /** Not asked before, as it wished; null when that is over. */
  readonly pacedUntil: string | null;
  readonly pacedBecause: string | null;
  /** Milliseconds of the last requests. */
  readonly answerMs: { readonly p50: number; readonly p95: number; readonly requests: number } | null;
}

/** @param stood null when the daemon has not written any */
export function standingOf(stood: StoredStanding | undefined, now: number): StandingFacts {
  const paced = stood?.paced && Math.min(stood.paced.until, stood.at + stood.paced.pause) > now ? stood.paced : null;
  const answers = stood?.answers ?? null;
  return {
    failing: sinceOf(stood?.failing ?? null),
    denied: sinceOf(stood?.denied ?? null),
    pacedUntil: paced ? iso(paced.until) : null,
    pacedBecause: paced ? paced.why : null,
    answerMs: answers && { p50: tenth(answers.p50), p95: tenth(answers.p95), requests: answers.requests },
  };
}

/** One line for each thing worth saying. */
export function standingLines(destination: string, facts: StandingFacts): string {
  const { denied, failing, pacedUntil, pacedBecause, answerMs } = facts;
  const lines: string[] = [];
  const trouble = denied ?? failing;
  if (trouble) {
    const what = denied ? 'REFUSES OUR CREDENTIALS' : 'ACCEPTS NOTHING';
    lines.push(`${what} since ${trouble.since}: ${trouble.why}; next attempt ${trouble.nextAttempt}`);
  }
  if (pacedUntil) lines.push(`paced until ${pacedUntil}: ${pacedBecause}`);
  if (answerMs) lines.push(`answers within ${answerMs.p50} ms (p50), ${answerMs.p95} ms (p95)`);
  return asLines(lines.map((line) => `destination ${destination}  ${line}`));
}

function sinceOf(since: StoredStanding['failing']): StandingFacts['failing'] {
  return since && { since: iso(since.since), why: since.why, nextAttempt: iso(since.next) };
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
