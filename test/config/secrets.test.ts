/** Values behind references: read carefully, looked up again when they changed, kept when the new one is broken. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { headerFault } from '../../src/config/checks/headers';
import { References, shownReference } from '../../src/config/lookup/references';
import { Secret } from '../../src/config/secret';

let folder: string;
let clock = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
  clock = 1_000_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const commands = { timeout: 5_000, cache: 60_000 };

function references(env: Record<string, string | undefined> = { PATH: process.env['PATH'] }): References {
  return new References({ env, folder, commands, now: () => clock });
}

function secretOf(text: string, form: (value: string) => string | null = () => null): Secret {
  return Secret.unbound(text).bind({ references: references(), path: 'a.token', form });
}

/** Writes as rotation does: a new file under the old name, last changed long ago. */
function put(name: string, content: string | Buffer): void {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, content);
  utimesSync(`${path}.new`, 1_700_000_000, 1_700_000_000);
  renameSync(`${path}.new`, path);
}

function problemOf(text: string): string {
  const r = references().resolve(text);
  return r.ok ? `no problem: ${r.value}` : `${r.fault.reference}: ${r.fault.problem}`;
}

describe('files', () => {
  test.each([
    ['as it is', 'sesame', 'sesame'],
    ['one line end is not part of it', 'sesame\n', 'sesame'],
    ['nor is that of Windows', 'sesame\r\n', 'sesame'],
    ['a second one is', 'sesame\n\n', 'sesame\n'],
    ['blanks are', ' sesame \n', ' sesame '],
    ['a byte order mark is not', Buffer.from('\ufeffsesame\n'), 'sesame'],
    ['UTF-8', 'sésame 東京', 'sésame 東京'],
  ])('%s', (_, content, value) => {
    put('token', content);
    expect(references().resolve('${file:token}')).toEqual({ ok: true, value });
  });

  test.each([
    ['Latin-1', Buffer.from('one\ntwo M\xfcller', 'latin1'), 'is not UTF-8 (line 2, column 6)'],
    ['a character cut short', Buffer.from('東').subarray(0, 2), 'is not UTF-8 (line 1, column 1)'],
    ['behind characters of several bytes', Buffer.concat([Buffer.from('東京'), Buffer.of(0xff)]), '(line 1, column 3)'],
    ['UTF-16, as PowerShell writes it', Buffer.from('\ufeffsesame', 'utf16le'), 'is UTF-16, expected UTF-8'],
    ['UTF-16 without a mark', Buffer.from('a\nsesame', 'utf16le'), 'has a NUL byte (line 1, column 2)'],
    ['too large', 'x'.repeat(65_537), 'is larger than 64 KiB'],
  ])('%s is refused', (_, content, problem) => {
    put('token', content);
    expect(problemOf('${file:token}')).toContain(`\${file:token}: file ${join(folder, 'token')} `);
    expect(problemOf('${file:token}')).toContain(problem);
  });

  test('only regular files are read, at once', () => {
    mkdirSync(join(folder, 'dir'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'link'));
    expect(problemOf('${file:dir}')).toContain('is a directory, expected a regular file');
    expect(problemOf('${file:pipe}')).toContain('is a pipe, expected a regular file');
    expect(problemOf('${file:/dev/zero}')).toContain('is a device, expected a regular file');
    expect(problemOf('${file:link}')).toContain('is a device, expected a regular file');
    expect(problemOf('${file:nope}')).toContain('cannot be read (ENOENT)');
    expect(problemOf('${file:}')).toContain('names no file');
  });

  test('another file under the name is seen within a second', () => {
    put('token', 'one');
    const secret = secretOf('Bearer-${file:token}');
    expect(secret.reveal()).toBe('Bearer-one');
    put('token', 'two');
    expect(secret.reveal()).toBe('Bearer-one');
    clock += 1_000;
    expect(secret.reveal()).toBe('Bearer-two');
  });

  test('rewritten in place, in the same length and in the same instant, it is seen as well', () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'one');
    const { atime, mtime } = statSync(path);
    const secret = secretOf('${file:token}');
    expect(secret.reveal()).toBe('one');
    writeFileSync(path, 'two');
    utimesSync(path, atime, mtime);
    clock += 1_000;
    expect(secret.reveal()).toBe('two');
  });

  test('asked to look again it does so at once', () => {
    put('token', 'one');
    const secret = secretOf('${file:token}');
    secret.reveal();
    put('token', 'two');
    secret.lookAgain();
    expect(secret.reveal()).toBe('two');
  });

  test.each([
    ['gone', () => unlinkSync(join(folder, 'token')), 'cannot be read (ENOENT)'],
    ['empty', () => put('token', '\n'), 'is empty'],
    ['not UTF-8', () => put('token', Buffer.of(0xff)), 'is not UTF-8'],
    ['of no use in its place', () => put('token', 'two\nlines'), 'character 4 is a line end'],
  ])('a new file that is %s leaves the old value, and is told', (_, breakIt, problem) => {
    put('token', 'one');
    const secret = secretOf('${file:token}', headerFault);
    expect(secret.reveal()).toBe('one');
    breakIt();
    clock += 1_000;
    expect(secret.reveal()).toBe('one');
    expect(secret.fault()).toMatchObject({ reference: '${file:token}', problem: expect.stringContaining(problem) });
    put('token', 'three');
    clock += 1_000;
    expect(secret.reveal()).toBe('three');
    expect(secret.fault()).toBeNull();
  });

  test('without any value yet it is an error that names the place', () => {
    const secret = secretOf('${file:token}');
    expect(() => secret.reveal()).toThrow('a.token: ${file:token}: file');
    put('token', 'one');
    clock += 1_000;
    expect(secret.reveal()).toBe('one');
  });
});

describe('programs', () => {
  test.each([
    ['words', '${command:printf %s sesame}', 'sesame'],
    ['in quotes', `\${command:printf '%s|' "two words" 'a}b' "q\\"x" c\\ d}`, 'two words|a}b|q"x|c d|'],
    ['no shell', '${command:printf %s $HOME;ls}', '$HOME;ls'],
    ['one line end is not part of it', '${command:echo sesame}', 'sesame'],
    ['part of a text', 'Bearer ${command:echo sesame}!', 'Bearer sesame!'],
  ])('%s', (_, text, value) => {
    expect(references().resolve(text)).toEqual({ ok: true, value });
  });

  test.each([
    ['fails', '${command:sh -c "echo sesame; echo sesame >&2; exit 3"}', 'program sh ended with exit code 3'],
    ['is not there', '${command:no-such-program sesame}', 'program no-such-program cannot be run (ENOENT)'],
    ['prints too much', '${command:head -c 65537 /dev/zero}', 'program head printed more than 64 KiB'],
    ['prints no text', `\${command:printf '\\377'}`, 'what program printf prints is not UTF-8'],
    ['has a reference inside', '${command:echo $${env:HOME}', 'references inside it are not looked up'],
  ])('one that %s is told without its output or arguments', (_, text, problem) => {
    const told = problemOf(text);
    expect(told).toContain(problem);
    expect(told).not.toContain('sesame');
  });

  test('a program that does not end is ended', () => {
    const quick = new References({ env: { PATH: process.env['PATH'] }, folder, commands: { timeout: 50, cache: 1 } });
    expect(quick.resolve('${command:sleep 60}')).toMatchObject({
      ok: false,
      fault: { reference: '${command:sleep ...}', problem: 'program sleep did not end within 50 ms' },
    });
  });

  test('arguments are not shown', () => {
    expect(shownReference('a ${command:vault read -token sesame} ${env:X}')).toBe('a ${command:vault ...} ${env:X}');
    expect(secretOf('${command:vault read sesame}').source).toBe('${command:vault ...}');
    expect(secretOf('${command:vault}').source).toBe('${command:vault}');
  });

  test('it runs once for all places, and again beside the work when its time is up', async () => {
    put('value', 'one');
    const shared = references();
    const at = (path: string) =>
      Secret.unbound(`\${command:sh -c "echo >> runs; cat value"}`).bind({
        references: shared,
        path,
        form: () => null,
      });
    const [a, b] = [at('a'), at('b')];
    expect([a.reveal(), b.reveal()]).toEqual(['one', 'one']);
    expect(statSync(join(folder, 'runs')).size).toBe(1);
    put('value', 'two');
    clock += 59_000;
    expect(a.reveal()).toBe('one');
    clock += 1_000;
    expect(a.reveal()).toBe('one');
    await eventually(() => {
      clock += 1_000;
      return a.reveal() === 'two';
    });
    clock += 1_000;
    expect(b.reveal()).toBe('two');
    expect(statSync(join(folder, 'runs')).size).toBe(2);
  });

  test('refused by its receiver it runs again after ten seconds; what fails leaves the old value', async () => {
    put('value', 'one');
    const secret = secretOf('${command:sh -c "cat value; test ! -e broken"}');
    expect(secret.reveal()).toBe('one');
    put('value', 'two');
    clock += 9_999;
    secret.lookAgain();
    expect(secret.reveal()).toBe('one');
    clock += 1_000;
    secret.lookAgain();
    await eventually(() => {
      clock += 1_000;
      return secret.reveal() === 'two';
    });
    put('broken', '');
    clock += 60_000;
    secret.reveal();
    await eventually(() => {
      clock += 1_000;
      return secret.fault()?.problem === 'program sh ended with exit code 1; run it by hand to see why';
    });
    expect(secret.reveal()).toBe('two');
  });
});

/** Waits for a child process of the code under test: it tells nobody when it has ended. */
async function eventually(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(10)) if (condition()) return;
  throw new Error('never came true');
}
