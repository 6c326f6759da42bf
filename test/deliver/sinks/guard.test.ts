/** Where a webhook may dial. */
import { lookup } from 'node:dns';
import { NO_AUTH, NO_TLS, type PrivateNetworks, type WebhookOptions } from '../../../src/deliver/options';
import { guardOf } from '../../../src/deliver/sinks/webhook/dial/guard';
import { Bench, hook, QUICK, secret } from '../support/bench';
import { draft } from '../support/drafts';
import { TunnelProxy } from '../support/proxy';
import { Receiver } from '../support/receiver';

test.each([
  ['deny', 'hooks.example.com', '93.184.216.34', true],
  ['deny', 'hooks.example.com', '2606:2800:220:1:248:1893:25c8:1946', true],
  ['deny', '127.0.0.1', '127.0.0.1', false],
  ['as-written', '127.0.0.1', '127.0.0.1', true],
  ['as-written', '127.0.0.1', '127.0.0.2', false],
  ['as-written', 'localhost', '::1', true],
  ['as-written', 'localhost', '127.0.0.1', true],
  ['as-written', 'localhost', '10.0.0.1', false],
  ['as-written', 'hooks.example.com', '127.0.0.1', false],
  ['as-written', 'hooks.example.com', '10.1.2.3', false],
  ['as-written', 'hooks.example.com', '172.16.0.1', false],
  ['as-written', 'hooks.example.com', '192.168.1.1', false],
  ['as-written', 'hooks.example.com', '169.254.169.254', false],
  ['as-written', 'hooks.example.com', '100.64.0.1', false],
  ['as-written', 'hooks.example.com', '0.0.0.0', false],
  ['as-written', 'hooks.example.com', '224.0.0.1', false],
  ['as-written', 'hooks.example.com', 'fe80::1', false],
  ['as-written', 'hooks.example.com', 'fd00::1', false],
  ['as-written', 'hooks.example.com', '::ffff:127.0.0.1', false],
  ['as-written', 'hooks.example.com', '64:ff9b::7f00:1', false],
  ['as-written', '[::1]', '::1', true],
  ['allow', 'hooks.example.com', '10.1.2.3', true],
  [['10.1.0.0/16'], 'inside.example.com', '10.1.2.3', true],
  [['10.1.0.0/16'], 'inside.example.com', '10.2.2.3', false],
  [['10.1.0.0/16'], 'inside.example.com', '::ffff:10.1.2.3', true],
  [['fd00::/8', '10.9.9.9'], 'inside.example.com', 'fd12::1', true],
  [['fd00::/8', '10.9.9.9'], 'inside.example.com', '10.9.9.9', true],
] as [PrivateNetworks, string, string, boolean][])(
  '%j, url host %s, dialled %s: %s',
  (networks, host, address, open) => {
    expect(guardOf(networks, host).refuses(address) === null).toBe(open);
  },
);

test('a range that is none is a config error', () => {
  expect(() => guardOf(['10.1.0.0/99'], 'h')).toThrow(/expected an address range/);
});

test('a name is judged by the address that is dialled', async () => {
  // whatever the machine resolves its own name to, it is not a public address
  const found = await new Promise<Error | null>((done) =>
    guardOf('as-written', 'hooks.example.com').lookup('localhost', { all: true }, (error) => done(error)),
  );
  expect(found?.message).toMatch(/localhost leads to .* a loopback address/);
  await new Promise<void>((done) => lookup('localhost', () => done()));
});

test('a refused address is not dialled; the event waits and says why', async () => {
  await using receiver = await Receiver.start();
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { privateNetworks: 'deny', retry: { ...QUICK, schedule: [0, 5] } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got).toHaveLength(0);
  expect(bench.outbox.deadLetters.list({})[0]!.message).toMatch(
    /127\.0\.0\.1, a loopback address; expected a public one/,
  );
});

/** What became of one event: `delivered`, or the message of its dead letter. */
async function outcome(url: string, given: Partial<WebhookOptions>): Promise<string> {
  await using bench = await Bench.start({
    webhooks: { crm: hook(url, { retry: { ...QUICK, schedule: [0] }, ...given }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  return bench.outbox.deadLetters.list({})[0]?.message ?? 'delivered';
}

test('a name that leads inside is refused when it is dialled, whatever it is called', async () => {
  await using receiver = await Receiver.start();
  // the trailing dot makes it a name like any other, which the resolver of the machine answers
  const said = await outcome(`http://localhost.:${receiver.port}/`, { privateNetworks: 'as-written' });
  expect(said).toMatch(/localhost\. leads to \S+, a loopback address|ENOTFOUND|EAI_AGAIN/);
  expect(receiver.got).toHaveLength(0);
});

describe('the token URL is dialled under the same guard', () => {
  const auth = (tokenUrl: string) => ({
    ...NO_AUTH,
    oauth2: {
      tokenUrl,
      clientId: 'c',
      clientSecret: secret('s'),
      scope: null,
      audience: null,
      authentication: 'header' as const,
      tls: NO_TLS,
    },
  });
  const token = (): Promise<Receiver> =>
    Receiver.start((_got, response) => response.end('{"access_token":"t","expires_in":60}'));

  test.each([
    ['deny', /the authorization server http:\S+ cannot be reached: 127\.0\.0\.1 leads to .* a loopback address/],
    [['10.1.0.0/16'], /a loopback address; expected a public one/],
    [['127.0.0.0/8'], /^delivered$/],
    ['as-written', /^delivered$/],
    ['allow', /^delivered$/],
  ] as [PrivateNetworks, RegExp][])('%j, written as an address', async (privateNetworks, expected) => {
    await using tokens = await token();
    await using receiver = await Receiver.start();
    expect(await outcome(receiver.url, { privateNetworks, auth: auth(tokens.url) })).toMatch(expected);
    const asked = expected.test('delivered') ? 1 : 0;
    expect([tokens.got.length, receiver.got.length]).toEqual([asked, asked]);
  });

  test('a name that leads inside is refused even where the receiver is allowed as written', async () => {
    await using tokens = await token();
    await using receiver = await Receiver.start();
    const said = await outcome(receiver.url, { auth: auth(`http://localhost.:${tokens.port}/token`) });
    expect(said).toMatch(
      /authorization server http:\/\/localhost\.:\d+ cannot be reached: .*(loopback|ENOTFOUND|EAI_AGAIN)/,
    );
    expect([tokens.got.length, receiver.got.length]).toEqual([0, 0]);
  });

  test('its redirects are not followed', async () => {
    await using inside = await token();
    await using tokens = await Receiver.start((_got, response) =>
      response.writeHead(302, { location: inside.url }).end(),
    );
    expect(await outcome(tokens.url, { auth: auth(tokens.url) })).toMatch(/answered 302 without an access token/);
    expect(inside.got).toHaveLength(0);
  });

  test('an answer that drips for ever ends with the timeout', async () => {
    const drips = new Set<NodeJS.Timeout>();
    await using tokens = await Receiver.start((_got, response) => {
      response.writeHead(200).write('{');
      drips.add(setInterval(() => response.write(' '), 20));
    });
    try {
      const timeouts = { connect: 1_000, response: 300 };
      expect(await outcome(tokens.url, { auth: auth(tokens.url), timeouts })).toMatch(
        /answered 200 \(its reply broke off before it was complete\) without an access token/,
      );
    } finally {
      for (const drip of drips) clearInterval(drip);
    }
  });

  test.each(['login.example.com/token', 'ftp://login.example.com/', 'https://user:geheim@login.example.com/'])(
    '%s is refused without being shown',
    async (tokenUrl) => {
      await expect(outcome('http://127.0.0.1:1/', { auth: auth(tokenUrl) })).rejects.toThrow(
        /^auth\.oauth2\.tokenUrl /,
      );
      await expect(outcome('http://127.0.0.1:1/', { auth: auth(tokenUrl) })).rejects.not.toThrow(/geheim/);
    },
  );
});

describe('proxy: env', () => {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
  const before = new Map(names.map((name) => [name, process.env[name]]));
  beforeEach(() => {
    for (const name of names) delete process.env[name];
  });
  afterAll(() => {
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
  });

  test.each([
    ['without a proxy', {}],
    ['beside a proxy that NO_PROXY leaves out', { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' }],
  ])('%s: what is dialled directly is guarded', async (_case, env) => {
    Object.assign(process.env, env);
    await using receiver = await Receiver.start();
    expect(await outcome(receiver.url, { proxy: 'env', privateNetworks: 'deny' })).toMatch(/a loopback address/);
    expect(await outcome(receiver.url, { proxy: 'env' })).toBe('delivered');
    expect(receiver.got).toHaveLength(1);
  });

  test("what goes through the proxy is the proxy's business", async () => {
    await using proxy = await TunnelProxy.start();
    await using receiver = await Receiver.start();
    Object.assign(process.env, { HTTP_PROXY: proxy.url });
    expect(await outcome(receiver.url, { proxy: 'env', privateNetworks: 'deny' })).toBe('delivered');
    expect(proxy.tunnels).toEqual([`127.0.0.1:${receiver.port}`]);
  });
});
