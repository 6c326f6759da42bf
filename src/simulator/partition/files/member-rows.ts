/** The row table of one member: record images beside their comparable values. */
import type Database from 'better-sqlite3';
import { duplicateKey } from '../failures';
import { type Comparable, isBytes } from './comparable';
import type { ColumnDef, KeyDef } from './definitions';

export interface StoredRow {
  readonly image: Buffer;
  readonly nulls: string | null;
  readonly values: readonly Comparable[];
  readonly bad: readonly number[];
}

export interface NumberedRow extends StoredRow {
  readonly rrn: number;
}

interface Shape {
  readonly library: string;
  readonly name: string;
  readonly columns: readonly ColumnDef[];
  readonly keys: readonly KeyDef[];
}

const WITH_NULLS = ' nulls';

type RawRecord = [bigint, Buffer, string | null, string | null, ...Comparable[]];

export class MemberRows {
  private insertStatement: Database.Statement | null = null;
  private updateStatement: Database.Statement | null = null;
  private readonly getStatement: Database.Statement;
  private readonly deleteStatement: Database.Statement;
  private readonly pageStatement: Database.Statement;

  constructor(
    private readonly db: Database.Database,
    readonly table: string,
    private readonly shape: Shape,
  ) {
    this.getStatement = db.prepare(`SELECT * FROM ${table} WHERE rrn = ?`).raw().safeIntegers();
    this.deleteStatement = db.prepare(`DELETE FROM ${table} WHERE rrn = ?`);
    this.pageStatement = db.prepare(`SELECT * FROM ${table} WHERE rrn > ? ORDER BY rrn LIMIT ?`).raw().safeIntegers();
  }

  static create(db: Database.Database, table: string, shape: Shape): MemberRows {
    const values = shape.columns.map((c, i) => `, c${i} ${affinity(c)}`).join('');
    db.exec(`CREATE TABLE ${table} (rrn INTEGER PRIMARY KEY, image BLOB NOT NULL, nulls TEXT, bad TEXT${values})`);
    const rows = new MemberRows(db, table, shape);
    for (const key of shape.keys) rows.createIndex(key);
    return rows;
  }

  /** @throws SqlFailure -803 when the rows already hold duplicates */
  createIndex(key: KeyDef): void {
    const ordinals = key.columns.map((name) => this.shape.columns.findIndex((c) => c.name === name));
    const columns = ordinals.map((i) => `c${i}`).join();
    const nullsAreValues =
      key.unique && key.kind !== 'unique' && !key.whereNotNull && ordinals.some((i) => this.shape.columns[i]!.nullable);
    const name = indexName(this.table, key);
    this.guarded(() => {
      // SQLite's nulls are never equal: a second index has values no field can hold in their place
      const unique = key.unique && !nullsAreValues ? 'UNIQUE ' : '';
      this.db.exec(`CREATE ${unique}INDEX "${name}" ON ${this.table} (${columns})`);
      if (!nullsAreValues) return;
      const values = ordinals.map((i) => `coalesce(c${i}, ${neverStored(this.shape.columns[i]!)})`);
      try {
        this.db.exec(`CREATE UNIQUE INDEX "${name}${WITH_NULLS}" ON ${this.table} (${values.join()})`);
      } catch (error) {
        this.db.exec(`DROP INDEX "${name}"`);
        throw error;
      }
    });
  }

  dropIndex(key: KeyDef): void {
    const name = indexName(this.table, key);
    this.db.exec(`DROP INDEX IF EXISTS "${name}"; DROP INDEX IF EXISTS "${name}${WITH_NULLS}"`);
  }

  drop(): void {
    this.db.exec(`DROP TABLE ${this.table}`);
  }

  get(rrn: number): StoredRow | null {
    const raw = this.getStatement.get(rrn) as RawRecord | undefined;
    return raw ? toRow(raw) : null;
  }

  /** Up to `limit` rows after `rrn`, in record number order. */
  page(after: number, limit: number): NumberedRow[] {
    return (this.pageStatement.all(after, limit) as RawRecord[]).map((raw) => ({ rrn: Number(raw[0]), ...toRow(raw) }));
  }

  insert(rrn: number, row: StoredRow): void {
    this.insertStatement ??= this.db.prepare(
      `INSERT INTO ${this.table} VALUES (?,?,?,?${',?'.repeat(this.shape.columns.length)})`,
    );
    const statement = this.insertStatement;
    this.guarded(() => statement.run(rrn, row.image, row.nulls, badText(row.bad), ...row.values));
  }

  update(rrn: number, row: StoredRow): void {
    const columns = this.shape.columns.map((_, i) => `, c${i} = ?`).join('');
    this.updateStatement ??= this.db.prepare(
      `UPDATE ${this.table} SET image = ?, nulls = ?, bad = ?${columns} WHERE rrn = ?`,
    );
    const statement = this.updateStatement;
    this.guarded(() => statement.run(row.image, row.nulls, badText(row.bad), ...row.values, rrn));
  }

  delete(rrn: number): void {
    this.deleteStatement.run(rrn);
  }

  count(): number {
    return this.db.prepare(`SELECT count(*) FROM ${this.table}`).pluck().get() as number;
  }

  lastRrn(): number {
    return (this.db.prepare(`SELECT max(rrn) FROM ${this.table}`).pluck().get() as number | null) ?? 0;
  }

  /** Deleted slots below `next`, highest first, so that the lowest is taken first. */
  freeSlots(next: number): number[] {
    const used = new Set(this.db.prepare(`SELECT rrn FROM ${this.table}`).pluck().all() as number[]);
    const free: number[] = [];
    for (let rrn = next - 1; rrn >= 1; rrn--) if (!used.has(rrn)) free.push(rrn);
    return free;
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
      const failed = new Set([...message.matchAll(/\.c(\d+)/g)].map((m) => this.shape.columns[Number(m[1])]?.name));
      const index = /index '(.*)'/.exec(message)?.[1];
      const key = this.shape.keys.find((k) =>
        index === undefined
          ? k.unique && k.columns.every((c) => failed.has(c))
          : `${indexName(this.table, k)}${WITH_NULLS}` === index,
      );
      throw duplicateKey(key?.name ?? this.shape.name, this.shape.name, this.shape.library);
    }
  }
}

function toRow(raw: RawRecord): StoredRow {
  const [, image, nulls, bad, ...values] = raw;
  return { image, nulls, bad: bad ? bad.split(',').map(Number) : [], values };
}

function badText(bad: readonly number[]): string | null {
  return bad.length > 0 ? bad.join() : null;
}

/** A constant of another kind than any value of the column. */
function neverStored(column: ColumnDef): string {
  return affinity(column) === 'TEXT' ? "X''" : "'null'";
}

function indexName(table: string, key: KeyDef): string {
  return `${table}_${key.name}`;
}

function affinity(column: ColumnDef): string {
  switch (column.type) {
    case 'DECIMAL':
    case 'NUMERIC':
      return column.length <= 18 ? 'INTEGER' : 'TEXT';
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'BOOLEAN':
      return 'INTEGER';
    case 'REAL':
    case 'DOUBLE':
      return 'REAL';
    default:
      return isBytes(column) ? 'BLOB' : 'TEXT';
  }
}
