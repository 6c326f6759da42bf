/** The Nodes that are tested, that npm accepts, that the image runs and that the page names are the same. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const { satisfies } = require('semver') as { satisfies: (version: string, range: string) => boolean };

const manifest = JSON.parse(read('package.json')) as { engines: { node: string } };
const nodes = [...read('scripts/nodes/versions.mjs').matchAll(/^ {2}(\d+): '([\d.]+)'/gm)].map(
  ([, major, version]) => ({
    major: major!,
    version: version!,
  }),
);

interface Locked {
  readonly dev?: boolean;
  readonly engines?: { readonly node?: string } | readonly string[];
}

test('there are four, each a release of its own major', () => {
  expect(nodes.map((n) => n.major)).toEqual(['20', '22', '24', '26']);
  for (const { major, version } of nodes) expect(version.split('.')[0]).toBe(major);
});

test.each(nodes)('engines admits Node $major, and every package of an install fits it', ({ version }) => {
  expect(satisfies(version, manifest.engines.node)).toBe(true);
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const unfit = Object.entries(packages).filter(([, { dev, engines }]) => {
    const range = Array.isArray(engines) ? undefined : (engines as { node?: string } | undefined)?.node;
    return !dev && range !== undefined && !satisfies(version, range);
  });
  // npm warns of it there, and src/sqlite.ts does not load it
  const known = version.startsWith('20.') ? ['node_modules/better-sqlite3'] : [];
  expect(unfit.map(([path]) => path)).toEqual(known);
});

test('the oldest release that engines admits is what its packages ask for', () => {
  expect(satisfies('20.18.0', manifest.engines.node)).toBe(false);
  for (const odd of ['21.7.3', '23.11.1', '25.9.0']) expect(satisfies(odd, manifest.engines.node)).toBe(false);
});

test('the image runs one of them, and docs/nodes.md names each', () => {
  const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => major);
  expect(new Set(images).size).toBe(1);
  expect(nodes.map((n) => n.major)).toContain(images[0]);
  const page = read('docs/nodes.md');
  for (const { major } of nodes) expect(page).toMatch(new RegExp(`^\\| ${major}\\b`, 'm'));
});
