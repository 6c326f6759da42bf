/** `--help` of every command: it must come, with an example. */

import { PassThrough } from 'node:stream';
import { buildProgram } from '../../src/cli/program';
import { runCommand } from '../support/run-command';

const io = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  exit: () => undefined,
};
const names = buildProgram(io).commands.map((c) => c.name());

test.each(names)('%s --help teaches with an example', async (name) => {
  const run = runCommand([name, '--help']);
  expect(await run.done).toBe(0);
  expect(run.err()).toBe('');
  expect(run.out()).toMatch(/\nExamples?:\n +.*ibmi-cdc /);
});
