/**
 * `transport: odbc`: any ODBC driver through node-odbc; on IBM i that is the IBM i Access ODBC driver.
 *
 * node-odbc hands decimals over as floating point. A result with decimals of more than 15 digits is therefore asked for
 * again with those columns cast to text by the server, so that no digit is ever lost.
 */
import { CodedError } from '../errors/coded-error';
import { fromOdbc, loadOdbc, type OdbcConnection, type OdbcCursor } from './odbc/driver';
import { columnReader, describeColumn, losesDigits, toOdbc } from './odbc/values';
import type {
  ColumnDescriptor,
  ExecuteResult,
  PreparedStatement,
  ResultSet,
  ServerInfo,
  SqlConnection,
  SqlTransport,
  SqlValue,
  StatementOptions,
} from './transport';

interface OdbcOptions {
  /** Complete ODBC connection string; holds the password, so it is never printed. */
  readonly connectionString: string;
  readonly connectTimeoutMs?: number;
}

const ROWS_PER_BLOCK = 500;

/** For IBM's driver: TLS on, SQL naming, ISO dates, no implicit conversion of binary text. Source: IBM i Access ODBC connection keywords. */
export function ibmiConnectionString(o: { host: string; user: string; password: string; tls: boolean }): string {
  const quoted = (text: string): string => `{${text.replaceAll('}', '}}')}`;
  return [
    'DRIVER={IBM i Access ODBC Driver}',
    `SYSTEM=${o.host}`,
    `UID=${quoted(o.user)}`,
    `PWD=${quoted(o.password)}`,
    `SSL=${o.tls ? 1 : 0}`,
    'NAM=0',
    'DFT=5',
    'TFT=2',
    'CMT=0',
    'TRANSLATE=0',
    'MAXFIELDLEN=15360',
  ].join(';');
}

export class OdbcTransport implements SqlTransport {
  readonly kind = 'odbc';

  constructor(private readonly options: OdbcOptions) {}

  async connect(options?: { readonly signal?: AbortSignal }): Promise<SqlConnection> {
    options?.signal?.throwIfAborted();
    const odbc = loadOdbc();
    const seconds = Math.ceil((this.options.connectTimeoutMs ?? 30_000) / 1000);
    try {
      const connection = await odbc.connect({
        connectionString: this.options.connectionString,
        connectionTimeout: seconds,
        loginTimeout: seconds,
      });
      return new OdbcSession(connection);
    } catch (error) {
      throw fromOdbc(error);
    }
  }
}

class OdbcSession implements SqlConnection {
  readonly server: ServerInfo = { version: 'unknown', job: 'unknown', ccsid: 0, passwordExpiresInDays: null };
  private autocommit = true;

  constructor(private readonly connection: OdbcConnection) {}

  async prepare(sql: string): Promise<PreparedStatement> {
    return new OdbcStatement(this.connection, sql);
  }

  async query(sql: string, params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ResultSet> {
    return new OdbcStatement(this.connection, sql).query(params, options);
  }

  async execute(sql: string, params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ExecuteResult> {
    return new OdbcStatement(this.connection, sql).execute(params, options);
  }

  async setAutocommit(on: boolean): Promise<void> {
    if (on === this.autocommit) return;
    // node-odbc ends its manual mode at commit or rollback: it is opened again after each
    if (!on) await guarded(() => this.connection.beginTransaction());
    else await guarded(() => this.connection.rollback());
    this.autocommit = on;
  }

  async commit(): Promise<void> {
    if (this.autocommit) return;
    await guarded(() => this.connection.commit());
    await guarded(() => this.connection.beginTransaction());
  }

  async rollback(): Promise<void> {
    if (this.autocommit) return;
    await guarded(() => this.connection.rollback());
    await guarded(() => this.connection.beginTransaction());
  }

  async close(): Promise<void> {
    await guarded(() => this.connection.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class OdbcStatement implements PreparedStatement {
  /** Known after the first query: ODBC drivers describe by running. */
  columns: readonly ColumnDescriptor[] | null = null;
  private exactSql: string | null = null;

  constructor(
    private readonly connection: OdbcConnection,
    private readonly sql: string,
  ) {}

  async query(params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ResultSet> {
    options?.signal?.throwIfAborted();
    const values = params.map(toOdbc);
    return guarded(async () => {
      if (!this.columns) await this.describe(values);
      const cursor = await this.connection.query(this.exactSql ?? this.sql, values, {
        cursor: true,
        fetchSize: ROWS_PER_BLOCK,
      });
      return new OdbcResultSet(cursor, this.columns ?? [], options?.signal);
    });
  }

  async execute(params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ExecuteResult> {
    options?.signal?.throwIfAborted();
    const result = await guarded(() => this.connection.query(this.sql, params.map(toOdbc)));
    return { rowsAffected: Math.max(0, result.count) };
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  private async describe(values: readonly unknown[]): Promise<void> {
    const empty = await this.connection.query(`SELECT * FROM (${this.sql}) AS D WHERE 1 = 0`, values);
    const columns = empty.columns.map(describeColumn);
    if (columns.some(losesDigits)) {
      const repeated = columns.find((c, i) => columns.findIndex((d) => d.name === c.name) !== i);
      if (repeated) {
        throw new CodedError({
          code: 'ODBC_AMBIGUOUS_COLUMN',
          message: `two result columns are called ${repeated.name}, so their decimals cannot be asked for exactly`,
          next: `give each column its own name with AS`,
        });
      }
      const list = columns.map((c) => {
        const name = `"${c.name.replaceAll('"', '""')}"`;
        return losesDigits(c) ? `CAST(${name} AS VARCHAR(66)) AS ${name}` : name;
      });
      this.exactSql = `SELECT ${list.join(', ')} FROM (${this.sql}) AS D`;
    }
    this.columns = columns;
  }
}

class OdbcResultSet implements ResultSet {
  private closed = false;

  constructor(
    private readonly cursor: OdbcCursor,
    readonly columns: readonly ColumnDescriptor[],
    private readonly signal: AbortSignal | undefined,
  ) {}

  async *blocks(): AsyncIterable<readonly (readonly SqlValue[])[]> {
    const readers = this.columns.map((column) => ({ name: column.name, read: columnReader(column) }));
    try {
      while (!this.cursor.noData) {
        this.signal?.throwIfAborted();
        const rows = await guarded(() => this.cursor.fetch());
        if (rows.length === 0) break;
        yield rows.map((row) => readers.map(({ name, read }) => read(row[name] ?? null)));
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await guarded(() => this.cursor.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CodedError ? error : fromOdbc(error);
  }
}
