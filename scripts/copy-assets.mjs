// @ts-check
// Run by `npm run build`: copies what tsc does not (code page tables, .sql, .html) from src to dist, marks the CLI executable, and
// puts it where `npx ibmi-cdc` looks in a clone: npm links the bins of dependencies there, but not the package's own.
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

const ASSET = /\.(bin|sql|html|css|svg|json|txt)$/;
cpSync('src', 'dist', {
  recursive: true,
  // the console is bundled by build-console.mjs
  filter: (source) => !/^src[/\\]console/.test(source) && (!/\.[^./\\]+$/.test(source) || ASSET.test(source)),
});
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);

if (existsSync('node_modules')) {
  mkdirSync('node_modules/.bin', { recursive: true });
  const link = 'node_modules/.bin/ibmi-cdc';
  rmSync(link, { force: true });
  if (process.platform === 'win32') writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\dist\\cli\\main.js" %*\r\n');
  else symlinkSync('../../dist/cli/main.js', link);
}
