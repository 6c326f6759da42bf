/** Each room says on one screen what it is; what it names is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const SRC = join(ROOT, 'src');
const read = (file: string): string => readFileSync(file, 'utf8');

function readmes(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return readmes(path);
    return name === 'README.md' ? [path] : [];
  });
}

function folders(folder: string): string[] {
  const inside = readdirSync(folder).map((name) => join(folder, name));
  return inside.filter((path) => statSync(path).isDirectory()).flatMap((path) => [path, ...folders(path)]);
}

const rooms = readdirSync(SRC).filter((name) => statSync(join(SRC, name)).isDirectory());
const all = readmes(SRC).map((path) => [relative(ROOT, path)]);

test.each(rooms.map((room) => [room]))('src/%s has a README that names what comes in and goes out', (room) => {
  const text = read(join(SRC, room, 'README.md'));
  if (room !== 'hostserver') for (const head of ['**In**', '**Out**', '**Must hold**']) expect(text).toContain(head);
  // a screen, but for the tables of what was judged
  if (room !== 'simulator') expect(text.split('\n').length).toBeLessThan(60);
});

test.each(all)('%s: files, folders and links that it names are there', (name) => {
  const file = join(ROOT, name);
  const text = read(file);
  // of its own folder or a folder below, of src, or of the repository
  const below = [dirname(file), ...folders(dirname(file)), SRC, ROOT, ...folders(join(ROOT, 'test'))];
  const there = (path: string): boolean => below.some((from) => existsSync(resolve(from, path)));
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((m) => m[1]!);
  const named = [...text.matchAll(/`((?:\.{1,2}\/)?[\w.-]+(?:\/[\w.-]+)*(?:\.ts|\.mjs|\/))`/g)].map((m) => m[1]!);
  expect(links.filter((link) => !existsSync(resolve(dirname(file), link)))).toEqual([]);
  expect(named.filter((path) => !there(path))).toEqual([]);
});

test('the page of the proofs names tests, scripts and folders that are there', () => {
  const text = read(join(ROOT, 'docs/how-it-is-proved.md'));
  const named = [...text.matchAll(/((?:test|scripts|src|fixtures)\/[\w./-]*\w)/g)].map((m) => m[1]!);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('folders of a room are named in its README', () => {
  const missing = rooms.flatMap((room) => {
    const text = read(join(SRC, room, 'README.md'));
    return readdirSync(join(SRC, room))
      .filter((name) => statSync(join(SRC, room, name)).isDirectory() && !text.includes(`${name}/`))
      .map((name) => `${room}/${name}`);
  });
  expect(missing).toEqual([]);
});

test('the generated plan that is shown is the one that is made', () => {
  const shown = /```js\n([\s\S]*?)\n```/.exec(read(join(SRC, 'record/write/README.md')))![1]!;
  const format = {
    table: 'ORDLIB/ORDHDR',
    columns: [
      { name: 'QTY', type: 'INTEGER' },
      { name: 'STS', type: 'CHAR', length: 2, ccsid: 37 },
    ],
  };
  const program = `
    const made = [];
    const real = globalThis.Function;
    globalThis.Function = new Proxy(real, { construct(t, a) { made.push(a.at(-1)); return Reflect.construct(t, a); } });
    const { parseFormat } = require('./dist/record/layout/parse-format.js');
    const { compileJsonPlan } = require('./dist/record/plan/json-plan.js');
    compileJsonPlan(parseFormat(${JSON.stringify(format)}), [{ name: 'qty', column: 'QTY' }, { name: 'status', column: 'STS' }]);
    process.stdout.write(made[0]);`;
  expect(execFileSync(process.execPath, ['-e', program], { cwd: ROOT }).toString()).toBe(shown);
});
