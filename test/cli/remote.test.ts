/** Commands with --api, without a configuration or a state file: they print what they print beside the daemon. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiSite } from '../api/support/site';
import { runCommand } from '../support/run-command';

let site: ApiSite;
beforeAll(async () => {
  site = await ApiSite.open();
  for (const n of [720001, 720002]) await site.order(n);
  await site.event('720002', 'delivered');
  // the daemon writes how its destinations stand into the state file from time to time
  const told = async (): Promise<number> => (await site.desk.cli('status')).out.split('answers within').length - 1;
  for (const end = Date.now() + 30_000; (await told()) < 2 && Date.now() < end; )
    await new Promise((done) => setTimeout(done, 100));
}, 60_000);
afterAll(() => site?.[Symbol.asyncDispose]());

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function remote(...args: string[]): Promise<Ran> {
  const env = { IBMI_CDC_TOKEN: site.tokens.operator };
  const run = runCommand([...args, '--api', site.url, '-c', '/nowhere/at/all.yaml'], env);
  return { code: await run.done, out: run.out(), err: run.err() };
}

/** Ages differ between two looks. */
const steady = (text: string): string => text.replaceAll(/\d+(\.\d+)? (s|ms|us)\b|within .*/g, '#');

test.each([
  [['status']],
  [['trace', '--key', '720001', '--offline', '--json']],
  [['trace', '--id', 'no-such-event']],
  [['dlq', 'list']],
  [['dlq', 'show', '99']],
  [['dlq', 'retry', '--all']],
  [['dlq', 'drop']],
  [['resume']],
  [['resume', '--table', 'ORDLIB/ORDHDR']],
  [['resume', '--table', 'NO/SUCH']],
  [['resume', '--destination', 'crm', '--json']],
  [['replay']],
  [['replay', '--key', '720001', '--to', 'nobody']],
  [['replay', '--key', 'no-such-key', '--json']],
])('%j: the same text, errors and exit code as beside the daemon', async (args) => {
  const here = await site.desk.cli(...args);
  const there = await remote(...args);
  expect(steady(there.out)).toBe(steady(here.out));
  expect(there.code).toBe(here.code);
  const errorOf = (text: string): string => /error (\w+):/.exec(text)?.[1] ?? '';
  expect(errorOf(there.err)).toBe(errorOf(here.err));
});

test('the status as JSON has every member it has beside the daemon', async () => {
  const here = JSON.parse((await site.desk.cli('status', '--json')).out) as object;
  const there = JSON.parse((await remote('status', '--json')).out) as Record<string, unknown>;
  expect(Object.keys(here).filter((name) => !(name in there))).toEqual([]);
});

test('trace asks the journal through the daemon', async () => {
  const { out, code } = await remote('trace', '--key', '720002');
  expect([out, code]).toEqual([expect.stringContaining('journal ORDLIB/ORDJRN  looked at'), 0]);
  expect(out).toContain('order.created 720002');
  expect((await remote('trace', '--key', 'no-such-key', '--json')).code).toBe(5);
});

test('dead letters are listed, shown, queued again', async () => {
  site.receiver.answer = (_got, response) => response.writeHead(422).end('{"no":"thanks"}');
  await site.order(720010);
  await site.event('720010', 'dead');
  const listed = JSON.parse((await remote('dlq', 'list', '--destination', 'crm', '--json')).out) as { no: number };
  expect(listed).toMatchObject({ key: '720010', reason: 'http-422' });
  const shown = await remote('dlq', 'show', String(listed.no));
  expect(JSON.parse(shown.out)).toMatchObject({ attemptsLog: [{ status: 422 }], body: { subject: '720010' } });
  site.receiver.answer = (_got, response) => response.writeHead(204).end();
  expect((await remote('dlq', 'retry', '--letter', String(listed.no))).out).toBe('1 dead letters queued\n');
  await site.event('720010', 'delivered');
});

test('replay: stored events, and out of the journal with the report of its end', async () => {
  expect((await remote('replay', '--key', '720001', '--to', 'crm')).out).toBe('1 delivery queued again\n');
  const { receiver, sequence } = (await site.get('/v1/events?key=720001')).json.items[0];
  const range = ['--receiver', receiver, '--from-sequence', sequence, '--to-sequence', sequence, '--to', 'crm'];
  const dry = JSON.parse((await remote('replay', ...range, '--dry-run', '--json')).out) as object;
  expect(dry).toMatchObject({ state: 'dry run', events: 1, queued: 0 });
  const done = await remote('replay', ...range, '--json');
  expect([JSON.parse(done.out), done.code]).toMatchObject([{ state: 'done', queued: 1, stored: 1 }, 0]);
});

test('pause and resume', async () => {
  expect((await remote('pause', '--destination', 'crm', '--why', 'test')).out).toContain('crm is paused');
  expect((await remote('resume')).out).toContain('crm  disabled since');
  expect((await remote('resume', '--destination', 'crm')).out).toContain('crm goes on');
  expect((await remote('pause', '--table', 'ordlib/odd')).out).toContain('ORDLIB/ODD is paused');
  expect((await remote('resume', '--table', 'ORDLIB/ODD', '--drop')).out).toContain('ORDLIB/ODD goes on');
  expect((await remote('resume', '--destination', 'crm', '--drop')).code).toBe(2);
  const { items } = (await site.get('/v1/audit-log?what=destination.pause')).json;
  expect(items[0]).toMatchObject({ who: 'operator', via: 'api', scope: { destination: 'crm', why: 'test' } });
});

test('no token, a wrong one, one of too small a role', async () => {
  const run = async (token: string | null, ...args: string[]): Promise<[number, string]> => {
    const given = token === null ? [] : ['--token', token];
    const ran = runCommand([...args, '--api', site.url, ...given]);
    return [await ran.done, ran.err()];
  };
  expect(await run(null, 'status')).toEqual([2, expect.stringContaining('error API_TOKEN')]);
  expect(await run('icdc_wrong', 'status')).toEqual([2, expect.stringContaining('error API_TOKEN')]);
  expect(await run(site.tokens.viewer, 'dlq', 'retry', '--all')).toEqual([
    2,
    expect.stringContaining('error API_ROLE'),
  ]);
  expect((await run(site.tokens.viewer, 'status'))[0]).toBe(0);
});

test('nobody there, or somebody else', async () => {
  const server = createServer((_request, response) => response.end('<html>welcome</html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (api: string): Promise<[number, string]> => {
    const run = runCommand(['status', '--api', api, '--token', 'x']);
    return [await run.done, run.err()];
  };
  expect(await ask(url)).toEqual([2, expect.stringContaining('error API_REFUSED')]);
  await new Promise((resolve) => server.close(resolve));
  expect(await ask(url)).toEqual([3, expect.stringContaining('error API_UNREACHABLE')]);
  expect(await ask('crm')).toEqual([2, expect.stringContaining('error USAGE')]);
});
