/**
 * A copy put back over a file whose log was left, killed at any commit: what is opened is what the copy or the file held after
 * one of its transactions, or it is refused. Never a mixture of the two.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lazily } from '../../src/outbox/queue/commit-without-fsync';
import { markPath } from '../../src/store/mark';
import { Store } from '../../src/store/store';

jest.setTimeout(120_000);

const TABLES = [0, 1, 2, 3];
const SCHEMA = {
  name: 'mixed',
  steps: [TABLES.map((t) => `CREATE TABLE t${t} (v INTEGER); INSERT INTO t${t} VALUES (0);`).join('\n')],
};

interface Step {
  readonly table: number;
  readonly lazy: boolean;
}

const step = fc.record({ table: fc.constantFrom(...TABLES), lazy: fc.boolean() });
const steps = fc.array(step, { minLength: 1, maxLength: 24 });

const contents = (store: Store): string =>
  TABLES.map((t) => store.db.prepare(`SELECT v FROM t${t}`).pluck().get()).join();

/** One life of the file, each transaction writing a number that none wrote before. */
function live(store: Store, plan: readonly Step[], from: number): Set<string> {
  store.owner!.begin(0);
  const states = new Set([contents(store)]);
  for (const [n, { table, lazy }] of plan.entries()) {
    const work = (): unknown => store.db.prepare(`UPDATE t${table} SET v = ?`).run(from + n);
    if (lazy) lazily(store, work);
    else store.transaction(work);
    states.add(contents(store));
  }
  return states;
}

const open = (file: string): Store => Store.open(file, [SCHEMA], { owner: true });

/** What the tables say, or the code of the refusal. */
function opened(file: string): string {
  try {
    using store = open(file);
    return contents(store);
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

/** @param back what is put back over the file, as SIGKILL left log and mark */
function restored(first: readonly Step[], second: readonly Step[], back: 'copy' | 'file') {
  const folder = mkdtempSync(join(tmpdir(), 'untied-'));
  try {
    const file = join(folder, 'state.sqlite');
    const before = open(file);
    const then = live(before, first, 1);
    before.close();
    copyFileSync(file, join(folder, 'copy'));
    const after = open(file);
    const now = live(after, second, 1000);
    const left = new Map([file, `${file}-wal`, markPath(file)].map((path) => [path, readFileSync(path)]));
    after.close();
    for (const [path, bytes] of left) writeFileSync(path, bytes);
    rmSync(`${file}-shm`, { force: true });
    if (back === 'copy') copyFileSync(join(folder, 'copy'), file);
    return { states: new Set([...then, ...now]), last: [...now].at(-1)!, found: opened(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an older copy under the log of a later life is whole, or refused', () => {
  fc.assert(
    fc.property(steps, steps, (first, second) => {
      const { states, found } = restored(first, second, 'copy');
      return found === 'STATE_FOREIGN_LOG' || found === 'STATE_CUT' || states.has(found);
    }),
    { numRuns: 60, seed: 20_261 },
  );
});

test('the file itself is taken as it was killed, whatever its log says of it', () => {
  fc.assert(
    fc.property(steps, steps, (first, second) => {
      const { last, found } = restored(first, second, 'file');
      return found === last;
    }),
    { numRuns: 60, seed: 20_262 },
  );
});
