/** No promise in the YAML that nothing keeps: every key of the configuration is read by code outside the configuration. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../../src/config/json-schema';

const SRC = join(__dirname, '..', '..', 'src');

/** Code of every other room, without comments; the simulated partition reads no configuration. */
function code(folder: string): string {
  return readdirSync(folder)
    .flatMap((name) => {
      const path = join(folder, name);
      if (path === join(SRC, 'config') || path === join(SRC, 'simulator')) return [];
      if (statSync(path).isDirectory()) return [code(path)];
      return [readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')];
    })
    .join('\n');
}

function keysOf(schema: unknown): Set<string> {
  const keys = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, unknown> };
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    for (const child of Object.values(node)) visit(child);
  };
  visit(schema);
  return keys;
}

/** Read by editors, and turned into `maxBytes` of each rule by the configuration itself. */
const ELSEWHERE = ['$schema', 'payloadLimit'];

test('every key of the configuration is used', () => {
  const all = code(SRC);
  const words = new Set([...all.match(/[A-Za-z_$][\w$]*/g)!, ...all.match(/(?<=')[a-z]+(-[a-z]+)+(?=')/g)!]);
  const keys = keysOf(configJsonSchema());
  expect(keys.size).toBeGreaterThan(200);
  expect([...keys].filter((key) => !words.has(key) && !ELSEWHERE.includes(key))).toEqual([]);
});
