// @ts-check
// Run by `npm run build`: bundles src/console into dist/console, each file but the page under a name of its content, so that a
// browser may keep it for ever. `--types` checks its types instead. Without what it is built with (a tree that was not installed
// by `npm ci`) this says so and leaves the console out; in CI that is a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const OUT = 'dist/console';

if (process.argv.includes('--types')) {
  if (await parts()) types();
} else {
  const esbuild = await parts();
  if (esbuild) await bundle(esbuild);
}

/** @returns the bundler, or null where something is not installed */
async function parts() {
  try {
    const esbuild = await import('esbuild');
    for (const name of ['preact', 'uplot']) import.meta.resolve(name);
    return esbuild;
  } catch (error) {
    if (process.env.CI) throw error;
    process.stderr.write('the console is left out: npm ci installs what it is built with\n');
    return null;
  }
}

function types() {
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      ...['-p', 'tsconfig.console.json', '--noEmit'],
      ...['--incremental', '--tsBuildInfoFile', '.cache/console.tsbuildinfo'],
    ],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
}

/** @param {typeof import('esbuild')} esbuild */
async function bundle(esbuild) {
  rmSync(OUT, { recursive: true, force: true });
  const { metafile } = await esbuild.build({
    entryPoints: ['src/console/main.tsx', 'src/console/console.css'],
    outdir: OUT,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    metafile: true,
    legalComments: 'none',
  });
  mkdirSync(OUT, { recursive: true });
  const made = Object.entries(metafile.outputs);
  const nameOf = (entry) => basename(made.find(([, { entryPoint }]) => entryPoint === entry)?.[0] ?? '');
  const page = readFileSync('src/console/page.html', 'utf8')
    .replace('main.js', nameOf('src/console/main.tsx'))
    .replace('console.css', nameOf('src/console/console.css'));
  writeFileSync(`${OUT}/index.html`, page);
  writeFileSync(`${OUT}/icon.svg`, readFileSync('src/console/icon.svg'));
  writeFileSync(`${OUT}/licenses.txt`, ['preact', 'uplot'].map(licence).join('\n'));
}

/** Of what is bundled. @param {string} name */
function licence(name) {
  return `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`;
}
