/**
 * Signature headers of one request. Schemes: Standard Webhooks 1.0 (v1, v1a), a free HMAC grid, and the published
 * algorithms of Stripe, GitHub, Shopify, Slack and Celigo listeners.
 */
import { type KeyObject, sign as signWithKey } from 'node:crypto';
import { steadyNow } from '../clock/steady-clock';
import { ed25519Key, hmacKey, whsecKey } from './keys';
import type { HmacSigning, SecretPair, SecretText, Signing, StandardWebhooksSigning } from './options';
import { type MacAlgorithm, PreparedMac } from './prepared-mac';

/** What is signed. `timestamp` is Unix seconds. */
interface Signable {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly body: Buffer;
}

export interface Signer {
  /** Header names and values alternating, in a list of its own. */
  headers(what: Signable): string[];
}

/** How long a revealed secret is used before it is looked up again. */
const LOOK_AGAIN_MS = 5_000;

/** @throws CodedError family `config` when a secret cannot be a key. */
export function signerOf(signing: Signing, now: () => number = steadyNow): Signer {
  if (signing === 'none') return { headers: (what) => ['webhook-id', what.id] };
  if ('standardWebhooks' in signing) return standardSigner(signing.standardWebhooks, now);
  if ('hmac' in signing) return hmacSigner(signing.hmac, now);
  if ('stripe' in signing) return stripeSigner(signing.stripe, now);
  if ('slack' in signing) return hmacSigner(slack(signing.slack), now);
  if ('github' in signing)
    return withHeaders(hmacSigner(github(signing.github), now), (w) => ['x-github-event', w.type]);
  if ('shopify' in signing)
    return withHeaders(hmacSigner(shopify(signing.shopify), now), (w) => ['x-shopify-topic', w.type]);
  return hmacSigner(celigo(signing.celigo), now);
}

const GRID = {
  previousSecret: null,
  timestampHeader: null,
  idHeader: null,
  secretEncoding: 'utf8',
  prefix: '',
} as const;

function github(pair: SecretPair): HmacSigning {
  return {
    ...GRID,
    ...pair,
    algorithm: 'sha256',
    encoding: 'hex',
    header: 'x-hub-signature-256',
    prefix: 'sha256=',
    content: '{{body}}',
    idHeader: 'x-github-delivery',
  };
}

function shopify(pair: SecretPair): HmacSigning {
  return {
    ...GRID,
    ...pair,
    algorithm: 'sha256',
    encoding: 'base64',
    header: 'x-shopify-hmac-sha256',
    content: '{{body}}',
    idHeader: 'x-shopify-webhook-id',
  };
}

function slack(pair: SecretPair): HmacSigning {
  return {
    ...GRID,
    ...pair,
    algorithm: 'sha256',
    encoding: 'hex',
    header: 'x-slack-signature',
    prefix: 'v0=',
    content: 'v0:{{timestamp}}:{{body}}',
    timestampHeader: 'x-slack-request-timestamp',
  };
}

/** Celigo's listener lets one choose algorithm, encoding and header; this is the choice of the preset. */
function celigo(pair: SecretPair): HmacSigning {
  return { ...GRID, ...pair, algorithm: 'sha256', encoding: 'hex', header: 'x-celigo-signature', content: '{{body}}' };
}

function standardSigner(options: StandardWebhooksSigning, now: () => number): Signer {
  const symmetric = keysOf([options.secret, options.previousSecret], macOf('sha256', whsecKey), now);
  const asymmetric = keysOf([options.privateKey, options.previousPrivateKey], ed25519Key, now);
  return {
    headers({ id, timestamp, body }) {
      const head = `${id}.${timestamp}.`;
      let signature = '';
      for (const key of symmetric()) {
        const mac = key.digest([head, body], 'base64');
        signature = signature === '' ? `v1,${mac}` : `${signature} v1,${mac}`;
      }
      const keys = asymmetric();
      if (keys.length > 0) {
        const content = Buffer.concat([Buffer.from(head), body]);
        const own = keys.map((key) => `v1a,${signWithKey(null, content, key).toString('base64')}`).join(' ');
        signature = signature === '' ? own : `${signature} ${own}`;
      }
      return ['webhook-id', id, 'webhook-timestamp', String(timestamp), 'webhook-signature', signature];
    },
  };
}

function stripeSigner(pair: SecretPair, now: () => number): Signer {
  const key = macOf('sha256', (text) => hmacKey(text, 'utf8'));
  const keys = keysOf([pair.secret, pair.previousSecret], key, now);
  return {
    headers({ id, timestamp, body }) {
      const content = [`${timestamp}.`, body];
      const macs = keys().map((mac) => `v1=${mac.digest(content, 'hex')}`);
      return ['webhook-id', id, 'stripe-signature', `t=${timestamp},${macs.join(',')}`];
    },
  };
}

/** A scheme with room for one signature: that of the previous secret goes into a header of its own, `<header>-previous`. */
function hmacSigner(options: HmacSigning, now: () => number): Signer {
  const key = macOf(options.algorithm, (text) => hmacKey(text, options.secretEncoding));
  const keys = keysOf([options.secret, options.previousSecret], key, now);
  const parts = contentParts(options.content);
  const header = options.header.toLowerCase();
  const names = [header, `${header}-previous`] as const;
  return {
    headers(what) {
      const out = ['webhook-id', what.id];
      if (options.idHeader) out.push(options.idHeader.toLowerCase(), what.id);
      if (options.timestampHeader) out.push(options.timestampHeader.toLowerCase(), String(what.timestamp));
      const content = parts.map((part) => part(what));
      for (const [i, mac] of keys().entries()) {
        out.push(names[i as 0 | 1], options.prefix + encoded(mac, content, options.encoding));
      }
      return out;
    },
  };
}

function encoded(mac: PreparedMac, content: readonly (string | Buffer)[], encoding: HmacSigning['encoding']): string {
  return encoding === 'HEX' ? mac.digest(content, 'hex').toUpperCase() : mac.digest(content, encoding);
}

function macOf(algorithm: MacAlgorithm, keyOf: (text: string) => KeyObject): (text: string) => PreparedMac {
  return (text) => new PreparedMac(algorithm, keyOf(text));
}

/** `v0:{{timestamp}}:{{body}}` as functions of what is signed; the body is never copied. */
function contentParts(template: string): ((what: Signable) => string | Buffer)[] {
  return template
    .split(/(\{\{\s*(?:id|timestamp|body)\s*\}\})/)
    .filter((text) => text !== '')
    .map((text) => {
      const name = /^\{\{\s*(\w+)\s*\}\}$/.exec(text)?.[1];
      if (name === 'body') return (what: Signable) => what.body;
      if (name === 'id') return (what: Signable) => what.id;
      if (name === 'timestamp') return (what: Signable) => String(what.timestamp);
      return () => text;
    });
}

function withHeaders(signer: Signer, more: (what: Signable) => string[]): Signer {
  return { headers: (what) => [...signer.headers(what), ...more(what)] };
}

/** Keys made of secrets, made again when a secret has changed. Fails at once on a secret that cannot be a key. */
function keysOf<Key>(
  secrets: readonly (SecretText | null)[],
  make: (text: string) => Key,
  now: () => number,
): () => readonly Key[] {
  const present = secrets.filter((s): s is SecretText => s !== null);
  let texts = present.map((s) => s.reveal());
  let keys = texts.map(make);
  let lookAt = now() + LOOK_AGAIN_MS;
  return () => {
    if (now() < lookAt) return keys;
    lookAt = now() + LOOK_AGAIN_MS;
    const again = revealed(present);
    if (again?.some((text, i) => text !== texts[i])) {
      keys = again.map(make);
      texts = again;
    }
    return keys;
  };
}

/** A secret file that is being replaced may be missing for a moment: the old key then stays. */
function revealed(secrets: readonly SecretText[]): string[] | null {
  try {
    return secrets.map((s) => s.reveal());
  } catch {
    return null;
  }
}
