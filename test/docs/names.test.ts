/** One name for one thing: a reader who follows a type by its name arrives at the right file. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const SRC = resolve(__dirname, '../../src');

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

test('every exported class, interface and type has a name of its own', () => {
  const places = new Map<string, string[]>();
  for (const file of sources(SRC))
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /^export (?:declare )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm,
    ))
      places.set(name!, [...(places.get(name!) ?? []), relative(SRC, file)]);
  expect(places.size).toBeGreaterThan(700);
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
});
