/** Keys that can be told wrong before anything is dialled: of signatures, and of the state file. Never shows a value. */
import { createPrivateKey } from 'node:crypto';
import { valueAt } from './findings';
import type { Finding } from './issue';
import type { Secret } from './secret';

type Path = readonly (string | number)[];

const WHSEC = 'expected whsec_ followed by base64 of 24 to 64 bytes';
const WHSK =
  'expected whsk_ followed by base64 of 32 or 64 bytes, or a PEM as `openssl genpkey -algorithm ed25519` writes it';

/** @param root the configuration the secret stands in @returns null where any text will do */
export function keyFinding(root: unknown, path: Path, secret: Secret): Finding | null {
  const expected = formOf(root, path, secret.reveal().trim());
  if (expected === null) return null;
  // a warning: where a configuration is only checked or asked about, the values may be dummies
  return { severity: 'warning', code: 'CFG_KEY', path, at: 'value', seen: '[secret]', expected, suggestion: null };
}

function formOf(root: unknown, path: Path, text: string): string | null {
  if (path[0] === 'encryption') return isSealKey(text) ? null : 'expected 32 bytes: 64 hex digits, or base64';
  const scheme = path.at(-2);
  const isPrivate = /private/i.test(String(path.at(-1)));
  if (scheme === 'standardWebhooks') {
    if (isPrivate) return isEd25519(text) ? null : WHSK;
    return isBase64(text.replace(/^whsec_/, '')) ? null : WHSEC;
  }
  if (scheme !== 'hmac') return null;
  const encoding = valueAt(root, [...path.slice(0, -1), 'secretEncoding']);
  if (encoding === 'whsec') return isBase64(text.replace(/^whsec_/, '')) ? null : WHSEC;
  if (encoding === 'base64') return isBase64(text) ? null : 'expected base64, or another secretEncoding';
  if (encoding === 'hex') return isHex(text) ? null : 'expected pairs of hex digits, or another secretEncoding';
  return null;
}

function isSealKey(text: string): boolean {
  return /^[0-9a-fA-F]{64}$/.test(text) || Buffer.from(text, 'base64').length === 32;
}

function isHex(text: string): boolean {
  return /^([0-9a-fA-F]{2})+$/.test(text);
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && Buffer.from(text, 'base64').length > 0;
}

function isEd25519(text: string): boolean {
  if (!text.startsWith('-----BEGIN')) {
    const bare = text.replace(/^whsk_/, '');
    return isBase64(bare) && [32, 64].includes(Buffer.from(bare, 'base64').length);
  }
  try {
    return createPrivateKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
