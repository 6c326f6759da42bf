/** Configured secrets as keys. Errors never show the text. */
import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import { CodedError } from '../errors/coded-error';
import type { HmacSigning } from './options';

/** PKCS#8 wrapping of a 32-byte Ed25519 seed; RFC 8410 section 7. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `whsec_` and base64, as Standard Webhooks writes a symmetric secret; the prefix may be left out. */
export function whsecKey(text: string): KeyObject {
  const key = base64(text.trim().replace(/^whsec_/, ''));
  if (key && key.length > 0) return createSecretKey(key);
  throw badKey('the Standard Webhooks secret is not base64', 'whsec_ followed by base64 of 24 to 64 bytes');
}

/** `whsk_` and base64 of seed or seed plus public key, or a PKCS#8 PEM. */
export function ed25519Key(text: string): KeyObject {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return pemKey(trimmed);
  const bytes = base64(trimmed.replace(/^whsk_/, ''));
  if (bytes && (bytes.length === 32 || bytes.length === 64)) {
    const key = Buffer.concat([ED25519_PKCS8, bytes.subarray(0, 32)]);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }
  throw badKey('the Ed25519 private key cannot be read', 'whsk_ followed by base64 of 32 or 64 bytes, or a PEM');
}

export function hmacKey(text: string, encoding: HmacSigning['secretEncoding']): KeyObject {
  if (encoding === 'whsec') return whsecKey(text);
  if (encoding === 'utf8') return createSecretKey(Buffer.from(text, 'utf8'));
  const trimmed = text.trim();
  const isHex = /^([0-9a-fA-F]{2})+$/.test(trimmed);
  const key = encoding === 'base64' ? base64(trimmed) : isHex ? Buffer.from(trimmed, 'hex') : null;
  if (key && key.length > 0) return createSecretKey(key);
  throw badKey(`the signing secret is not ${encoding}`, `${encoding}, or another secretEncoding`);
}

function pemKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // fall through: OpenSSL's text does not help
  }
  throw badKey('the PEM is not an Ed25519 private key', 'a PEM as `openssl genpkey -algorithm ed25519` writes it');
}

function base64(text: string): Buffer | null {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}

function badKey(seen: string, wanted: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_KEY',
    message: `${seen}; expected ${wanted}`,
    next: "make one with `node -p \"'whsec_' + require('crypto').randomBytes(32).toString('base64')\"` and give it to the receiver too",
  });
}
