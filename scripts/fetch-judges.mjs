// @ts-check
// Fetches the independent judges of the wire that npm does not carry (the newest JTOpen on Maven Central, Debezium's
// connector) into .cache. `npm test` calls it; run it by hand before working offline. Without Maven it says so and ends with 0,
// unless CI is set: there a missing judge is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '..', '.cache', 'judges');
const debezium = join(here, '..', '.cache', 'debezium');
// a fixed release keeps a test run repeatable; JTOPEN_VERSION=LATEST asks Maven Central for its newest
const version = process.env.JTOPEN_VERSION ?? '21.0.6';

function present(where, pattern) {
  return existsSync(where) && readdirSync(where).some((name) => pattern.test(name));
}

/** Null when it was done, otherwise why not. */
function maven(...args) {
  const run = spawnSync('mvn', ['-q', '-B', ...args], { cwd: here, encoding: 'utf8', timeout: 300_000 });
  if (run.error) return `mvn did not run: ${run.error.message}`;
  if (run.status !== 0) return `mvn ended with ${run.status}: ${(run.stdout || run.stderr).trim().slice(0, 400)}`;
  return null;
}

function fetchJtopen() {
  mkdirSync(folder, { recursive: true });
  return maven('dependency:copy', `-Dartifact=net.sf.jt400:jt400:${version}`, `-DoutputDirectory=${folder}`);
}

function fetchDebezium() {
  mkdirSync(debezium, { recursive: true });
  const pom = join(here, 'debezium', 'pom.xml');
  return maven('-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${debezium}`);
}

function judge(name, there, fetch) {
  const problem = there ? null : fetch();
  if (!problem) return;
  console.error(`judge ${name} not fetched (${problem}); its tests will be skipped`);
  if (process.env.CI) process.exitCode = 1;
}

judge(`JTOpen ${version}`, present(folder, /^jt400-.*\.jar$/), fetchJtopen);
judge('Debezium', present(debezium, /^debezium-embedded-.*\.jar$/), fetchDebezium);
