// @ts-check
// The smoke suite on every other Node of versions.mjs: install, build, demo, a crash, the store, deliveries. `npm test` runs it
// where CI is set; by hand:
//   npm run test:nodes              every other Node
//   npm run test:nodes -- 24        one of them
// Packages' install scripts are left out, as nothing has to be compiled from Node 22.14 on; Node 20 needs its SQLite compiled.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exactVersion, OtherNode } from './checkout.mjs';
import { NODES } from './versions.mjs';

const SUITES = [
  'test/store',
  'test/crash/kill-and-restart',
  'test/e2e/demo',
  'test/deliver/webhook',
  'test/outbox/outbox',
];

/** @param majors all but the one that runs this by default @returns tests counted over all of them */
export function smoke(majors = Object.keys(NODES).filter((major) => !process.version.startsWith(`v${major}.`))) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const major of majors) {
    const started = performance.now();
    const node = new OtherNode(exactVersion(major));
    let result = { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
    try {
      node.fetch();
      node.copyFiles();
      node.install(major === '20');
      result = suites(node);
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
    }
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.passed += result.numPassedTests;
    counts.failed += failed;
    counts.skipped += result.numPendingTests;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stdout.write(`Node ${node.version}: ${result.numPassedTests} passed, ${failed} failed in ${seconds} s\n`);
  }
  return counts;
}

function suites(node) {
  const report = join(node.home, 'jest.json');
  rmSync(report, { force: true });
  const args = ['node_modules/jest/bin/jest.js', '--maxWorkers=2', '--json', `--outputFile=${report}`];
  const { status } = node.run('node', [...args, ...SUITES], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(report)) throw new Error(`jest under Node ${node.version} ended with ${status} and no report`);
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // a suite that was renamed away would pass by not being there
  if (status === 0 && result.numTotalTestSuites < SUITES.length) throw new Error('a smoke suite is missing');
  return result;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed, skipped } = smoke(process.argv.length > 2 ? process.argv.slice(2) : undefined);
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exit(failed > 0 ? 1 : 0);
}
