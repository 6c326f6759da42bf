// @ts-check
// Run by `npm test`: checks the house (types, lint, format), fetches the judges that registries hold, runs every test, prints the counts.
// With CI set, a missing judge or a skipped test is a failure; on a user's machine it is a visible skip.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { smoke } from './nodes/smoke.mjs';
import { COVERAGE_FLAGS, coverageLines, UNITS } from './testing/coverage.mjs';

const ci = Boolean(process.env.CI);
const patterns = process.argv.slice(2);

function step(title, command, args, { required = true } = {}) {
  process.stdout.write(`\n== ${title}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  if (required) process.exit(status ?? 1);
  process.stdout.write(`   not available here: the suites that need it will be skipped\n`);
}

mkdirSync('.cache', { recursive: true });
// scripts are checked against what they use of the build
step('build', 'npm', ['run', '--silent', 'build']);
if (patterns.length === 0) step('types, lint, format', 'npm', ['run', '--silent', 'check']);
step('judges from the registries', process.execPath, ['scripts/fetch-judges.mjs'], { required: ci });

/** One run of jest; ends by itself, or something was left open. @returns its report */
function tests(name, args) {
  const report = `.cache/jest-${name}.json`;
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--maxWorkers=2', '--json', `--outputFile=${report}`, ...args],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  );
  if (!existsSync(report)) process.exit(status || 1);
  return { ...JSON.parse(readFileSync(report, 'utf8')), status };
}

process.stdout.write('\n== tests\n');
const runs = [];
if (patterns.length > 0) runs.push(tests('some', patterns));
else {
  const units = UNITS.map((unit) => `test/${unit}/`);
  runs.push(tests('units', [...COVERAGE_FLAGS, ...units]));
  for (const line of coverageLines()) process.stdout.write(`${line}\n`);
  runs.push(
    tests(
      'others',
      units.map((unit) => `--testPathIgnorePatterns=${unit}`),
    ),
  );
}
const of = (pick) => runs.reduce((sum, run) => sum + pick(run), 0);
let skipped = of((run) => run.numPendingTests + run.numTodoTests);
const files = runs.flatMap((run) => run.testResults);
const skippedNames = files.flatMap((file) =>
  file.assertionResults.filter((t) => t.status === 'pending' || t.status === 'todo').map((t) => t.fullName),
);
for (const name of skippedNames) process.stdout.write(`skipped: ${name}\n`);
let failed = of((run) => run.numFailedTests + run.numRuntimeErrorTestSuites);
let passed = of((run) => run.numPassedTests);
if (patterns.length === 0) {
  process.stdout.write('\n== smoke suite on the other Nodes\n');
  if (ci) {
    const counts = smoke();
    passed += counts.passed;
    failed += counts.failed;
    skipped += counts.skipped;
  } else process.stdout.write('skipped, as it fetches them: npm run test:nodes\n');
}
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
if (ci && skipped > 0) {
  process.stdout.write('a skipped test is a failure in CI\n');
  process.exit(1);
}
process.exit(failed > 0 || runs.some((run) => run.status !== 0) ? 1 : 0);
