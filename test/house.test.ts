/** The house keeps its limits, and what measures it is right: on a small source whose figures are known. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { measureHouse, placeOf } from './support/house';

const root = mkdtempSync(join(tmpdir(), 'house-'));
afterAll(() => rmSync(root, { recursive: true }));

function house(files: Readonly<Record<string, string>>) {
  rmSync(root, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return measureHouse(root);
}

test('no file above 420 lines, no function above 60, no list of parameters above five, 15 files side by side', () => {
  const { all, largestFolder } = measureHouse();
  expect({ ...all, largestFolder }).toMatchObject({ largeFiles: [], longFunctions: [], manyParameters: [], any: 0 });
  expect(largestFolder.files).toBeLessThanOrEqual(15);
});

test.each([
  ['a type', "import type { B } from './b';\nexport type A = B;\n"],
  ['a type written with import()', "export type A = import('./b').B;\n"],
  ['require()', "export type A = 1;\nexport const b = () => require('./b');\n"],
  ['import()', "export type A = 1;\nexport const b = () => import('./b');\n"],
  ['export from', "export type A = 1;\nexport { B } from './b';\n"],
])('a circle that closes by %s is seen', (_, a) => {
  const b = "import type { A } from './a';\nexport type B = A;\n";
  expect(house({ 'src/x/a.ts': a, 'src/x/b.ts': b }).circles).toEqual([['src/x/a.ts', 'src/x/b.ts']]);
});

test('an export is dead unless another file takes its name', () => {
  const { deadExports } = house({
    'src/x/a.ts':
      '// é\nexport const used = 1;\nexport const own = 2;\nexport const both = own;\nexport interface Shape {}\n',
    'src/y/b.ts': "import { used } from '../x/a';\nexport const alone = used;\n",
    'test/b.test.ts':
      "import { alone } from '../src/y/b';\nimport * as all from '../src/x/a';\nvoid [alone, all.both];\n",
  });
  expect(deadExports.map(placeOf)).toEqual(['src/x/a.ts:3 own', 'src/x/a.ts:5 Shape']);
});

test('what a script takes of dist counts, and what nobody makes is named', () => {
  const found = house({
    'src/x/a.ts': 'export const used = 1;\nexport const dead = 1;\n',
    'scripts/a.mjs':
      "const { used } = require(join(dist, 'x/a.js'));\nconst { gone } = dist('x/gone.js');\nuse(used, gone);\n",
  });
  expect(found.deadExports.map(placeOf)).toEqual(['src/x/a.ts:2 dead']);
  expect(found.missing).toEqual([{ file: 'scripts/a.mjs', names: 'x/gone.js' }]);
});

test('long files, long functions, long parameter lists', () => {
  const body = '  void 0;\n'.repeat(59);
  const { all } = house({
    'src/x/a.ts': `// one line\nexport function fits() {\n${body.slice(10)}}\nexport const long = () => {\n${body}};\n`,
    'src/x/b.ts': '\n'.repeat(420),
    'src/x/c.ts': '\n'.repeat(421),
    'src/x/d.ts':
      'export class D {\n  constructor(a: 1, b: 1, c: 1, d: 1, e: 1, private f: 1) {}\n  #m(a: 1, b: 1, c: 1, d: 1, e: 1) {}\n}\n',
  });
  expect(all.longFunctions.map(placeOf)).toEqual(['src/x/a.ts:62 long']);
  expect(all.largeFiles).toEqual([{ file: 'src/x/c.ts', lines: 421 }]);
  expect(all.manyParameters.map(placeOf)).toEqual(['src/x/d.ts:2 constructor']);
});

test('every script is checked against the types of what it uses', () => {
  const scripts = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return scripts(path);
      return path.endsWith('.mjs') ? [path] : [];
    });
  const all = scripts(join(__dirname, '../scripts'));
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((file) => !/^(#!.*\n)?\/\/ @ts-check\n/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
