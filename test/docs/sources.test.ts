/** What comments and pages point at is there, and they point at nothing outside the repository. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

function files(folder: string, ends: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'node_modules' ? [] : files(path, ends);
    return ends.test(name) ? [path] : [];
  });
}

const read = (file: string): string => readFileSync(file, 'utf8');
const inside = (file: string): string => relative(ROOT, file);
const everywhere = ['src', 'docs', 'test', 'scripts'].flatMap((f) => files(join(ROOT, f), /\.(ts|mjs|md|java)$/));

test('every section of the protocol that a comment cites is on the page, and most of the page is cited', () => {
  const page = read(join(ROOT, 'docs/protocol.md'));
  const anchors = new Set([...page.matchAll(/<a id="([\d.]+)"><\/a>\n##+ ([\d.]+) /g)].map((m) => m[1]!));
  for (const [, id, number] of page.matchAll(/<a id="([\d.]+)"><\/a>\n##+ ([\d.]+) /g)) expect(number).toBe(id);
  const cited = [...everywhere, ...files(join(ROOT, 'fixtures'), /\.md$/)].flatMap((file) =>
    [...read(file).matchAll(/docs\/protocol\.md#([\d.]*\d)/g)].map((m) => ({ file: inside(file), section: m[1]! })),
  );
  expect(cited.length).toBeGreaterThan(40);
  expect(cited.filter(({ section }) => !anchors.has(section))).toEqual([]);
  const used = new Set(cited.map((c) => c.section));
  expect([...anchors].filter((a) => used.has(a)).length).toBeGreaterThan(anchors.size / 2);
});

test('a section that is cited by its number alone is of a published standard', () => {
  const found = everywhere.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => /\bsection \d/.test(line) && !/RFC \d+/.test(line))
      .map((line) => `${inside(file)}: ${line.trim()}`),
  );
  expect(found.filter((line) => !line.startsWith('docs/protocol.md') && !line.startsWith('test/docs/'))).toEqual([]);
});

/** Letter and two digits, as registers outside the repository number their rows. Bytes and frame ids have other forms. */
const ROW_ID = /(?<![\w'"#$.`-])(?!P\d\d)[A-EG-SU-Z]\d\d(?![\w'-])/g;

test('no comment, page or name of a test cites a row of a register that is not here', () => {
  const found = everywhere.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => file.endsWith('.md') || /\/\/|\/?\*|\b(test|describe|it)(\.each)?\(/.test(line))
      .flatMap((line) => [...line.matchAll(ROW_ID)].map((m) => `${inside(file)}: ${m[0]}`)),
  );
  expect(found).toEqual([]);
});

test('every member of the configuration says what it does', () => {
  const rows = read(join(ROOT, 'docs/reference/configuration.md'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(350);
  expect(rows.filter((row) => /\| *\|$/.test(row))).toEqual([]);
});
