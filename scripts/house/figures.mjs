// @ts-check
// The figures of a checkout: what the house measures itself by.
import { circles, deadExports, doors, roomOf } from './house.mjs';

export const LIMITS = { fileLines: 420, functionLines: 60, parameters: 5 };

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const share = (part, whole) => (whole === 0 ? 0 : part / whole);

/** @returns [median, 90th percentile, largest] */
function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
  return [at(0.5), at(0.9), sorted.at(-1) ?? 0];
}

/** @param {(file: string) => boolean} [within] which files of src count */
function sizes(house, within = (_file) => true) {
  const files = [...house.src].filter(([file]) => within(file));
  const all = (pick) => files.flatMap(([file, facts]) => pick(facts).map((each) => ({ file, ...each })));
  const functions = all((f) => f.functions);
  const exports = all((f) => f.exports);
  const lines = sum(files.map(([, f]) => f.lines));
  const total = (name) => sum(files.map(([, f]) => f.counts[name]));
  return {
    files: files.length,
    lines,
    fileLines: spread(files.map(([, f]) => f.lines)),
    functionLines: spread(functions.filter((f) => f.block).map((f) => f.lines)),
    functions: functions.length,
    commentShare: share(sum(files.map(([, f]) => f.commentLines)), lines),
    exports: exports.length,
    documentedShare: share(exports.filter((e) => e.documented).length, exports.length),
    any: total('any'),
    todo: sum(files.map(([, f]) => f.todo)),
    bangs: total('bangs'),
    casts: total('casts'),
    doubleCasts: total('doubleCasts'),
    largeFiles: files.filter(([, f]) => f.lines > LIMITS.fileLines).map(([file, f]) => ({ file, lines: f.lines })),
    longFunctions: functions.filter((f) => f.lines > LIMITS.functionLines),
    manyParameters: functions.filter((f) => f.parameters > LIMITS.parameters),
  };
}

/** Lines of test for a line of source: by room (test/ROOM for src/ROOM), in all, and without the simulated partition. */
function testShares(house) {
  const linesOf = (files, within) => sum([...files].filter(([file]) => within(file)).map(([, f]) => f.lines));
  const ratio = (within) => share(linesOf(house.test, within), linesOf(house.src, within));
  const rooms = [...new Set([...house.src.keys()].map(roomOf))].sort();
  const simulator = (file) => roomOf(file) === 'simulator';
  return {
    all: ratio(() => true),
    withoutSimulator: ratio((file) => !simulator(file)),
    rooms: Object.fromEntries(rooms.map((room) => [room, ratio((file) => roomOf(file) === room)])),
  };
}

function largestFolder(src) {
  const folders = new Map();
  for (const file of src.keys()) {
    const folder = file.slice(0, file.lastIndexOf('/'));
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const [folder, files] = [...folders].sort((a, b) => b[1] - a[1])[0];
  return { folder, files };
}

export function figures(house) {
  const perRoom = new Map();
  for (const file of house.src.keys()) perRoom.set(roomOf(file), (perRoom.get(roomOf(file)) ?? 0) + 1);
  return {
    all: sizes(house),
    withoutSimulator: sizes(house, (file) => roomOf(file) !== 'simulator'),
    circles: circles(house.src),
    deadExports: deadExports(house),
    missing: house.missing,
    doors: Object.fromEntries([...doors(house.src)].map(([room, files]) => [room, { of: perRoom.get(room), files }])),
    testShares: testShares(house),
    largestFolder: largestFolder(house.src),
  };
}
