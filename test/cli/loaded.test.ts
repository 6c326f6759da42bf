/** What a daemon carries: nothing of the simulated partition, nor of the packages that only it needs. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { Desk } from './support/desk';
import { simulatorPackages } from './support/simulator-packages';

jest.setTimeout(300_000);

const ROOT = resolve(__dirname, '../..');
const MAIN = join('dist', 'cli', 'main.js');
const HOOK = join(__dirname, 'support', 'loaded-modules.cjs');
const { own, all } = simulatorPackages();
const onlySimulated = [...all.map((name) => join('node_modules', name) + sep), join('dist', 'simulator') + sep];

const TABLES = `destinations: { out: { stdout: {} } }
tables: { ORDLIB/ORDHDR: { event: order, to: [out] } }
policies: { start: earliest }`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; `run` is asked to stop when it has sent an event. */
function command(main: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
      if (args[0] === 'run' && said.stdout.includes('order.updated')) child.kill('SIGTERM');
    });
  }
  return new Promise((done) => child.once('close', (code) => done({ code, ...said })));
}

/** Of the modules that a command loaded those that only the simulated partition needs, by the beginning of their paths. */
async function loaded(site: Desk, args: readonly string[]): Promise<Record<string, number>> {
  const to = join(site.folder, `${args[0]}.json`);
  const env = { PW: site.partition.password, LOADED_MODULES: to, NODE_OPTIONS: `--require=${HOOK}` };
  const ended = await command(join(ROOT, MAIN), args, env);
  expect({ args, ...ended }).toMatchObject({ code: 0 });
  const files = (JSON.parse(readFileSync(to, 'utf8')) as string[]).map((file) => relative(ROOT, file));
  expect(files.filter((f) => f.startsWith(join('dist', 'cli')) && f.endsWith(`${sep}${args[0]}.js`))).toHaveLength(1);
  const counted = onlySimulated.map((start) => [start, files.filter((f) => f.startsWith(start)).length] as const);
  return Object.fromEntries(counted.filter(([, n]) => n > 0));
}

test('the packages that only the simulated partition needs are told apart', () => {
  expect(own.sort()).toEqual(['@guanmingchiu/sqlparser-ts', '@peculiar/x509', 'reflect-metadata']);
  expect(all).toEqual(expect.arrayContaining([...own, '@peculiar/asn1-schema', 'asn1js']));
  for (const shared of ['better-sqlite3', 'commander', 'pino']) expect(all).not.toContain(shared);
});

test('validate, status and run load nothing of the simulated partition; demo does', async () => {
  await using site = await Desk.open();
  site.write(TABLES);
  await site.sql.execute("UPDATE ORDLIB.ORDHDR SET STS = '90' WHERE ORDNO = 100001");
  expect(await loaded(site, ['validate', '-c', site.config])).toEqual({});
  expect(await loaded(site, ['run', '-c', site.config])).toEqual({});
  expect(await loaded(site, ['status', '-c', site.config])).toEqual({});
  const demo = await loaded(site, ['demo', '--seconds', '1']);
  for (const name of own) expect(demo[join('node_modules', name) + sep]).toBeGreaterThan(0);
  expect(demo[join('dist', 'simulator') + sep]).toBeGreaterThan(0);
});

test('an install without them, and without dist/simulator, validates, captures and tells its status', async () => {
  await using site = await Desk.open();
  site.write(TABLES);
  await site.sql.execute("UPDATE ORDLIB.ORDHDR SET STS = '90' WHERE ORDNO = 100001");
  const home = join(site.folder, 'home');
  const without = (file: string): boolean =>
    !`${relative(ROOT, file)}${sep}`.startsWith(join('dist', 'simulator') + sep);
  cpSync(join(ROOT, 'dist'), join(home, 'dist'), { recursive: true, filter: without });
  cpSync(join(ROOT, 'package.json'), join(home, 'package.json'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) link(home, name);
  const run = (name: string): Promise<Ended> =>
    command(join(home, MAIN), [name, '-c', site.config], { PW: site.partition.password });
  expect(await run('validate')).toMatchObject({ code: 0 });
  expect(await run('run')).toMatchObject({ code: 0, stdout: expect.stringContaining('"type":"order.updated"') });
  expect(await run('status')).toMatchObject({ code: 0 });
  // and what was taken away is what the simulated partition needs
  const refused = await run('simulate');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('Cannot find module');
});

/** Everything of node_modules but what only the simulated partition needs. */
function link(home: string, name: string): void {
  const names = name.startsWith('@') ? readdirSync(join(ROOT, 'node_modules', name)).map((n) => join(name, n)) : [name];
  for (const one of names.filter((n) => !all.includes(n.split(sep).join('/')))) {
    mkdirSync(join(home, 'node_modules', one, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', one), join(home, 'node_modules', one), 'junction');
  }
}
