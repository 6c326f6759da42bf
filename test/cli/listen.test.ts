/** `listen` against every scheme a webhook can have: the right request is accepted, a tampered, old or strange one refused. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signing } from '../../src/signatures/options';
import { signerOf } from '../../src/signatures/signer';
import { type CommandRun, runCommand } from '../support/run-command';

jest.setTimeout(30_000);

const SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another one, just as long').toString('base64')}`;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PRIVATE = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const WHPK = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`;
const body = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'order.updated', data: { note: 'Größe' } }));
const tampered = Buffer.from(body.toString().replace('Größe', 'Grösse'));

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'listen-'));
  config = join(folder, 'ibmi-cdc.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(webhook: string): void {
  writeFileSync(
    config,
    `version: 1
partition: { name: PROD1, host: ibmi.example.com, user: U, password: x, tls: { ca: ca.pem } }
destinations: { crm: { webhook: { url: "https://crm.example.com/", ${webhook} } } }
tables: { ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { ORDNO: orderNumber } } }
`,
  );
}

async function listening(...args: string[]): Promise<{ run: CommandRun; url: string }> {
  const run = runCommand(['listen', ...args, '--json', '--seconds', '20', '-c', config], {
    KEY: SECRET,
    PEM: PRIVATE,
  });
  const end = Date.now() + 10_000;
  while (!run.out().includes('\n')) {
    if (Date.now() > end) throw new Error(`no listener: ${run.err()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
  return { run, url: (run.lines()[0] as { url: string }).url };
}

type Headers = Record<string, string>;
async function post(url: string, headers: Headers, bytes = body): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: bytes,
  });
  await response.arrayBuffer();
  return response.status;
}

const secret = (text: string) => ({ reveal: () => text });
const pair = (text: string) => ({ secret: secret(text), previousSecret: null });
const standard = (text: string) => ({
  standardWebhooks: { secret: secret(text), previousSecret: null, privateKey: null, previousPrivateKey: null },
});
const hmac =
  (given: object) =>
  (text: string): Signing => ({
    hmac: {
      algorithm: 'sha256',
      encoding: 'hex',
      header: 'X-Signature',
      prefix: '',
      content: '{{body}}',
      timestampHeader: null,
      idHeader: null,
      secretEncoding: 'utf8',
      ...given,
      ...pair(text),
    },
  });
const GRID = {
  algorithm: 'sha512',
  encoding: 'base64',
  header: 'X-Sig',
  prefix: 'v=',
  content: '{{id}}.{{timestamp}}.{{body}}',
  timestampHeader: 'X-Time',
  idHeader: 'X-Id',
} as const;

function headersOf(signing: Signing, timestamp: number): Headers {
  const list = signerOf(signing).headers({ id: 'evt_1', type: 'order.updated', timestamp, body });
  return Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!]));
}

/** name, YAML, the signer for a secret, whether the time is signed */
const SCHEMES: [string, string, (text: string) => Signing, boolean][] = [
  ['standardWebhooks', 'standardWebhooks: { secret: "${env:KEY}" }', standard, true],
  ['stripe', 'stripe: { secret: "${env:KEY}" }', (text) => ({ stripe: pair(text) }), true],
  ['github', 'github: { secret: "${env:KEY}" }', (text) => ({ github: pair(text) }), false],
  ['shopify', 'shopify: { secret: "${env:KEY}" }', (text) => ({ shopify: pair(text) }), false],
  ['slack', 'slack: { secret: "${env:KEY}" }', (text) => ({ slack: pair(text) }), true],
  ['celigo', 'celigo: { secret: "${env:KEY}" }', (text) => ({ celigo: pair(text) }), false],
  ['sha1', 'hmac: { secret: "${env:KEY}", algorithm: sha1 }', hmac({ algorithm: 'sha1' }), false],
  [
    'a free grid',
    `hmac: { secret: "\${env:KEY}", algorithm: sha512, encoding: base64, header: X-Sig, prefix: "v=", content: "${GRID.content}", timestampHeader: X-Time, idHeader: X-Id }`,
    hmac(GRID),
    true,
  ],
];

test.each(SCHEMES)('%s: the right one alone is accepted and counted', async (_name, yaml, signing, timed) => {
  write(`signing: { ${yaml} }`);
  const { run, url } = await listening('--from', 'crm', '--count', '1');
  const now = Math.floor(Date.now() / 1000);
  const right = headersOf(signing(SECRET), now);
  expect(await post(url, right, tampered)).toBe(401);
  expect(await post(url, headersOf(signing(OTHER), now))).toBe(401);
  expect(await post(url, {})).toBe(401);
  const old = await post(url, headersOf(signing(SECRET), now - 400));
  // without a time in what is signed a request never gets old: the receiver goes by the id
  expect(old).toBe(timed ? 401 : 204);
  if (timed) expect(await post(url, headersOf(signing(SECRET), now + 400))).toBe(401);
  if (timed) expect(await post(url, right)).toBe(204);
  expect(await run.done).toBe(0);
  const heard = run.lines().slice(1) as { verified: boolean; accepted: boolean; status: number; why: string | null }[];
  expect(heard.slice(0, 3).map((h) => h.why)).toEqual([
    expect.stringMatching(/fit/),
    expect.stringMatching(/fit/),
    expect.stringMatching(/missing/),
  ]);
  expect(heard.map((h) => h.accepted)).toEqual([...heard.slice(1).map(() => false), true]);
  expect(heard.at(-1)).toMatchObject({ verified: true, status: 204 });
  expect(run.out() + run.err()).not.toContain(SECRET);
});

test('v1a: the public key verifies, another one does not', async () => {
  const { run, url } = await listening('--public-key', WHPK, '--count', '1');
  const now = Math.floor(Date.now() / 1000);
  const of = (pem: string): Signing => ({
    standardWebhooks: { secret: null, previousSecret: null, privateKey: secret(pem), previousPrivateKey: null },
  });
  const stranger = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  expect(await post(url, headersOf(of(stranger), now))).toBe(401);
  expect(await post(url, headersOf(of(PRIVATE), now), tampered)).toBe(401);
  expect(await post(url, headersOf(of(PRIVATE), now - 400))).toBe(401);
  expect(await post(url, headersOf(of(PRIVATE), now))).toBe(204);
  expect(await run.done).toBe(0);
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
/** name, YAML, right headers and path, wrong ones with the reason told */
const CREDENTIALS: [
  string,
  string,
  { headers?: Headers; path?: string; body?: string },
  { headers?: Headers; path?: string; body?: string; why: RegExp }[],
][] = [
  [
    'basic',
    'basic: { user: ibmi, password: "p:ü" }',
    { headers: { authorization: basic('ibmi:p:ü') } },
    [
      { headers: { authorization: basic('ibmi:p') }, why: /does not hold the expected user and password/ },
      { headers: { authorization: 'Bearer p:u' }, why: /authorization is not Basic/ },
      { why: /authorization is missing/ },
    ],
  ],
  [
    'bearer',
    'bearer: { token: t-1 }',
    { headers: { authorization: 'Bearer t-1' } },
    [{ headers: { authorization: 'Bearer t-2' }, why: /expected token/ }, { why: /missing/ }],
  ],
  [
    'apiKey in a header',
    'apiKey: { header: X-Api-Key, value: k-1 }',
    { headers: { 'x-api-key': 'k-1' } },
    [{ headers: { 'x-api-key': 'k-10' }, why: /x-api-key is not the expected key/ }, { why: /x-api-key is missing/ }],
  ],
  [
    'apiKey in the query',
    'apiKey: { query: code, value: "a b&c" }',
    { path: '?v=1&code=a%20b%26c' },
    [{ path: '?code=no', why: /code in the query is not/ }, { why: /the query has no code/ }],
  ],
  [
    'bodyToken',
    'bodyToken: { path: myAuth.token, value: t-1 }',
    { body: '[{"id":"evt_1","myAuth":{"token":"t-1"}}]' },
    [
      { body: '[{"id":"evt_1","myAuth":{"token":"t-1"}},{"id":"evt_2"}]', why: /expected token at myAuth.token/ },
      { body: 'no json', why: /at myAuth.token/ },
    ],
  ],
  [
    'oauth2',
    'oauth2: { tokenUrl: "https://login.example.com/t", clientId: c, clientSecret: s }',
    { headers: { authorization: 'Bearer whatever-was-issued' } },
    [{ why: /no bearer token/ }],
  ],
  [
    'two at once',
    'basic: { user: u, password: p }, apiKey: { header: X-Key, value: k }',
    { headers: { authorization: basic('u:p'), 'x-key': 'k' } },
    [
      { headers: { authorization: basic('u:p') }, why: /x-key is missing/ },
      { headers: { 'x-key': 'k' }, why: /authorization/ },
    ],
  ],
];

test.each(CREDENTIALS)('%s: accepted when it is right, refused when it is not', async (_name, yaml, right, wrong) => {
  write(`signing: none, auth: { ${yaml} }`);
  const { run, url } = await listening('--from', 'crm', '--count', '1');
  const send = (one: { headers?: Headers; path?: string; body?: string }) =>
    post(url + (one.path ?? ''), one.headers ?? {}, one.body === undefined ? body : Buffer.from(one.body));
  for (const one of wrong) expect(await send(one)).toBe(401);
  expect(await send(right)).toBe(204);
  expect(await run.done).toBe(0);
  const heard = run.lines().slice(1) as { why: string | null; verified: boolean }[];
  for (const [i, { why }] of wrong.entries()) expect(heard.filter((h) => !h.verified)[i]!.why).toMatch(why);
});

test('credentials and signature must both hold', async () => {
  write('signing: { github: { secret: "${env:KEY}" } }, auth: { bearer: { token: t-1 } }');
  const { run, url } = await listening('--from', 'crm', '--count', '1');
  const signature = headersOf({ github: pair(SECRET) }, 0);
  expect(await post(url, signature)).toBe(401);
  expect(await post(url, { authorization: 'Bearer t-1' })).toBe(401);
  expect(await post(url, { ...signature, authorization: 'Bearer t-1' })).toBe(204);
  expect(await run.done).toBe(0);
});

test.each([
  [['--preset', 'basic', '--secret', 'u:p'], { authorization: basic('u:p') }],
  [['--preset', 'bearer', '--secret', 'old', '--secret', 'new'], { authorization: 'Bearer new' }],
  [['--preset', 'api-key', '--secret', 'k'], { 'x-api-key': 'k' }],
  [['--preset', 'api-key', '--header', 'X-Key', '--secret', 'k'], { 'x-key': 'k' }],
] as [string[], Headers][])('%j without a configuration', async (args, headers) => {
  const { run, url } = await listening(...args, '--count', '1');
  expect(await post(url, {})).toBe(401);
  expect(await post(url, headers)).toBe(204);
  expect(await run.done).toBe(0);
});

test('--count counts neither what was failed on purpose nor repeats; --seconds ends with 5 when it is not reached', async () => {
  const { run, url } = await listening('--preset', 'none', '--fail-first', '1', '--count', '2');
  const other = Buffer.from('{"id":"evt_2"}');
  expect([await post(url, {}), await post(url, {}), await post(url, {})]).toEqual([503, 204, 204]);
  expect(await post(url, {}, other)).toBe(204);
  expect(await run.done).toBe(0);
  expect(
    run
      .lines()
      .slice(1)
      .map((h) => [h['accepted'], h['repeat']]),
  ).toEqual([
    [false, false],
    [true, false],
    [true, true],
    [true, false],
  ]);
  const late = runCommand(['listen', '--preset', 'none', '--count', '1', '--seconds', '1', '--json', '-c', config]);
  expect(await late.done).toBe(5);
});

test('two ways to fill the Authorization header are refused by validate', async () => {
  write('signing: none, auth: { basic: { user: u, password: p }, bearer: { token: t } }');
  const run = runCommand(['validate', '-c', config]);
  expect(await run.done).toBe(2);
  expect(run.out() + run.err()).toMatch(
    /expected one of basic, bearer and oauth2: each of them is the Authorization header/,
  );
});
