/** `ibmi-cdc simulate` as the surface describes it. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli/program';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows, type SqlConnection } from '../../src/transport/transport';

interface Ready {
  ready: true;
  host: string;
  ports: { portMapper: number; signon: number; signonTls: number; database: number; databaseTls: number };
  caFile: string;
  user: string;
  password: string;
}

/** One `simulate` inside this process, ended by the signal a shell would send. */
async function simulate(
  args: string[],
  during: (ready: Ready) => Promise<void>,
): Promise<{ code: number; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let code = 0;
  const exit = (n: number): void => {
    code = n;
  };
  const io = { stdin: new PassThrough(), stdout, stderr, env: {}, exit };
  const running = runCli(['simulate', ...args], io);
  const line = await Promise.race([once(stdout, 'data').then(([chunk]) => String(chunk)), running.then(() => null)]);
  if (line !== null) {
    expect(line.endsWith('\n')).toBe(true);
    try {
      await during(JSON.parse(line) as Ready);
    } finally {
      process.emit('SIGTERM');
    }
  }
  await running;
  return { code, stderr: String(stderr.read() ?? '') };
}

function connect(ready: Ready, tls = true): Promise<SqlConnection> {
  return hostServerTransport({
    host: '127.0.0.1',
    user: ready.user,
    password: ready.password,
    tls: tls ? { ca: ready.caFile } : 'off',
    signonPort: tls ? ready.ports.signonTls : ready.ports.signon,
    databasePort: tls ? ready.ports.databaseTls : ready.ports.database,
  }).connect();
}

async function count(ready: Ready, sql: string, tls = true): Promise<unknown> {
  const connection = await connect(ready, tls);
  try {
    const [row] = await allRows(await connection.query(sql));
    return row?.[0];
  } finally {
    await connection.close();
  }
}

test('prints one ready line and serves plain and TLS until it is told to stop', async () => {
  const { code } = await simulate(['--any-ports'], async (ready) => {
    expect(Object.keys(ready)).toEqual(['ready', 'host', 'ports', 'caFile', 'user', 'password']);
    expect(Object.keys(ready.ports)).toEqual([
      'portMapper',
      'signon',
      'signonTls',
      'database',
      'databaseTls',
      'remoteCommand',
      'remoteCommandTls',
    ]);
    expect(new Set(Object.values(ready.ports)).size).toBe(7);
    expect(ready.user).toBe('CDCUSR');
    expect(await count(ready, 'SELECT COUNT(*) FROM ORDLIB.ORDHDR')).toBe(500);
    expect(await count(ready, 'SELECT COUNT(*) FROM ORDLIB.ORDHDR', false)).toBe(500);
  });
  expect(code).toBe(0);
});

test('--data keeps libraries and certificates; --no-seed starts empty; user, password and level are as named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-simulate-'));
  const args = [
    '--any-ports',
    '--data',
    folder,
    '--no-seed',
    '--user',
    'TESTER',
    '--password',
    'Secret4You',
    '--password-level',
    '4',
  ];
  let ca = '';
  await simulate(args, async (ready) => {
    ca = ready.caFile;
    expect(existsSync(ca)).toBe(true);
    await expect(count(ready, 'SELECT COUNT(*) FROM ORDLIB.ORDHDR')).rejects.toMatchObject({ sqlCode: -204 });
    await using connection = await connect(ready);
    await connection.execute('CREATE TABLE QGPL.KEPT (N INTEGER)');
  });
  await simulate(args, async (ready) => {
    expect(ready.caFile).toBe(ca);
    expect(ready.user).toBe('TESTER');
    expect(await count(ready, 'SELECT COUNT(*) FROM QGPL.KEPT')).toBe(0);
  });
  rmSync(folder, { recursive: true, force: true });
});

test('a named port that is taken is an error with exit code 2; an unnamed one gives way', async () => {
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
  const { port } = blocker.address() as { port: number };
  const refused = await simulate(['--any-ports', '--database-port', String(port)], async () => {
    throw new Error('must not start');
  });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`cannot listen on 127.0.0.1:${port} for database (EADDRINUSE)`);
  await new Promise((done) => blocker.close(done));
  expect((await simulate(['--database-port', 'many'], async () => {})).code).toBe(2);
});

test('--password-expires-in and --job-ccsid: what a client is told at sign-on', async () => {
  const { code } = await simulate(
    ['--any-ports', '--no-seed', '--password-expires-in', '5', '--job-ccsid', '65535'],
    async (ready) => {
      const connection = await connect(ready);
      try {
        expect(connection.server.passwordExpiresInDays).toBe(5);
        expect(await allRows(await connection.query('VALUES (1)'))).toEqual([[1]]);
      } finally {
        await connection.close();
      }
    },
  );
  expect(code).toBe(0);
});
