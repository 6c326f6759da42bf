// @ts-check
// Fetches the independent judges of the wire that npm does not carry (the newest JTOpen on Maven Central) into
// .cache/judges. `npm test` calls it; run it by hand before working offline. Without Maven it says so and ends with 0,
// unless CI is set: there a missing judge is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '.cache', 'judges');
// a fixed release keeps a test run repeatable; JTOPEN_VERSION=LATEST asks Maven Central for its newest
const version = process.env.JTOPEN_VERSION ?? '21.0.6';

function present() {
  return existsSync(folder) && readdirSync(folder).some((name) => /^jt400-.*\.jar$/.test(name));
}

function fetchJtopen() {
  mkdirSync(folder, { recursive: true });
  const run = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:copy', `-Dartifact=net.sf.jt400:jt400:${version}`, `-DoutputDirectory=${folder}`],
    { cwd: folder, encoding: 'utf8', timeout: 180_000 },
  );
  if (run.error) return `mvn did not run: ${run.error.message}`;
  if (run.status !== 0) return `mvn ended with ${run.status}: ${(run.stdout || run.stderr).trim().slice(0, 400)}`;
  return null;
}

if (!present()) {
  const problem = fetchJtopen();
  if (problem) {
    console.error(`judge JTOpen ${version} not fetched (${problem}); its tests will be skipped`);
    if (process.env.CI) process.exitCode = 1;
  }
}
