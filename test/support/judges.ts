/**
 * Independent judges are programs we did not write (a JDK with IBM's driver, unixODBC, ...). On a user's machine a
 * missing one is a visible skip; where CI is set it is a failure, so that a green run there has really been judged.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const found = new Map<string, boolean>();

/** Whether `command` can be started at all. */
export function hasCommand(command: string, ...versionArgs: string[]): boolean {
  const key = [command, ...versionArgs].join(' ');
  let present = found.get(key);
  if (present === undefined) {
    present = spawnSync(command, versionArgs, { stdio: 'ignore' }).error === undefined;
    found.set(key, present);
  }
  return present;
}

export function hasJdk(): boolean {
  return hasCommand('java', '-version') && hasCommand('javac', '-version');
}

/**
 * `describe` when every need is met. Otherwise one skipped test that names what is missing, or one failing test when CI is set.
 * A need is a path that must exist, or a name with its own answer.
 */
export function describeWithJudge(
  name: string,
  needs: Readonly<Record<string, boolean | string>>,
  body: () => void,
): void {
  const missing = Object.entries(needs)
    .filter(([, need]) => (typeof need === 'string' ? !existsSync(need) : !need))
    .map(([what]) => what);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const title = `judge missing: ${missing.join(', ')}`;
  describe(name, () => {
    if (process.env['CI']) {
      test(title, () => {
        throw new Error(`${title}; with CI set every judge has to be there`);
      });
    } else {
      test.skip(title, () => {});
    }
  });
}
