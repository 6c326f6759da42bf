/** Signatures judged by the senders' own packages and published algorithms, and by our receiving side. */
import { spawnSync } from 'node:child_process';
import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { isCoded } from '../../src/errors/coded-error';
import type { HmacSigning, Signing } from '../../src/signatures/options';
import { PreparedMac } from '../../src/signatures/prepared-mac';
import { signerOf } from '../../src/signatures/signer';
import { type Preset, verifierOf } from '../../src/signatures/verify';
import { SECRET, secret } from '../deliver/support/bench';

const body = Buffer.from('{"id":"evt_1","data":{"name":"Größe \\"ä\\""}}');
const now = Math.floor(Date.now() / 1000);
const what = { id: 'evt_1', type: 'order.updated', timestamp: now, body };
const OTHER = 'whsec_C2FtcGxlU2VjcmV0U2FtcGxlU2VjcmV0';

function headersOf(signing: Signing): Record<string, string> {
  const list = signerOf(signing).headers(what);
  return Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!]));
}

const standard = (
  given: Partial<Record<'secret' | 'previousSecret' | 'privateKey' | 'previousPrivateKey', string>>,
) => {
  const of = (text: string | undefined) => (text === undefined ? null : secret(text));
  return {
    standardWebhooks: {
      secret: of(given.secret),
      previousSecret: of(given.previousSecret),
      privateKey: of(given.privateKey),
      previousPrivateKey: of(given.previousPrivateKey),
    },
  };
};

const pair = (text: string, before?: string) => ({
  secret: secret(text),
  previousSecret: before === undefined ? null : secret(before),
});

test('standard webhooks: the package accepts it, and refuses another body, id or secret', () => {
  const headers = headersOf(standard({ secret: SECRET }));
  const judge = new Webhook(SECRET);
  expect(judge.verify(body.toString(), headers)).toEqual(JSON.parse(body.toString()));
  expect(() => judge.verify(`${body} `, headers)).toThrow();
  expect(() => judge.verify(body.toString(), { ...headers, 'webhook-id': 'evt_2' })).toThrow();
  expect(() => new Webhook(OTHER).verify(body.toString(), headers)).toThrow();
});

test('standard webhooks: the example of the specification', () => {
  const signer = signerOf(standard({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }));
  const headers = signer.headers({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    type: 'test',
    timestamp: 1614265330,
    body: Buffer.from('{"test": 2432232314}'),
  });
  expect(headers.at(-1)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('standard webhooks: during a rotation both the old and the new secret verify', () => {
  const headers = headersOf(standard({ secret: SECRET, previousSecret: OTHER }));
  expect(headers['webhook-signature']!.split(' ')).toHaveLength(2);
  for (const known of [SECRET, OTHER]) new Webhook(known).verify(body.toString(), headers);
});

test('standard webhooks v1a: Ed25519 from whsk_ and from PEM, verified with the public key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const spki = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const forms = [`whsk_${seed.toString('base64')}`, `whsk_${Buffer.concat([seed, spki]).toString('base64')}`, pem];
  for (const form of forms) {
    const headers = headersOf(standard({ privateKey: form, secret: SECRET }));
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/);
    const publicKeys = [`whpk_${spki.toString('base64')}`];
    const verify = verifierOf({ preset: 'standard-webhooks', secrets: [], publicKeys });
    expect(verify(headers, body)).toBeNull();
    expect(verify(headers, Buffer.from('other'))).not.toBeNull();
  }
});

test('stripe: its own package accepts it, also with either secret of a rotation', () => {
  const headers = headersOf({ stripe: pair('whsec_new', 'whsec_old') });
  for (const known of ['whsec_new', 'whsec_old']) {
    const event = Stripe.webhooks.constructEvent(body, headers['stripe-signature']!, known);
    expect(event.id).toBe('evt_1');
  }
  expect(() => Stripe.webhooks.constructEvent(body, headers['stripe-signature']!, 'whsec_wrong')).toThrow();
});

test('github: octokit accepts it', () => {
  const headers = headersOf({ github: pair('geheim') });
  expect(octokitVerifies('geheim', headers['x-hub-signature-256']!)).toBe('true');
  expect(octokitVerifies('andere', headers['x-hub-signature-256']!)).toBe('false');
  expect(headers).toMatchObject({ 'x-github-event': 'order.updated', 'x-github-delivery': 'evt_1' });
});

/** The package is an ES module only, so it judges in a process of its own. */
function octokitVerifies(key: string, signature: string): string {
  const program = `import { verify } from '@octokit/webhooks-methods';
    const [key, body, signature] = JSON.parse(process.argv[1]);
    console.log(await verify(key, body, signature));`;
  const given = JSON.stringify([key, body.toString(), signature]);
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program, given], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout.trim();
}

/** The published recipes, spelled out here by hand. */
const RECIPES: [string, Signing, string, string][] = [
  ['shopify', { shopify: pair('k') }, 'x-shopify-hmac-sha256', createHmac('sha256', 'k').update(body).digest('base64')],
  [
    'slack',
    { slack: pair('k') },
    'x-slack-signature',
    `v0=${createHmac('sha256', 'k').update(`v0:${now}:${body}`).digest('hex')}`,
  ],
  ['celigo', { celigo: pair('k') }, 'x-celigo-signature', createHmac('sha256', 'k').update(body).digest('hex')],
];
test.each(RECIPES)('%s: as published', (_name, signing, header, expected) => {
  expect(headersOf(signing)[header]).toBe(expected);
});

test('slack signs its timestamp header', () => {
  expect(headersOf({ slack: pair('k') })['x-slack-request-timestamp']).toBe(String(now));
});

test('a scheme with room for one signature carries the previous one beside it', () => {
  const headers = headersOf({ github: pair('new', 'old') });
  expect(headers['x-hub-signature-256-previous']).toBe(
    `sha256=${createHmac('sha256', 'old').update(body).digest('hex')}`,
  );
});

const PRESET_SIGNINGS: [Preset, Signing][] = [
  ['standard-webhooks', standard({ secret: SECRET })],
  ['stripe', { stripe: pair(SECRET) }],
  ['github', { github: pair(SECRET) }],
  ['shopify', { shopify: pair(SECRET) }],
  ['slack', { slack: pair(SECRET) }],
  ['celigo', { celigo: pair(SECRET) }],
];
test.each(PRESET_SIGNINGS)('listen verifies %s and refuses a changed body', (preset, signing) => {
  const verify = verifierOf({ preset, secrets: [OTHER, SECRET] });
  const headers = headersOf(signing);
  expect(verify(headers, body)).toBeNull();
  expect(verify(headers, Buffer.concat([body, Buffer.from(' ')]))).toMatch(/fits|fit/);
  expect(verifierOf({ preset, secrets: [OTHER] })(headers, body)).not.toBeNull();
  expect(verify({}, body)).toMatch(/missing/);
});

test.each(['standard-webhooks', 'stripe', 'slack'] as const)('%s: an old timestamp is refused', (preset) => {
  const signing = PRESET_SIGNINGS.find(([name]) => name === preset)![1];
  const later = () => Date.now() + 301_000;
  expect(verifierOf({ preset, secrets: [SECRET], now: later })(headersOf(signing), body)).toMatch(/seconds away/);
});

test('the grid: every algorithm, encoding, prefix and content template is what a plain HMAC gives', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('sha1' as const, 'sha256' as const, 'sha384' as const, 'sha512' as const),
      fc.constantFrom('hex' as const, 'HEX' as const, 'base64' as const, 'base64url' as const),
      fc.constantFrom('', 'sha256=', 'v0='),
      fc.constantFrom('{{body}}', '{{id}}.{{timestamp}}.{{body}}', 'v0:{{ timestamp }}:{{ body }}', '{{body}}{{id}}'),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      (algorithm, encoding, prefix, content, keyBytes) => {
        const key = Buffer.from(keyBytes);
        const options: HmacSigning = {
          ...pair(key.toString('base64')),
          algorithm,
          encoding,
          prefix,
          content,
          header: 'X-Sig',
          timestampHeader: 'X-Time',
          idHeader: 'X-Id',
          secretEncoding: 'base64',
        };
        const headers = headersOf({ hmac: options });
        const text = content
          .replace(/\{\{ ?id ?\}\}/, what.id)
          .replace(/\{\{ ?timestamp ?\}\}/, String(now))
          .replace(/\{\{ ?body ?\}\}/, () => body.toString());
        const mac = createHmac(algorithm, key).update(text).digest();
        const expected = encoding === 'HEX' ? mac.toString('hex').toUpperCase() : mac.toString(encoding);
        expect(headers['x-sig']).toBe(prefix + expected);
        expect(headers).toMatchObject({ 'x-time': String(now), 'x-id': what.id });
        const verify = verifierOf({ preset: 'hmac', secrets: [key.toString('base64')], hmac: options });
        expect(verify(headers, body)).toBeNull();
      },
    ),
  );
});

test('a prepared key signs like a plain HMAC, whatever the length of key and content', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('sha1' as const, 'sha256' as const, 'sha384' as const, 'sha512' as const),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(0, 1, 600, 16_000, 16_384, 16_385, 100_000),
      (algorithm, keyBytes, head, length) => {
        const prepared = new PreparedMac(algorithm, createSecretKey(keyBytes));
        for (const content of [Buffer.alloc(length, 'ä'), Buffer.from('short')]) {
          const plain = createHmac(algorithm, keyBytes).update(head).update(content).digest('base64');
          expect(prepared.digest([head, content], 'base64')).toBe(plain);
        }
      },
    ),
  );
});

test.each([
  ['standard webhooks', standard({ secret: 'not base64 !' })],
  ['ed25519', standard({ privateKey: 'whsk_AAAA' })],
  ['ed25519 pem', standard({ privateKey: '-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----' })],
  [
    'hex',
    {
      hmac: {
        ...pair('xyz'),
        algorithm: 'sha256',
        encoding: 'hex',
        header: 'h',
        prefix: '',
        content: '{{body}}',
        timestampHeader: null,
        idHeader: null,
        secretEncoding: 'hex',
      },
    } as Signing,
  ],
])('a secret that cannot be a key is a config error that does not show it: %s', (_name, signing) => {
  let seen: unknown;
  try {
    signerOf(signing);
  } catch (error) {
    seen = error;
  }
  expect(isCoded(seen) && seen.family).toBe('config');
  expect(JSON.stringify(seen) + String(seen)).not.toMatch(/not base64 !|AAAA|xyz/);
});

test('a secret that changes is used after a few seconds, a file that is away for a moment is not missed', () => {
  let text = SECRET;
  let at = 1_000_000;
  const rotating = {
    reveal: () => {
      if (text === '') throw new Error('no file');
      return text;
    },
  };
  const signing = {
    standardWebhooks: { secret: rotating, previousSecret: null, privateKey: null, previousPrivateKey: null },
  };
  const signer = signerOf(signing, () => at);
  const sign = () => signer.headers({ ...what, timestamp: 1 }).at(-1);
  const first = sign();
  text = '';
  at += 6_000;
  expect(sign()).toBe(first);
  text = OTHER;
  at += 6_000;
  expect(sign()).not.toBe(first);
});

test('unsigned only when spelled out: the id stays', () => {
  expect(headersOf('none')).toEqual({ 'webhook-id': 'evt_1' });
});
