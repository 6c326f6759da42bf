/**
 * The receiving side of every signing scheme: for `listen`, and as a pattern for receivers. Written against the published
 * descriptions, not against the signer, so that the two check each other.
 */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify as verifyWithKey } from 'node:crypto';
import { CodedError } from '../errors/coded-error';
import type { HmacSigning, Verifier } from './options';
import { authorization, headerKey } from './verify-auth';

export const PRESETS = [
  'standard-webhooks',
  'stripe',
  'github',
  'shopify',
  'slack',
  'celigo',
  'hmac',
  'basic',
  'bearer',
  'api-key',
  'none',
] as const;
export type Preset = (typeof PRESETS)[number];

/** Free choices of `hmac`; the other presets have theirs. */
export type HmacForm = Pick<
  HmacSigning,
  'algorithm' | 'encoding' | 'header' | 'prefix' | 'content' | 'timestampHeader' | 'idHeader' | 'secretEncoding'
>;

export interface VerifyOptions {
  readonly preset: Preset;
  /** One that fits is enough, so that a receiver can know the old and the new one. */
  readonly secrets: readonly string[];
  /** `whpk_...` or PEM, for Standard Webhooks v1a. */
  readonly publicKeys?: readonly string[];
  readonly hmac?: HmacForm;
  /** Oldest and newest timestamp accepted, seconds from now. Default 300. */
  readonly toleranceSeconds?: number;
  readonly now?: () => number;
}

/** DER of an Ed25519 public key before its 32 bytes; RFC 8410 section 4. */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export function verifierOf(options: VerifyOptions): Verifier {
  const { preset } = options;
  if (preset === 'none') return () => null;
  if (options.secrets.length === 0 && (options.publicKeys ?? []).length === 0) throw noSecret(preset);
  if (preset === 'standard-webhooks') return standard(options);
  if (preset === 'basic')
    return authorization('Basic', ...options.secrets.map((s) => Buffer.from(s).toString('base64')));
  if (preset === 'bearer') return authorization('Bearer', ...options.secrets);
  if (preset === 'api-key') return headerKey(options.hmac?.header ?? 'x-api-key', ...options.secrets);
  if (preset === 'stripe') return stripe(options);
  if (preset === 'slack')
    return grid(options, {
      ...FORM,
      header: 'x-slack-signature',
      prefix: 'v0=',
      content: 'v0:{{timestamp}}:{{body}}',
      timestampHeader: 'x-slack-request-timestamp',
    });
  if (preset === 'github') return grid(options, { ...FORM, header: 'x-hub-signature-256', prefix: 'sha256=' });
  if (preset === 'shopify') return grid(options, { ...FORM, header: 'x-shopify-hmac-sha256', encoding: 'base64' });
  if (preset === 'celigo') return grid(options, { ...FORM, header: 'x-celigo-signature' });
  return grid(options, options.hmac ?? FORM);
}

export const FORM: HmacForm = {
  algorithm: 'sha256',
  encoding: 'hex',
  header: 'x-signature',
  prefix: '',
  content: '{{body}}',
  timestampHeader: null,
  idHeader: null,
  secretEncoding: 'utf8',
};

function standard(options: VerifyOptions): Verifier {
  const keys = options.secrets.map((s) => Buffer.from(s.replace(/^whsec_/, ''), 'base64'));
  const publicKeys = (options.publicKeys ?? []).map(publicKeyOf);
  return (headers, body) => {
    const id = one(headers['webhook-id']);
    const timestamp = one(headers['webhook-timestamp']);
    const given = one(headers['webhook-signature']);
    if (!id || !timestamp || !given) return 'webhook-id, webhook-timestamp or webhook-signature is missing';
    const late = staleness(timestamp, options);
    if (late) return late;
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const fits = given.split(' ').some((text) => {
      const comma = text.indexOf(',');
      const mac = Buffer.from(text.slice(comma + 1), 'base64');
      const version = text.slice(0, comma);
      if (version === 'v1') return keys.some((key) => same(createHmac('sha256', key).update(content).digest(), mac));
      return version === 'v1a' && publicKeys.some((key) => verifyWithKey(null, content, key, mac));
    });
    return fits ? null : 'no signature in webhook-signature fits the body';
  };
}

function stripe(options: VerifyOptions): Verifier {
  return (headers, body) => {
    const given = one(headers['stripe-signature']);
    if (!given) return 'stripe-signature is missing';
    const pairs = given.split(',').map((part) => part.trim().split('=') as [string, string]);
    const timestamp = pairs.find(([name]) => name === 't')?.[1];
    if (!timestamp) return 'stripe-signature has no t';
    const late = staleness(timestamp, options);
    if (late) return late;
    const fits = options.secrets.some((secret) => {
      const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
      return pairs.some(([name, value]) => name === 'v1' && same(mac, Buffer.from(value ?? '', 'hex')));
    });
    return fits ? null : 'no v1 in stripe-signature fits the body';
  };
}

function grid(options: VerifyOptions, form: HmacForm): Verifier {
  const header = form.header.toLowerCase();
  const keys = options.secrets.map((s) => keyBytes(s, form.secretEncoding));
  return (headers, body) => {
    const given = [one(headers[header]), one(headers[`${header}-previous`])].filter((v) => v !== undefined);
    if (given.length === 0) return `${header} is missing`;
    const timestamp = form.timestampHeader ? one(headers[form.timestampHeader.toLowerCase()]) : undefined;
    if (form.timestampHeader && !timestamp) return `${form.timestampHeader} is missing`;
    const late = timestamp === undefined ? null : staleness(timestamp, options);
    if (late) return late;
    const id = one(headers[(form.idHeader ?? 'webhook-id').toLowerCase()]) ?? '';
    const content = signedContent(form.content, { id, timestamp: timestamp ?? '' }, body);
    const fits = keys.some((key) => {
      const mac = createHmac(form.algorithm, key).update(content).digest();
      const text = form.encoding === 'HEX' ? mac.toString('hex').toUpperCase() : mac.toString(form.encoding);
      return given.some((value) => same(Buffer.from(form.prefix + text), Buffer.from(value)));
    });
    return fits ? null : `${header} does not fit the body`;
  };
}

function signedContent(template: string, fields: { id: string; timestamp: string }, body: Buffer): Buffer {
  const [before, after] = template.split(/\{\{\s*body\s*\}\}/) as [string, string | undefined];
  const fill = (text: string): Buffer =>
    Buffer.from(text.replace(/\{\{\s*(id|timestamp)\s*\}\}/g, (_, name: 'id' | 'timestamp') => fields[name]));
  return after === undefined ? fill(before) : Buffer.concat([fill(before), body, fill(after)]);
}

function staleness(timestamp: string, options: VerifyOptions): string | null {
  const seconds = Number(timestamp);
  if (!Number.isInteger(seconds)) return 'the timestamp is not a number of seconds';
  const away = Math.abs((options.now ?? Date.now)() / 1000 - seconds);
  return away > (options.toleranceSeconds ?? 300) ? `the timestamp is ${Math.round(away)} seconds away from now` : null;
}

function publicKeyOf(text: string): KeyObject {
  if (text.trim().startsWith('-----BEGIN')) return createPublicKey(text);
  const key = Buffer.concat([ED25519_SPKI, Buffer.from(text.replace(/^whpk_/, ''), 'base64')]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function keyBytes(secret: string, encoding: HmacForm['secretEncoding']): Buffer {
  if (encoding === 'whsec') return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return Buffer.from(secret, encoding);
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function noSecret(preset: string): CodedError {
  return new CodedError({
    code: 'LISTEN_SECRET',
    message: `no secret was given to verify ${preset} requests with`,
    next: 'pass --secret-env NAME, --secret-file FILE or --secret TEXT, or --preset none to look at unsigned requests',
  });
}
