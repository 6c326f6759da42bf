/** What npm publishes, installed by a stranger: the tarball into an empty folder, its native parts built, the demo run. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../..');
/** Native modules are compiled where no prebuilt one can be had. */
const PATIENCE = 600_000;

/** As the error SQLITE_DRIVER tells: on Node 20 the driver of SQLite is one of the optional parts. */
const DRIVER_OF_NODE_20 = process.version.startsWith('v20.') ? ['better-sqlite3-12@npm:better-sqlite3@12'] : [];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test(
  'npm pack, npm install, npx ibmi-cdc demo',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-pack-'));
    try {
      // the build is there already, and building again would pull it from under tests that run beside this one
      const packing = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', dir], {
        cwd: ROOT,
      });
      const [packed] = JSON.parse(packing.stdout) as Packed[];
      const paths = packed!.files.map((f) => f.path);
      expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/cli/main.js']));
      expect(paths.filter((p) => /^(src|test|scripts|fixtures)\/|\.sqlite|\.env/.test(p))).toEqual([]);

      const home = join(dir, 'stranger');
      mkdirSync(home);
      writeFileSync(join(home, 'package.json'), '{"name":"stranger","private":true}');
      // optional parts (a JVM bridge, unixODBC) are left away: everything else must work without them
      const flags = ['--omit=optional', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...flags, ...DRIVER_OF_NODE_20, join(dir, packed!.filename)], { cwd: home });
      expect(readdirSync(join(home, 'node_modules'))).not.toContain('node-jt400');

      const demo = await run('npx', ['ibmi-cdc', 'demo', '--seconds', '2', '--json'], { cwd: home });
      const last = JSON.parse(demo.stdout.trim().split('\n').at(-1)!) as object;
      expect(last).toMatchObject({ summary: { lost: 0, duplicates: 0, invented: 0, badSignatures: 0 } });

      const version = await run('npx', ['ibmi-cdc', '--version'], { cwd: home });
      expect(version.stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  PATIENCE,
);
