/** The API of a daemon in a process of its own, as an operator meets it: a token, a look, a pause, a copy of the page of its routes. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { insertOrder, Site } from './site';

test('run serves the API; tokens and commands go through it; what operators did outlives the daemon', async () => {
  await using site = await Site.open();
  site.config({ rest: { http: { port: 0 } } });
  const child = site.start(['run']);
  await child.says('reading journal');
  await child.says('/readyz and /v1');
  const port = child.value(/"port":(\d+)[^\n]*listening for \/metrics/);
  const url = `http://127.0.0.1:${port}`;
  const made = await site.cli(['token', 'create', '--name', 'ops', '--role', 'operator', '--json']);
  const { token } = JSON.parse(made.stdout) as { token: string };
  const get = async (path: string): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect((await fetch(`${url}/v1/status`)).status).toBe(401);
  expect(await (await get('/v1/status')).json()).toMatchObject({ role: 'active', partition: 'PROD1' });

  await insertOrder(await site.connect(), '300001', null);
  await child.says('order.created');
  const remote = (...args: string[]) => site.cli([...args, '--api', url], { IBMI_CDC_TOKEN: token });
  const traced = await remote('trace', '--key', '300001');
  expect([traced.code, traced.stdout]).toEqual([0, expect.stringContaining('order.created 300001')]);
  const paused = await remote('pause', '--destination', 'out');
  expect([paused.code, paused.stderr]).toEqual([0, '']);
  await child.says('destination disabled');
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);

  const log = (await site.cli(['audit-log'])).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(log.map(({ who, via, what, result }) => [who, via, what, result]).slice(1)).toEqual([
    ['ops', 'api', 'destination.pause', 'done'],
  ]);
  expect(log[0]).toMatchObject({ via: 'cli', what: 'token.create', facts: { name: 'ops', role: 'operator' } });
  expect(made.stdout).toContain(token);
  expect(readFileSync(site.state).includes(Buffer.from(token))).toBe(false);
});

test('the document in docs/reference is the one a daemon serves', async () => {
  await using site = await Site.open();
  site.config({ rest: { http: { port: 0 } } });
  const child = site.start(['run']);
  await child.says('listening for /metrics');
  const port = child.value(/"port":(\d+)[^\n]*listening for \/metrics/);
  const served = await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json();
  const written = readFileSync(join(resolve(__dirname, '../..'), 'docs/reference/openapi.json'), 'utf8');
  expect(served).toEqual(JSON.parse(written));
});
