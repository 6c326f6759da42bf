// @ts-check
// The figures of the house: sizes, comments, exports, circles, doors, tests beside code. Run: node scripts/house.mjs
//   [--json]  as JSON, with every place   [--facts]  imports and exports file by file   [--tree FOLDER]  another checkout
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figures } from './house/figures.mjs';
import { readHouse } from './house/house.mjs';

const argument = (name) => process.argv.includes(name) && process.argv[process.argv.indexOf(name) + 1];
const root = resolve(argument('--tree') || resolve(dirname(fileURLToPath(import.meta.url)), '..'));
const house = readHouse(root);
const found = figures(house);

const percent = (n) => `${(100 * n).toFixed(1)} %`;
const ratio = (n) => n.toFixed(2);
const place = (p) => `${p.file}${p.line ? `:${p.line}` : ''}`;

/** [what, in all, without the simulated partition] */
function rows() {
  const row = (what, pick) => [what, pick(found.all), pick(found.withoutSimulator)];
  return [
    row('files', (s) => s.files),
    row('lines', (s) => s.lines),
    row('file: median / p90 / longest', (s) => s.fileLines.join(' / ')),
    row('files above 420 lines', (s) => s.largeFiles.length),
    row('functions', (s) => s.functions),
    row('function: median / p90 / longest', (s) => s.functionLines.join(' / ')),
    row('functions above 60 lines', (s) => s.longFunctions.length),
    row('functions with more than 5 parameters', (s) => s.manyParameters.length),
    row('comment lines', (s) => percent(s.commentShare)),
    row('exports', (s) => s.exports),
    row('exports documented', (s) => percent(s.documentedShare)),
    row('any', (s) => s.any),
    row('TODO, FIXME', (s) => s.todo),
    row('! / casts / as unknown as', (s) => `${s.bangs} / ${s.casts} / ${s.doubleCasts}`),
    ['test : code', ratio(found.testShares.all), ratio(found.testShares.withoutSimulator)],
  ];
}

function text() {
  const lines = rows().map(([what, all, without]) => `${what.padEnd(40)}${String(all).padEnd(20)}${without}`);
  const list = (title, places) => lines.push(`\n${title}: ${places.length}`, ...places.map((p) => `  ${p}`));
  lines.unshift(`${''.padEnd(40)}${'in all'.padEnd(20)}without the simulated partition`);
  lines.push(`largest folder: ${found.largestFolder.folder}, ${found.largestFolder.files} files side by side`);
  lines.push('\nroom            doors / files   test : code');
  for (const [room, of] of Object.entries(found.testShares.rooms)) {
    const door = found.doors[room];
    lines.push(`${room.padEnd(16)}${(door ? `${door.files.length} / ${door.of}` : '-').padEnd(16)}${ratio(of)}`);
  }
  list(
    'files above 420 lines',
    found.all.largeFiles.map((f) => `${f.file} ${f.lines}`),
  );
  list(
    'functions above 60 lines',
    found.all.longFunctions.map((f) => `${place(f)} ${f.name} ${f.lines}`),
  );
  list(
    'functions with more than 5 parameters',
    found.all.manyParameters.map((f) => `${place(f)} ${f.name} ${f.parameters}`),
  );
  list(
    'import circles',
    found.circles.map((files) => files.join(' <-> ')),
  );
  list(
    'exports that nobody takes',
    found.deadExports.map((e) => `${place(e)} ${e.name}`),
  );
  list(
    'parts of dist that scripts ask for and nobody makes',
    found.missing.map((m) => `${m.file}: ${m.names}`),
  );
  return `${lines.join('\n')}\n`;
}

/** The graph, for the test of the walls. */
function facts() {
  const files = (map) =>
    Object.fromEntries(
      [...map].map(([file, f]) => [file, { imports: f.imports.filter((i) => i.to), exports: f.exports }]),
    );
  return { src: files(house.src), test: files(house.test), scripts: files(house.scripts) };
}

const json = (value) => `${JSON.stringify(value, null, 1)}\n`;
if (process.argv.includes('--facts')) process.stdout.write(json({ ...found, facts: facts() }));
else process.stdout.write(process.argv.includes('--json') ? json(found) : text());
