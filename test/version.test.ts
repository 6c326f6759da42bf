/** The version is that of the package, from the sources and from the build alike. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { version } from '../src/version';

const ROOT = resolve(__dirname, '..');

test('the version is the package', () => {
  const asked = execFileSync(process.execPath, ['-p', "require('./package.json').version"], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(version()).toBe(asked.trim());
  const built = execFileSync(process.execPath, [resolve(ROOT, 'dist/cli/main.js'), '--version'], { encoding: 'utf8' });
  expect(built.trim()).toBe(asked.trim());
});
