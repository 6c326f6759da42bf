/** Plays a history on a partition, step by step, and tells the oracle what came of it. */
import type { Commitment, History, Step, Table } from './history';
import { Oracle } from './oracle';

/** No job of a history has this number. */
const ADMINISTRATOR = -1;

/** Rows of a flood. */
const ROWS_A_STATEMENT = 100;

/** A job of its own on the partition. A refusal (a lock, a key that is there) is an answer; anything else throws. */
export interface HistoryJob {
  /** Rows touched; null when the partition refused. */
  run(sql: string): Promise<number | null>;
  savepoint(name: string): Promise<void>;
  rollbackTo(name: string): Promise<void>;
  release(name: string): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Ends the job; what it has not committed is undone. */
  end(): Promise<void>;
}

/** How a history reaches the partition, where its tables stand ready with both images in one journal. */
export interface HistoryPartition {
  readonly library: string;
  /** `LIB/JOURNAL` */
  readonly journal: string;
  readonly administrator: HistoryJob;
  job(commitment: Commitment): Promise<HistoryJob>;
  /** Ends every job; only for histories with `ipl`. */
  ipl(): Promise<void>;
  /** Whether a format may be changed now: a layout nobody saw while it was valid cannot be known later. */
  mayAlter(table: Table): boolean;
  /** Asks for a backfill of the whole table; only for histories with backfills. */
  backfill?(table: Table): void;
}

export class Player {
  readonly oracle = new Oracle(['LOOSE'], ['RELOAD'], ['SHELF']);
  /** How often the partition did what is asked for seldom: `floods`, `resets`, `clears STOCK`, `alters ORDERS`... */
  readonly done = new Map<string, number>();
  /** Columns added to each table and not dropped. */
  private readonly added = new Map<Table, string[]>();
  private readonly jobs = new Map<number, HistoryJob>();
  private next = 0;

  constructor(
    readonly history: History,
    private readonly partition: HistoryPartition,
  ) {}

  get atEnd(): boolean {
    return this.next >= this.history.steps.length;
  }

  /** Plays the next step. @throws Error when the partition answers what the oracle thinks impossible */
  async step(): Promise<void> {
    const step = this.history.steps[this.next++];
    if (step) await this.play(step);
  }

  /** The partition ended every job. */
  jobsEnded(): void {
    for (const job of this.jobs.keys()) this.oracle.rollback(job);
    this.jobs.clear();
  }

  private async play(step: Step): Promise<void> {
    switch (step.is) {
      case 'write':
        return this.write(step);
      case 'remove':
        return this.remove(step);
      case 'sweep':
        return this.sweep(step);
      case 'flood':
        return this.flood(step);
      case 'commit':
      case 'rollback':
        return this.finish(step.is, step.job);
      case 'savepoint':
        return this.savepoint(step.job);
      case 'undo':
      case 'release':
        return this.dropSavepoint(step.job, step.is === 'undo');
      case 'leave':
        return this.leave(step.job);
      case 'receiver':
        return this.changeReceiver(step.reset);
      case 'clear':
        return this.clear(step.table);
      case 'gap':
        return this.gap(step);
      case 'backfill':
        this.partition.backfill?.(step.table);
        return;
      case 'alter':
        return this.alter(step);
      case 'ipl':
        await this.partition.ipl();
        this.jobsEnded();
    }
  }

  /** A write finds its row or makes it, so that most of them do something. */
  private async write({ job, table, id, value }: Step & { is: 'write' }): Promise<void> {
    const { library } = this.partition;
    const worker = await this.job(job);
    const updated = await worker.run(`UPDATE ${library}.${table} SET VAL = '${value}' WHERE ID = ${id}`);
    const rows =
      updated === 0
        ? await worker.run(`INSERT INTO ${library}.${table} (ID, VAL) VALUES (${id}, '${value}')`)
        : updated;
    if (rows) this.changed(job, `${table} ${id}`, value);
  }

  private async remove({ job, table, id }: Step & { is: 'remove' }): Promise<void> {
    const worker = await this.job(job);
    const rows = await worker.run(`DELETE FROM ${this.partition.library}.${table} WHERE ID = ${id}`);
    if (rows) this.changed(job, `${table} ${id}`, null);
  }

  private async sweep({ job, table, from, to, value }: Step & { is: 'sweep' }): Promise<void> {
    const worker = await this.job(job);
    const sql = `UPDATE ${this.partition.library}.${table} SET VAL = '${value}' WHERE ID BETWEEN ${from} AND ${to}`;
    const touched = await worker.run(sql);
    if (touched === null) return;
    const ids = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const rows = ids.map((id) => `${table} ${id}`).filter((row) => this.oracle.rows.has(row));
    if (rows.length !== touched) throw new Error(`${sql} touched ${touched} rows, expected ${rows.join(', ')}`);
    for (const row of rows) this.changed(job, row, value);
  }

  private async flood({ job, table, from, rows }: Step & { is: 'flood' }): Promise<void> {
    const worker = await this.job(job);
    for (let at = from; at < from + rows; at += ROWS_A_STATEMENT) {
      const ids = Array.from({ length: Math.min(ROWS_A_STATEMENT, from + rows - at) }, (_, i) => at + i);
      const values = ids.map((id) => `(${id}, 'flood')`).join(', ');
      const sql = `INSERT INTO ${this.partition.library}.${table} (ID, VAL) VALUES ${values}`;
      if ((await worker.run(sql)) === null) return;
      for (const id of ids) this.changed(job, `${table} ${id}`, 'flood');
    }
    this.count('floods');
  }

  private changed(job: number, row: string, after: string | null): void {
    this.oracle.change(job, row, after, this.history.jobs[job] === 'cycle');
  }

  private async finish(how: 'commit' | 'rollback', job: number): Promise<void> {
    if (this.history.jobs[job] !== 'cycle') return;
    const worker = await this.job(job);
    // believed before it is asked for: from here on the changes may be told
    this.oracle[how](job);
    await worker[how]();
  }

  private async savepoint(job: number): Promise<void> {
    if (this.history.jobs[job] !== 'cycle') return;
    const worker = await this.job(job);
    await worker.savepoint(`S${this.oracle.savepoint(job)}`);
  }

  private async dropSavepoint(job: number, undo: boolean): Promise<void> {
    const left = this.oracle.dropSavepoint(job, undo);
    if (left === null) return;
    const worker = await this.job(job);
    await worker[undo ? 'rollbackTo' : 'release'](`S${left}`);
  }

  private async leave(job: number): Promise<void> {
    const worker = this.jobs.get(job);
    this.jobs.delete(job);
    await worker?.end();
    this.oracle.rollback(job);
  }

  private async changeReceiver(reset: boolean): Promise<void> {
    const command = `CHGJRN JRN(${this.partition.journal}) JRNRCV(*GEN)${reset ? ' SEQOPT(*RESET)' : ''}`;
    await this.administer(reset ? 'resets' : 'receivers', cl(command));
  }

  private async clear(table: Table): Promise<void> {
    const done = await this.administer(`clears ${table}`, cl(`CLRPFM FILE(${this.partition.library}/${table})`));
    if (done) this.oracle.clear(table);
  }

  /** Refused while a commit cycle holds a row of the table. */
  private async gap({ table, changes }: Step & { is: 'gap' }): Promise<void> {
    const { library, journal, administrator } = this.partition;
    if (!(await this.administer(`gaps ${table}`, cl(`ENDJRNPF FILE(${library}/${table})`)))) return;
    for (const { id, value } of changes) {
      const row = `${table} ${id}`;
      const exists = this.oracle.rows.has(row);
      if (value === null && !exists) continue;
      const sql =
        value === null
          ? `DELETE FROM ${library}.${table} WHERE ID = ${id}`
          : exists
            ? `UPDATE ${library}.${table} SET VAL = '${value}' WHERE ID = ${id}`
            : `INSERT INTO ${library}.${table} (ID, VAL) VALUES (${id}, '${value}')`;
      if (await administrator.run(sql)) this.oracle.change(ADMINISTRATOR, row, value, false);
    }
    const command = `STRJRNPF FILE(${library}/${table}) JRN(${journal}) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
    if ((await administrator.run(cl(command))) === null) throw new Error(`refused: ${command}`);
  }

  private async alter({ table, how, no }: Step & { is: 'alter' }): Promise<void> {
    if (!this.partition.mayAlter(table)) return;
    const columns = this.added.get(table) ?? [];
    const after = how === 'drop' ? columns.slice(0, -1) : how === 'widen' ? columns : [...columns, `X${no}`];
    const change = {
      append: `ADD COLUMN X${no} CHAR(3)`,
      before: `ADD COLUMN X${no} DECIMAL(5, 2) NOT NULL DEFAULT 0 BEFORE VAL`,
      drop: `DROP COLUMN ${columns.at(-1)}`,
      widen: `ALTER COLUMN VAL SET DATA TYPE CHAR(${8 + no}) CCSID 37`,
    }[how];
    const sql = `ALTER TABLE ${this.partition.library}.${table} ${change}`;
    if (await this.administer(`alters ${table}`, sql)) this.added.set(table, after);
  }

  private async job(no: number): Promise<HistoryJob> {
    let job = this.jobs.get(no);
    if (!job) {
      job = await this.partition.job(this.history.jobs[no]!);
      this.jobs.set(no, job);
    }
    return job;
  }

  private async administer(what: string, sql: string): Promise<boolean> {
    const done = (await this.partition.administrator.run(sql)) !== null;
    if (done) this.count(what);
    return done;
  }

  private count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
  }
}

function cl(command: string): string {
  return `CALL QSYS2.QCMDEXC('${command}')`;
}
