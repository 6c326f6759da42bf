// @ts-check
// All files of a checkout as facts, and the graph their imports make.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { factsOf } from './source.mjs';

/** @returns paths below `dir` that end so, in order; none when the folder is missing */
function filesBelow(dir, ending) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .sort()
    .flatMap((name) => {
      const path = join(dir, name);
      if (statSync(path).isDirectory()) return filesBelow(path, ending);
      return ending.test(name) ? [path] : [];
    });
}

/**
 * @param root a checkout
 * @returns `src`, `test`, `scripts`: file (relative to the root, `/` between) to its facts; an import of src carries `to`,
 * the file it leads to; `missing`: parts of dist that a script takes and that no source makes
 */
export function readHouse(root) {
  const read = (folder, ending) => {
    const files = new Map();
    for (const path of filesBelow(join(root, folder), ending))
      files.set(
        slashes(relative(root, path)),
        factsOf(readFileSync(path, 'utf8'), /\.tsx?$/.test(path), path.endsWith('.tsx')),
      );
    return files;
  };
  const house = {
    src: read('src', /\.tsx?$/),
    test: read('test', /\.ts$/),
    scripts: read('scripts', /\.mjs$/),
    missing: [],
  };
  for (const files of [house.src, house.test])
    for (const [file, facts] of files)
      for (const each of facts.imports)
        if (each.from.startsWith('.')) each.to = target(root, file, each.from, house.src);
  for (const [file, facts] of house.scripts) takenFromDist(house, file, facts);
  return house;
}

function target(root, file, from, src) {
  const path = slashes(relative(root, resolve(root, dirname(file), from)));
  return [`${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((p) => src.has(p)) ?? null;
}

/** Scripts name parts of dist in strings: `dist('map/mapper.js')`, `join(dist, 'map/mapper.js')`, `../dist/map/mapper.js`. */
function takenFromDist(house, file, facts) {
  const rooms = new Set([...house.src.keys()].map((path) => path.split('/')[1]));
  for (const text of [...facts.strings, ...facts.imports.map((i) => i.from)]) {
    const part = /^(?:.*\bdist\/|\/)?([\w-]+)\/([\w/-]+)\.js$/.exec(text);
    if (!part || !rooms.has(part[1])) continue;
    const to = `src/${part[1]}/${part[2]}.ts`;
    if (house.src.has(to)) facts.imports.push({ from: text, to, line: 0, kind: 'lazy', typeOnly: false, names: null });
    else house.missing.push({ file, names: text });
  }
}

const slashes = (path) => path.replaceAll('\\', '/');

/** The room of a file of src: its first folder. */
export const roomOf = (file) => file.split('/')[1].replace(/\.tsx?$/, '');

/** @returns circles of imports, types and lazy ones included, each as its files; one for each group of files that reach each other */
export function circles(src) {
  const found = [];
  const index = new Map();
  const low = new Map();
  const stack = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const { to } of src.get(file).imports) {
      if (!to) continue;
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(file, Math.min(low.get(file), low.get(to)));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of src.keys()) if (!index.has(file)) visit(file);
  return found;
}

/** @returns exports that no other file of src, test or scripts takes */
export function deadExports(house) {
  const taken = new Map([...house.src.keys()].map((file) => [file, new Set()]));
  // of a module taken whole, what the taker never says in a word it cannot use
  for (const files of [house.src, house.test, house.scripts])
    for (const facts of files.values())
      for (const { to, names } of facts.imports)
        if (to) for (const name of names ?? facts.words) taken.get(to).add(name);
  return [...house.src].flatMap(([file, facts]) =>
    facts.exports.filter((e) => !taken.get(file).has(e.name)).map((e) => ({ file, ...e })),
  );
}

/** @returns room to the files of it that other rooms import, in order */
export function doors(src) {
  const found = new Map();
  for (const [file, facts] of src)
    for (const { to } of facts.imports) {
      if (!to || roomOf(to) === roomOf(file)) continue;
      const room = found.get(roomOf(to)) ?? new Set();
      found.set(roomOf(to), room.add(to));
    }
  return new Map([...found].sort().map(([room, files]) => [room, [...files].sort()]));
}
