import fc from 'fast-check';
import { CommitCycles } from '../../src/journal/cycle/commit-cycles';
import { CycleSpill } from '../../src/journal/cycle/cycle-spill';
import type { JournalChange } from '../../src/journal/cycle/journal-change';
import { Pairing } from '../../src/journal/cycle/pairing';
import { ObjectNames } from '../../src/journal/entry/block-entry';
import { Store } from '../../src/store/store';
import { entry, JOURNAL, LINES, ORDERS } from './support';

let store: Store;
beforeEach(() => {
  store = Store.open(':memory:', []);
});
afterEach(() => store.close());

/** Seeded histories of cycles over few rows, with savepoints undone in reverse order, against a plain model. */
test('what leaves a cycle is what was committed, whatever was undone and whether it spilled', () => {
  const step = fc.record({
    cycle: fc.integer({ min: 1, max: 3 }),
    row: fc.integer({ min: 1, max: 4 }),
    act: fc.constantFrom('write', 'write', 'write', 'delete', 'savepoint', 'undo', 'commit', 'rollback'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 6 }), (steps, limit) => {
      const history = new History();
      for (const s of steps) history.step(s);
      history.end();
      expect(run(history, limit)).toEqual(history.published);
    }),
    { numRuns: 300 },
  );
});

function run(history: History, limit: number): string[] {
  const objects = new ObjectNames([ORDERS, LINES]);
  const cycles = new CommitCycles({ items: limit, bytes: 1e9 }, new CycleSpill(store, JOURNAL, objects), () => {});
  const pairing = new Pairing(JOURNAL);
  const out: string[] = [];
  for (const e of history.entries) {
    const one = entry({ ...e, objects });
    if (one.kind === 'CCM') {
      const done = cycles.commit(one.commitCycle);
      if (done) {
        const items = [...done.items].map((item) => show(item as JournalChange));
        // a transaction that is rolled back is written again from the same cycle
        expect([...done.items].map((item) => show(item as JournalChange))).toEqual(items);
        expect(done.count).toBe(items.length);
        out.push(...items);
        done.done();
      }
    } else if (one.kind === 'CRB') cycles.rollback(one.commitCycle)?.done();
    else {
      const change = pairing.next(one);
      if (change) cycles.add(change, one.commitCycle);
    }
    pairing.copy();
    cycles.copy();
    expect(cycles.waitingItems).toBeLessThanOrEqual(limit);
  }
  expect(cycles.openCycles).toBe(0);
  expect(store.db.prepare('SELECT count(*) FROM cycle_spill').pluck().get()).toBe(0);
  return out;
}

function show(c: JournalChange): string {
  const value = (row: JournalChange['after']): string =>
    row?.is === 'image'
      ? Buffer.from(row.image.bytes).toString('utf8', row.image.offset, row.image.offset + row.image.length)
      : '-';
  return `${c.op} ${c.rrn} ${value(c.before)}>${value(c.after)}`;
}

interface Done {
  readonly op: 'insert' | 'update' | 'delete';
  readonly row: number;
  readonly before: string;
  readonly after: string;
}

/** The partition in small: rows locked by cycle, entries with images, undo in reverse order. */
class History {
  readonly entries: { kind: string; sequence: number; file: string; rrn: number; cycle: number; data?: string }[] = [];
  readonly published: string[] = [];
  private readonly rows = new Map<number, string>();
  private readonly locks = new Map<number, number>();
  private readonly open = new Map<number, { done: Done[]; savepoints: number[] }>();
  private sequence = 0;

  step({ cycle, row, act }: { cycle: number; row: number; act: string }): void {
    const own = this.open.get(cycle) ?? { done: [], savepoints: [] };
    if (act === 'commit' || act === 'rollback') {
      this.finish(cycle, act === 'commit');
      return;
    }
    if (act === 'savepoint') own.savepoints.push(own.done.length);
    else if (act === 'undo') this.undo(cycle, own.done, own.savepoints.pop() ?? own.done.length);
    else {
      const lock = this.locks.get(row);
      if (lock !== undefined && lock !== cycle) return;
      this.locks.set(row, cycle);
      this.change(cycle, row, act, own.done);
    }
    this.open.set(cycle, own);
  }

  private change(cycle: number, row: number, act: string, done: Done[]): void {
    const before = this.rows.get(row);
    const after = `v${this.sequence + 1}`;
    if (act === 'delete') {
      if (before === undefined) return;
      this.put('RDL', cycle, row, before);
      this.rows.delete(row);
      done.push({ op: 'delete', row, before, after: '-' });
    } else if (before === undefined) {
      this.put('RPT', cycle, row, after);
      this.rows.set(row, after);
      done.push({ op: 'insert', row, before: '-', after });
    } else {
      this.put('RUB', cycle, row, before);
      this.put('RUP', cycle, row, after);
      this.rows.set(row, after);
      done.push({ op: 'update', row, before, after });
    }
  }

  private undo(cycle: number, done: Done[], to: number): void {
    while (done.length > to) {
      const { op, row, before, after } = done.pop()!;
      if (op === 'insert') {
        this.put('RDR', cycle, row, after);
        this.rows.delete(row);
      } else {
        if (op === 'update') this.put('RBR', cycle, row, after);
        this.put('RUR', cycle, row, before);
        this.rows.set(row, before);
      }
    }
  }

  private finish(cycle: number, commit: boolean): void {
    const own = this.open.get(cycle);
    if (!own) return;
    if (commit) this.published.push(...own.done.map((d) => `${d.op} ${d.row} ${d.before}>${d.after}`));
    else this.undo(cycle, own.done, 0);
    this.put(commit ? 'CCM' : 'CRB', cycle, 0);
    this.open.delete(cycle);
    for (const [row, owner] of this.locks) if (owner === cycle) this.locks.delete(row);
  }

  end(): void {
    for (const cycle of [...this.open.keys()]) this.finish(cycle, false);
  }

  private put(kind: string, cycle: number, rrn: number, data?: string): void {
    const file = kind.startsWith('C') ? '' : 'ORDHDR';
    this.entries.push({ kind, sequence: ++this.sequence, file, rrn, cycle: cycle * 1000, ...(data ? { data } : {}) });
  }
}

test('before images are found by file, member, record number and cycle when jobs interleave', () => {
  const pairing = new Pairing(JOURNAL);
  const e = (kind: string, sequence: number, file: string, rrn: number, cycle: number, data: string) =>
    pairing.next(entry({ kind, sequence, file, rrn, cycle, data }));
  expect(e('RUB', 1, 'ORDHDR', 7, 0, 'a7')).toBeNull();
  expect(e('RUB', 2, 'ORDHDR', 8, 0, 'a8')).toBeNull();
  expect(e('RUB', 3, 'ORDLIN', 7, 0, 'b7')).toBeNull();
  expect(e('RUB', 4, 'ORDHDR', 7, 99, 'c7')).toBeNull();
  expect(show(e('RUP', 5, 'ORDHDR', 7, 0, 'A7')!)).toBe('update 7 a7>A7');
  expect(show(e('RUP', 6, 'ORDHDR', 7, 99, 'C7')!)).toBe('update 7 c7>C7');
  expect(show(e('RUP', 7, 'ORDLIN', 7, 0, 'B7')!)).toBe('update 7 b7>B7');
  expect(show(e('RUP', 8, 'ORDHDR', 8, 0, 'A8')!)).toBe('update 8 a8>A8');
  // IMAGES(*AFTER): an update without its before image is still an update
  expect(show(e('RUP', 9, 'ORDHDR', 8, 0, 'X')!)).toBe('update 8 ->X');
  // an undone DELETE is a UR without BR
  expect(show(e('RUR', 10, 'ORDHDR', 8, 5, 'Y')!)).toBe('insert 8 ->Y');
});

test('the cycle that has been silent the longest, by its newest entry', () => {
  const objects = new ObjectNames([ORDERS, LINES]);
  const cycles = new CommitCycles({ items: 2, bytes: 1e9 }, new CycleSpill(store, JOURNAL, objects), () => {});
  const pairing = new Pairing(JOURNAL);
  const write = (sequence: number, cycle: number, time: string): void => {
    const timestamp = `2026-11-21T${time}.000000`;
    const one = entry({
      sequence,
      timestamp,
      cycle,
      kind: 'RPT',
      file: 'ORDHDR',
      rrn: sequence,
      data: 'x',
      objects,
    });
    cycles.add(pairing.next(one)!, BigInt(cycle));
    cycles.copy();
  };
  expect(cycles.quietest()).toBeNull();
  write(1, 1, '10:00:00');
  write(2, 2, '10:00:01');
  expect(cycles.quietest()).toMatchObject({ cycle: 1n, timestamp: '2026-11-21T10:00:00.000000' });
  // news of the first, while memory is full
  write(3, 1, '10:00:02');
  write(4, 3, '10:00:03');
  expect(cycles.quietest()).toMatchObject({ cycle: 2n, first: { sequence: 2n }, job: '123456/QUSER/QZDASOINIT' });
  cycles.commit(2n);
  cycles.rollback(1n);
  expect(cycles.quietest()).toMatchObject({ cycle: 3n });
});
