/** The short form of `scripts/hostile-receiver.mjs`: random answers on raw sockets against what the receiver truly accepted. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const script = join(__dirname, '../../scripts/hostile-receiver.mjs');

test('a receiver that answers whatever it likes: nothing lost, nothing counted that was not accepted, its pace kept', async () => {
  const seed = process.env['SEED'] ?? '63300';
  const args = [script, '--runs', '2', '--events', '1000', '--seed', seed, '--seconds', '45'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 110_000 }).catch((error) => {
    throw new Error(`${error.message}\n${error.stdout}\n${error.stderr}`);
  });
  expect(stdout).toMatch(/"runs":2,"events":2000,.*: every run right/);
}, 120_000);
