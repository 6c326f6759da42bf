/** The first steps of the README, as they stand there: simulate with an order desk, init out of its line, run. */
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliProcess } from '../support/daemon-process';

jest.setTimeout(90_000);

let folder: string;
const started: CliProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'first-steps-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.running) child.kill('SIGTERM');
    await child.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): CliProcess {
  const child = new CliProcess(args, {});
  started.push(child);
  return child;
}

test('simulate, init, run: events of the order desk on the terminal', async () => {
  const simulated = start('simulate', '--any-ports', '--traffic', '20');
  await simulated.says('"ready":true');
  const line = join(folder, 'simulated.json');
  const config = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(line, simulated.output);
  const made = await start('init', '--from-simulate', line, '--to', 'stdout', '-c', config).ended;
  expect([made.stderr, made.code]).toEqual(['', 0]);
  expect(statSync(join(folder, 'secrets/ibmi-password')).mode & 0o777).toBe(0o600);
  expect(readFileSync(config, 'utf8')).not.toContain('cdcpwd01');
  const validated = await start('validate', '--strict', '-c', config).ended;
  expect(validated.stdout).toMatch(/valid, 1 table, 1 rule, 0 warnings/);
  const run = start('run', '-c', config);
  await run.says('"type":"order.created"');
  await run.says('"type":"order.updated"');
});

test('a file without the line says how to get it', async () => {
  const empty = join(folder, 'simulated.json');
  openSync(empty, 'w');
  const { stderr, code } = await start('init', '--from-simulate', empty, '-c', join(folder, 'c.yaml')).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/--from-simulate: .*simulated\.json does not hold the line/);
  expect(stderr).toContain('ibmi-cdc simulate > simulated.json &');
});
