/**
 * Read connections to the partition's database. A cursor that is read bit by bit holds one of its own, so it sees one
 * state of the data and never stands in the way of writers; the rest share what the pool has free.
 */
import type Database from 'better-sqlite3';
import { openSqlite } from '../../../sqlite';
import { VREL_WIDTHS } from '../compile/virtual';
import {
  type AggregateDefinition,
  DECFLOAT_AGGREGATES,
  EXACT_AGGREGATES,
  REAL_AGGREGATES,
} from '../functions/aggregate-functions';
import { DATE_FUNCTIONS } from '../functions/date-functions';
import { DECFLOAT_FUNCTIONS } from '../functions/decfloat-functions';
import { EXACT_FUNCTIONS, type ScalarFunction } from '../functions/exact-functions';
import { FIELD_FUNCTIONS } from '../functions/field-functions';
import { TEXT_FUNCTIONS } from '../functions/text-functions';
import type { Raw } from '../types/exact-form';

const STATEMENTS_KEPT = 64;

export type SqliteRowSource = () => Iterable<readonly Raw[]>;

export class ReadConnection {
  readonly db: Database.Database;
  private readonly sources = new Map<number, SqliteRowSource>();
  private readonly statements = new Map<string, Database.Statement>();
  private nextSource = 1;

  constructor(file: string) {
    this.db = openSqlite(file, { readonly: true });
    this.db.pragma('cache_size = -8192');
    registerFunctions(this.db);
    for (const width of VREL_WIDTHS) this.registerVrel(width);
  }

  /** Makes rows readable as `vrelN(<returned number>)` until released. */
  addSource(rows: SqliteRowSource): number {
    const id = this.nextSource++;
    this.sources.set(id, rows);
    return id;
  }

  removeSource(id: number): void {
    this.sources.delete(id);
  }

  prepare(sql: string): Database.Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const made = this.db.prepare(sql);
    if (this.statements.size >= STATEMENTS_KEPT) this.statements.delete(this.statements.keys().next().value!);
    this.statements.set(sql, made);
    return made;
  }

  private registerVrel(width: number): void {
    const { sources } = this;
    this.db.table(`vrel${width}`, {
      columns: Array.from({ length: width }, (_, i) => `k${i}`),
      parameters: ['source'],
      *rows(id: unknown) {
        const rows = sources.get(Number(id));
        if (rows) yield* rows() as Iterable<Raw[]>;
      },
    } as Parameters<Database.Database['table']>[1]);
  }
}

function registerFunctions(db: Database.Database): void {
  const options = { deterministic: true, safeIntegers: true, varargs: true };
  const tables = [EXACT_FUNCTIONS, TEXT_FUNCTIONS, DATE_FUNCTIONS, DECFLOAT_FUNCTIONS, FIELD_FUNCTIONS];
  for (const [name, fn] of tables.flatMap((t) => Object.entries(t))) db.function(name, options, nullSafe(fn));
  db.function('r_random', () => Math.random());
  for (const [name, definition] of Object.entries(EXACT_AGGREGATES)) aggregate(db, name, definition);
  for (const [name, definition] of Object.entries(DECFLOAT_AGGREGATES)) aggregate(db, name, definition);
  for (const [name, definition] of Object.entries(REAL_AGGREGATES)) aggregate(db, name, definition);
}

/** Nearly every Db2 function is null when an argument is. */
function nullSafe(fn: ScalarFunction): (...args: unknown[]) => unknown {
  return (...args) => (args.includes(null) ? null : fn(...(args as Raw[])));
}

function aggregate<T>(db: Database.Database, name: string, definition: AggregateDefinition<T>): void {
  db.aggregate(name, {
    safeIntegers: true,
    varargs: true,
    deterministic: true,
    ...definition,
  } as Parameters<Database.Database['aggregate']>[1]);
}

/** Connections not in use, newest first. */
export class ConnectionPool {
  private readonly free: ReadConnection[] = [];
  private readonly all = new Set<ReadConnection>();

  constructor(private readonly file: string) {}

  take(): ReadConnection {
    const found = this.free.pop();
    if (found) return found;
    const made = new ReadConnection(this.file);
    this.all.add(made);
    return made;
  }

  give(connection: ReadConnection): void {
    this.free.push(connection);
  }

  close(): void {
    for (const c of this.all) c.db.close();
    this.all.clear();
    this.free.length = 0;
  }
}
