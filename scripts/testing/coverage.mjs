// @ts-check
// Which branches of the rooms below the whole are reached by the tests of those rooms alone. The others are reached by daemons
// in this and other processes, where counting would cost half the time of the suite.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders of src, and of test, whose tests need no daemon. */
export const UNITS = [
  'bytes',
  'config',
  'deliver/limits',
  'deliver/queue',
  'map',
  'outbox',
  'record',
  'signatures',
  'store',
  'telemetry',
];

const FOLDER = '.cache/coverage';

/** What jest is told: branches of these rooms, counted by V8 itself. */
export const COVERAGE_FLAGS = [
  '--coverage',
  '--coverageProvider=v8',
  '--coverageReporters=json-summary',
  `--coverageDirectory=${FOLDER}`,
  ...UNITS.map((unit) => `--collectCoverageFrom=src/${unit}/**/*.ts`),
];

/** Lines to print: the share of each room and of all, and the files with most branches that nothing reached. */
export function coverageLines() {
  const file = join(FOLDER, 'coverage-summary.json');
  if (!existsSync(file)) return ['no coverage was written'];
  const { total, ...files } = JSON.parse(readFileSync(file, 'utf8'));
  const facts = Object.entries(files).map(([path, { branches }]) => ({ path: relative('src', path), ...branches }));
  const rooms = UNITS.map((unit) => [unit, sum(facts.filter(({ path }) => path.startsWith(`${unit}/`)))]);
  const missed = facts.map((f) => ({ ...f, missed: f.total - f.covered })).sort((a, b) => b.missed - a.missed);
  return [
    `branches reached: ${share(total.branches)} of ${UNITS.length} rooms by their own tests`,
    `  ${rooms.map(([unit, of]) => `${unit} ${share(of)}`).join(', ')}`,
    `  most are missed in ${missed
      .slice(0, 5)
      .map(({ path, missed: n }) => `${path} (${n})`)
      .join(', ')}`,
  ];
}

function sum(facts) {
  return facts.reduce((all, { total, covered }) => ({ total: all.total + total, covered: all.covered + covered }), {
    total: 0,
    covered: 0,
  });
}

function share({ total, covered }) {
  return total === 0 ? 'none' : `${((100 * covered) / total).toFixed(1)} %`;
}
