/** What committed, from what each job was told. It knows rows and commit cycles, and nothing of journals. */

/**
 * `after` null: deleted; `before` null: was not there, or nobody can know what it was where `after` is null, too. A name
 * without number is a table that was cleared.
 */
export interface Committed {
  readonly row: string;
  readonly before: string | null;
  readonly after: string | null;
}

interface Work {
  changes: Committed[];
  /** Number of changes at each savepoint still open. */
  savepoints: number[];
}

export class Oracle {
  /** In the order of the commits; of loose tables in the order of the changes, and what undoes them too. */
  readonly committed: Committed[] = [];
  /** Every row as its last writer left it; locks keep the others away. `STOCK 7` -> value. */
  readonly rows = new Map<string, string>();
  private readonly work = new Map<number, Work>();

  /** What is committed of each row: of rows nobody told of, nothing. `STOCK 7` -> every state since the beginning, null is gone. */
  readonly states = new Map<string, (string | null)[]>();

  /**
   * @param loose tables whose changes are told before their commit
   * @param emptied tables that are told a delete for each row when they are cleared
   * @param unread tables whose clearing is no news of its own
   */
  constructor(
    private readonly loose: readonly string[] = [],
    private readonly emptied: readonly string[] = [],
    private readonly unread: readonly string[] = [],
  ) {}

  /** @param held under commitment control: waits for the job's commit, and may be undone */
  change(job: number, row: string, after: string | null, held: boolean): void {
    const change = { row, before: this.rows.get(row) ?? null, after };
    this.set(row, after);
    if (held) this.of(job).changes.push(change);
    if (!held || this.isLoose(change)) this.settle(change);
  }

  commit(job: number): void {
    for (const change of this.of(job).changes) if (!this.isLoose(change)) this.settle(change);
    this.work.delete(job);
  }

  rollback(job: number): void {
    this.undoFrom(job, 0);
    this.work.delete(job);
  }

  /** @returns number of the savepoint, from 0 */
  savepoint(job: number): number {
    const { savepoints, changes } = this.of(job);
    return savepoints.push(changes.length) - 1;
  }

  /** @returns number of the savepoint that was the latest; null when there was none */
  dropSavepoint(job: number, undo: boolean): number | null {
    const at = this.of(job).savepoints.pop();
    if (at === undefined) return null;
    if (undo) this.undoFrom(job, at);
    return this.of(job).savepoints.length;
  }

  clear(table: string): void {
    const gone = [...this.rows.keys()].filter((row) => row.startsWith(`${table} `));
    for (const row of gone) {
      this.rows.delete(row);
      this.states.get(row)!.push(null);
      if (this.emptied.includes(table)) this.committed.push({ row, before: null, after: null });
    }
    if (!this.unread.includes(table)) this.committed.push({ row: table, before: null, after: null });
  }

  /** What a row is now, as far as it is committed. */
  settled(row: string): string | null {
    return this.states.get(row)?.at(-1) ?? null;
  }

  private settle(change: Committed): void {
    this.committed.push(change);
    const states = this.states.get(change.row);
    if (states) states.push(change.after);
    else this.states.set(change.row, [change.after]);
  }

  /** Whether this value waits for a commit nobody has asked for yet. */
  isHeld(row: string, value: string): boolean {
    const here = (c: Committed): boolean => c.row === row && c.after === value && !this.isLoose(c);
    return [...this.work.values()].some((w) => w.changes.some(here));
  }

  private undoFrom(job: number, at: number): void {
    for (const change of this.of(job).changes.splice(at).reverse()) {
      const { row, before, after } = change;
      this.set(row, before);
      if (this.isLoose(change)) this.settle({ row, before: after, after: before });
    }
  }

  private isLoose({ row }: Committed): boolean {
    return this.loose.includes(row.split(' ')[0]!);
  }

  private set(row: string, value: string | null): void {
    if (value === null) this.rows.delete(row);
    else this.rows.set(row, value);
  }

  private of(job: number): Work {
    let work = this.work.get(job);
    if (!work) {
      work = { changes: [], savepoints: [] };
      this.work.set(job, work);
    }
    return work;
  }
}
