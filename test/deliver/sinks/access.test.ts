/** TLS and every way of saying who one is. */
import { Webhook } from 'standardwebhooks';
import { NO_AUTH, NO_TLS, type WebhookOptions } from '../../../src/deliver/options';
import { WebhookSink } from '../../../src/deliver/sinks/webhook/webhook';
import { Bench, hook, QUICK, SECRET, secret } from '../support/bench';
import { Certificates } from '../support/certificates';
import { draft } from '../support/drafts';
import { TunnelProxy } from '../support/proxy';
import { Receiver } from '../support/receiver';

describe('tls', () => {
  let certs: Certificates;
  beforeAll(() => {
    certs = new Certificates();
  });
  afterAll(() => certs[Symbol.dispose]());

  const server = (more = {}) => ({ key: certs.read('server.key'), cert: certs.read('server.pem'), ...more });

  async function outcome(options: WebhookOptions): Promise<string> {
    await using bench = await Bench.start({ webhooks: { crm: { ...options, retry: { ...QUICK, schedule: [0] } } } });
    bench.publish([draft(1)]);
    await bench.settled();
    return bench.outbox.deadLetters.list({})[0]?.message ?? 'delivered';
  }

  test('a certificate of an unknown authority is refused, with the authority it is accepted', async () => {
    await using receiver = await Receiver.start(undefined, server());
    expect(await outcome(hook(receiver.url))).toMatch(/unable to verify|self.signed|certificate/i);
    expect(receiver.got).toHaveLength(0);
    expect(await outcome(hook(receiver.url, { tls: { ...NO_TLS, ca: certs.file('ca.pem') } }))).toBe('delivered');
  });

  test('the name must be right', async () => {
    await using receiver = await Receiver.start(undefined, server());
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    expect(await outcome(hook(url, { tls: { ...NO_TLS, ca: certs.file('ca.pem') } }))).toMatch(/altnames|localhost/i);
  });

  test('a pinned certificate: the right one is accepted without an authority, another is refused before anything is sent', async () => {
    await using receiver = await Receiver.start(undefined, server());
    const pin = (name: string) => ({ ...NO_TLS, fingerprint: certs.fingerprint(name) });
    expect(await outcome(hook(receiver.url, { tls: pin('server') }))).toBe('delivered');
    expect(await outcome(hook(receiver.url, { tls: pin('client') }))).toMatch(/fingerprint/);
    expect(receiver.got).toHaveLength(1);
  });

  test('mutual TLS: with our certificate it works, with none or a stranger it does not', async () => {
    await using receiver = await Receiver.start(
      undefined,
      server({ requestCert: true, rejectUnauthorized: true, ca: certs.read('ca.pem') }),
    );
    const ca = certs.file('ca.pem');
    const own = (name: string) => ({ ...NO_TLS, ca, cert: certs.file(`${name}.pem`), key: certs.file(`${name}.key`) });
    expect(await outcome(hook(receiver.url, { tls: own('client') }))).toBe('delivered');
    expect(await outcome(hook(receiver.url, { tls: { ...NO_TLS, ca } }))).not.toBe('delivered');
    expect(await outcome(hook(receiver.url, { tls: own('strange-client') }))).not.toBe('delivered');
  });

  test('TLS 1.1 is refused', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await using receiver = await Receiver.start(undefined, server(old));
    expect(await outcome(hook(receiver.url, { tls: { ...NO_TLS, ca: certs.file('ca.pem') } }))).toMatch(
      /version|protocol|alert/i,
    );
  });

  test('a file that is not there is a config error', () => {
    const options = hook('https://example.com/', { tls: { ...NO_TLS, cert: '/nowhere/client.pem' } });
    expect(() => new WebhookSink(options, { agent: 'test' })).toThrow(/cannot be read \(ENOENT\); expected PEM/);
  });
});

test('basic, api key, static headers, together with the signature', async () => {
  await using receiver = await Receiver.start();
  const auth = {
    ...NO_AUTH,
    basic: { user: 'ibmi', password: secret('pä:ss') },
    apiKey: { header: 'X-Api-Key', query: null, value: secret('k-1') },
  };
  const headers = { 'X-Tenant': secret('42') };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth, headers }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  const got = receiver.got[0]!;
  expect(got.headers['authorization']).toBe(`Basic ${Buffer.from('ibmi:pä:ss').toString('base64')}`);
  expect(got.headers['x-api-key']).toBe('k-1');
  expect(got.headers['x-tenant']).toBe('42');
  new Webhook(SECRET).verify(got.body.toString(), got.headers as Record<string, string>);
  // the log of the attempt holds signatures, never credentials
  expect(JSON.stringify(bench.outbox.history.attempts(1))).not.toMatch(/k-1|Basic [^*]/);
});

test('a token at a body path is inside what is signed, numbers and text around it stay as they were', async () => {
  await using receiver = await Receiver.start();
  const auth = { ...NO_AUTH, bodyToken: { path: 'myAuth.token', value: secret('t-1') } };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth }) } });
  const event = draft(1);
  bench.publish([event]);
  await bench.settled();
  const got = receiver.got[0]!;
  const { myAuth, ...rest } = JSON.parse(got.body.toString());
  expect(myAuth).toEqual({ token: 't-1' });
  expect(rest).toEqual(JSON.parse(event.body.toString()));
  expect(got.body.subarray(-event.body.length + 1).equals(event.body.subarray(1))).toBe(true);
  new Webhook(SECRET).verify(got.body.toString(), got.headers as Record<string, string>);
});

test('an api key in the query, and a URL with the event in its path', async () => {
  await using receiver = await Receiver.start();
  const auth = { ...NO_AUTH, apiKey: { header: null, query: 'code', value: secret('a b&c') } };
  const url = `${receiver.url}/{{type}}/{{key}}?v=1`;
  await using bench = await Bench.start({ webhooks: { crm: hook(url, { auth, method: 'PUT' }) } });
  bench.publish([draft(1, { traceKey: 'A/1 ü' })]);
  await bench.settled();
  expect(receiver.got[0]!.method).toBe('PUT');
  expect(receiver.got[0]!.path).toBe('/hook/order.updated/A%2F1%20%C3%BC?v=1&code=a%20b%26c');
});

describe('oauth2 client credentials', () => {
  test('one token for many requests, asked again after a 401, never logged', async () => {
    let asked = 0;
    let valid = '';
    const requests: string[] = [];
    await using tokens = await Receiver.start((got, response) => {
      requests.push(`${got.headers['authorization'] ?? ''} ${got.body}`);
      valid = `token-${++asked}`;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ access_token: valid, expires_in: 3600 }));
    });
    await using receiver = await Receiver.start((got, response) => {
      response.writeHead(got.headers['authorization'] === `Bearer ${valid}` ? 204 : 401).end();
    });
    const oauth2 = {
      tokenUrl: tokens.url,
      clientId: 'ibmi cdc',
      clientSecret: secret('s:1'),
      scope: 'events.write',
      audience: null,
      authentication: 'header',
      tls: NO_TLS,
    } as const;
    await using bench = await Bench.start({
      webhooks: { crm: hook(receiver.url, { auth: { ...NO_AUTH, oauth2 }, concurrency: 4 }) },
    });
    for (let n = 0; n < 10; n++) bench.publish([draft(n)]);
    await bench.settled();
    expect(asked).toBe(1);
    expect(requests[0]).toBe(
      `Basic ${Buffer.from('ibmi%20cdc:s%3A1').toString('base64')} grant_type=client_credentials&scope=events.write`,
    );
    valid = 'revoked';
    bench.publish([draft(20)]);
    await bench.settled();
    expect(asked).toBe(2);
    expect(bench.outbox.deadLetters.count()).toBe(0);
    expect(JSON.stringify(bench.outbox.history.attempts(1))).not.toMatch(/token-/);
  });

  test('an authorization server that refuses is a retry that says so without the secret', async () => {
    await using tokens = await Receiver.start((_got, response) =>
      response.writeHead(400).end('{"error":"invalid_client"}'),
    );
    const oauth2 = {
      tokenUrl: tokens.url,
      clientId: 'c',
      clientSecret: secret('hidden'),
      scope: null,
      audience: 'a',
      authentication: 'body',
      tls: NO_TLS,
    } as const;
    await using bench = await Bench.start({
      webhooks: {
        crm: hook('http://127.0.0.1:9/', { auth: { ...NO_AUTH, oauth2 }, retry: { ...QUICK, schedule: [0, 1] } }),
      },
    });
    bench.publish([draft(1)]);
    await bench.settled();
    const [letter] = bench.outbox.deadLetters.list({});
    expect(letter!.message).toMatch(/answered 400 \(invalid_client\) without an access token/);
    expect(letter!.message).not.toMatch(/hidden/);
  });
});

test('through a proxy, the token as well as the events', async () => {
  await using receiver = await Receiver.start();
  await using tokens = await Receiver.start((_got, response) => response.end('{"access_token":"t"}'));
  await using proxy = await TunnelProxy.start();
  const oauth2 = {
    tokenUrl: tokens.url,
    clientId: 'c',
    clientSecret: secret('s'),
    scope: null,
    audience: null,
    authentication: 'header',
    tls: NO_TLS,
  } as const;
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { proxy: proxy.url, auth: { ...NO_AUTH, oauth2 } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got).toHaveLength(1);
  expect(proxy.tunnels).toEqual([`127.0.0.1:${tokens.port}`, `127.0.0.1:${receiver.port}`]);
});

test('a proxy that is no URL is refused without being shown', () => {
  const options = hook('https://example.com/', { proxy: 'user:geheim@proxy' });
  expect(() => new WebhookSink(options, { agent: 't' })).toThrow(/the proxy is no URL/);
  expect(() => new WebhookSink(options, { agent: 't' })).not.toThrow(/geheim/);
});

test('a pin holds behind a proxy, too', async () => {
  using certs = new Certificates();
  const server = { key: certs.read('server.key'), cert: certs.read('server.pem') };
  await using proxy = await TunnelProxy.start();
  await using receiver = await Receiver.start(undefined, server);
  for (const [name, expected] of [
    ['server', 0],
    ['client', 1],
  ] as const) {
    const options = hook(receiver.url, {
      proxy: proxy.url,
      tls: { ...NO_TLS, fingerprint: certs.fingerprint(name) },
      retry: { ...QUICK, schedule: [0] },
    });
    await using bench = await Bench.start({ webhooks: { crm: options } });
    bench.publish([draft(1)]);
    await bench.settled();
    expect(bench.outbox.deadLetters.count()).toBe(expected);
  }
  expect(receiver.got).toHaveLength(1);
  expect(proxy.tunnels).toHaveLength(2);
});

test.each([
  ['ftp://x/', /is not an http\(s\) URL/],
  ['https://user:geheim@x/', /user and password/],
  ['https://x/{{nope}}', /\{\{nope\}\}, which is none of/],
])('url %s is refused without being shown', (url, expected) => {
  expect(() => new WebhookSink(hook(url), { agent: 't' })).toThrow(expected);
  expect(() => new WebhookSink(hook(url), { agent: 't' })).not.toThrow(/geheim/);
});
