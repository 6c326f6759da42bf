/**
 * Tables whose deliveries wait for the operator: events go on being written down, their queue places are kept apart.
 * The state is read inside each transaction, so a release by another process counts from the next one.
 */
import type { Database } from 'better-sqlite3';
import { normalName } from '../pages/filter';
import { checkRow, rowSum, summedColumns } from '../pages/row-sum';

/** What stopped a table's route. */
interface HoldReason {
  /** `LIB/FILE`. */
  readonly table: string;
  /** Kind of the notice, such as `table.mass-delete`. */
  readonly reason: string;
  /** `LIB/NAME` and decimal sequence number of the entry; null where no entry says it. */
  readonly receiver: string | null;
  readonly sequence: string | null;
}

export interface TableHold extends HoldReason {
  readonly no: number;
  /** Epoch milliseconds. */
  readonly heldAt: number;
}

export interface HeldDelivery {
  readonly event: number;
  readonly destination: number;
  /** 1 where it was asked for by a replay. */
  readonly replay: number;
}

type HoldRow = [
  table: string,
  reason: string,
  heldAt: number,
  receiver: string | null,
  sequence: string | null,
  sum: number | null,
  no: number,
];
const NO = 6;

export class TableHolds {
  private readonly select;
  private readonly insert;
  private readonly removeHold;
  private readonly insertHeld;
  private readonly selectHeld;
  private readonly removeHeld;
  private readonly count;
  private tables: ReadonlyMap<string, number> = new Map();

  constructor(
    db: Database,
    private readonly now: () => number,
  ) {
    this.select = db.prepare(`SELECT ${summedColumns('outbox_hold')}, no FROM outbox_hold ORDER BY no`).raw();
    this.insert = db.prepare(
      `INSERT INTO outbox_hold (${summedColumns('outbox_hold')}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tbl) DO NOTHING`,
    );
    this.removeHold = db.prepare('DELETE FROM outbox_hold WHERE no = ?');
    this.insertHeld = db.prepare(
      `INSERT INTO outbox_held (${summedColumns('outbox_held')}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.selectHeld = db
      .prepare(
        `SELECT ${summedColumns('outbox_held')} FROM outbox_held WHERE hold = ? ORDER BY event, destination LIMIT ?`,
      )
      .raw();
    this.removeHeld = db.prepare('DELETE FROM outbox_held WHERE hold = ? AND event = ? AND destination = ?');
    this.count = db.prepare('SELECT count(*) FROM outbox_held WHERE hold = ?').pluck();
  }

  /** Call at the beginning of each transaction that will ask {@link of}. */
  refresh(): void {
    const rows = this.rows();
    if (rows.length > 0 || this.tables.size > 0) this.tables = new Map(rows.map((row) => [row[0], row[NO]]));
  }

  /** Number of the hold of a table, or null: its deliveries flow. */
  of(table: string): number | null {
    return this.tables.size === 0 ? null : (this.tables.get(table) ?? null);
  }

  /**
   * From here on nothing of the table is queued for delivery. Inside the transaction that writes the notice.
   * @returns false when it was held already; the first reason stays
   */
  hold(reason: HoldReason): boolean {
    const row = [reason.table, reason.reason, this.now(), reason.receiver, reason.sequence];
    const done = this.insert.run(...row, rowSum(row));
    this.refresh();
    return done.changes > 0;
  }

  /** A delivery that waits for the release of its table. */
  keep(hold: number, event: number, destination: number, replay = false): void {
    const row = [hold, event, destination, replay ? 1 : 0];
    this.insertHeld.run(...row, rowSum(row));
  }

  list(): TableHold[] {
    return this.rows().map(([table, reason, heldAt, receiver, sequence, _sum, no]) => ({
      no,
      table,
      reason,
      heldAt,
      receiver,
      sequence,
    }));
  }

  private rows(): HoldRow[] {
    const rows = this.select.all() as HoldRow[];
    for (const row of rows) checkRow('outbox_hold', row);
    return rows;
  }

  /** @param table `LIB/FILE`, in any case */
  find(table: string): TableHold | null {
    const name = normalName(table);
    return this.list().find((hold) => hold.table === name) ?? null;
  }

  heldCount(hold: TableHold): number {
    return this.count.get(hold.no) as number;
  }

  /**
   * Takes up to `limit` held deliveries out, oldest first, and the hold itself with the last of them. Inside a
   * transaction; what is written meanwhile by others goes on being held until then, so order is kept.
   * @returns true when the table is free
   */
  take(hold: TableHold, limit: number, use: (held: HeldDelivery) => void): boolean {
    const rows = this.selectHeld.all(hold.no, limit) as [number, number, number, number, number | null][];
    for (const row of rows) {
      checkRow('outbox_held', row);
      const [, event, destination, replay] = row;
      this.removeHeld.run(hold.no, event, destination);
      use({ event, destination, replay });
    }
    if (rows.length === limit) return false;
    this.removeHold.run(hold.no);
    this.refresh();
    return true;
  }
}
