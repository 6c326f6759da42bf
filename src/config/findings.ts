/** Zod issues to findings a person can act on. */

import type { z } from 'zod';
import type { FindingCode } from '../errors/codes/findings';
import type { Finding } from './issue';
import { suggest } from './suggest';

type Issue = z.core.$ZodIssue;

/** Names known at the place of an unknown key, noted while parsing: zod itself does not report them. */
export type KnownKeys = WeakMap<readonly string[], readonly string[]>;

/** Error map that notes the keys a strict object knows. */
export function noteKnownKeys(known: KnownKeys): z.core.$ZodErrorMap {
  return (raw) => {
    if (raw.code === 'unrecognized_keys') {
      const def = (raw.inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
      known.set(raw.keys as string[], Object.keys(def?.shape ?? {}));
    }
    return undefined;
  };
}

export function findingsOf(issues: readonly Issue[], input: unknown, known: KnownKeys): Finding[] {
  return issues.flatMap((issue) => findingOf(issue, input, known, []));
}

function findingOf(issue: Issue, input: unknown, known: KnownKeys, base: readonly PropertyKey[]): Finding[] {
  const path = [...base, ...issue.path].map((p) => (typeof p === 'number' ? p : String(p)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key, known.get(issue.keys) ?? []));
    case 'invalid_union':
      return unionFindings(issue, input, known, path);
    case 'invalid_key': {
      const inner = issue.issues[0]?.message ?? issue.message;
      return [finding('CFG_KEY', path, 'key', JSON.stringify(path.at(-1)), expectation(inner))];
    }
    default:
      return [valueFinding(issue, input, path)];
  }
}

function unknownKey(path: (string | number)[], key: string, keys: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'CFG_UNKNOWN_KEY',
    path,
    at: 'key',
    seen: `unknown key "${key}"`,
    expected: keys.length > 0 ? `expected one of ${keys.join(', ')}` : 'expected no key here',
    suggestion: suggest(key, keys),
  };
}

/**
 * A union fails with one list of issues for each alternative. Alternatives of another kind (text where an object stands)
 * say nothing useful; if exactly one of the same kind is left, its own issues are the answer.
 */
function unionFindings(
  issue: Issue & { code: 'invalid_union' },
  input: unknown,
  known: KnownKeys,
  path: readonly (string | number)[],
): Finding[] {
  const value = valueAt(input, path);
  const near = issue.errors.filter(
    (errors) => errors.length > 0 && !errors.some((e) => e.path.length === 0 && ofAnotherKind(e)),
  );
  const candidates = typeof value === 'object' && value !== null ? byKeys(near, value) : near;
  if (candidates.length === 1 && typeof value === 'object') {
    return candidates[0]!.flatMap((e) => findingOf(e, input, known, path));
  }
  const found = valueFinding(issue, input, [...path]);
  return [{ ...found, suggestion: found.suggestion ?? nearestAlternative(issue, value, known) }];
}

/** The literal, or for an object the key, that the writer of a refused alternative probably meant. */
function nearestAlternative(issue: Issue & { code: 'invalid_union' }, value: unknown, known: KnownKeys): string | null {
  const all = issue.errors.flat();
  if (typeof value === 'string') {
    const words = all.flatMap((e) => (e.code === 'invalid_value' ? e.values.map(String) : []));
    return suggest(value, words);
  }
  if (typeof value !== 'object' || value === null) return null;
  const keys = all.flatMap((e) => (e.code === 'unrecognized_keys' ? (known.get(e.keys) ?? []) : []));
  return (
    Object.keys(value)
      .filter((k) => !keys.includes(k))
      .map((k) => suggest(k, keys))
      .find((k) => k !== null) ?? null
  );
}

function ofAnotherKind(e: Issue): boolean {
  return e.code === 'invalid_type' || e.code === 'invalid_value';
}

/** Among object alternatives, those that recognise the most of the keys written, and at least one. */
function byKeys(alternatives: readonly Issue[][], value: object): Issue[][] {
  if (alternatives.length < 2) return [...alternatives];
  const strange = alternatives.map(strangeKeys);
  const fewest = Math.min(...strange);
  if (fewest === Object.keys(value).length) return [];
  return alternatives.filter((_, i) => strange[i] === fewest);
}

function strangeKeys(errors: readonly Issue[]): number {
  return errors.reduce((n, e) => n + (e.code === 'unrecognized_keys' && e.path.length === 0 ? e.keys.length : 0), 0);
}

function valueFinding(issue: Issue, input: unknown, path: (string | number)[]): Finding {
  const value = valueAt(input, path);
  const missing = value === undefined;
  const text = expectation(issue.message, issue);
  const words = /^expected one of (.+)$/.exec(text)?.[1]?.split(', ') ?? [];
  return {
    severity: 'error',
    code: missing ? 'CFG_MISSING' : 'CFG_VALUE',
    path,
    at: missing ? 'key' : 'value',
    seen: missing ? null : show(value),
    expected: text,
    suggestion: typeof value === 'string' ? suggest(value, words) : null,
  };
}

function finding(
  code: FindingCode,
  path: (string | number)[],
  at: 'key' | 'value',
  seen: string | null,
  expected: string,
): Finding {
  return { severity: 'error', code, path, at, seen, expected, suggestion: null };
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function expectation(message: string, issue?: Issue): string {
  if (message.startsWith('expected ')) return message;
  if (issue?.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}`;
  return `expected a valid value (${message})`;
}

export function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** The value as YAML would be talked about, cut to one short line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0
      ? 'an empty object'
      : `an object with ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', ...' : ''}`;
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}
