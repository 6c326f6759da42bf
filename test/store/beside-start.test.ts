/** Whoever opens a state file beside a daemon that starts, works and ends finds it whole, at whatever moment he comes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';

jest.setTimeout(60_000);

const STARTS = 50;
const DIST = resolve(__dirname, '../../dist');

/** The built store in a process of its own, as a daemon uses it: lock, life, transactions that are carried over, a good end. */
const DAEMON = `
const { InstanceLock } = require('${DIST}/store/instance-lock');
const { Store } = require('${DIST}/store/store');
const { OUTBOX_SCHEMA } = require('${DIST}/outbox/schema');
const [, folder, many] = process.argv;
for (let n = 0; n < ${STARTS}; n++) {
  const file = folder + '/' + (many === 'new' ? n : 'one') + '.sqlite';
  const lock = InstanceLock.acquire(file);
  const store = Store.open(file, [OUTBOX_SCHEMA], { owner: true });
  lock.fileExists();
  store.owner.begin(0);
  for (let i = 0; i < 20; i++) store.transaction(() => store.db.exec('CREATE TABLE t' + i + ' (a); DROP TABLE t' + i));
  store.close();
  lock[Symbol.dispose]();
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-beside-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(['one', 'new'])('beside fifty starts (%s file): never refused, never another file', async (which) => {
  const child = spawn(process.execPath, ['-e', DAEMON, folder, which], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (d: Buffer) => {
    said += d.toString();
  });
  let code: number | null | undefined;
  child.once('close', (c) => {
    code = c;
  });
  const refused: string[] = [];
  let opened = 0;
  for (let n = 0; code === undefined; await new Promise((next) => setImmediate(next))) {
    const file = join(folder, `${which === 'new' ? n : 'one'}.sqlite`);
    if (!existsSync(`${file}.lock`)) continue;
    try {
      using store = Store.open(file, [OUTBOX_SCHEMA]);
      store.db.prepare('SELECT count(*) FROM store_life').get();
      opened++;
    } catch (error) {
      refused.push(String((error as { code?: string }).code ?? error));
    }
    if (which === 'new' && existsSync(join(folder, `${n + 1}.sqlite.lock`))) n++;
  }
  expect([code, said]).toEqual([0, '']);
  expect(refused).toEqual([]);
  expect(opened).toBeGreaterThan(STARTS / 2);
});
