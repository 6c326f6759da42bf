/** The product's own way to an IBM i: the host server protocol, no driver and no JVM. */
import { CommandConnection } from '../hostserver/client/command/command-connection';
import type { HostServerOptions } from '../hostserver/client/connect/options';
import { Session } from '../hostserver/client/session';
import { type ResultFormat, Statement } from '../hostserver/client/statement';
import { hasMarkers, statementType } from '../hostserver/client/statement-kind';
import { STATEMENT_TYPE } from '../hostserver/messages/database/statement';
import { sqlColumnOf } from '../hostserver/rows/columns';
import type { ProgramConnection } from './programs';
import type {
  ColumnDescriptor,
  ExecuteResult,
  PreparedStatement,
  RawBlock,
  RawResultSet,
  ResultSet,
  ServerInfo,
  SqlConnection,
  SqlTransport,
  SqlValue,
  StatementOptions,
} from './transport';

export function hostServerTransport(options: HostServerOptions): SqlTransport {
  return {
    kind: 'hostserver',
    connect: async (connect = {}) =>
      new HostServerConnection(await Session.open(withRole(options, connect.role), connect.signal)),
  };
}

function withRole(options: HostServerOptions, role: string | undefined): HostServerOptions {
  return role === undefined ? options : { ...options, application: options.application ?? `ibmi-cdc ${role}` };
}

class HostServerConnection implements SqlConnection {
  readonly server: ServerInfo;

  constructor(private readonly session: Session) {
    const { job, signedOn } = session;
    this.server = {
      version: signedOn.versionText,
      job: job.job,
      ccsid: job.text.jobCcsid,
      passwordExpiresInDays: signedOn.passwordExpiresInDays,
    };
  }

  async prepare(sql: string, options: StatementOptions = {}): Promise<PreparedStatement> {
    return new HostServerStatement(await Statement.prepare(this.session, sql, options));
  }

  async query(sql: string, params: readonly SqlValue[] = [], options: StatementOptions = {}): Promise<ResultSet> {
    const statement = await Statement.prepare(this.session, sql, options);
    try {
      return await openRows(statement, statement.open(params, options), () => statement.close());
    } catch (error) {
      await statement.close();
      throw error;
    }
  }

  async execute(sql: string, params: readonly SqlValue[] = [], options: StatementOptions = {}): Promise<ExecuteResult> {
    const type = statementType(sql);
    const immediate =
      params.length === 0 && type !== STATEMENT_TYPE.call && type !== STATEMENT_TYPE.select && !hasMarkers(sql);
    if (immediate) return outcomeOf(await Statement.executeImmediately(this.session, sql, options.signal));
    const statement = await Statement.prepare(this.session, sql, options);
    try {
      return outcomeOf(await statement.execute(params, options));
    } finally {
      await statement.close();
    }
  }

  setAutocommit(on: boolean): Promise<void> {
    return this.session.setAutocommit(on);
  }

  commit(): Promise<void> {
    return this.session.commit();
  }

  rollback(): Promise<void> {
    return this.session.rollback();
  }

  /** True while the server answers. */
  isAlive(): Promise<boolean> {
    return this.session.isAlive();
  }

  async programs(options: { readonly signal?: AbortSignal } = {}): Promise<ProgramConnection> {
    const session = await CommandConnection.open(this.session.options, this.session.signedOn, options.signal);
    return {
      job: session.job.job,
      call: (call, { signal } = {}) => session.callProcedure(call, signal),
      command: (text, { signal } = {}) => session.runCommand(text, signal),
      isAlive: () => session.isAlive(),
      close: () => session.close(),
      [Symbol.asyncDispose]: () => session.close(),
    };
  }

  close(): Promise<void> {
    return this.session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class HostServerStatement implements PreparedStatement {
  readonly columns: readonly ColumnDescriptor[] | null;

  constructor(private readonly statement: Statement) {
    this.columns = statement.columns ? descriptorsOf(statement.columns) : null;
  }

  query(params: readonly SqlValue[] = [], options: StatementOptions = {}): Promise<ResultSet> {
    return openRows(this.statement, this.statement.open(params, options), async () => undefined);
  }

  results(options: StatementOptions = {}): Promise<ResultSet> {
    return openRows(this.statement, this.statement.openLeft(options), async () => undefined);
  }

  async queryRaw(params: readonly SqlValue[] = [], options: StatementOptions = {}): Promise<RawResultSet> {
    const cursor = await this.statement.open(params, options);
    const close = (): Promise<void> => cursor.close();
    return {
      columns: descriptorsOf(this.statement.columns!),
      blocks: (): AsyncIterable<RawBlock> => cursor.rawBlocks(),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async execute(params: readonly SqlValue[] = [], options: StatementOptions = {}): Promise<ExecuteResult> {
    return outcomeOf(await this.statement.execute(params, options));
  }

  close(): Promise<void> {
    return this.statement.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function openRows(
  statement: Statement,
  opened: ReturnType<Statement['open']>,
  after: () => Promise<void>,
): Promise<ResultSet> {
  const cursor = await opened;
  const close = async (): Promise<void> => {
    await cursor.close();
    await after();
  };
  return {
    columns: descriptorsOf(statement.columns!),
    blocks: (): AsyncIterable<SqlValue[][]> => thenClose(cursor.blocks(), close),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function* thenClose<T>(blocks: AsyncIterable<T>, close: () => Promise<void>): AsyncGenerator<T> {
  try {
    yield* blocks;
  } finally {
    await close();
  }
}

function outcomeOf(outcome: {
  readonly rowsAffected: number;
  readonly outputs: readonly SqlValue[] | null;
  readonly resultSets: number;
}): ExecuteResult {
  const { rowsAffected, outputs, resultSets } = outcome;
  return { rowsAffected, ...(outputs === null ? {} : { outputs }), ...(resultSets === 0 ? {} : { resultSets }) };
}

function descriptorsOf(format: ResultFormat): readonly ColumnDescriptor[] {
  return format.decoder.layout.fields.map((field, i) => ({
    name: format.names[i]!,
    ...sqlColumnOf(field, format.fields[i]!.ccsid),
    ...(format.bases?.[i] ? { base: format.bases[i] } : {}),
  }));
}
