/** The receiving side of credentials beside or in place of a signature: what a receiver has to check, for `listen`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { StaticCredentials, Verifier } from './options';

type CheckedCredentials = StaticCredentials & { readonly oauth2: object | null };

/** Every credential of the destination must be there. Only its issuer knows whether a token of OAuth2 is genuine. */
export function authVerifier({ basic, bearer, apiKey, bodyToken, oauth2 }: CheckedCredentials): Verifier {
  const checks: Verifier[] = [];
  if (basic) checks.push(authorization('Basic', basicCredentials(basic.user, basic.password.reveal())));
  if (bearer) checks.push(authorization('Bearer', bearer.token.reveal()));
  if (oauth2)
    checks.push((headers) => (/^Bearer \S/i.test(given(headers)) ? null : 'authorization has no bearer token'));
  if (apiKey?.header) checks.push(headerKey(apiKey.header, apiKey.value.reveal()));
  if (apiKey?.query) checks.push(queryKey(apiKey.query, apiKey.value.reveal()));
  if (bodyToken) checks.push(memberToken(bodyToken.path, bodyToken.value.reveal()));
  return (headers, body, url) => {
    for (const check of checks) {
      const why = check(headers, body, url);
      if (why !== null) return why;
    }
    return null;
  };
}

/** RFC 7617: the colon ends the user. */
export function basicCredentials(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

/** @param expected what stands behind the scheme; one of several is enough */
export function authorization(scheme: 'Basic' | 'Bearer', ...expected: readonly string[]): Verifier {
  return (headers) => {
    const text = given(headers);
    if (text === '') return 'authorization is missing';
    const [name, credentials] = text.split(/\s+/, 2) as [string, string | undefined];
    if (name.toLowerCase() !== scheme.toLowerCase()) return `authorization is not ${scheme}`;
    const fits = expected.some((one) => same(one, credentials ?? ''));
    return fits
      ? null
      : `authorization does not hold the expected ${scheme === 'Basic' ? 'user and password' : 'token'}`;
  };
}

export function headerKey(header: string, ...expected: readonly string[]): Verifier {
  const name = header.toLowerCase();
  return (headers) => {
    const value = headers[name];
    if (value === undefined) return `${name} is missing`;
    return expected.some((one) => same(one, String(value))) ? null : `${name} is not the expected key`;
  };
}

function queryKey(name: string, expected: string): Verifier {
  return (_headers, _body, url) => {
    const value = new URL(url ?? '/', 'http://receiver').searchParams.get(name);
    if (value === null) return `the query has no ${name}`;
    return same(expected, value) ? null : `${name} in the query is not the expected key`;
  };
}

function memberToken(path: string, expected: string): Verifier {
  const names = path.replace(/^\$\.?/, '').split('.');
  return (_headers, body) => {
    const events = parsed(body);
    const all = Array.isArray(events) ? events : [events];
    const fits = all.every((event) => {
      const value = names.reduce<unknown>((here, name) => (isObject(here) ? here[name] : undefined), event);
      return typeof value === 'string' && same(expected, value);
    });
    return fits ? null : `the body does not have the expected token at ${path}`;
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function given(headers: IncomingHttpHeaders): string {
  return headers.authorization?.trim() ?? '';
}

/** Digests are of one length: the comparison says nothing of the secret. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
