// Run by `npm run build`: copies what tsc does not (code page tables, .sql, .html) from src to dist and marks the CLI executable.
import { chmodSync, cpSync, existsSync } from 'node:fs';

const ASSET = /\.(bin|sql|html|css|svg|json|txt)$/;
cpSync('src', 'dist', {
  recursive: true,
  filter: (source) => !/\.[^./\\]+$/.test(source) || ASSET.test(source),
});
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
