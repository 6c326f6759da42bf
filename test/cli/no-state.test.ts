/**
 * Commands that look into the state file, where there is none, where one was and is gone, and where something else lies: each ends
 * with its code, says what to do next, and leaves nothing behind that a daemon could take for its own.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../src/store/store';
import { runCommand } from '../support/run-command';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-none-'));
  file = join(folder, 'c.yaml');
  writeFileSync(
    file,
    `version: 1
partition: { name: SIM, host: 127.0.0.1, port: 1, signonPort: 1, user: U, password: secret, tls: off }
state: s.sqlite
http: off
destinations: { crm: { stdout: {} }, lake: { stdout: {} } }
tables: { ORDLIB/ORDHDR: { event: order, key: [ORDNO] } }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['trace', '--id', 'evt_1'],
  ['trace', '--key', '1', '--offline'],
  ['audit'],
  ['dlq', 'list'],
  ['dlq', 'show', '1'],
  ['dlq', 'retry', '--all'],
  ['dlq', 'drop', '--all'],
  ['replay', '--all'],
  ['resume'],
  ['resume', '--table', 'ORDLIB/ORDHDR'],
  ['resume', '--destination', 'crm'],
  ['pause', '--table', 'ORDLIB/ORDHDR'],
  ['pause', '--destination', 'crm'],
  ['debug', 'list'],
  ['debug', 'start', '--destination', 'crm'],
  ['debug', 'stop'],
  ['token', 'list'],
  ['token', 'create', '--name', 'x', '--role', 'viewer'],
  ['token', 'revoke', 'x'],
  ['audit-log'],
  ['backup', 'copy.sqlite'],
  ['backfill', '--table', 'ORDLIB/ORDHDR', '--cancel'],
];
const named = COMMANDS.map((command) => [command.join(' '), command] as const);

interface Refusal {
  readonly code: string;
  readonly family: string;
  readonly message: string;
  readonly next: string | null;
}

async function refused(command: readonly string[]): Promise<{ exit: number; out: string; error: Refusal }> {
  const run = runCommand([...command, '--json', '-c', file]);
  const exit = await run.done;
  const lines = run.err().trimEnd().split('\n');
  return { exit, out: run.out(), error: (JSON.parse(lines.at(-1)!) as { error: Refusal }).error };
}

/** All that lies in the folder. */
const there = (): string[] => readdirSync(folder).sort();

describe.each(named)('%s', (_, command) => {
  test('where no daemon ever was', async () => {
    const { exit, out, error } = await refused(command);
    expect([exit, out]).toEqual([2, '']);
    expect(['STATE_MISSING', 'USAGE']).toContain(error.code);
    expect(error.message).toContain('s.sqlite');
    expect(there()).toEqual(['c.yaml']);
  });

  test('where one was, and its file is gone', async () => {
    const store = Store.open(join(folder, 's.sqlite'), [{ name: 'was', steps: ['CREATE TABLE t (v)'] }], {
      owner: true,
    });
    store.owner!.begin(0);
    store.close();
    for (const name of there()) if (name.startsWith('s.sqlite') && name !== 's.sqlite.mark') rmSync(join(folder, name));
    const { exit, out, error } = await refused(command);
    expect([exit === 2 || exit === 4, out]).toEqual([true, '']);
    expect(['STATE_MISSING', 'STATE_GONE', 'USAGE']).toContain(error.code);
    expect(there()).toEqual(['c.yaml', 's.sqlite.mark']);
  });

  test('where something lies that is no state file', async () => {
    const text = 'these are notes, not state\n'.repeat(200);
    writeFileSync(join(folder, 's.sqlite'), text);
    const { exit, out, error } = await refused(command);
    expect([exit, out]).toEqual([3, '']);
    expect(error).toMatchObject({ code: 'STORE_NOT_A_DATABASE', family: 'store', next: expect.any(String) });
    expect(readFileSync(join(folder, 's.sqlite'), 'utf8')).toBe(text);
  });

  test('where an empty file lies: it is not taken for a new one', async () => {
    writeFileSync(join(folder, 's.sqlite'), '');
    const { exit, out, error } = await refused(command);
    expect([exit, out, error.code]).toEqual([4, '', 'STATE_EMPTY']);
    expect(error.next).toContain('resume --state accept');
  });
});
