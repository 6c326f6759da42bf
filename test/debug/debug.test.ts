/** `debug` as an operator uses it: what went over the wire, in full and masked, off by itself, live, over restarts and kills. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliProcess } from '../support/daemon-process';
import { Desk } from '../support/desk';

jest.setTimeout(120_000);

interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with what it was sent, credentials and all, and a long tail. */
class Echo implements AsyncDisposable {
  readonly seen: Seen[] = [];
  status = 200;
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (d: Buffer) => {
      body += d.toString();
    });
    request.on('end', () => {
      this.seen.push({ path: request.url!, headers: request.headers, body });
      const said = `${String(request.headers['authorization'])} ${body} ${'x'.repeat(5000)} end`;
      response.writeHead(this.status, { 'x-answer': 'yes', 'set-cookie': 'session=secret' }).end(said);
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

interface Kept {
  readonly destination: string;
  readonly outcome: string;
  readonly status: number | null;
  readonly events: readonly { readonly id: string; readonly table: string; readonly key: string }[];
  readonly request: { readonly method: string; readonly url: string; readonly headers: string; readonly body: string };
  readonly response: string;
  readonly withheld: string | null;
  readonly cut: boolean;
}

async function site(echo: Echo): Promise<Desk> {
  const url = await echo.open();
  const desk = await Desk.open();
  await desk.sql('CREATE TABLE ORDLIB.CUST (ID INTEGER NOT NULL PRIMARY KEY, NAME VARCHAR(2000) NOT NULL)');
  await desk.cl('STRJRNPF FILE(ORDLIB/CUST) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await desk.table('OTHER');
  desk.write(`policies: { start: latest }
tables:
  ORDLIB/CUST: { event: cust, mask: { NAME: { truncate: 2 } }, to: [crm] }
  ORDLIB/OTHER: { event: other, to: [crm, thin] }
`);
  const destinations = `crm: { webhook: { url: "${url}/crm", signing: none, auth: { bearer: "\${env:SIM_PASSWORD}" } } }
  thin: { storePayload: false, webhook: { url: "${url}/thin", signing: none } }`;
  writeFileSync(
    desk.config,
    readFileSync(desk.config, 'utf8').replace('out: { stdout: {} }', () => destinations),
  );
  return desk;
}

const lines = (text: string): Kept[] =>
  text
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as Kept);

async function caught(desk: Desk, id: number): Promise<Kept[]> {
  return lines((await desk.cli('debug', 'tail', String(id), '--no-follow', '--json')).out);
}

async function started(desk: Desk): Promise<void> {
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
}

/** The daemon has taken up, or let go of, so many captures. */
async function noticed(desk: Desk, message: string, times: number): Promise<void> {
  await desk.until(message, () => desk.log.filter((l) => l['msg'] === `debug capture ${message}`).length >= times);
}

test('a destination in full: headers, body and answer as they were, credentials and masked columns hidden', async () => {
  await using echo = new Echo();
  await using desk = await site(echo);
  await started(desk);
  await desk.sql("INSERT INTO ORDLIB.CUST VALUES (1, 'Before')");
  await desk.until('the first', () => echo.seen.some((s) => s.body.includes('cust.created')));
  expect((await desk.cli('debug', 'start', '--destination', 'crm', '--for', '1h')).out).toMatch(
    /^debug 1 {2}destination crm {2}running until 2/,
  );
  await noticed(desk, 'running', 1);
  const before = echo.seen.length;
  await desk.sql("INSERT INTO ORDLIB.CUST VALUES (2, 'Confidential')");
  await desk.sql('INSERT INTO ORDLIB.OTHER VALUES (7)');
  await desk.until('both', () => echo.seen.length >= before + 3);
  const crm = echo.seen.slice(before).filter((s) => s.path === '/crm');
  let kept: Kept[] = [];
  for (const end = Date.now() + 30_000; kept.length < 2 && Date.now() < end; ) kept = await caught(desk, 1);
  expect(kept.map((k) => k.request.body).sort()).toEqual(crm.map((s) => s.body).sort());
  const one = kept.find((k) => k.events[0]!.table === 'ORDLIB/CUST')!;
  const { password } = desk.partition;
  expect(one).toMatchObject({ destination: 'crm', outcome: 'delivered', status: 200, withheld: null, cut: false });
  expect(one.request).toMatchObject({ method: 'POST', url: expect.stringMatching(/^http:\/\/127.*\/crm$/) });
  expect(one.request.headers).toMatch(/authorization: \*\*\*|authorization: Bearer \*\*\*/i);
  expect(one.response).toMatch(/^200\n(.*\n)*x-answer: yes\n/);
  expect(one.response).toMatch(/\n\nBearer \*\*\* .*x{5000} end$/);
  const all = JSON.stringify(kept);
  for (const secret of [password, 'session=secret', 'Confidential']) expect(all).not.toContain(secret);

  const stopped = await desk.cli('debug', 'stop');
  expect(stopped).toMatchObject({ code: 0, out: expect.stringMatching(/^debug 1 .* stopped, 2 exchanges, /) });
  await noticed(desk, 'ended', 1);
  await desk.sql('INSERT INTO ORDLIB.OTHER VALUES (8)');
  await desk.until('one more', () => echo.seen.filter((s) => s.body.includes('"subject":"8"')).length === 2);
  expect(await caught(desk, 1)).toHaveLength(2);
  expect((await desk.cli('debug', 'stop')).code).toBe(5);
});

test('a table: its events alone, at every destination, refused ones too; no payload where none is stored', async () => {
  await using echo = new Echo();
  await using desk = await site(echo);
  await started(desk);
  const begun = await desk.json<{ debug: number; table: string }>('debug', 'start', '--table', 'ordlib.other');
  expect(begun).toMatchObject({ debug: 1, table: 'ORDLIB/OTHER', state: 'running' });
  await noticed(desk, 'running', 1);
  await desk.sql("INSERT INTO ORDLIB.CUST VALUES (1, 'Not this one')");
  echo.status = 422;
  await desk.sql('INSERT INTO ORDLIB.OTHER VALUES (1)');
  let kept: Kept[] = [];
  for (const end = Date.now() + 30_000; kept.length < 2 && Date.now() < end; ) kept = await caught(desk, 1);
  expect(kept.map((k) => [k.destination, k.outcome, k.status, k.events[0]!.key]).sort()).toEqual([
    ['crm', 'rejected', 422, '1'],
    ['thin', 'rejected', 422, '1'],
  ]);
  const thin = kept.find((k) => k.destination === 'thin')!;
  expect(thin).toMatchObject({ withheld: 'storePayload: false', request: { body: null } });
  expect(thin.response).toMatch(/x-answer: yes\n/);
  expect(thin.response).not.toContain('subject');
  const text = (await desk.cli('debug', 'tail', '--no-follow')).out;
  expect(text).toMatch(/\nPOST http:\/\/127.*\/crm\n/);
  expect(text).toContain('(body not kept: storePayload: false)');
});

test('off by itself: by its time, also when a daemon was killed meanwhile, and by its size, which is said', async () => {
  await using echo = new Echo();
  await using desk = await site(echo);
  const env = { SIM_PASSWORD: desk.partition.password };
  const daemon = new CliProcess(['run', '-c', desk.config], env);
  await daemon.says('reading journal');
  await desk.json('debug', 'start', '--destination', 'crm', '--for', '1h', '--max-bytes', '25KB');
  await daemon.says('debug capture running');
  daemon.kill('SIGKILL');
  await daemon.ended;
  // it goes on with the next daemon
  await desk.start();
  await noticed(desk, 'running', 1);
  const tail = new CliProcess(['debug', 'tail', '1', '--json', '-c', desk.config], env);
  for (let id = 1; id <= 9; id++) await desk.sql(`INSERT INTO ORDLIB.OTHER VALUES (${id})`);
  await noticed(desk, 'ended', 1);
  const [size] = lines((await desk.cli('debug', 'list', '--json')).out) as unknown as [Record<string, number>];
  expect(size).toMatchObject({ debug: 1, state: 'ended by size', maxBytes: 25_000 });
  expect(size!['bytes']).toBeLessThanOrEqual(25_000);
  expect(size!['exchanges']).toBeGreaterThan(0);
  const live = await tail.ended;
  expect(lines(live.stdout)).toHaveLength(size!['exchanges']!);
  expect(live.stderr).toMatch(/ended by size, .*; what came after is not kept/);

  await desk.json('debug', 'start', '--destination', 'crm', '--for', '1s');
  await noticed(desk, 'ended', 2);
  expect((await desk.cli('debug', 'list')).out).toMatch(/debug 2 {2}destination crm {2}ended by time, 0 exchanges/);
});

test('what cannot be captured is refused', async () => {
  await using echo = new Echo();
  await using desk = await site(echo);
  expect((await desk.cli('debug', 'start', '--destination', 'crm')).err).toMatch(/STATE_MISSING/);
  await desk.start();
  const start = async (...args: string[]): Promise<[number, string]> => {
    const { code, err } = await desk.cli('debug', 'start', ...args);
    return [code, err];
  };
  expect(await start()).toEqual([2, expect.stringMatching(/DEBUG_WHAT/)]);
  expect(await start('--destination', 'crm', '--table', 'ORDLIB/CUST')).toEqual([
    2,
    expect.stringMatching(/DEBUG_WHAT/),
  ]);
  expect(await start('--destination', 'nobody')).toEqual([2, expect.stringMatching(/no destination nobody/)]);
  expect(await start('--table', 'ORDLIB/NONE')).toEqual([2, expect.stringMatching(/TABLE_UNKNOWN/)]);
  expect((await start('--destination', 'crm', '--for', '2d'))[0]).toBe(2);
  expect((await desk.cli('debug', 'tail')).err).toMatch(/DEBUG_NONE/);
  for (let i = 0; i < 10; i++) expect((await start('--destination', 'crm'))[0]).toBe(0);
  expect(await start('--destination', 'crm')).toEqual([2, expect.stringMatching(/DEBUG_MANY/)]);
});
