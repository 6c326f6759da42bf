/** Which packages nobody but the simulated partition needs, out of the import lines and the lock file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** Its own, and what those bring with them that nothing else brings; names as in node_modules. */
export function simulatorPackages(): { own: string[]; all: string[] } {
  const root = lock.packages['']!;
  const named = Object.keys({ ...root.dependencies, ...root.optionalDependencies });
  const src = join(ROOT, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const inside = new Set<string>();
  const outside = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(src, file), 'utf8');
    const users = relative(src, join(src, file)).startsWith('simulator') ? inside : outside;
    for (const [, name] of text.matchAll(/(?:from|import|require\(|resolve\()\s*'([^'.][^']*)'/g)) {
      const found = named.find((dependency) => name === dependency || name!.startsWith(`${dependency}/`));
      if (found !== undefined) users.add(found);
    }
  }
  const own = [...inside].filter((name) => !outside.has(name));
  const others = reach(named.filter((name) => !own.includes(name)));
  return { own, all: [...reach(own)].filter((name) => !others.has(name)) };
}

/** With everything they depend on, as far as it lies at the top of node_modules. */
function reach(names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const entry = lock.packages[`node_modules/${name}`];
    waiting.push(...Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies }));
  }
  return found;
}
