/** Contents of a row as events have them, member by member. */
import { VERDICT, type Verdict } from './chunk';

type Json = Readonly<Record<string, unknown>>;

/** Members whose values differ, in the order of the row; those only one side has among them. */
export function differingMembers(now: string, then: string): string[] {
  const [a, b] = [JSON.parse(now) as Json, JSON.parse(then) as Json];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((n) => !Object.hasOwn(a, n) || !Object.hasOwn(b, n) || canonical(a[n]) !== canonical(b[n]));
}

/**
 * What the content of an event says of a row as it is now, if it has only part of the row's members, or only some decide.
 * @param watched members that decide; null takes all the event has
 */
export function contentVerdict(now: string, then: string, watched: readonly string[] | null): Verdict {
  const [a, b] = [JSON.parse(now) as Json, JSON.parse(then) as Json];
  const names = (watched ?? Object.keys(b)).filter((n) => Object.hasOwn(b, n));
  if (names.some((n) => canonical(a[n]) !== canonical(b[n]))) return VERDICT.different;
  const all = watched ?? Object.keys(a);
  return all.every((n) => Object.hasOwn(b, n)) ? VERDICT.matching : VERDICT.unjudged;
}

/** JSON with its members in order of their names. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([n, v]) => `${JSON.stringify(n)}:${canonical(v)}`).join(',')}}`;
}
