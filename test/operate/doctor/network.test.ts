/** The first things doctor looks at, before any sign-on: real names, real ports of this machine, real folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../src/config/config';
import { loadConfig } from '../../../src/config/load';
import { networkFindings } from '../../../src/operate/doctor/network';
import { signOnFindings } from '../../../src/operate/doctor/session';
import { stateFindings, unseenFindings } from '../../../src/operate/doctor/state';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-doctor-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

/** Somebody who takes calls, and says nothing. */
async function listening(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).end());
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
}

/** A port nobody listens at: one that was given back. */
async function closed(): Promise<number> {
  const port = await listening();
  await new Promise((done) => servers.pop()!.close(done));
  return port;
}

function config(partition: string): Config {
  const file = join(folder, 'c.yaml');
  writeFileSync(
    file,
    `version: 1
partition: { name: P, user: CDCUSR, password: "\${env:PW}", ${partition} }
state: state/s.sqlite
destinations: { crm: { stdout: {} } }
tables: { L/T: { event: order } }
`,
  );
  return loadConfig(file, { env: { PW: 'x' }, references: 'require' });
}

const found = async (partition: string) =>
  (await networkFindings(config(partition))).map(({ level, subject, text }) => `${level} ${subject}: ${text}`);

describe('the network', () => {
  test('both ports answer', async () => {
    const [port, signonPort] = [await listening(), await listening()];
    expect(await found(`host: 127.0.0.1, port: ${port}, signonPort: ${signonPort}`)).toEqual([
      `ok 127.0.0.1:${port}: answers`,
      `ok 127.0.0.1:${signonPort}: answers`,
    ]);
  });

  test('each port that does not answer, with the server to start; TLS spelled off is said', async () => {
    const [port, signonPort] = [await closed(), await listening()];
    const findings = await networkFindings(
      config(`host: localhost, port: ${port}, signonPort: ${signonPort}, tls: off`),
    );
    expect(findings).toMatchObject([
      {
        ...{ level: 'error', code: 'CHECK_PORT', subject: `localhost:${port}`, text: 'refused: ECONNREFUSED' },
        fix: 'STRHOSTSVR SERVER(*DATABASE)\n/* then open the port in firewalls */',
      },
      { level: 'ok', subject: `localhost:${signonPort}` },
      { level: 'warning', code: 'CHECK_TLS_OFF', subject: 'localhost' },
    ]);
  });

  test('under TLS the next step is a certificate, too; a port that is known is called by its service', async () => {
    const findings = await networkFindings(config('host: 127.0.0.1, port: 9471, signonPort: 9476'));
    expect(findings.map((f) => f.subject)).toEqual(['127.0.0.1:9471 (as-database-s)', '127.0.0.1:9476 (as-signon-s)']);
    expect(findings.map((f) => f.fix)).toEqual([
      'STRHOSTSVR SERVER(*DATABASE)\n/* then open the port in firewalls, assign a certificate to the server in the Digital Certificate Manager */',
      'STRHOSTSVR SERVER(*SIGNON)\n/* then open the port in firewalls, assign a certificate to the server in the Digital Certificate Manager */',
    ]);
  });

  test('a name that nobody knows is the only finding', async () => {
    expect(await networkFindings(config('host: ibmi.invalid'))).toMatchObject([
      {
        ...{ level: 'error', code: 'CHECK_HOST_NAME', subject: 'ibmi.invalid' },
        fix: 'partition: host: check "ibmi.invalid", or CFGTCP option 10',
      },
    ]);
  });

  test('a driver brings its own connection: no port is looked at', async () => {
    expect(await found('host: 127.0.0.1, transport: odbc')).toEqual([]);
  });
});

describe('the state file', () => {
  test.each<[name: string, make: () => void, text: string]>([
    ['neither file nor folder', () => undefined, 'will be created'],
    ['a folder', () => mkdirSync(join(folder, 'state')), 'writable'],
    [
      'a file',
      () => {
        mkdirSync(join(folder, 'state'));
        writeFileSync(join(folder, 'state', 's.sqlite'), '');
      },
      'writable',
    ],
  ])('%s', (_, make, text) => {
    make();
    const { state } = config('host: h');
    expect(stateFindings({ state })).toMatchObject([{ level: 'ok', area: 'state', subject: state, text }]);
  });

  test('where no daemon has been, nothing was missed', () => {
    expect(unseenFindings(config('host: h'))).toEqual([]);
  });
});

describe('the session', () => {
  const server = (passwordExpiresInDays: number | null) => ({
    server: { version: 'V7R5M0', job: '123456/QUSER/QZDASOINIT', passwordExpiresInDays },
  });

  test.each<[days: number | null, warnDays: string, told: string | null]>([
    [null, '', null],
    [15, '', null],
    [14, '', 'the password expires in 14 days'],
    [1, '', 'the password expires in 1 day'],
    [0, '', 'the password expires in 0 days'],
    [30, ', passwordWarnDays: 30', 'the password expires in 30 days'],
    [1, ', passwordWarnDays: 0', null],
    [0, ', passwordWarnDays: 0', 'the password expires in 0 days'],
  ])('a password that expires in %s days%s', (days, more, told) => {
    const [signedOn, expires, ...rest] = signOnFindings(config(`host: h${more}`), server(days) as never);
    expect(signedOn).toMatchObject({
      ...{ level: 'ok', area: 'sign-on', subject: 'h' },
      text: 'signed on as CDCUSR, V7R5M0, job 123456/QUSER/QZDASOINIT',
    });
    expect(expires?.text ?? null).toBe(told);
    if (expires) expect(expires).toMatchObject({ code: 'CHECK_PASSWORD_EXPIRES', subject: 'CDCUSR' });
    expect(expires?.fix ?? '').toMatch(told === null ? /^$/ : /^CHGUSRPRF USRPRF\(CDCUSR\)/);
    expect(rest).toEqual([]);
  });
});
