/**
 * `transport: jt400`: IBM's JTOpen JDBC driver, inside the JVM that node-jt400 starts. For sites that must use IBM's own
 * driver, and the judge beside our own client: both must yield the same events from the same journal.
 */
import { CodedError } from '../errors/coded-error';
import { fromJava } from './jt400/errors';
import { type JavaObject, type Jvm, jvm } from './jt400/jvm';
import { trustCa } from './jt400/trust';
import { columnReader, describeColumns, setParameter } from './jt400/values';
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

interface Jt400Options {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** `off` = plain sockets. `caFile` is added to an otherwise empty trust store; without it the JVM's default applies. */
  readonly tls: 'off' | { readonly caFile?: string };
  /** Fixed ports; without them JTOpen asks the port mapper on 449. */
  readonly ports?: { readonly signon: number; readonly database: number };
  readonly portMapper?: number;
}

// numbers of com.ibm.as400.access.AS400.DATABASE and AS400.SIGNON
const SERVICE_DATABASE = 4;
const SERVICE_SIGNON = 7;
/** Rows handed over at once: long enough to amortise the await, short enough to leave the event loop free. */
const ROWS_PER_BLOCK = 200;

export class Jt400Transport implements SqlTransport {
  readonly kind = 'jt400';

  constructor(private readonly options: Jt400Options) {}

  async connect(options?: { readonly signal?: AbortSignal }): Promise<SqlConnection> {
    options?.signal?.throwIfAborted();
    const { host, user, password, tls, ports } = this.options;
    const java = jvm();
    try {
      if (tls !== 'off' && tls.caFile) trustCa(java, tls.caFile);
      const system = java.create(
        `com.ibm.as400.access.${tls === 'off' ? 'AS400' : 'SecureAS400'}`,
        host,
        user,
        password,
      );
      system['setGuiAvailableSync']!(false);
      if (ports) {
        system['setServicePortSync']!(SERVICE_SIGNON, ports.signon);
        system['setServicePortSync']!(SERVICE_DATABASE, ports.database);
      }
      const properties = java.create('java.util.Properties');
      for (const [key, value] of connectionProperties(tls !== 'off')) properties['setPropertySync']!(key, value);
      const driver = java.create('com.ibm.as400.access.AS400JDBCDriver');
      const connection = (await driver['connect']!(system, properties, null)) as JavaObject;
      return new Jt400Connection(java, connection, host, await serverInfo(connection, system));
    } catch (error) {
      throw fromJava(error, host);
    }
  }
}

/** Dates and times ISO so that no two-digit year exists; LOBs inline up to 15 MB; no commitment control until asked for. */
function connectionProperties(secure: boolean): [string, string][] {
  return [
    ['date format', 'iso'],
    ['time format', 'iso'],
    ['errors', 'full'],
    ['translate binary', 'false'],
    ['transaction isolation', 'none'],
    ['lob threshold', '15728640'],
    ['prompt', 'false'],
    ['secure', String(secure)],
    ['decfloat rounding mode', 'half even'],
  ];
}

/** Asks without blocking: each of these may go over the network. */
async function serverInfo(connection: JavaObject, system: JavaObject): Promise<ServerInfo> {
  const v = (await system['getVersion']!()) as number;
  const r = (await system['getRelease']!()) as number;
  const job = String(connection['getServerJobIdentifierSync']!() ?? '');
  return {
    version: `V${v}R${r}M0`,
    // 26 characters: name(10) user(10) number(6)
    job: `${job.slice(20, 26).trim()}/${job.slice(10, 20).trim()}/${job.slice(0, 10).trim()}`,
    ccsid: (await system['getCcsid']!()) as number,
    passwordExpiresInDays: null,
  };
}

class Jt400Connection implements SqlConnection {
  constructor(
    private readonly java: Jvm,
    private readonly connection: JavaObject,
    private readonly host: string,
    readonly server: ServerInfo,
  ) {}

  async prepare(sql: string): Promise<PreparedStatement> {
    return this.guarded(async () => {
      const statement = (await this.connection['prepareStatement']!(sql)) as JavaObject;
      const meta = (await statement['getMetaData']!()) as JavaObject | null;
      const columns = meta ? describeColumns(meta) : null;
      return new Jt400Statement(this.java, statement, columns, this.host);
    });
  }

  async query(sql: string, params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ResultSet> {
    const statement = await this.prepare(sql);
    const result = await statement.query(params, options).catch(async (error: unknown) => {
      await statement.close();
      throw error;
    });
    return closingWith(result, statement);
  }

  async execute(sql: string, params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ExecuteResult> {
    const statement = await this.prepare(sql);
    try {
      return await statement.execute(params, options);
    } finally {
      await statement.close();
    }
  }

  async setAutocommit(on: boolean): Promise<void> {
    await this.guarded(async () => {
      // *CHG, the level our own client uses; 0 = TRANSACTION_NONE
      await this.connection['setTransactionIsolation']!(on ? 0 : 1);
      await this.connection['setAutoCommit']!(on);
    });
  }

  async commit(): Promise<void> {
    await this.guarded(() => this.connection['commit']!() as Promise<void>);
  }

  async rollback(): Promise<void> {
    await this.guarded(() => this.connection['rollback']!() as Promise<void>);
  }

  async close(): Promise<void> {
    await this.guarded(() => this.connection['close']!() as Promise<void>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fromJava(error, this.host);
    }
  }
}

class Jt400Statement implements PreparedStatement {
  constructor(
    private readonly java: Jvm,
    private readonly statement: JavaObject,
    readonly columns: readonly ColumnDescriptor[] | null,
    private readonly host: string,
  ) {}

  async query(params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ResultSet> {
    options?.signal?.throwIfAborted();
    const columns = this.columns;
    if (!columns) {
      throw new CodedError({
        code: 'NO_RESULT_SET',
        message: 'the statement returns no rows',
        next: 'use execute for INSERT, UPDATE, DELETE and CALL',
      });
    }
    try {
      this.bind(params);
      const rows = (await this.statement['executeQuery']!()) as JavaObject;
      return new Jt400ResultSet(rows, columns, this.host, this.statement, options?.signal);
    } catch (error) {
      throw fromJava(error, this.host);
    }
  }

  async execute(params: readonly SqlValue[] = [], options?: StatementOptions): Promise<ExecuteResult> {
    options?.signal?.throwIfAborted();
    try {
      this.bind(params);
      await this.statement['execute']!();
      const count = this.statement['getUpdateCountSync']!() as number;
      return { rowsAffected: Math.max(0, count) };
    } catch (error) {
      throw fromJava(error, this.host);
    }
  }

  async close(): Promise<void> {
    try {
      await this.statement['close']!();
    } catch (error) {
      throw fromJava(error, this.host);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private bind(params: readonly SqlValue[]): void {
    params.forEach((value, i) => {
      setParameter(this.java, this.statement, i + 1, value);
    });
  }
}

class Jt400ResultSet implements ResultSet {
  private closed = false;

  constructor(
    private readonly rows: JavaObject,
    readonly columns: readonly ColumnDescriptor[],
    private readonly host: string,
    private readonly statement: JavaObject,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async *blocks(): AsyncIterable<readonly (readonly SqlValue[])[]> {
    const readers = this.columns.map(columnReader);
    const next = this.rows['next']!;
    const getString = this.rows['getStringSync']!;
    const cancel = (): void => {
      void (this.statement['cancel']!() as Promise<void>).catch(() => undefined);
    };
    this.signal?.addEventListener('abort', cancel, { once: true });
    try {
      let block: SqlValue[][] = [];
      while ((await next.call(this.rows)) === true) {
        this.signal?.throwIfAborted();
        block.push(readers.map((read, i) => read(getString.call(this.rows, i + 1) as string | null)));
        if (block.length === ROWS_PER_BLOCK) {
          yield block;
          block = [];
        }
      }
      if (block.length > 0) yield block;
    } catch (error) {
      if (this.signal?.aborted) throw this.signal.reason;
      throw fromJava(error, this.host);
    } finally {
      this.signal?.removeEventListener('abort', cancel);
      await this.close();
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.rows['close']!();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The statement lives exactly as long as its only result set. */
function closingWith(result: ResultSet, statement: PreparedStatement): ResultSet {
  const close = async (): Promise<void> => {
    await result.close();
    await statement.close();
  };
  return {
    columns: result.columns,
    async *blocks() {
      try {
        yield* result.blocks();
      } finally {
        await close();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
