/** The receiving side of credentials and signatures, header by header; and keys in every spelling. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ed25519Key, hmacKey, whsecKey } from '../../src/signatures/keys';
import { type Preset, verifierOf } from '../../src/signatures/verify';
import { authVerifier, basicCredentials } from '../../src/signatures/verify-auth';
import { secret } from '../deliver/support/bench';

const none = { basic: null, bearer: null, apiKey: null, bodyToken: null, oauth2: null };
const body = Buffer.from('{"a":1}');
const why = (given: Partial<typeof none> | object, headers: IncomingHttpHeaders, text = body, url?: string) =>
  authVerifier({ ...none, ...given })(headers, text, url);

describe('basic', () => {
  // RFC 7617, section 2: user Aladdin, password "open sesame"
  const basic = { basic: { user: 'Aladdin', password: secret('open sesame') } };

  test.each([
    ['as in the RFC', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', null],
    ['in small letters', 'basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', null],
    ['blanks around it', '  Basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ==  ', null],
    ['no header', undefined, 'authorization is missing'],
    ['an empty one', '', 'authorization is missing'],
    ['another scheme', 'Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'authorization is not Basic'],
    ['no credentials', 'Basic', 'authorization does not hold the expected user and password'],
    ['other ones', 'Basic QWxhZGRpbjpzZXNhbWU=', 'authorization does not hold the expected user and password'],
    [
      'other letters',
      'Basic qWxhZGRpbjpvcGVuIHNlc2FtZQ==',
      'authorization does not hold the expected user and password',
    ],
  ])('%s', (_, authorization, expected) => {
    expect(why(basic, authorization === undefined ? {} : { authorization })).toBe(expected);
  });

  test('a password may hold colons, and umlauts go as UTF-8', () => {
    expect(basicCredentials('u', 'a:b')).toBe(Buffer.from('u:a:b').toString('base64'));
    expect(basicCredentials('test', '123£')).toBe('dGVzdDoxMjPCow==');
  });
});

test.each([
  ['Bearer tok', null],
  ['BEARER tok', null],
  ['Bearer tok2', 'authorization does not hold the expected token'],
  ['Basic tok', 'authorization is not Bearer'],
])('bearer: %s', (authorization, expected) => {
  expect(why({ bearer: { token: secret('tok') } }, { authorization })).toBe(expected);
});

test.each([
  ['Bearer anything', null],
  ['bearer x', null],
  ['Bearer ', 'authorization has no bearer token'],
  ['Basic x', 'authorization has no bearer token'],
])('oauth2: %s', (authorization, expected) => {
  expect(why({ oauth2: {} }, { authorization })).toBe(expected);
});

describe('an API key', () => {
  const header = { apiKey: { header: 'X-Api-Key', query: null, value: secret('k&1') } };
  const query = { apiKey: { header: null, query: 'code', value: secret('k&1') } };

  test.each([
    [{ 'x-api-key': 'k&1' }, null],
    [{ 'x-api-key': 'k&2' }, 'x-api-key is not the expected key'],
    [{ 'x-api-key': '' }, 'x-api-key is not the expected key'],
    [{}, 'x-api-key is missing'],
  ])('in a header %j', (headers, expected) => {
    expect(why(header, headers)).toBe(expected);
  });

  test.each([
    ['/hook?code=k%261', null],
    ['/hook?x=1&code=k%261#f', null],
    ['/hook?code=k', 'code in the query is not the expected key'],
    ['/hook?Code=k%261', 'the query has no code'],
    ['/hook', 'the query has no code'],
    [undefined, 'the query has no code'],
  ])('in the query of %s', (url, expected) => {
    expect(why(query, {}, body, url)).toBe(expected);
  });
});

describe('a token in the body', () => {
  const at = (path: string) => ({ bodyToken: { path, value: secret('tok') } });

  test.each([
    ['token', '{"token":"tok"}', true],
    ['$.token', '{"token":"tok"}', true],
    ['a.b', '{"a":{"b":"tok"}}', true],
    ['$.a.b', '{"a":{"b":"tok"}}', true],
    ['a.b', '[{"a":{"b":"tok"}},{"a":{"b":"tok"}}]', true],
    ['a.b', '[{"a":{"b":"tok"}},{"a":{}}]', false],
    ['a.b', '{"a":"tok"}', false],
    ['a.b', '{"a":null}', false],
    ['token', '{"token":["tok"]}', false],
    ['token', '{"token":"tok2"}', false],
    ['token', 'no json', false],
    ['token', '', false],
    ['token', 'null', false],
  ])('at %s of %s', (path, text, fits) => {
    expect(why(at(path), {}, Buffer.from(text))).toBe(
      fits ? null : `the body does not have the expected token at ${path}`,
    );
  });
});

test('every credential of a destination must be there', () => {
  const both = { bearer: { token: secret('t') }, apiKey: { header: 'x-key', query: null, value: secret('k') } };
  expect(why(both, { authorization: 'Bearer t', 'x-key': 'k' })).toBeNull();
  expect(why(both, { authorization: 'Bearer t' })).toBe('x-key is missing');
  expect(why(both, { 'x-key': 'k' })).toBe('authorization is missing');
  expect(why({}, {})).toBeNull();
});

describe('presets without a signature', () => {
  test.each<[Preset, IncomingHttpHeaders, string | null]>([
    ['none', {}, null],
    ['basic', { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` }, null],
    ['basic', { authorization: `Basic ${Buffer.from('old:p').toString('base64')}` }, null],
    ['basic', { authorization: 'Basic x' }, 'authorization does not hold the expected user and password'],
    ['bearer', { authorization: 'Bearer u:p' }, null],
    ['api-key', { 'x-api-key': 'old:p' }, null],
    ['api-key', {}, 'x-api-key is missing'],
  ])('%s %j', (preset, headers, expected) => {
    expect(verifierOf({ preset, secrets: ['u:p', 'old:p'] })(headers, body)).toBe(expected);
  });

  test.each(['basic', 'bearer', 'api-key', 'stripe', 'github', 'hmac', 'standard-webhooks'] as const)(
    '%s without any secret is no check',
    (preset) => {
      expect(() => verifierOf({ preset, secrets: [] })).toThrow(expect.objectContaining({ code: 'LISTEN_SECRET' }));
    },
  );
});

describe('headers that are not as they should be', () => {
  const now = 1_700_000_000;
  const clock = { now: () => now * 1000 };
  const mac = (text: string): string => createHmac('sha256', 'k').update(text).digest('hex');
  const stripe = verifierOf({ preset: 'stripe', secrets: ['k'], ...clock });
  const slack = verifierOf({ preset: 'slack', secrets: ['k'], ...clock });

  test.each([
    ['as sent', `t=${now},v1=${mac(`${now}.${body}`)}`, true],
    ['with another version beside it', `t=${now},v0=00,v1=${mac(`${now}.${body}`)}`, true],
    ['two signatures, the second fits', `t=${now},v1=${'00'.repeat(32)},v1=${mac(`${now}.${body}`)}`, true],
    ['of another time', `t=${now - 1},v1=${mac(`${now}.${body}`)}`, false],
    ['cut', `t=${now},v1=${mac(`${now}.${body}`).slice(0, -2)}`, false],
    ['without a time', `v1=${mac(`${now}.${body}`)}`, false],
    ['without a signature', `t=${now}`, false],
    ['of words', 'nonsense', false],
    ['empty', '', false],
    ['a time in words', `t=today,v1=${mac(`today.${body}`)}`, false],
  ])('stripe, %s', (_, header, fits) => {
    expect(stripe({ 'stripe-signature': header }, body) === null).toBe(fits);
  });

  test.each([
    [0, true],
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('slack, %i seconds from now', (away, fits) => {
    const timestamp = String(now + away);
    const headers = {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac(`v0:${timestamp}:${body}`)}`,
    };
    expect(slack(headers, body) === null).toBe(fits);
  });

  test('the first of a repeated header counts', () => {
    const timestamp = String(now);
    const good = `v0=${mac(`v0:${timestamp}:${body}`)}`;
    const given = (signatures: string[]) =>
      slack({ 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signatures as never }, body);
    expect(given([good, 'v0=00'])).toBeNull();
    expect(given(['v0=00', good])).not.toBeNull();
  });
});

describe('keys', () => {
  const raw = Buffer.from('0123456789abcdef0123456789abcdef');

  test.each([
    ['whsec_ and base64', 'whsec', `whsec_${raw.toString('base64')}`],
    ['base64 alone', 'whsec', raw.toString('base64')],
    ['with a line end', 'whsec', `whsec_${raw.toString('base64')}\n`],
    ['url-safe base64', 'whsec', raw.toString('base64url')],
    ['hex', 'hex', raw.toString('hex')],
    ['HEX', 'hex', ` ${raw.toString('hex').toUpperCase()} `],
    ['base64', 'base64', raw.toString('base64')],
    ['the text itself', 'utf8', raw.toString()],
  ] as const)('%s', (_, encoding, text) => {
    expect(hmacKey(text, encoding).export()).toEqual(raw);
    if (encoding === 'whsec') expect(whsecKey(text).export()).toEqual(raw);
  });

  test('the blanks of a text belong to it', () => {
    expect(hmacKey(' k ', 'utf8').export().toString()).toBe(' k ');
  });

  test.each([
    ['whsec', ''],
    ['whsec', 'whsec_'],
    ['whsec', 'whsec_with blanks in it'],
    ['hex', 'abc'],
    ['hex', 'xyz1'],
    ['hex', ''],
    ['base64', ''],
    ['base64', 'a$b'],
    ['base64', '=ab'],
  ] as const)('no key: %s %j', (encoding, text) => {
    expect(() => hmacKey(text, encoding)).toThrow(expect.objectContaining({ code: 'WEBHOOK_KEY', family: 'config' }));
  });

  test('Ed25519: a PEM of another kind, a PEM of nothing, and too few bytes', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });
    for (const text of [String(rsa), '-----BEGIN PRIVATE KEY-----', `whsk_${Buffer.alloc(31).toString('base64')}`, ''])
      expect(() => ed25519Key(text)).toThrow(expect.objectContaining({ code: 'WEBHOOK_KEY' }));
  });

  test('Ed25519: the test key of RFC 8032, 7.1, test 1', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const key = ed25519Key(`whsk_${seed.toString('base64')}`);
    expect(key.asymmetricKeyType).toBe('ed25519');
    expect(key.export({ format: 'der', type: 'pkcs8' }).subarray(-32)).toEqual(seed);
  });
});
