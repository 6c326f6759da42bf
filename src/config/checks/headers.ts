/** Headers of requests and records: what they may be called and hold, and that none stands beside one of ours. */
import type { Finding } from '../issue';
import { type ConfigTree, error, objectAt, objectOf, type Path, warning } from './tree';

/** Of the connection or of the body, which are ours to say. */
const OURS =
  /^(host|connection|keep-alive|transfer-encoding|content-length|content-encoding|accept-encoding|expect|te|trailer|upgrade|proxy-.*|webhook-.*)$/;

const PRESETS: Readonly<Record<string, readonly string[]>> = {
  stripe: ['stripe-signature'],
  github: ['x-hub-signature-256', 'x-hub-signature-256-previous', 'x-github-delivery', 'x-github-event'],
  shopify: ['x-shopify-hmac-sha256', 'x-shopify-hmac-sha256-previous', 'x-shopify-webhook-id', 'x-shopify-topic'],
  slack: ['x-slack-signature', 'x-slack-signature-previous', 'x-slack-request-timestamp'],
  celigo: ['x-celigo-signature', 'x-celigo-signature-previous'],
};

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * HTTP carries one byte a character (Latin-1) and no control characters but the tab; anything else never leaves this machine.
 * @returns what was expected, with the place of the first wrong character but not the character: it may be a secret
 */
export function headerFault(value: string): string | null {
  const at = value.search(/[^\t\x20-\x7e\x80-\xff]/);
  if (at < 0) return null;
  const code = value.charCodeAt(at);
  const place = `character ${[...value.slice(0, at)].length + 1}`;
  if (code === 0x0a || code === 0x0d) return `expected one line: ${place} is a line end`;
  if (code < 0x20 || code === 0x7f) return `expected text without control characters: ${place} is one`;
  return `expected characters of Latin-1, which are all a header can carry: ${place} is another`;
}

/** One name a request would have, who gives it, and where a finding about it points. */
interface Claim {
  readonly name: string;
  readonly by: string;
  readonly path: Path;
  readonly at: 'key' | 'value';
}

export function headerChecks(tree: ConfigTree): Finding[] {
  return Object.entries(objectOf(tree['destinations'])).flatMap(([name, value]) => {
    const destination = objectOf(value);
    return [
      ...webhookHeaders(objectOf(destination['webhook']), ['destinations', name, 'webhook']),
      ...recordHeaders(objectOf(destination['kafka']), ['destinations', name, 'kafka']),
    ];
  });
}

function webhookHeaders(webhook: ConfigTree, path: Path): Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<string, string>();
  for (const { name, by, path: place, at } of claims(webhook, path)) {
    const lower = name.toLowerCase();
    const other = taken.get(lower);
    if (!NAME.test(name)) {
      if (at === 'value')
        findings.push(error('CFG_HEADER', place, at, `"${name}"`, 'expected a header name such as X-Signature'));
    } else if (OURS.test(lower)) {
      const expected = 'expected another name: this header is written by ibmi-cdc or by the connection itself';
      findings.push(error('CFG_HEADER', place, at, `"${name}"`, expected));
    } else if (other !== undefined) {
      const expected = `expected a header of its own: ${other} is sent under this name, and receivers would see two`;
      findings.push(error('CFG_HEADER', place, at, `"${name}"`, expected));
    } else taken.set(lower, by);
  }
  return [...findings, ...contentFindings(objectAt(webhook, 'signing', 'hmac'), [...path, 'signing', 'hmac'])];
}

/** In the order in which they would be refused: those of the scheme are there first. */
function claims(webhook: ConfigTree, path: Path): Claim[] {
  const signing = objectOf(webhook['signing']);
  const auth = objectOf(webhook['auth']);
  const list: Claim[] = Object.entries(PRESETS).flatMap(([scheme, names]) =>
    scheme in signing
      ? names.map((name) => ({ name, by: `the signature of ${scheme}`, path, at: 'key' as const }))
      : [],
  );
  for (const member of ['basic', 'bearer', 'oauth2']) {
    if (auth[member] != null)
      list.push({ name: 'authorization', by: `auth.${member}`, path: [...path, 'auth', member], at: 'key' });
  }
  const texts: [ConfigTree, string, Path][] = [
    [objectOf(signing['hmac']), 'header', [...path, 'signing', 'hmac']],
    [objectOf(signing['hmac']), 'timestampHeader', [...path, 'signing', 'hmac']],
    [objectOf(signing['hmac']), 'idHeader', [...path, 'signing', 'hmac']],
    [objectOf(auth['apiKey']), 'header', [...path, 'auth', 'apiKey']],
  ];
  for (const [section, member, base] of texts) {
    const name =
      section[member] ?? (member === 'header' && 'hmac' in signing && base.at(-1) === 'hmac' ? 'X-Signature' : null);
    if (typeof name === 'string')
      list.push({ name, by: `${base.slice(3).join('.')}.${member}`, path: [...base, member], at: 'value' });
  }
  for (const name of Object.keys(objectOf(webhook['headers']))) {
    list.push({ name, by: `headers.${name}`, path: [...path, 'headers', name], at: 'key' });
  }
  return list;
}

/** A signature over less than the body, or over a time that is not sent, proves nothing to the receiver. */
function contentFindings(hmac: ConfigTree, path: Path): Finding[] {
  const { content } = hmac;
  if (typeof content !== 'string') return [];
  const has = (name: string): boolean => new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`).test(content);
  const at = [...path, 'content'];
  const findings: Finding[] = [];
  if (!has('body')) {
    findings.push(
      warning(
        'CFG_LINT_CONTENT',
        at,
        JSON.stringify(content),
        'expected {{body}} in it: the signature proves nothing of the event',
      ),
    );
  }
  if (has('timestamp') && hmac['timestampHeader'] == null) {
    const expected = 'expected timestampHeader beside it: a receiver that does not get the time cannot verify';
    findings.push(error('CFG_HEADER', at, 'value', JSON.stringify(content), expected));
  }
  return findings;
}

function recordHeaders(kafka: ConfigTree, path: Path): Finding[] {
  return Object.keys(objectOf(kafka['headers']))
    .filter((name) => /^(ce_.*|content-type)$/i.test(name))
    .map((name) => {
      const expected = 'expected another name: ce_... and content-type are headers of every record';
      return error('CFG_HEADER', [...path, 'headers', name], 'key', `"${name}"`, expected);
    });
}
