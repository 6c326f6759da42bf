/** The URL of a webhook: origin fixed, `{{type}}`, `{{table}}` and `{{key}}` in path and query filled in for each event. */
import { CodedError } from '../../../errors/coded-error';
import type { StoredEvent } from '../../../model/delivery';
import type { AuthOptions } from '../../options';
import { UnsendableEvent } from './answer/judge';

export interface UrlTemplate {
  readonly origin: string;
  readonly host: string;
  /** True when events may have paths of their own. */
  readonly varies: boolean;
  /** @throws UnsendableEvent for an event whose values would lead to another path */
  pathOf(event: StoredEvent): string;
  /** What of the path may be secret, as receivers would echo it; empty when it is only `/`. */
  readonly secrets: readonly string[];
}

const FIELDS: Readonly<Record<string, (event: StoredEvent) => string>> = {
  type: (e) => e.type,
  table: (e) => e.table,
  key: (e) => e.traceKey,
};

/** @throws CodedError family `config`; the URL is not shown, as it may be a secret */
export function urlTemplate(text: string, apiKey: AuthOptions['apiKey']): UrlTemplate {
  const match = /^(https?:\/\/[^/?#{}]+)([^#]*)/i.exec(text.trim());
  const url = match && URL.canParse(match[1]!) ? new URL(match[1]!) : null;
  if (!match || !url) throw badUrl('is not an http(s) URL');
  if (url.username || url.password) throw badUrl('has a user and password in it');
  const rest = match[2]! === '' ? '/' : match[2]!.replace(/^\?/, '/?');
  const parts = rest.split(/\{\{\s*(\w+)\s*\}\}/);
  for (const name of parts.filter((_, i) => i % 2 === 1)) {
    if (!Object.hasOwn(FIELDS, name)) throw badUrl(`has {{${name}}}, which is none of type, table, key`);
  }
  const withQuery = (path: string): string => {
    if (!apiKey?.query) return path;
    const query = `${encodeURIComponent(apiKey.query)}=${encodeURIComponent(apiKey.value.reveal())}`;
    return `${path}${path.includes('?') ? '&' : '?'}${query}`;
  };
  const plain = parts.length === 1 ? normal(new URL(rest, url.origin)) : null;
  const pathOf = plain === null ? templated(parts) : () => plain;
  return {
    origin: url.origin,
    host: url.host,
    varies: plain === null,
    pathOf: apiKey?.query ? (event) => withQuery(pathOf(event)) : pathOf,
    secrets: secretsIn(plain === null ? parts : [...parts, '', plain]),
  };
}

/** @param parts literals and field names by turns */
function templated(parts: readonly string[]): (event: StoredEvent) => string {
  const literals = parts.map((part, i) => (i % 2 === 0 ? part.replace(/[^\x21-\x7e]/g, encodeURIComponent) : part));
  return (event) => {
    let path = '';
    // what the segment under way is when nothing is encoded, null while no value is in it
    let segment = '';
    let filled = false;
    let inQuery = false;
    const closeSegment = (): void => {
      if (filled && !inQuery && leadsElsewhere(segment)) throw otherPath();
      segment = '';
      filled = false;
    };
    for (const [i, literal] of literals.entries()) {
      if (i % 2 === 0) {
        path += literal;
        for (const piece of inQuery ? [] : literal.split(/([/?])/)) {
          if (piece === '/' || piece === '?') closeSegment();
          else segment += piece;
          if (piece === '?') inQuery = true;
        }
      } else {
        const value = FIELDS[literal]!(event);
        // half a character has no bytes
        if (/\p{Surrogate}/u.test(value)) throw otherPath();
        path += encodeURIComponent(value);
        segment += value;
        filled = true;
      }
    }
    closeSegment();
    return path;
  };
}

/** White space and control characters, which URL readers leave out. */
const UNSEEN = /[\s\p{Cc}]/gu;

/** How often a value may have been encoded by who wrote it, and decoded by who reads it. */
const DECODINGS = 4;

/**
 * True when a segment, decoded as often as proxies and servers between us and the receiver may do it, holds a segment that
 * is `.`, `..` or empty: those are taken out of a path, and with them what stands before. `\` is a `/` and `;...` nothing to some.
 */
function leadsElsewhere(segment: string): boolean {
  let text = segment;
  for (let i = 0; i < DECODINGS; i++) {
    const parts = text.split(/[/\\]/).map((part) => part.replace(UNSEEN, '').replace(/;.*$/s, ''));
    if (parts.every((part) => part === '') || parts.some((part) => part === '.' || part === '..')) return true;
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) return false;
    text = decoded;
  }
  return false;
}

function otherPath(): UnsendableEvent {
  return new UnsendableEvent(
    'url-path',
    'its values would lead to another path of the url than the template says: a segment of it would be empty, `.` or `..`',
  );
}

const SHORTEST_SECRET = 8;

/** Path and query as written, and the segments of them that are long enough to be a token. */
function secretsIn(parts: readonly string[]): string[] {
  const literals = parts.filter((_, i) => i % 2 === 0);
  const pieces = literals.flatMap((literal) => literal.split(/[/?&=]/));
  return [...literals, ...pieces].filter((text) => text.length >= SHORTEST_SECRET);
}

function normal(url: URL): string {
  return url.pathname + url.search;
}

function badUrl(what: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_URL',
    message: `the webhook url ${what}; expected a URL such as https://crm.example.com/hooks/ibmi`,
    next: 'correct the url; credentials belong under auth',
  });
}
