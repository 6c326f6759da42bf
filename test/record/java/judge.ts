/** Runs a Java program against jt400.jar. Without a JDK the tests say so and are skipped; in CI that is a failure. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const jar = join(root, 'node_modules/node-jt400/java/lib/jt400.jar');

function missing(): string | null {
  if (!existsSync(jar)) return 'jt400.jar is not installed (optional dependency node-jt400)';
  return spawnSync('javac', ['-version']).status === 0 ? null : 'no JDK on this machine';
}

/** `describe`, or a visible skip with the reason in its title; in CI the missing judge fails the run. */
export function describeJudged(title: string, body: () => void): void {
  const reason = missing();
  if (reason === null) describe(title, body);
  else if (process.env['CI']) test(`${title}: ${reason}`, () => expect(reason).toBeNull());
  else describe.skip(`${title} (skipped: ${reason})`, body);
}

const compiled = new Map<string, string>();

afterAll(() => {
  for (const classes of compiled.values()) rmSync(classes, { recursive: true });
  compiled.clear();
});

/** Runs the class of `source` (a path from the repository's root), compiled once a test file; answers stdout. */
export function runJava(source: string, args: readonly string[], input = ''): string {
  let classes = compiled.get(source);
  if (classes === undefined) {
    classes = mkdtempSync(join(tmpdir(), 'judge-'));
    compiled.set(source, classes);
    execFileSync('javac', ['-cp', jar, '-d', classes, join(root, source)], { stdio: 'pipe' });
  }
  const name = source.slice(source.lastIndexOf('/') + 1, -'.java'.length);
  return execFileSync('java', ['-Duser.timezone=UTC', '-cp', `${jar}:${classes}`, name, ...args], {
    input,
    maxBuffer: 1 << 28,
  }).toString('utf8');
}
