/** Of Node's warnings only the one that kafkajs causes on new Nodes is kept from stderr. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const BUILT = resolve(__dirname, '../../dist/cli/warnings.js');

async function stderrOf(script: string): Promise<string> {
  // NODE_NO_WARNINGS, as the suite sets it, would hide everything
  const env = { ...process.env, NODE_NO_WARNINGS: '' };
  return (await promisify(execFile)(process.execPath, ['-e', script], { env })).stderr;
}

const hide = `require(${JSON.stringify(BUILT)}).hideHarmlessWarnings();`;
const kafkajs = `process.emitWarning('-1 is a negative number', 'TimeoutNegativeWarning');`;
const other = `process.emitWarning('something else', 'DeprecationWarning', 'DEP9999');`;

test('a timer set to the past is not told, everything else is', async () => {
  expect(await stderrOf(kafkajs)).toContain('TimeoutNegativeWarning');
  expect(await stderrOf(`${hide}${kafkajs}setTimeout(() => {}, -5)`)).toBe('');
  expect(await stderrOf(hide + other)).toMatch(/DEP9999\].*something else/);
});
