/**
 * The seam inside the simulated partition: its database server (wire) speaks to its SQL engine through this.
 * Value forms are those of the product's transport interface, so exact decimals are strings.
 */
import type { SqlTypeName } from '../model/record-format';

export type SessionValue = string | number | boolean | Uint8Array | null;

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlTypeName;
  /** Digits for DECIMAL/NUMERIC, characters for graphics, bytes otherwise. */
  readonly length: number;
  readonly scale: number;
  /** CCSID of the stored bytes; 65535 for bit data. */
  readonly ccsid: number | null;
  readonly nullable: boolean;
  /** Base table, base column and label, when the column is a plain one. */
  readonly base?: {
    readonly library: string;
    readonly table: string;
    readonly column: string;
    readonly label?: string;
  };
}

export interface ParameterColumn extends ResultColumn {
  readonly mode: 'in' | 'out' | 'inout';
}

/** Thrown by the engine; the server turns it into SQLCA, message id and texts. */
export class SqlFailure extends Error {
  readonly messageId: string;

  constructor(
    readonly sqlCode: number,
    readonly sqlState: string,
    /** First-level text, e.g. `NOPE in ORDLIB type *FILE not found.` */
    text: string,
    readonly tokens: readonly string[] = [],
    readonly secondLevel: string = '',
  ) {
    super(text);
    this.name = 'SqlFailure';
    this.messageId = `SQL${String(Math.abs(sqlCode)).padStart(4, '0')}`;
  }
}

/** A row value that cannot be mapped to its SQL type (blank-filled packed field): indicator -2 on the wire. */
export const MAPPING_ERROR = Symbol('mapping error');
export type CursorValue = SessionValue | typeof MAPPING_ERROR;

export interface SqlCursor {
  /** Can be fetched in every direction without having been asked for so: what the catalog's procedures return. */
  readonly scrolls?: boolean;
  /** Rows are records that can be changed where the cursor stands. */
  readonly changes?: boolean;
  readonly columns: readonly ResultColumn[];
  /** Up to `max` rows; fewer means the end was reached. */
  fetch(max: number): CursorValue[][];
  close(): void;
}

export interface Warning {
  readonly sqlCode: number;
  readonly sqlState: string;
  readonly text: string;
  readonly tokens?: readonly string[];
}

export interface ExecuteOutcome {
  readonly updateCount: number;
  /** +100 when an UPDATE or DELETE found no row. */
  readonly warning?: Warning;
  readonly generatedKey?: string;
  /** Values for every parameter of a CALL, in order, when it has output parameters. */
  readonly outputs?: readonly SessionValue[];
  readonly resultSets?: readonly SqlCursor[];
}

export interface PreparedSql {
  readonly kind: 'select' | 'call' | 'insert' | 'update' | 'delete' | 'commit' | 'rollback' | 'other';
  /** What the statement's own isolation clause says: NC, UR, CS, RS, RR. */
  readonly isolation?: string;
  /** Null when the statement has no result set at prepare time. */
  readonly columns: readonly ResultColumn[] | null;
  readonly parameters: readonly ParameterColumn[];
  /** @param updatable rows may be changed through the cursor */
  open(params: readonly SessionValue[], updatable?: boolean): SqlCursor;
  execute(params: readonly SessionValue[]): ExecuteOutcome;
}

/** *NONE 0, *CS 1, *CHG 2, *ALL 3, *RR 4, as on the wire. */
export type CommitLevel = 0 | 1 | 2 | 3 | 4;

/** One server job. Not shared between connections. */
/** A date format of the job with a year of two digits: `03-19-97` is `mdy` with `-`. */
export interface JobDateForm {
  readonly order: 'mdy' | 'dmy' | 'ymd' | 'jul';
  readonly separator: string;
}

/** Where a client's cursor stands. */
export interface CursorPlace {
  readonly cursor: SqlCursor;
  /** The row fetched last, as the cursor gave it; null before the first and after the last. */
  readonly row: readonly CursorValue[] | null;
}

export interface SqlSession {
  /** How statements find cursors by the names clients gave them; null for one that is not open. */
  useCursors?(find: (name: string) => CursorPlace | null): void;
  prepare(sql: string): PreparedSql;
  /** Runs several executions as one statement: under commitment control all of them take effect, or none. */
  block<T>(run: () => T): T;
  commit(): void;
  rollback(): void;
  setCommitLevel(level: CommitLevel): void;
  setAutocommit(on: boolean): void;
  setNaming(naming: 'sql' | 'system'): void;
  setDefaultSchema(schema: string): void;
  /** How date constants with a year of two digits are read; null: the job's format has four. */
  setDateForm(form: JobDateForm | null): void;
  /** Interrupts the running statement; it then fails with -952. */
  cancel(): void;
  /** Ends the job: rolls back open work (implicitly, flag 2). */
  end(): void;
}

export interface JobIdentity {
  readonly name: string;
  /** User of the qualified job name: QUSER for a prestarted server job. */
  readonly user: string;
  /** Profile the job runs under since sign-on; absent means `user`. Journal entries name this one as their user. */
  readonly profile?: string;
  readonly number: string;
  readonly remoteAddress: string;
}

/** What the database server needs from the partition behind it. */
export interface SqlEngine {
  openSession(job: JobIdentity): SqlSession;
}
