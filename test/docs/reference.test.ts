/** docs/reference says what the code says: every code, metric and command, and no more than that. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { reportError } from '../../src/cli/io';
import { CodedError } from '../../src/errors/coded-error';
import { Metrics } from '../../src/telemetry/metrics';
import { runCommand } from '../support/run-command';

const ROOT = resolve(__dirname, '../..');
const page = (name: string): string => readFileSync(join(ROOT, 'docs/reference', name), 'utf8');

/** Headings below the title, in order. */
const headings = (text: string): string[] => [...text.matchAll(/^##+ (.+)$/gm)].map((m) => m[1]!);

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Words after `before` in quotes, wherever the source has them; the lists themselves are not looked at. */
function wordsAfter(before: string, folders: readonly string[]): string[] {
  const found = folders
    .flatMap((folder) => sources(join(ROOT, folder)))
    .filter((file) => !file.includes('/src/errors/codes'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(new RegExp(`${before}'([^']+)'`, 'g'))])
    .map((m) => m[1]!);
  return [...new Set(found)];
}

test('the pages are those that the code makes (npm run reference)', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/reference.mjs', '--check'], { cwd: ROOT });
  expect([status, stdout.toString()]).toEqual([0, '']);
});

test('every code that the source throws has its paragraph', () => {
  const known = new Set(headings(page('errors.md')));
  const thrown = wordsAfter('\\bcode: (?:\\w+ \\? )?', ['src']).filter((word) => /^[A-Z][A-Z0-9_]{2,}$/.test(word));
  expect(thrown.length).toBeGreaterThan(100);
  expect(thrown.filter((code) => !known.has(code) && !NOT_OURS.has(code))).toEqual([]);
});

/** Codes of Node's errors that are compared with or made up, not thrown at an operator. */
const NOT_OURS = new Set(['ECONNRESET', 'ETIMEDOUT']);

test('every reason of a dead letter has its paragraph', () => {
  const known = new Set(headings(page('errors.md')));
  const given = wordsAfter('\\breason: (?:\\w+ \\? )?', ['src/deliver', 'src/operate', 'src/cli']);
  expect(given).toEqual(expect.arrayContaining(['exhausted', 'damaged', 'dropped']));
  expect(given.filter((reason) => !known.has(reason))).toEqual([]);
});

test('an anchor is that of one heading, and each paragraph says what to do next', () => {
  const text = page('errors.md');
  const anchors = headings(text).map((h) => h.toLowerCase());
  expect(anchors.filter((a, i) => anchors.indexOf(a) !== i)).toEqual([]);
  const bare = text
    .split(/^### /m)
    .slice(1)
    .filter((section) => section.split('\n').slice(1).join(' ').trim().length < 20);
  expect(bare).toEqual([]);
});

test('an error on the terminal ends with its page, which has the anchor', async () => {
  const run = runCommand(['plan', '-c', '/nowhere/at/all.yaml']);
  expect(await run.done).toBe(2);
  const last = run.err().trimEnd().split('\n').at(-1)!;
  const [, file, anchor] = /^ {2}see (docs\/reference\/\S+)#(\S+)$/.exec(last)!;
  expect(headings(readFileSync(join(ROOT, file!), 'utf8')).map((h) => h.toLowerCase())).toContain(anchor);
  expect(anchor).toBe('config_read');
});

test('an error as JSON is one line, without the page', async () => {
  const run = runCommand(['plan', '--json', '-c', '/nowhere/at/all.yaml']);
  expect(await run.done).toBe(2);
  expect(run.err().trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(run.err())).toMatchObject({ error: { code: 'CONFIG_READ', family: 'config' } });
  expect(run.err()).not.toContain('docs/reference');
});

test('a mistake of ours says where it is explained, and the exit code follows from the code alone', () => {
  const told = (thrown: unknown): [string, number] => {
    let code = -1;
    const stderr = new PassThrough();
    const stream = new PassThrough();
    reportError({ stdin: stream, stdout: stream, stderr, env: {}, exit: (n) => (code = n) }, thrown, false);
    return [String(stderr.read()), code];
  };
  expect(told(new TypeError('boom'))[0]).toMatch(
    /^bug: TypeError: boom[\s\S]*\n {2}see docs\/reference\/errors\.md#bug\n$/,
  );
  const codes = ['SERVER_JOB', 'EXIT_PROGRAM', 'POSITION_LOST', 'DLQ_NUMBER', 'USAGE', 'BUG', 'PACKED_SIGN'] as const;
  const exits = codes.map((code) => told(new CodedError({ code, message: 'm' }))[1]);
  expect(exits).toEqual([3, 3, 4, 5, 2, 1, 5]);
});

test('the metrics of the page are those a daemon serves', async () => {
  const served = await new Metrics().registry.getMetricsAsJSON();
  const told = headings(page('metrics.md')).filter((h) => h.startsWith('ibmi_cdc_'));
  expect([...told].sort()).toEqual(served.map((m) => m.name).sort());
  for (const { name, type } of served) expect(page('metrics.md')).toMatch(new RegExp(`### ${name}\\n\\n${type}, `));
  expect(page('metrics.md').match(/^\*\*Alert:\*\* /gm)).toHaveLength(told.length);
});

test('every option that --help shows is on the page of the commands', async () => {
  const text = page('commands.md');
  const help = async (...names: string[]): Promise<string> => {
    const run = runCommand([...names, '--help']);
    expect(await run.done).toBe(0);
    return run.out();
  };
  const listed = (told: string, title: string): string[] =>
    [...(told.split(`\n${title}:\n`)[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S+)/gm)].map((m) => m[1]!);
  const names = listed(await help(), 'Commands').filter((name) => name !== 'help');
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    const section = text.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    const told = await help(name);
    const flags = [
      ...told
        .split('\nOptions:\n')[1]!
        .split('\n\n')[0]!
        .matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm),
    ];
    for (const [, flag] of flags) if (flag !== '--help') expect(section).toContain(flag);
    for (const child of listed(told, 'Commands'))
      if (child !== 'help') expect(section).toContain(`ibmi-cdc ${name} ${child}`);
  }
});

test('a command that can end with 5 says what that means', () => {
  const text = page('commands.md');
  const folder = join(ROOT, 'src/cli/commands');
  const ending = sources(folder).filter((file) => readFileSync(file, 'utf8').includes('EXIT.findings'));
  expect(ending.length).toBeGreaterThan(5);
  for (const file of ending) {
    const section = text.split(`\n## ${basename(file, '.ts')}\n`)[1]?.split('\n## ')[0] ?? '';
    expect([file, section]).toEqual([file, expect.stringMatching(/\nExit code 5: \w/)]);
  }
});

test.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'])('%s leads to the pages', (name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((m) => resolve(dirname(join(ROOT, name)), m[1]!));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
  for (const topic of ['errors', 'metrics', 'commands', 'configuration'])
    expect(links).toContain(join(ROOT, `docs/reference/${topic}.md`));
});
