/** One server job: its attributes, statements, descriptors, locators and the engine session behind them. */
import type { ExtendedData } from '../../../hostserver/formats/result-data';
import { type CursorPlace, type SessionValue, type SqlEngine, SqlFailure, type SqlSession } from '../../sql-session';
import type { Faults } from '../faults';
import type { JobName, SystemIdentity } from '../system';
import { LobTable } from './replies/lob-table';
import { parameterColumn } from './replies/wire-column';
import { type ParameterField, readParameters } from './requests/parameter-reader';
import { JobSettings } from './requests/settings';
import { procedureOf, type SimulatorCall } from './simulator-procedures';
import { ServerStatement } from './statement';

export interface JobContext {
  readonly system: SystemIdentity;
  readonly engine: SqlEngine;
  readonly faults: Faults;
  /** Cancels the statement that runs in the job of this 26-character identifier; false when there is no such job. */
  readonly cancelJob: (identifier: string) => boolean;
  /** What the engine threw that is no SqlFailure: a fault of the simulation. */
  readonly onError: (error: unknown) => void;
}

export class DatabaseJob {
  readonly settings: JobSettings;
  readonly session: SqlSession;
  readonly lobs = new LobTable();
  readonly descriptors = new Map<number, readonly ParameterField[]>();
  private readonly statements = new Map<number, ServerStatement>();
  private interrupt: ((failure: SqlFailure) => void) | null = null;

  constructor(
    readonly context: JobContext,
    readonly name: JobName,
    readonly profile: string,
    remoteAddress: string,
  ) {
    this.settings = new JobSettings(context.system, name, profile);
    this.session = context.engine.openSession({ ...name, profile, remoteAddress });
    this.session.useCursors?.((cursor) => this.placeOf(cursor));
  }

  /** As in the server attributes: name(10) user(10) number(6). */
  get identifier(): string {
    return this.name.name.padEnd(10) + this.name.user.padEnd(10) + this.name.number;
  }

  /** The statement of a handle, made when it is new: every request but 1D02 may be the first one. */
  statement(handle: number): ServerStatement {
    let statement = this.statements.get(handle);
    if (!statement) {
      statement = new ServerStatement();
      this.statements.set(handle, statement);
    }
    return statement;
  }

  /** A create over a handle in use ends what was there. */
  replaceStatement(handle: number): ServerStatement {
    this.deleteStatement(handle);
    return this.statement(handle);
  }

  deleteStatement(handle: number): void {
    this.statements.get(handle)?.release();
    this.statements.delete(handle);
  }

  /** A statement waits: held by a fault, or in a delay it asked for. */
  get waiting(): boolean {
    return this.interrupt !== null;
  }

  /** Number of statements that hold a cursor or a prepared statement. */
  get openStatements(): number {
    return [...this.statements.values()].filter((s) => s.prepared !== null).length;
  }

  closeCursors(which: (statement: ServerStatement) => boolean): void {
    for (const statement of this.statements.values()) if (which(statement)) statement.closeCursor();
  }

  private placeOf(cursor: string): CursorPlace | null {
    for (const s of this.statements.values()) if (s.cursor && s.cursorName === cursor) return s.cursor.place;
    return null;
  }

  prepare(statement: ServerStatement, text: string): void {
    statement.release();
    statement.text = text;
    const call = procedureOf(text);
    if (call) statement.prepared = this.simulatorCall(call);
    else statement.prepared = SET_SCHEMA.test(text) ? this.setSchema() : this.session.prepare(text);
  }

  /** Parameter rows of a request; one empty row when it brought none. */
  parameterRows(
    statement: ServerStatement,
    data: ExtendedData | null | undefined,
    descriptor: number,
  ): SessionValue[][] {
    if (!data || data.rows === 0) return [[]];
    const fields =
      this.descriptors.get(descriptor) ??
      statement.prepared?.parameters.map((p) => parameterColumn(p, this.settings)) ??
      [];
    return readParameters(data, fields, this.settings, this.lobs);
  }

  /**
   * What a statement has to wait for before it runs: a fault that holds it, or a delay it asks for itself.
   * Undefined when it may run at once. Rejects with -952 when it is cancelled meanwhile.
   */
  delayOf(statement: ServerStatement): Promise<void> | undefined {
    const seconds = delaySeconds(statement.text);
    if (seconds !== null) return this.wait(seconds * 1000, statement.queryTimeout);
    return this.context.faults.takeHold() ? this.wait(Number.POSITIVE_INFINITY, statement.queryTimeout) : undefined;
  }

  /** From another connection: the statement that waits, or runs in the engine, fails with -952. */
  cancel(): void {
    if (this.interrupt) this.interrupt(cancelled());
    else this.session.cancel();
  }

  end(): void {
    this.interrupt?.(cancelled());
    for (const handle of [...this.statements.keys()]) this.deleteStatement(handle);
    this.lobs.clear();
    this.session.end();
  }

  private wait(ms: number, limitSeconds: number | undefined): Promise<void> {
    const limit = limitSeconds !== undefined && limitSeconds > 0 ? limitSeconds * 1000 : Number.POSITIVE_INFINITY;
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(Math.min(ms, limit))
        ? setTimeout(() => (ms <= limit ? settle() : settle(timedOut())), Math.min(ms, limit))
        : undefined;
      const settle = (failure?: SqlFailure): void => {
        clearTimeout(timer);
        this.interrupt = null;
        if (failure) reject(failure);
        else resolve();
      };
      this.interrupt = settle;
    });
  }

  private setSchema(): NonNullable<ServerStatement['prepared']> {
    const name = {
      name: '',
      type: 'VARCHAR',
      length: 128,
      scale: 0,
      ccsid: this.settings.jobCcsid,
      nullable: true,
    } as const;
    return {
      kind: 'other',
      columns: null,
      parameters: [{ ...name, mode: 'in' }],
      open: notASelect,
      execute: ([schema]) => {
        this.session.setDefaultSchema(String(schema ?? '').trim());
        return { updateCount: 0 };
      },
    };
  }

  private simulatorCall(call: SimulatorCall): NonNullable<ServerStatement['prepared']> {
    const { faults } = this.context;
    return {
      kind: 'call',
      columns: null,
      parameters: [],
      open: notASelect,
      execute: () => {
        // after the answer to this very call has left
        setImmediate(() => faults.arm(call.fault, call.argument));
        return { updateCount: 0 };
      },
    };
  }
}

/** The form JDBC's setSchema sends; with a literal it is the engine's. */
const SET_SCHEMA = /^\s*SET\s+(?:CURRENT\s+)?SCHEMA\s*=?\s*\?\s*$/i;

function notASelect(): never {
  throw new SqlFailure(-514, '26501', 'Prepared statement is not a SELECT.');
}

/** `CALL QSYS2.QCMDEXC('DLYJOB DLY(30)')`: the one CL command that is about time. */
function delaySeconds(text: string): number | null {
  const match = /^\s*(?:\{\s*)?CALL\s+(?:QSYS2\s*[./]\s*)?QCMDEXC\s*\(\s*'\s*DLYJOB\s+(?:DLY\s*\(\s*)?(\d+)/i.exec(
    text,
  );
  return match ? Number(match[1]) : null;
}

function cancelled(): SqlFailure {
  return new SqlFailure(-952, '57014', 'Processing of the SQL statement ended by ENDRDBRQS command.');
}

function timedOut(): SqlFailure {
  return new SqlFailure(-666, '57005', 'Estimated query processing time exceeds limit.');
}
