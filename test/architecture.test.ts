/** Keeps the floors of docs/architecture.md apart by reading every import line of src. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(__dirname, '../src');

/** What each room may import besides itself. `type` rooms only through `import type`. */
const LEAVES = ['model', 'errors', 'telemetry', 'files', 'clock', 'version'];
const STAGES = ['journal', 'window', 'backfill', 'map'];
const MAY: Record<string, { values: readonly string[]; types?: readonly string[] }> = {
  model: { values: [], types: ['errors'] },
  errors: { values: [] },
  files: { values: [] },
  clock: { values: [] },
  telemetry: { values: ['errors', 'version'] },
  version: { values: [] },
  sqlite: { values: ['errors'] },
  bytes: { values: ['model', 'errors'] },
  store: { values: [...LEAVES, 'sqlite'] },
  record: { values: [...LEAVES, 'bytes', 'store'] },
  hostserver: { values: [...LEAVES, 'bytes'], types: ['transport'] },
  transport: { values: [...LEAVES, 'bytes', 'hostserver'] },
  catalog: { values: [...LEAVES, 'bytes', 'record', 'transport', 'store'] },
  remember: { values: [...LEAVES, 'bytes', 'store'] },
  'table-rows': { values: [...LEAVES, 'bytes', 'record', 'transport'] },
  journal: { values: [...LEAVES, 'bytes', 'record', 'transport', 'catalog', 'store'] },
  window: { values: [...LEAVES, 'bytes', 'record', 'transport', 'catalog', 'store', 'table-rows'] },
  backfill: { values: [...LEAVES, 'bytes', 'record', 'transport', 'catalog', 'store', 'table-rows', 'remember'] },
  map: { values: [...LEAVES, 'bytes', 'record'] },
  infer: { values: [...LEAVES, 'bytes', 'record', 'catalog', 'table-rows', 'transport'] },
  'mapping-test': { values: [...LEAVES, 'record', 'map'] },
  outbox: { values: [...LEAVES, 'store'] },
  signatures: { values: LEAVES },
  deliver: { values: [...LEAVES, 'store', 'signatures'] },
  config: {
    values: [...LEAVES, 'bytes', 'record'],
    types: ['map', 'signatures', 'deliver', 'journal', 'window', 'backfill', 'transport'],
  },
  simulator: { values: ['model', 'errors', 'bytes', 'hostserver', 'telemetry', 'sqlite'] },
  assembly: { values: [...LEAVES, 'hostserver', 'transport', 'outbox', 'deliver'], types: ['config'] },
  capture: {
    values: [...LEAVES, ...STAGES, 'record', 'store', 'remember', 'table-rows', 'catalog', 'config', 'outbox'],
    types: ['transport', 'deliver'],
  },
  operate: {
    values: [...LEAVES, ...STAGES, 'record', 'store', 'catalog', 'outbox', 'deliver', 'capture', 'assembly', 'config'],
    types: ['transport'],
  },
  daemon: { values: ['*'] },
  cli: { values: ['*'] },
};

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(file: string): string {
  return relative(SRC, file).split(/[/\\]/)[0]!.replace(/\.ts$/, '');
}

function violations(): string[] {
  const found: string[] = [];
  for (const file of sources(SRC)) {
    const room = roomOf(file);
    const rule = MAY[room];
    if (!rule) {
      found.push(`${relative(SRC, file)} is in no known room`);
      continue;
    }
    const text = readFileSync(file, 'utf8');
    for (const match of text.matchAll(/^(import|export)\s+(type\s+)?[^;]*?from\s+'(\.[^']*)'/gm)) {
      const target = roomOf(resolve(dirname(file), match[3]!));
      if (target === room || rule.values.includes(target)) continue;
      if (rule.values.includes('*') && (target !== 'simulator' || room === 'cli')) continue;
      if (match[2] && rule.types?.includes(target)) continue;
      found.push(`${relative(SRC, file)} imports ${match[3]}: ${room} must not know ${target}`);
    }
  }
  return found;
}

test('imports point down, and only cli knows the simulator', () => {
  expect(violations()).toEqual([]);
});

test('the simulator takes nothing of the client but the message tables', () => {
  const beyond = sources(join(SRC, 'simulator')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '([^']*hostserver\/[^']*)'/g)]
      .filter((m) => m[1]!.includes('hostserver/client/'))
      .map((m) => `${relative(SRC, file)}: ${m[1]}`),
  );
  expect(beyond).toEqual([]);
});
