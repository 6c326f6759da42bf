/** Secrets that can be determined wrong before anything is dialled: keys of signatures and of the state file, header values. Never shows a value. */
import { createPrivateKey } from 'node:crypto';
import { headerFault } from './checks/headers';
import { valueAt } from './findings';
import type { Finding } from './issue';
import type { Secret, SecretForm } from './secret';

type Path = readonly (string | number)[];

const MAKE = 'openssl rand -base64 32';
const WHSEC = `expected whsec_ followed by base64 of 24 to 64 bytes; make one with: echo "whsec_$(${MAKE})"`;
const WHSK =
  'expected whsk_ followed by base64 of 32 or 64 bytes, or a PEM as `openssl genpkey -algorithm ed25519` writes it';

/** Fewer bytes than this are no key but a mistake, such as a variable that holds a name. */
const LEAST_KEY = 4;
/** 128 bits. */
const SHORT_KEY = 16;

const anything: SecretForm = () => null;

/** @param root the configuration as parsed @returns what the secret at `path` must be */
export function secretForm(root: unknown, path: Path): SecretForm {
  const name = String(path.at(-1));
  const scheme = String(path.at(-2));
  if (path[0] === 'encryption') {
    return (text) =>
      isSealKey(text.trim()) ? null : `expected 32 bytes: 64 hex digits, or base64; make them with: ${MAKE}`;
  }
  if (path.includes('signing'))
    return signingForm(scheme, name, valueAt(root, [...path.slice(0, -1), 'secretEncoding']));
  const apiKey = scheme === 'apiKey' && valueAt(root, [...path.slice(0, -1), 'header']) != null;
  const inHeader = scheme === 'headers' || scheme === 'bearer' || name === 'bearer' || apiKey;
  return path.includes('webhook') && inHeader ? headerFault : anything;
}

function signingForm(scheme: string, name: string, encoding: unknown): SecretForm {
  if (scheme === 'standardWebhooks') {
    if (/private/i.test(name)) return (text) => (isEd25519(text.trim()) ? null : WHSK);
    return whsecFault;
  }
  if (scheme !== 'hmac' || (encoding ?? 'utf8') === 'utf8') return (text) => lengthFault(Buffer.byteLength(text));
  if (encoding === 'whsec') return whsecFault;
  if (encoding === 'base64') {
    return (text) =>
      isBase64(text.trim()) ? lengthFault(bytesOf(text.trim())) : 'expected base64, or another secretEncoding';
  }
  return (text) =>
    isHex(text.trim())
      ? lengthFault(text.trim().length / 2)
      : 'expected pairs of hex digits, or another secretEncoding';
}

function whsecFault(text: string): string | null {
  const bare = text.trim().replace(/^whsec_/, '');
  const bytes = isBase64(bare) ? bytesOf(bare) : 0;
  return bytes >= 24 && bytes <= 64 ? null : WHSEC;
}

function lengthFault(bytes: number): string | null {
  return bytes >= LEAST_KEY ? null : `expected a secret of at least ${SHORT_KEY} bytes; make one with: ${MAKE}`;
}

/** @returns null where any text will do, or the value is not known */
export function keyFinding(path: Path, secret: Secret): Finding | null {
  if (!secret.known) return null;
  const expected = secret.judge();
  if (expected !== null) {
    return { severity: 'error', code: 'CFG_KEY', path, at: 'value', seen: '[secret]', expected, suggestion: null };
  }
  return shortFinding(path, secret.reveal());
}

/** A key someone may guess: receivers of some schemes choose the secret, so it is said and not refused. */
function shortFinding(path: Path, text: string): Finding | null {
  const scheme = String(path.at(-2));
  if (!path.includes('signing') || scheme === 'standardWebhooks' || Buffer.byteLength(text) >= SHORT_KEY) return null;
  return {
    severity: 'warning',
    code: 'CFG_LINT_SHORT_SECRET',
    path,
    at: 'value',
    seen: '[secret]',
    expected: `expected at least ${SHORT_KEY} bytes: a shorter secret can be guessed; make one with: ${MAKE}`,
    suggestion: null,
  };
}

function isSealKey(text: string): boolean {
  return /^[0-9a-fA-F]{64}$/.test(text) || (isBase64(text) && bytesOf(text) === 32);
}

function isHex(text: string): boolean {
  return /^([0-9a-fA-F]{2})+$/.test(text);
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && bytesOf(text) > 0;
}

function bytesOf(base64: string): number {
  return Buffer.from(base64, 'base64').length;
}

function isEd25519(text: string): boolean {
  if (!text.startsWith('-----BEGIN')) {
    const bare = text.replace(/^whsk_/, '');
    return isBase64(bare) && [32, 64].includes(bytesOf(bare));
  }
  try {
    return createPrivateKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
