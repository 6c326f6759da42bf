/** Who may ask for what, and what every answer carries: each route, each role, over a real socket. */
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { RequestRate } from '../../src/api/guard/rate';
import { Sessions } from '../../src/api/guard/sessions';
import { UnderWay } from '../../src/api/guard/under-way';
import { ROUTES } from '../../src/api/routes';
import { ROLES } from '../../src/operators/role';
import { ApiSite } from './support/site';

let site: ApiSite;
beforeAll(async () => {
  site = await ApiSite.open('');
});
afterAll(() => site?.[Symbol.asyncDispose]());

/** A path of the route whose parts name nothing. */
const pathOf = (path: string): string => path.replaceAll(/\{\w+\}/g, 'NOSUCH');
const each = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);

test.each(each)(
  '%s: 401 without a token that is known, 403 with too small a role',
  async (_, { method, path, role }) => {
    const none = await site.ask(method, pathOf(path), { token: null });
    expect([none.status, none.json.code]).toEqual([401, 'API_TOKEN']);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect((await site.ask(method, pathOf(path), { token: 'icdc_guessed' })).status).toBe(401);
    for (const smaller of ROLES.slice(0, ROLES.indexOf(role))) {
      const refused = await site.ask(method, pathOf(path), { token: site.tokens[smaller] });
      expect([refused.status, refused.json.code]).toEqual([403, 'API_ROLE']);
    }
    const allowed = await site.ask(method, pathOf(path), { token: site.tokens[role] });
    expect([401, 403]).not.toContain(allowed.status);
  },
);

test('the stream needs a token, too', async () => {
  expect((await site.get('/v1/stream', { token: null })).status).toBe(401);
});

test('a token in the query or under another scheme is none', async () => {
  const { viewer } = site.tokens;
  expect((await site.get(`/v1/status?token=${viewer}`, { token: null })).status).toBe(401);
  expect((await site.get('/v1/status', { token: null, headers: { authorization: `Basic ${viewer}` } })).status).toBe(
    401,
  );
});

test('a revoked token opens nothing more', async () => {
  const { token } = await site.desk.json<{ token: string }>('token', 'create', '--name', 'short', '--role', 'viewer');
  expect((await site.get('/v1/status', { token })).status).toBe(200);
  expect((await site.desk.cli('token', 'revoke', 'short')).code).toBe(0);
  expect((await site.get('/v1/status', { token })).status).toBe(401);
});

test('every answer carries the headers that keep a browser from mischief', async () => {
  for (const path of ['/v1/status', '/v1/nothing', '/openapi.json']) {
    const { headers } = await site.get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('a known answer is not sent twice', async () => {
  const first = await site.get('/v1/tables');
  const etag = first.headers.get('etag')!;
  const again = await site.get('/v1/tables', { headers: { 'if-none-match': etag } });
  expect([again.status, again.text]).toEqual([304, '']);
  expect((await site.get('/v1/tables', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
});

test('paths, methods and bodies that are not what they should be', async () => {
  expect((await site.get('/v1/nothing')).json).toMatchObject({ status: 404, code: 'API_PATH' });
  const wrong = await site.ask('POST', '/v1/status', { body: {} });
  expect([wrong.status, wrong.json.code, wrong.headers.get('allow')]).toEqual([405, 'API_METHOD', 'GET']);
  const { operator } = site.tokens;
  const post = (body: string, type = 'application/json') =>
    site.ask('POST', '/v1/replays', { token: operator, body, headers: { 'content-type': type } });
  expect((await post('{"all":')).json).toMatchObject({ status: 400, errors: [{ at: 'body', message: 'is not JSON' }] });
  expect((await post('key=1', 'application/x-www-form-urlencoded')).json).toMatchObject({ code: 'API_MEDIA_TYPE' });
  expect((await post(JSON.stringify({ key: 'x'.repeat(300_000) }))).json).toMatchObject({ code: 'API_TOO_LARGE' });
  const mistakes = (await post('{"key":1,"no":2}')).json;
  expect(mistakes.errors.map((e: { at: string }) => e.at)).toEqual(['body.key', 'body']);
  expect((await site.get('/v1/events?limit=0&no=1')).json.errors).toHaveLength(2);
  expect((await site.get('/v1/events?after=nonsense')).json.code).toBe('API_CURSOR');
  expect((await site.get('/v1/tables?after=nonsense')).json.code).toBe('API_CURSOR');
  expect((await site.get('/v1/events?limit=1&limit=2')).status).toBe(400);
});

test('HEAD is GET without its body', async () => {
  const response = await fetch(`${site.url}/v1/status`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${site.tokens.viewer}` },
  });
  expect([response.status, await response.text()]).toEqual([200, '']);
});

test.each([
  ['GET http://[bad/v1/status HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['GET /v1/status HTTP/1.1\r\nhost: a b c\r\nauthorization: Bearer x\r\n\r\n'],
  ['GET /v1/%ff%fe%00 HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['GET /v1/events/%E0%A4%A HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['NONSENSE\r\n\r\n'],
])('no request line makes a mistake of ours: %j', async (text) => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(site.daemon.httpPort!, '127.0.0.1', () => socket.write(text));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
});

describe('the session of the console', () => {
  const signIn = (token: string, origin: string | null = site.url) =>
    site.ask('POST', '/v1/session', { token: null, body: { token }, headers: origin === null ? {} : { origin } });

  test('signs in with a token, acts under its own origin alone, and ends', async () => {
    const made = await signIn(site.tokens.operator);
    expect(made.json).toEqual({ name: 'operator', role: 'operator', via: 'console' });
    const set = made.headers.get('set-cookie')!;
    expect(set).toMatch(/^__Host-ibmi-cdc=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=86400$/);
    const cookie = set.split(';')[0]!;
    expect((await site.get('/v1/session', { token: null, headers: { cookie } })).json.via).toBe('console');
    const pause = (headers: Record<string, string>) =>
      site.ask('POST', '/v1/tables/ORDLIB/ODD/pause', { token: null, headers: { cookie, ...headers } });
    expect((await pause({})).json).toMatchObject({ status: 403, code: 'API_ORIGIN' });
    expect((await pause({ origin: 'https://evil.example' })).json.code).toBe('API_ORIGIN');
    expect((await pause({ origin: 'null' })).json.code).toBe('API_ORIGIN');
    expect((await pause({ origin: site.url })).status).toBe(200);
    const { items } = (await site.get('/v1/audit-log?what=table.pause')).json;
    expect(items[0]).toMatchObject({ who: 'operator', via: 'console', result: 'done' });
    const out = await site.ask('DELETE', '/v1/session', { token: null, headers: { cookie, origin: site.url } });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await site.get('/v1/session', { token: null, headers: { cookie } })).status).toBe(401);
  });

  test('is not opened by a wrong token, nor from elsewhere', async () => {
    expect((await signIn('icdc_guessed')).status).toBe(401);
    expect((await signIn(site.tokens.viewer, 'https://evil.example')).json.code).toBe('API_ORIGIN');
    expect((await signIn(site.tokens.viewer, null)).json.code).toBe('API_ORIGIN');
  });

  test('ends with its token, also when one of the same name is made', async () => {
    const create = () => site.desk.json<{ token: string }>('token', 'create', '--name', 'maria', '--role', 'viewer');
    const { token } = await create();
    const cookie = (await signIn(token)).headers.get('set-cookie')!.split(';')[0]!;
    const look = async () => (await site.get('/v1/status', { token: null, headers: { cookie } })).status;
    expect(await look()).toBe(200);
    await site.desk.cli('token', 'revoke', 'maria');
    expect(await look()).toBe(401);
    await create();
    expect(await look()).toBe(401);
  });

  test('is over after eight hours without use and after a day', () => {
    let now = 0;
    const sessions = new Sessions(() => now);
    const token = { name: 't', createdAt: 1 };
    const idle = sessions.open(token);
    const busy = sessions.open(token);
    for (let hour = 1; hour <= 25; hour++) {
      now = hour * 3_600_000;
      expect(sessions.find(busy)?.token ?? null).toBe(hour <= 24 ? 't' : null);
      if (hour === 8) expect(sessions.find('other')).toBeNull();
    }
    expect(sessions.find(idle)).toBeNull();
  });
});

test('so many requests a minute, then 429 with the time to wait', async () => {
  let now = 0;
  const rate = new RequestRate(() => now);
  const taken = Array.from({ length: 4 }, () => rate.take('a', 3));
  expect(taken.map((t) => [t.allowed, t.remaining])).toEqual([
    [true, 2],
    [true, 1],
    [true, 0],
    [false, 0],
  ]);
  expect(rate.take('b', 3).allowed).toBe(true);
  now = 59_500;
  expect(rate.take('a', 3)).toMatchObject({ allowed: false, reset: 1 });
  now = 60_000;
  expect(rate.take('a', 3)).toMatchObject({ allowed: true, reset: 60 });
  for (;;) {
    const { status, headers, json } = await site.get('/v1/status', { token: null });
    if (status === 401) continue;
    expect([status, json.code, Number(headers.get('retry-after'))]).toEqual([429, 'API_RATE', expect.any(Number)]);
    break;
  }
  // whoever has a token is not kept out by those who have none
  expect((await site.get('/v1/status')).status).toBe(200);
});

test('a request ends with its connection or with the daemon, and nothing of it is remembered', () => {
  const daemon = new AbortController();
  const underWay = new UnderWay(daemon.signal);
  const response = () => Object.assign(new EventEmitter(), { closed: false });
  const [a, b] = [response(), response()];
  const [first, second] = [underWay.begin(a as never), underWay.begin(b as never)];
  a.emit('close');
  expect([first.aborted, second.aborted, underWay.size]).toEqual([true, false, 1]);
  daemon.abort();
  expect(second.aborted).toBe(true);
  b.emit('close');
  expect(underWay.size).toBe(0);
  expect(underWay.begin(response() as never).aborted).toBe(true);
});
