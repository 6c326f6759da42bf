/** A real PostgreSQL server on a free port, in a temporary folder, gone after the test. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Postgres extends AsyncDisposable {
  readonly connectionString: string;
}

/** Folder of the newest installed server programs; null where there is none. */
export function postgresPrograms(): string | null {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return null;
  const version = readdirSync(root).sort((a, b) => Number(b) - Number(a))[0];
  return version ? join(root, version, 'bin') : null;
}

export function psqlOdbc(): boolean {
  try {
    return execFileSync('odbcinst', ['-q', '-d'], { encoding: 'utf8' }).includes('PostgreSQL Unicode');
  } catch {
    return false;
  }
}

export async function startPostgres(): Promise<Postgres> {
  const programs = postgresPrograms();
  if (!programs) throw new Error('no PostgreSQL server programs are installed');
  const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-pg-'));
  // the server refuses to run as root: hand the folder to its own user there
  const asUser = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  if (asUser.length > 0) execFileSync('chown', ['postgres', dir]);
  chmodSync(dir, 0o700);
  const run = (program: string, args: string[]): [string, string[]] => {
    const all = [...asUser, join(programs, program), ...args];
    return [all[0]!, all.slice(1)];
  };
  const data = join(dir, 'data');
  execFileSync(...run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres', '-N', '--locale=C', '-E', 'UTF8']), {
    cwd: '/',
  });
  const port = await freePort();
  const server = spawn(
    ...run('postgres', [
      '-D',
      data,
      '-p',
      String(port),
      '-k',
      dir,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'fsync=off',
    ]),
    { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await new Promise<void>((ready, failed) => {
    let text = '';
    server.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('ready to accept connections')) ready();
    });
    server.once('exit', () => failed(new Error(`postgres ended: ${text}`)));
  });
  return {
    connectionString: `DRIVER={PostgreSQL Unicode};SERVER=127.0.0.1;PORT=${port};UID=postgres;DATABASE=postgres;BoolsAsChar=0;UseServerSidePrepare=1`,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGQUIT');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
