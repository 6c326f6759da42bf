/** The part of node-odbc that we use, loaded on first use only: an install without unixODBC never gets here. */
import { CodedError, SqlError } from '../../errors/coded-error';

export interface OdbcColumn {
  readonly name: string;
  readonly dataType: number;
  readonly dataTypeName: string;
  readonly columnSize: number;
  readonly decimalDigits: number;
  readonly nullable: boolean;
}

interface OdbcRows extends Array<Record<string, unknown>> {
  readonly count: number;
  readonly columns: readonly OdbcColumn[];
}

export interface OdbcCursor {
  readonly noData: boolean;
  fetch(): Promise<OdbcRows>;
  close(): Promise<void>;
}

export interface OdbcConnection {
  query(sql: string, params?: readonly unknown[]): Promise<OdbcRows>;
  query(
    sql: string,
    params: readonly unknown[],
    options: { readonly cursor: true; readonly fetchSize: number },
  ): Promise<OdbcCursor>;
  beginTransaction(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  close(): Promise<void>;
}

interface OdbcModule {
  connect(options: {
    readonly connectionString: string;
    readonly connectionTimeout?: number;
    readonly loginTimeout?: number;
  }): Promise<OdbcConnection>;
}

/** @throws CodedError `ODBC_UNAVAILABLE` when the package or unixODBC is missing */
export function loadOdbc(): OdbcModule {
  try {
    return require('odbc') as OdbcModule;
  } catch (cause) {
    throw new CodedError({
      code: 'ODBC_UNAVAILABLE',
      message: 'transport odbc needs the optional package odbc, unixODBC and the IBM i Access ODBC driver',
      next: 'install unixODBC (unixodbc, unixodbc-dev) and IBM i Access Client Solutions, then `npm install odbc`; or use `transport: hostserver`, which needs none of them',
      cause,
    });
  }
}

/** Turns node-odbc's error into ours. The statement text and its parameters stay out of it. */
export function fromOdbc(error: unknown): CodedError {
  const list = (error as { odbcErrors?: { state: string; code: number; message: string }[] }).odbcErrors;
  const first = list?.[0];
  if (!first) {
    const message = error instanceof Error ? error.message : String(error);
    return new CodedError({ code: 'ODBC_DRIVER', message: `ODBC: ${message}`, cause: error });
  }
  const text = first.message.replace(/^(\[[^\]]*\])+/, '').trim();
  if (first.state.startsWith('28')) {
    return new CodedError({
      code: 'SIGNON_REFUSED',
      message: `the server refused the sign-on: ${text}`,
      next: 'check user and password; sign-on is not tried again by itself',
    });
  }
  // unixODBC reports a driver library it cannot load as 01000
  if (/^(08|IM|HYT|01000)/.test(first.state)) {
    return new CodedError({
      code: 'CONNECT_FAILED',
      message: `ODBC connection failed: ${text}`,
      next: 'check the connection string, the driver name (`odbcinst -q -d`) and the network',
      facts: { sqlState: first.state },
    });
  }
  return new SqlError({ sqlCode: first.code, sqlState: first.state, message: text });
}
