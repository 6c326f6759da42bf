/**
 * Random partition histories as plain data: what interleaved jobs and an administrator try to do. What comes of each try is
 * the partition's answer, which a history does not know.
 */
import { Dice } from '../support/dice';

/**
 * Changes of LOOSE are published before their commit, and what undoes them after them. SHELF is read by a window, GAPPY
 * loses its journal for a while, RELOAD and NIGHTLY are cleared and loaded again, PRICED looks its names up in NAMES.
 */
export type Table = 'STOCK' | 'ORDERS' | 'LOOSE' | 'SHELF' | 'GAPPY' | 'RELOAD' | 'NIGHTLY' | 'PRICED' | 'NAMES';

const ALTERED: readonly Table[] = ['STOCK', 'ORDERS', 'LOOSE', 'SHELF', 'RELOAD', 'NIGHTLY'];

/** Few keys, so that jobs meet: locks, deletes and re-inserts of the same row. */
const KEYS = 12;

/** `none`: outside commitment control; `each`: every statement is a commit cycle; `cycle`: until commit or rollback. */
export type Commitment = 'none' | 'each' | 'cycle';
const COMMITMENTS: readonly Commitment[] = ['cycle', 'cycle', 'none', 'each'];

/** A column added at the end or before VAL, the one added last dropped, VAL made longer. */
export type Alteration = 'append' | 'before' | 'drop' | 'widen';

export type Step =
  | { readonly is: 'write'; readonly job: number; readonly table: Table; readonly id: number; readonly value: string }
  | { readonly is: 'remove'; readonly job: number; readonly table: Table; readonly id: number }
  /** One statement, several rows: refused as a whole when one of them is locked. */
  | {
      readonly is: 'sweep';
      readonly job: number;
      readonly table: Table;
      readonly from: number;
      readonly to: number;
      readonly value: string;
    }
  /** Inserts of as many rows from here on, many a statement: more than a reader wants to keep of an open commit cycle. */
  | { readonly is: 'flood'; readonly job: number; readonly table: Table; readonly from: number; readonly rows: number }
  | {
      readonly is: 'commit' | 'rollback' | 'savepoint' | 'undo' | 'release' | 'leave';
      readonly job: number;
    }
  | { readonly is: 'receiver'; readonly reset: boolean }
  | { readonly is: 'clear'; readonly table: Table }
  /** Journaling ends, rows change without entries, journaling starts again. */
  | { readonly is: 'gap'; readonly table: Table; readonly changes: readonly { id: number; value: string | null }[] }
  /** Somebody asks for a backfill of the whole table. */
  | { readonly is: 'backfill'; readonly table: Table }
  | { readonly is: 'alter'; readonly table: Table; readonly how: Alteration; readonly no: number }
  /** The partition ends every job and restarts. */
  | { readonly is: 'ipl' };

export interface History {
  readonly seed: number;
  readonly tables: readonly Table[];
  /** Of the jobs 0, 1, 2... the steps speak of; number 0 is always outside commitment control. */
  readonly jobs: readonly Commitment[];
  readonly steps: readonly Step[];
}

export interface HistoryOptions {
  readonly steps: number;
  readonly tables: readonly Table[];
  readonly alterations: readonly Alteration[];
  /** Tables that lose their journal, and tables that are backfilled, now and then. */
  readonly gaps: readonly Table[];
  readonly backfills: readonly Table[];
  readonly ipl: boolean;
  /** Rows of the long commit cycle that every twelfth history has; 0: none has one. */
  readonly flood: number;
}

/** The same seed and options give the same history. Its last step writes row 99 outside commitment control. */
export function writeHistory(seed: number, options: HistoryOptions): History {
  const dice = new Dice(seed);
  const jobs: Commitment[] = ['none', 'cycle', dice.one(COMMITMENTS), dice.one(COMMITMENTS)];
  const writer = new HistoryWriter(dice, jobs, options);
  const steps: Step[] = [];
  const flooded = options.flood > 0 && dice.below(12) === 0 ? dice.below(options.steps) : null;
  while (steps.length < options.steps) {
    if (flooded !== null && steps.length >= flooded && !steps.some((s) => s.is === 'flood')) steps.push(writer.flood());
    steps.push(...writer.next());
  }
  steps.push(...writer.quiet(), { is: 'write', job: 0, table: options.tables[0]!, id: 99, value: 'the end' });
  return { seed, tables: options.tables, jobs, steps };
}

class HistoryWriter {
  private values = 0;
  private alterations = 0;

  constructor(
    private readonly dice: Dice,
    private readonly jobs: readonly Commitment[],
    private readonly options: HistoryOptions,
  ) {}

  next(): Step[] {
    const { dice, options } = this;
    const luck = dice.below(100);
    const job = dice.below(this.jobs.length);
    if (luck < 66) return [this.change(job)];
    if (luck < 76) return [{ is: dice.below(3) > 0 ? 'commit' : 'rollback', job }];
    if (luck < 84) return [{ is: 'savepoint', job }];
    if (luck < 90) return [{ is: 'undo', job }];
    if (luck < 92) return [{ is: 'release', job }];
    if (luck < 95) return [{ is: 'receiver', reset: false }];
    if (luck < 97) return [{ is: 'leave', job }];
    if (luck === 97 && options.backfills.length > 0) return [{ is: 'backfill', table: dice.one(options.backfills) }];
    const quiet = dice.below(3) > 0 ? this.quiet() : [];
    if (options.gaps.length > 0 && dice.below(4) === 0) return [...quiet, this.gap()];
    return [...quiet, ...this.administration()];
  }

  /** By a job that is always under commitment control; now and then its last statement is refused, which undoes the rows it had inserted. */
  flood(): Step {
    const { dice, options } = this;
    const from = dice.below(4) === 0 ? 1 + KEYS - options.flood : 1000;
    return { is: 'flood', job: 1, table: 'STOCK', from, rows: options.flood };
  }

  /** Every job ends its commit cycle. */
  quiet(): Step[] {
    return this.jobs.map((_, job) => ({ is: this.dice.one(['commit', 'commit', 'rollback', 'leave'] as const), job }));
  }

  private change(job: number): Step {
    const { dice, options } = this;
    const table = dice.one(options.tables);
    const id = 1 + dice.below(KEYS);
    if (dice.below(4) === 0) return { is: 'remove', job, table, id };
    const value = this.value();
    // a refused sweep keeps or tells of the rows it had reached where nothing waits for a commit
    if (this.jobs[job] === 'none' || table === 'LOOSE' || dice.below(8) > 0)
      return { is: 'write', job, table, id, value };
    return { is: 'sweep', job, table, from: id, to: id + 1 + dice.below(4), value };
  }

  /** What the partition refuses while commit cycles are open. */
  private administration(): Step[] {
    const { dice, options } = this;
    const luck = dice.below(8);
    if (luck < 3) return [{ is: 'receiver', reset: true }];
    if (luck < 5) return this.clear();
    if (luck < 6 && options.ipl) return [{ is: 'ipl' }];
    const altered = options.tables.filter((t) => ALTERED.includes(t));
    if (altered.length === 0 || options.alterations.length === 0) return [];
    return [{ is: 'alter', table: dice.one(altered), how: dice.one(options.alterations), no: ++this.alterations }];
  }

  /** What is cleared is loaded again, mostly. */
  private clear(): Step[] {
    const { dice, options } = this;
    const table = dice.one(options.tables.filter((t) => t !== 'NAMES'));
    const ids = Array.from({ length: dice.below(5) }, () => 1 + dice.below(KEYS));
    const load = ids.map((id) => ({ is: 'write', job: 0, table, id, value: this.value() }) as const);
    return [{ is: 'clear', table }, ...load];
  }

  private gap(): Step {
    const { dice, options } = this;
    const changes = Array.from({ length: 1 + dice.below(5) }, () => ({
      id: 1 + dice.below(KEYS),
      value: dice.below(3) === 0 ? null : this.value(),
    }));
    return { is: 'gap', table: dice.one(options.gaps), changes };
  }

  private value(): string {
    return `v${++this.values}`;
  }
}
