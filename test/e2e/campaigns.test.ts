/** Short forms of the campaigns in scripts/: a seed, a few steps, the same oracle. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

jest.setTimeout(180_000);

function campaign(name: string, seed: number): unknown {
  const script = join(__dirname, '../../scripts', name);
  const run = spawnSync(process.execPath, [script, '--runs', '1', '--steps', '12', '--seed', String(seed)], {
    encoding: 'utf8',
    timeout: 170_000,
  });
  return { status: run.status, said: run.stdout, ...(run.stderr ? { stderr: run.stderr } : {}) };
}

const faketime = existsSync('/usr/bin/faketime');
if (!faketime && process.env['CI']) throw new Error('the clock campaign needs faketime');

test('disks: full, killed, restored, cut, altered', () => {
  expect(campaign('disk-campaign.mjs', 104)).toMatchObject({ status: 0 });
});

// a machine without libfaketime skips this visibly; in CI a skipped test is a failure
(faketime ? test : test.skip)('clocks: set forward and back', () => {
  expect(campaign('clock-campaign.mjs', 11)).toMatchObject({ status: 0 });
});

test('reconcile: differences planted in a table under constant changes', () => {
  expect(campaign('reconcile-campaign.mjs', 3)).toMatchObject({ status: 0 });
});
