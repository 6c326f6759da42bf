/** Calls of the HTTP API under the session of this browser. */

/** What the API refused, or could not do: RFC 9457 as it comes. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly next: string | null,
  ) {
    super(`${code}: ${detail}`);
  }
}

type Method = 'GET' | 'POST' | 'DELETE';
/** Told when the session is over. */
let onSignedOut: () => void = () => undefined;

export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

/** @throws Problem; an AbortError when `signal` ends it */
export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await answered(method, path, body, signal);
  const text = await response.text();
  if (response.ok) return (text === '' ? null : JSON.parse(text)) as T;
  const problem = problemOf(response, text);
  if (response.status === 401 && path !== '/v1/session') onSignedOut();
  throw problem;
}

async function answered(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      ...(signal ? { signal } : {}),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Problem(0, 'NO_ANSWER', String((error as Error).message), null);
  }
}

function problemOf({ status, statusText }: Response, text: string): Problem {
  try {
    const { code, detail, next } = JSON.parse(text) as { code: string; detail: string; next: string | null };
    return new Problem(status, code, detail, next);
  } catch {
    return new Problem(status, String(status), statusText, null);
  }
}

/** A path of parts that may hold anything. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** `?a=b` of what is given; nothing where nothing is. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** `LIB/FILE` as two parts of a path. */
export function twoParts(name: string): string {
  const at = name.indexOf('/');
  return pathOf(name.slice(0, at), name.slice(at + 1));
}
