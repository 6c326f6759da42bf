/**
 * A log that was cut, or spoiled, after it had been carried over into the file would put older pages over newer ones. Random transactions, a
 * log harmed anywhere: what is opened is what the file held after one of its transactions, or it is refused.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { acceptState } from '../../src/operate/resume/accept-state';
import { lazily } from '../../src/outbox/queue/commit-without-fsync';
import { markPath } from '../../src/store/mark';
import { Store } from '../../src/store/store';

jest.setTimeout(120_000);

const LOG_HEAD = 32;
const FRAME_HEAD = 24;
const TABLES = [0, 1, 2, 3];
const SCHEMA = {
  name: 'cut',
  steps: [TABLES.map((t) => `CREATE TABLE t${t} (v INTEGER); INSERT INTO t${t} VALUES (0);`).join('\n')],
};

interface Harm {
  readonly is: 'cut' | 'bit flipped';
  readonly at: number;
}

/** One transaction: the tables it writes to, and whether it waits for the disk. */
interface Step {
  readonly tables: readonly number[];
  readonly lazy: boolean;
}

const tables = fc.uniqueArray(fc.constantFrom(...TABLES), { minLength: 1, maxLength: 3 });
const step = fc.record({ tables, lazy: fc.boolean() });
/** The last transactions are what a log holds: some that did not wait, and often one that did. */
const steps: fc.Arbitrary<Step[]> = fc.noBias(
  fc
    .tuple(
      fc.array(step, { maxLength: 20 }),
      fc.array(fc.record({ tables, lazy: fc.constant(true) }), { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 2 }),
    )
    .map((parts) => parts.flat()),
);

/** What the tables say, which no two transactions leave alike. */
function contents(db: Database.Database): string {
  return TABLES.map((t) => db.prepare(`SELECT v FROM t${t}`).pluck().get()).join();
}

/** The bytes of a file as SIGKILL would leave them, and every state it was in. */
function killed(file: string, plan: readonly Step[]) {
  const store = Store.open(file, [SCHEMA], { owner: true });
  store.owner!.begin(0);
  const states = new Set([contents(store.db)]);
  for (const [n, { tables, lazy }] of plan.entries()) {
    const work = (): void => {
      for (const t of tables) store.db.prepare(`UPDATE t${t} SET v = ?`).run(n + 1);
    };
    if (lazy) lazily(store, work);
    else store.transaction(work);
    states.add(contents(store.db));
  }
  const bytes = new Map([file, `${file}-wal`, markPath(file)].map((path) => [path, readFileSync(path)]));
  store.close();
  return { states, bytes };
}

/** The same thing on the disk as before: written over, not made anew. */
function putBack(file: string, bytes: ReadonlyMap<string, Buffer>, harm: Harm): void {
  for (const [path, content] of bytes) writeFileSync(path, content);
  const log = Buffer.from(bytes.get(`${file}-wal`)!);
  if (harm.is === 'bit flipped') log[harm.at]! ^= 1;
  writeFileSync(`${file}-wal`, harm.is === 'cut' ? log.subarray(0, harm.at) : log);
  rmSync(`${file}-shm`, { force: true });
}

/** Of refusals; the second where the log ends between the two numbers that tie it to the file. */
const CUT = ['STATE_CUT', 'STATE_FOREIGN_LOG'];

/** What the tables say, or the code of the refusal. */
function opened(file: string): string {
  try {
    using store = Store.open(file, [SCHEMA], { owner: true });
    return store.db.pragma('integrity_check', { simple: true }) === 'ok' ? contents(store.db) : 'damaged';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

/** At every whole frame, in the middle of every frame, and in the head. */
function harms(log: Buffer): Harm[] {
  const frame = FRAME_HEAD + log.readUInt32BE(8);
  const places = [0, LOG_HEAD / 2, LOG_HEAD];
  for (let at = LOG_HEAD; at + frame <= log.length && log.subarray(at + 8, at + 16).equals(log.subarray(16, 24)); ) {
    places.push(at + frame / 2, at + frame);
    at += frame;
  }
  return places.flatMap((at): Harm[] => [
    { is: 'cut', at },
    { is: 'bit flipped', at },
  ]);
}

test('a log cut or spoiled at any place is refused, or the file is as some transaction left it; so it is once it was accepted', () => {
  let refused = 0;
  let whole = 0;
  fc.assert(
    fc.property(steps, (plan) => {
      const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-cut-'));
      const file = join(folder, 's.sqlite');
      try {
        const { states, bytes } = killed(file, plan);
        for (const harm of harms(bytes.get(`${file}-wal`)!)) {
          putBack(file, bytes, harm);
          const found = opened(file);
          if (!CUT.includes(found)) {
            expect([harm, states.has(found), found]).toEqual([harm, true, found]);
            whole++;
            continue;
          }
          refused++;
          acceptState(file);
          const taken = opened(file);
          expect([harm, states.has(taken), taken]).toEqual([harm, true, taken]);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 8 },
  );
  expect(Math.min(refused, whole)).toBeGreaterThan(10);
});
