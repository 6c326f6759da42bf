/** The command line in a pipe whose reader leaves early. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(__dirname, '../../dist/cli/main.js');

test('a reader that has seen enough is no error', () => {
  const run = spawnSync('sh', ['-c', `"${process.execPath}" "${MAIN}" validate --schema | true`], { encoding: 'utf8' });
  expect([run.status, run.stderr]).toEqual([0, '']);
});
