/**
 * Random partition histories: jobs in and out of commitment control, savepoints, receiver changes, resets, IPLs, cleared
 * tables, changed formats, and a reader killed at random moments. The oracle knows only what each job was told succeeded.
 */
import { SqlError } from '../../src/errors/coded-error';
import type { EngineConnection } from '../support/engine-connection';
import { JournalWorld } from './world';

/** Mulberry32: small, seeded, the same on every machine. */
export function random(seed: number): (below: number) => number {
  let a = seed >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Job {
  connection: EngineConnection;
  readonly committing: boolean;
  /** What the oracle will believe once the job commits. */
  pending: Told[];
  /** Length of `pending` at each open savepoint. */
  savepoints: number[];
}

interface Told {
  readonly text: string;
  readonly row: string;
  readonly before: string | undefined;
}

const TABLES = ['STOCK', 'ORDERS'] as const;

export interface HistoryResult {
  /** What was committed, in commit order: the oracle. */
  readonly committed: readonly string[];
  /** What the reader published, in order. */
  readonly published: readonly string[];
  readonly world: JournalWorld;
}

export async function runHistory(seed: number, steps: number): Promise<HistoryResult> {
  const world = await JournalWorld.open({ tables: [] });
  for (const t of TABLES) await world.keyedTable(t);
  const history = new History(world, random(seed));
  for (let i = 0; i < steps; i++) await history.step();
  await history.end();
  return {
    committed: history.committed,
    published: world.published().filter((p) => /^(insert|update|delete|table.cleared) /.test(p)),
    world,
  };
}

class History {
  readonly committed: string[] = [];
  private jobs: Job[] = [];
  private value = 0;
  /** Every row as its last writer left it; locks keep the others away. */
  private readonly rows = new Map<string, string>();

  constructor(
    private readonly world: JournalWorld,
    private readonly below: (n: number) => number,
  ) {}

  async step(): Promise<void> {
    if (this.jobs.length < 4) await this.newJob();
    const dice = this.below(100);
    const job = this.jobs[this.below(this.jobs.length)]!;
    if (dice < 55) await this.change(job);
    else if (dice < 63) await this.finish(job, this.below(3) > 0);
    else if (dice < 71) await this.savepoint(job);
    else if (dice < 77) await this.undo(job);
    else if (dice < 81) await tried(this.world.newReceiver(this.below(3) === 0));
    else if (dice < 82) await this.rarely();
    else await this.read(this.below(2) === 0);
  }

  private async rarely(): Promise<void> {
    const dice = this.below(4);
    if (dice === 0) await this.ipl();
    else if (dice === 1) await this.clear();
    else await tried(this.world.sql(`ALTER TABLE APPLIB.STOCK ADD COLUMN X${this.value++} CHAR(3)`));
  }

  private async newJob(): Promise<void> {
    const committing = this.below(3) > 0;
    const connection = committing ? await this.world.worker() : this.world.connect();
    this.jobs.push({ connection, committing, pending: [], savepoints: [] });
  }

  private async change(job: Job): Promise<void> {
    const table = TABLES[this.below(TABLES.length)]!;
    const id = 1 + this.below(12);
    // a write finds its row or makes it, so that most of them do something
    if (this.below(4) === 0) await this.statement(job, table, 'delete', id);
    else if (!(await this.statement(job, table, 'update', id))) await this.statement(job, table, 'insert', id);
  }

  private async statement(job: Job, table: string, op: 'insert' | 'update' | 'delete', id: number): Promise<boolean> {
    const value = `v${++this.value}`;
    const sql = {
      insert: `INSERT INTO APPLIB.${table} (ID, VAL) VALUES (${id}, '${value}')`,
      update: `UPDATE APPLIB.${table} SET VAL = '${value}' WHERE ID = ${id}`,
      delete: `DELETE FROM APPLIB.${table} WHERE ID = ${id}`,
    }[op];
    const done = await tried(job.connection.execute(sql));
    if (!done || done.rowsAffected === 0) return false;
    const row = `${table} ${id}`;
    const before = this.rows.get(row);
    if (op === 'delete') this.rows.delete(row);
    else this.rows.set(row, value);
    const image = (v: string | undefined): string => (v === undefined ? '-' : `${id}=${v}`);
    const text = `${op} ${table} ${image(before)}>${image(this.rows.get(row))}`;
    if (job.committing) job.pending.push({ text, row, before });
    else this.committed.push(text);
    return true;
  }

  private async finish(job: Job, commit: boolean): Promise<void> {
    if (!job.committing) return;
    if (commit) {
      await job.connection.commit();
      this.committed.push(...job.pending.map((p) => p.text));
    } else {
      await job.connection.rollback();
      this.undone(job.pending);
    }
    job.pending = [];
    job.savepoints = [];
  }

  private async savepoint(job: Job): Promise<void> {
    if (!job.committing || job.pending.length === 0) return;
    await job.connection.execute(`SAVEPOINT S${job.savepoints.length} ON ROLLBACK RETAIN CURSORS`);
    job.savepoints.push(job.pending.length);
  }

  private async undo(job: Job): Promise<void> {
    const to = job.savepoints.pop();
    if (to === undefined) return;
    await job.connection.execute(`ROLLBACK TO SAVEPOINT S${job.savepoints.length}`);
    this.undone(job.pending.splice(to));
  }

  private undone(changes: readonly Told[]): void {
    for (const { row, before } of [...changes].reverse())
      if (before === undefined) this.rows.delete(row);
      else this.rows.set(row, before);
  }

  private async ipl(): Promise<void> {
    await this.world.ipl();
    for (const job of this.jobs) this.undone(job.pending);
    this.jobs = [];
  }

  private async clear(): Promise<void> {
    const table = TABLES[this.below(TABLES.length)]!;
    const done = await tried(this.world.cl(`CLRPFM FILE(APPLIB/${table})`).then(() => true));
    if (!done) return;
    this.committed.push(`table.cleared ${table}`);
    for (const row of this.rows.keys()) if (row.startsWith(`${table} `)) this.rows.delete(row);
  }

  /** A look at the journal that may be killed before or after any of its transactions. */
  private async read(kill: boolean): Promise<void> {
    const at = this.below(4);
    await this.world.read(
      {
        windowEntries: [2, 10, 1_000_000][this.below(3)]!,
        heldEntries: [1, 5, 50_000][this.below(3)]!,
        filter: (['client', 'server'] as const)[this.below(2)]!,
      },
      {
        blockRows: [1, 2, 7, 100][this.below(4)]!,
        ...(kill ? (this.below(2) === 0 ? { killBefore: at } : { killAfter: at + 1 }) : {}),
      },
    );
  }

  async end(): Promise<void> {
    for (const job of this.jobs) await this.finish(job, this.below(2) === 0);
    await this.world.read();
  }
}

/** The result, or null when the partition refused (a lock, a key that is there, an open cycle). */
async function tried<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SqlError) return null;
    throw error;
  }
}
