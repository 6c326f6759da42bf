/**
 * The SQL-level way to one IBM i. Journal reader, window reader, catalog and doctor speak to this and to nothing
 * below it; `hostserver`, `jt400` and `odbc` implement it and pass one conformance suite (test/transport/).
 *
 * Every failure is a CodedError (family signOn, transport, protocol) or an SqlError (family host).
 */
import type { SqlTypeName } from '../model/record-format';
import type { ProgramConnection } from './programs';

/**
 * A value in its exact form: text untrimmed; DECIMAL, NUMERIC, DECFLOAT and BIGINT as decimal strings; SMALLINT, INTEGER,
 * REAL and DOUBLE as numbers; DATE `2024-02-29`, TIME `23:59:59`, TIMESTAMP `2024-02-29T23:59:59.123456`; binary as bytes.
 */
export type SqlValue = string | number | boolean | Uint8Array | null;

export interface ColumnDescriptor {
  readonly name: string;
  readonly type: SqlTypeName;
  /** Same units as ColumnFormat.length. */
  readonly length: number;
  readonly scale: number;
  readonly ccsid: number | null;
  readonly nullable: boolean;
  /** Base column and label; only when `extendedColumns` was asked for and the server knows them. */
  readonly base?: {
    readonly library: string | null;
    readonly table: string | null;
    readonly column: string | null;
    readonly label: string | null;
  };
}

export interface StatementOptions {
  readonly signal?: AbortSignal;
  /** At prepare: ask for base table, base column and label of each column; a transport may not have them. */
  readonly extendedColumns?: boolean;
  /** Wanted size of one reply in bytes; a hint. */
  readonly blockBytes?: number;
  /** Each reply that is not the last is followed by a wish four times as large, up to this; a hint. Default: no growth. */
  readonly blockBytesUpTo?: number;
}

/** Rows as they arrive, block by block; the next block is asked for while the current one is consumed. */
export interface ResultSet extends AsyncDisposable {
  readonly columns: readonly ColumnDescriptor[];
  blocks(): AsyncIterable<readonly (readonly SqlValue[])[]>;
  close(): Promise<void>;
}

/** Column bytes without decoding, for readers that decode record images themselves. Views die with the next block. */
export interface RawBlock {
  readonly buffer: Buffer;
  readonly rowCount: number;
  /** True for NULL and for a value that cannot be mapped. */
  isNull(row: number, column: number): boolean;
  /** The partition has a value there but could not hand it over (indicator -2): a packed field full of blanks, say. */
  isMappingError(row: number, column: number): boolean;
  /** Every value of the block is there. */
  readonly complete: boolean;
  /** Bytes from a row to the next where all of them have their values at the same places; 0 where they do not. */
  readonly stride: number;
  /** Offset in `buffer` of the column's value bytes (after any length prefix). */
  offset(row: number, column: number): number;
  /** Length in bytes of the column's value. */
  byteLength(row: number, column: number): number;
}

export interface RawResultSet extends AsyncDisposable {
  readonly columns: readonly ColumnDescriptor[];
  blocks(): AsyncIterable<RawBlock>;
  close(): Promise<void>;
}

export interface PreparedStatement extends AsyncDisposable {
  /** Null for statements without a result set. */
  readonly columns: readonly ColumnDescriptor[] | null;
  query(params?: readonly SqlValue[], options?: StatementOptions): Promise<ResultSet>;
  /** Present only where the transport can hand over undecoded bytes. */
  queryRaw?(params?: readonly SqlValue[], options?: StatementOptions): Promise<RawResultSet>;
  execute(params?: readonly SqlValue[], options?: StatementOptions): Promise<ExecuteResult>;
  /** After an `execute` that reported result sets: the first of them. Present only where the transport can hand it over. */
  results?(options?: StatementOptions): Promise<ResultSet>;
  close(): Promise<void>;
}

export interface ExecuteResult {
  readonly rowsAffected: number;
  /** Result sets a CALL has left open; only where the transport reports them. */
  readonly resultSets?: number;
  /** Values of all markers, in order, after a CALL with output markers; only where the transport reports them. */
  readonly outputs?: readonly SqlValue[];
}

/** What the partition said of itself at connect time. */
export interface ServerInfo {
  /** `V7R4M0`. */
  readonly version: string;
  /** `number/user/name` of the server job. */
  readonly job: string;
  readonly ccsid: number;
  /** Days until the password expires, when sign-on reported it. */
  readonly passwordExpiresInDays: number | null;
}

/** One connection = one server job; requests run strictly one after the other. */
export interface SqlConnection extends AsyncDisposable {
  readonly server: ServerInfo;
  prepare(sql: string, options?: StatementOptions): Promise<PreparedStatement>;
  /** Prepare, run, and close the statement with the result set. */
  query(sql: string, params?: readonly SqlValue[], options?: StatementOptions): Promise<ResultSet>;
  execute(sql: string, params?: readonly SqlValue[], options?: StatementOptions): Promise<ExecuteResult>;
  /** Default is autocommit with no commitment control (*NONE); false starts commitment control at *CHG. */
  setAutocommit(on: boolean): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /**
   * Opens a job of the remote command server for the same user, who is not signed on again. Present only where the transport
   * speaks that server.
   */
  programs?(options?: { readonly signal?: AbortSignal }): Promise<ProgramConnection>;
  close(): Promise<void>;
}

export interface SqlTransport {
  readonly kind: 'hostserver' | 'jt400' | 'odbc';
  /** Opens one connection. Signs on exactly once: a refusal is thrown, never retried here. */
  connect(options?: { readonly signal?: AbortSignal; readonly role?: string }): Promise<SqlConnection>;
}

/** Collects a small result; for catalog answers, never for row data. */
export async function allRows(result: ResultSet): Promise<SqlValue[][]> {
  const rows: SqlValue[][] = [];
  try {
    for await (const block of result.blocks()) for (const row of block) rows.push([...row]);
  } finally {
    await result.close();
  }
  return rows;
}
