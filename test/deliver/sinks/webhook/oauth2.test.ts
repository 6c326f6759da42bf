/** Tokens of an authorization server over real connections: asked for once, kept as long as they live, and what broken servers answer. */
import type { ServerResponse } from 'node:http';
import { NO_AUTH, NO_TLS, type OAuth2Options, webhookOptions } from '../../../../src/deliver/options';
import { TokenSource } from '../../../../src/deliver/sinks/webhook/oauth2';
import { Bench, hook, QUICK, secret, signed } from '../../support/bench';
import { draft, drafts } from '../../support/drafts';
import { type Answer, type Got, Receiver } from '../../support/receiver';

const never = new AbortController().signal;

afterEach(() => jest.restoreAllMocks());

/** Moves the clock that pauses are measured on. */
function passing(): (ms: number) => void {
  const real = performance.now.bind(performance);
  let ahead = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
  return (ms) => {
    ahead += ms;
  };
}

const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** `token-1`, `token-2`, ... */
const counting = (given: object = { expires_in: 3600 }): Answer => {
  let n = 0;
  return (_got, response) => json(response, { access_token: `token-${++n}`, ...given });
};

function optionsFor(url: string, given: Partial<OAuth2Options> = {}): OAuth2Options {
  return {
    tokenUrl: url,
    clientId: 'client',
    clientSecret: secret('hidden-secret'),
    ...{ scope: null, audience: null, authentication: 'body', tls: NO_TLS },
    ...given,
  };
}

function sourceOf(server: Receiver, given: Partial<OAuth2Options> = {}, response = 10_000): TokenSource {
  const connect = webhookOptions({ url: 'http://127.0.0.1:9/', signing: signed });
  return new TokenSource(optionsFor(server.url, given), { ...connect, timeouts: { connect: 5000, response } });
}

describe('life of a token', () => {
  test('asked for once by however many wait for it, then kept', async () => {
    await using server = await Receiver.start(counting());
    await using source = sourceOf(server);
    expect(source.current()).toBeNull();
    const all = await Promise.all(Array.from({ length: 20 }, () => source.get(never)));
    expect(new Set(all)).toEqual(new Set(['token-1']));
    expect(await source.get(never)).toBe('token-1');
    expect(source.current()).toBe('token-1');
    expect(server.got).toHaveLength(1);
  });

  // renewed half a minute before its end, where it lives for less than a minute after half of its life
  test.each([
    [3600, 3_569_000, 3_571_000],
    ['3600', 3_569_000, 3_571_000],
    [70, 39_000, 41_000],
    [60, 29_000, 31_000],
    [20, 9_000, 11_000],
    // nothing that can be read: five minutes
    [undefined, 269_000, 271_000],
    [null, 269_000, 271_000],
    ['soon', 269_000, 271_000],
    [-5, 269_000, 271_000],
    [0, 269_000, 271_000],
  ])('expires_in %j', async (expires, kept, renewed) => {
    const pass = passing();
    await using server = await Receiver.start(counting({ expires_in: expires }));
    await using source = sourceOf(server);
    await source.get(never);
    pass(kept);
    expect(await source.get(never)).toBe('token-1');
    pass(renewed - kept);
    expect(source.current()).toBeNull();
    expect(await source.get(never)).toBe('token-2');
  });

  test('one that was refused is asked for anew; one that was replaced meanwhile is kept', async () => {
    await using server = await Receiver.start(counting());
    await using source = sourceOf(server);
    const first = await source.get(never);
    source.forget(first);
    expect(source.current()).toBeNull();
    expect(await source.get(never)).toBe('token-2');
    // the answer to a request that was sent with the first one comes late
    source.forget(first);
    expect(source.current()).toBe('token-2');
  });
});

describe('how it is asked', () => {
  const asked = async (given: Partial<OAuth2Options>): Promise<{ got: Got; form: Record<string, string> }> => {
    await using server = await Receiver.start(counting());
    await using source = sourceOf(server, given);
    await source.get(never);
    const got = server.got[0]!;
    return { got, form: Object.fromEntries(new URLSearchParams(got.body.toString())) };
  };

  test('credentials in the body', async () => {
    const { got, form } = await asked({ scope: 'events.write a b', audience: 'https://api/ä' });
    expect(got.method).toBe('POST');
    expect(got.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'accept-encoding': 'identity',
    });
    expect(got.headers).not.toHaveProperty('authorization');
    expect(form).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'hidden-secret',
      scope: 'events.write a b',
      audience: 'https://api/ä',
    });
  });

  test('credentials in the header, each encoded, so that a colon in them is no end', async () => {
    const { got, form } = await asked({
      authentication: 'header',
      clientId: 'a:b',
      clientSecret: secret('p ß:%'),
    });
    const pair = Buffer.from(got.headers['authorization']!.replace(/^Basic /, ''), 'base64').toString();
    expect(pair.split(':').map(decodeURIComponent)).toEqual(['a:b', 'p ß:%']);
    expect(form).toEqual({ grant_type: 'client_credentials' });
  });

  test('path and query of the token URL are kept', async () => {
    await using server = await Receiver.start(counting());
    await using source = sourceOf(server, { tokenUrl: new URL('/tenant/7/token?v=2', server.url).href });
    await source.get(never);
    expect(server.got[0]!.path).toBe('/tenant/7/token?v=2');
  });
});

describe('broken answers', () => {
  const raw =
    (status: number, body: string | Buffer, headers: Record<string, string> = {}): Answer =>
    (_got, response) =>
      void response.writeHead(status, headers).end(body);

  test.each<[string, Answer, RegExp]>([
    ['an error in words', raw(400, '{"error":"invalid_client"}'), /answered 400 \(invalid_client\) without/],
    ['a long error', raw(401, `{"error":"${'x'.repeat(500)}"}`), /answered 401 \(x{60}\) without/],
    ['an error that is no text', raw(401, '{"error":{"code":7}}'), /answered 401 without/],
    ['no JSON', raw(200, '<html>login</html>'), /answered 200 \(its reply is no JSON\) without/],
    ['nothing', raw(200, ''), /answered 200 \(its reply is empty\) without/],
    ['a page that is no JSON with another status', raw(502, '<html>'), /answered 502 without/],
    ['a list', raw(200, '["token"]'), /answered 200 without/],
    ['a number for a token', raw(200, '{"access_token":17}'), /answered 200 without/],
    ['an empty token', raw(200, '{"access_token":"","expires_in":3600}'), /answered 200 without/],
    ['a token no header can carry', raw(200, '{"access_token":"a\\r\\nx-evil: 1"}'), /answered 200 without/],
    ['one beyond Latin-1', raw(200, '{"access_token":"\\u20ac"}'), /answered 200 without/],
    ['a token with another status', raw(201, '{"access_token":"t"}'), /answered 201 without/],
    ['a redirect', raw(302, '', { location: 'http://127.0.0.1:1/' }), /answered 302 without/],
    ['a reply without an end', raw(200, `{"access_token":"${'x'.repeat(70_000)}"}`), /longer than the 65536 bytes/],
    [
      'a coding nobody asked for',
      raw(200, 'x', { 'content-encoding': 'zstd' }),
      /coding zstd, which was not asked for/,
    ],
  ])('%s', async (_name, answer, message) => {
    await using server = await Receiver.start(answer);
    await using source = sourceOf(server);
    const error = await source.get(never).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'WEBHOOK_OAUTH2', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('hidden-secret');
    expect(source.current()).toBeNull();
  });

  test('after a failure it is asked again, and everybody who waited hears of the failure', async () => {
    const good = counting();
    let broken = true;
    await using server = await Receiver.start((got, response, n) =>
      broken ? json(response, { error: 'temporarily_unavailable' }, 503) : good(got, response, n),
    );
    await using source = sourceOf(server);
    const all = await Promise.allSettled([source.get(never), source.get(never)]);
    expect(all.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(server.got).toHaveLength(1);
    broken = false;
    expect(await source.get(never)).toBe('token-1');
  });

  test('one that says nothing ends at the deadline', async () => {
    await using server = await Receiver.start(() => undefined);
    await using source = sourceOf(server, {}, 150);
    await expect(source.get(never)).rejects.toThrow(/cannot be reached: no complete reply within 150 ms/);
  });

  test('a stop ends the question', async () => {
    const stop = new AbortController();
    await using server = await Receiver.start(() => stop.abort());
    await using source = sourceOf(server);
    await expect(source.get(stop.signal)).rejects.toThrow(/cannot be reached: stopped/);
  });

  test.each([
    ['ftp://login/token', /is not an http\(s\) URL/],
    ['token', /is not an http\(s\) URL/],
    ['https://user:pw@login/token', /has a user and password in it/],
  ])('the URL %s is refused without being shown', (tokenUrl, message) => {
    const connect = webhookOptions({ url: 'http://127.0.0.1:9/', signing: signed });
    const make = (): TokenSource => new TokenSource(optionsFor(tokenUrl), connect);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'WEBHOOK_TOKEN_URL' }));
    expect(make).not.toThrow(/pw@/);
  });
});

describe('with events', () => {
  test('a token that cannot be used is the fault of its server: nothing is buried, and it goes on when it is mended', async () => {
    let token = 'bad\ntoken';
    await using server = await Receiver.start((_got, response) => json(response, { access_token: token }));
    await using receiver = await Receiver.start((got, response) => {
      response.writeHead(got.headers['authorization'] === 'Bearer good' ? 204 : 401).end();
    });
    const auth = { ...NO_AUTH, oauth2: optionsFor(server.url) };
    await using bench = await Bench.start({
      webhooks: { crm: hook(receiver.url, { auth, retry: { ...QUICK, schedule: Array(50).fill(5) } }) },
    });
    bench.publish(drafts(0, 3));
    await server.until(() => server.got.length >= 2, 'two questions');
    token = 'good';
    await bench.settled();
    expect(bench.outbox.deadLetters.count()).toBe(0);
    expect(receiver.got).toHaveLength(3);
  });

  test('a token withdrawn while many are under way is asked for once', async () => {
    await using server = await Receiver.start(counting());
    let refusing = 0;
    const late: (() => void)[] = [];
    await using receiver = await Receiver.start((got, response) => {
      if (got.headers['authorization'] !== 'Bearer token-1') return void response.writeHead(204).end();
      // refused one after the other, each once the one before has been sent with the new token
      late.push(() => response.writeHead(401).end());
      if (++refusing === 4) for (const [i, refuse] of late.entries()) setTimeout(refuse, i * 60);
    });
    const auth = { ...NO_AUTH, oauth2: optionsFor(server.url) };
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth, concurrency: 4 }) } });
    bench.publish([draft(0), draft(1), draft(2), draft(3)]);
    await bench.settled();
    expect(server.got).toHaveLength(2);
    expect(receiver.got).toHaveLength(8);
  });
});
