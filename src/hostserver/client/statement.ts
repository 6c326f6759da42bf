/** A prepared statement of one session: request parameter block, markers, at most one open cursor (docs/protocol.md#7.3). */
import { CodedError } from '../../errors/coded-error';
import { type ColumnBase, type ColumnDescriptors, columnBase } from '../formats/column-descriptors';
import type { DataFormat, FormatField } from '../formats/data-format';
import { fieldName } from '../formats/data-format';
import type { Parameters } from '../message';
import type { DbReply } from '../messages/database/db-reply';
import { changeDescriptor, deleteDescriptor } from '../messages/database/descriptor';
import { execute, executeImmediate } from '../messages/database/execute';
import { openDescribe, openDescribeFetch } from '../messages/database/open-fetch';
import { prepareDescribe } from '../messages/database/prepare-describe';
import { deleteResultsSet } from '../messages/database/results-set';
import { createRpb, deleteRpb } from '../messages/database/rpb';
import { YES } from '../messages/database/server-attributes';
import { OPEN, SCROLL, STATEMENT_TYPE, type statementParameters } from '../messages/database/statement';
import { ORS } from '../ors';
import { type RowDecoder, rowDecoder } from '../rows/decode';
import type { EncodableValue } from '../rows/encode';
import { rowLayout } from '../rows/layout';
import type { FinalValue } from '../rows/value-readers';
import { LobLocator } from '../rows/value-readers';
import { wireText } from '../wire-text';
import { blockWish, Cursor, type CursorOptions } from './cursor';
import { describedColumns, describedMarkers } from './described';
import { lobText, readLob, writeLobParameter } from './lobs';
import { type Markers, markersOf } from './markers';
import type { Session } from './session';
import { hasMarkers, statementType } from './statement-kind';

const SQL_TEXT_CCSID = 13488;

interface ExecuteOutcome {
  readonly rowsAffected: number;
  /** Values of all markers after a CALL with output markers. */
  readonly outputs: readonly FinalValue[] | null;
  /** Result sets a CALL has left open. */
  readonly resultSets: number;
}

/** Columns with what decodes them. */
export interface ResultFormat {
  readonly fields: readonly FormatField[];
  readonly names: readonly string[];
  readonly decoder: RowDecoder;
  /** Null unless asked for at prepare. */
  readonly bases: readonly ColumnBase[] | null;
}

interface PrepareOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ask for base table, base column and label of each column. */
  readonly extendedColumns?: boolean | undefined;
}

const EXTENDED = 0xf1;

export class Statement {
  private markers: Markers | null = null;
  private described: ResultFormat | null = null;
  private descriptorSent = false;
  private cursor: Cursor | null = null;
  private closed = false;

  private constructor(
    private readonly session: Session,
    private readonly id: number,
    private readonly sql: string,
    private readonly type: number,
  ) {}

  /** @throws SqlError with the text of the refusal */
  static async prepare(session: Session, sql: string, options: PrepareOptions = {}): Promise<Statement> {
    const statement = Statement.create(session, sql);
    try {
      await statement.describe(options);
      return statement;
    } catch (error) {
      await statement.close();
      throw error;
    }
  }

  /** Runs a statement without markers and without result at once. */
  static async executeImmediately(session: Session, sql: string, signal?: AbortSignal): Promise<ExecuteOutcome> {
    const statement = Statement.create(session, sql);
    try {
      return statement.outcome(await statement.immediate(signal));
    } finally {
      await statement.close();
    }
  }

  private static create(session: Session, sql: string): Statement {
    const id = session.takeStatement();
    const suffix = String(id).padStart(4, '0');
    const ccsid = session.job.text.jobCcsid;
    session.post((f) =>
      createRpb.request(
        { ...f, ors: session.ors(), statement: id },
        { statementName: wireText(`STMT${suffix}`, ccsid), cursorName: wireText(`CRSR${suffix}`, ccsid) },
      ),
    );
    return new Statement(session, id, sql, statementType(sql));
  }

  /** Null for statements without a result set. */
  get columns(): ResultFormat | null {
    return this.described;
  }

  get parameterCount(): number {
    return this.markers?.count ?? 0;
  }

  get isCall(): boolean {
    return this.type === STATEMENT_TYPE.call;
  }

  private async describe({ signal, extendedColumns }: PrepareOptions): Promise<void> {
    const { session, id } = this;
    const extended = extendedColumns ? ORS.extendedColumns : 0;
    const markers = hasMarkers(this.sql) ? ORS.parameterFormat : 0;
    const reply = await session.request(
      'prepare',
      (f) =>
        prepareDescribe.request(
          { ...f, ors: session.ors(ORS.reply, ORS.dataFormat, ORS.sqlca, markers, extended), statement: id },
          {
            text: wireText(this.sql, SQL_TEXT_CCSID),
            statementType: this.type,
            prepareOption: 0,
            ...(extended ? { extendedColumns: EXTENDED } : {}),
          },
        ),
      { statement: id, signal },
    );
    this.described = this.formatOf(describedColumns(reply.parameters), reply.parameters.columnDescriptors);
    this.markers = markersOf(describedMarkers(reply.parameters), session.job.text);
  }

  private formatOf(format: DataFormat | null | undefined, descriptors?: ColumnDescriptors | null): ResultFormat | null {
    if (!format || format.fields.length === 0) return null;
    const { text } = this.session.job;
    return {
      fields: format.fields,
      names: format.fields.map((field) => fieldName(field, text.jobCcsid)),
      decoder: rowDecoder(rowLayout(format.fields, text)),
      bases: descriptors ? descriptors.columns.map((column) => columnBase(column, text.jobCcsid)) : null,
    };
  }

  private immediate(signal?: AbortSignal): Promise<DbReply> {
    const { session, id } = this;
    session.touch();
    return session.request(
      'execute immediate',
      (f) =>
        executeImmediate.request(
          { ...f, ors: session.ors(ORS.reply, ORS.sqlca, ORS.cursorAttributes), statement: id },
          {
            text: wireText(this.sql, SQL_TEXT_CCSID),
            statementType: this.type,
            openAttributes: OPEN.read | OPEN.write | OPEN.update | OPEN.delete,
            prepareOption: 0,
          },
        ),
      { statement: id, signal },
    );
  }

  /** Opens the cursor. An earlier cursor of this statement is closed. */
  async open(params: readonly EncodableValue[], options: CursorOptions): Promise<Cursor> {
    this.mustBeOpen();
    await this.cursor?.close();
    if (this.isCall) return this.openCall(params, options);
    const format = this.described;
    if (!format) throw this.type === STATEMENT_TYPE.select ? notDescribed() : noResultSet();
    const { session, id } = this;
    const values = await this.bind(params, options);
    const wish = blockWish(session, format.decoder.layout.rowSize, options.blockBytes);
    const reply = await session.request(
      'open and fetch',
      (f) =>
        openDescribeFetch.request(
          {
            ...f,
            ors: session.ors(ORS.reply, ORS.resultData, ORS.sqlca, ORS.cursorAttributes),
            statement: id,
            descriptor: this.descriptor,
          },
          {
            openAttributes: OPEN.read,
            ...wish,
            scrollable: SCROLL.forwardAsensitive,
            holdability: YES,
            ...(values.parameterData ? { statementType: this.type, ...values } : {}),
          },
        ),
      { statement: id, signal: options.signal },
    );
    return this.keep(format, options, reply);
  }

  private async openCall(params: readonly EncodableValue[], options: CursorOptions): Promise<Cursor> {
    const outcome = await this.execute(params, options);
    if (outcome.resultSets === 0) throw noResultSet();
    return this.openLeft(options);
  }

  /** The first result set that the CALL executed last has left: opened to learn its columns, then fetched. */
  async openLeft(options: CursorOptions): Promise<Cursor> {
    const { session, id } = this;
    const reply = await session.request(
      'open the result set',
      (f) =>
        openDescribe.request(
          { ...f, ors: session.ors(ORS.reply, ORS.dataFormat, ORS.sqlca), statement: id },
          { openAttributes: OPEN.read, scrollable: SCROLL.forwardAsensitive },
        ),
      { statement: id, signal: options.signal },
    );
    const format = this.formatOf(describedColumns(reply.parameters));
    if (!format) throw notDescribed();
    this.described = format;
    return this.keep(format, options, reply);
  }

  private keep(format: ResultFormat, options: CursorOptions, reply: DbReply): Cursor {
    const closed = (): void => {
      if (this.cursor === cursor) this.cursor = null;
    };
    const cursor = new Cursor(this.session, options, { statement: this.id, decoder: format.decoder, reply, closed });
    this.cursor = cursor;
    return cursor;
  }

  async execute(params: readonly EncodableValue[], options: CursorOptions = {}): Promise<ExecuteOutcome> {
    this.mustBeOpen();
    await this.cursor?.close();
    const { session, id } = this;
    const values = await this.bind(params, options);
    const output = this.markers?.hasOutput ? ORS.resultData : 0;
    session.touch();
    const reply = await session.request(
      'execute',
      (f) =>
        execute.request(
          {
            ...f,
            ors: session.ors(ORS.reply, ORS.sqlca, ORS.cursorAttributes, output),
            statement: id,
            descriptor: this.descriptor,
          },
          { scrollable: SCROLL.forwardAsensitive, holdability: YES, statementType: this.type, ...values },
        ),
      { statement: id, signal: options.signal },
    );
    const outcome = this.outcome(reply);
    return output === 0 ? outcome : { ...outcome, outputs: await this.outputs(reply, options) };
  }

  private outcome(reply: DbReply): ExecuteOutcome {
    const area = reply.parameters.sqlca;
    return {
      rowsAffected: this.isCall ? 0 : Math.max(0, area?.errd.d3 ?? 0),
      outputs: null,
      resultSets: this.isCall ? Math.max(0, area?.errd.d2 ?? 0) : 0,
    };
  }

  private async outputs(reply: DbReply, options: CursorOptions): Promise<FinalValue[] | null> {
    const data = reply.parameters.resultData;
    if (!data || data.rows === 0) return null;
    const layout = rowLayout(this.markers!.format.fields, this.session.job.text);
    const row = rowDecoder(layout).decode(data, false)[0]!;
    const values: FinalValue[] = [];
    for (const [index, value] of row.entries()) {
      if (!(value instanceof LobLocator)) values.push(value);
      else
        values.push(
          lobText(
            await readLob(this.lobContext(options), value.field, value.handle, index + 1),
            value.field,
            layout.text.jobCcsid,
          ),
        );
    }
    return values;
  }

  private get descriptor(): number {
    return this.markers ? this.id : 0;
  }

  /** The parameter part of a request. LOBs that take a locator are written first; the layout is reported once. */
  private async bind(
    params: readonly EncodableValue[],
    options: CursorOptions,
  ): Promise<Parameters<typeof statementParameters>> {
    const { session, id, markers } = this;
    if (!markers) {
      if (params.length > 0) throw wrongCount(params.length, 0);
      return {};
    }
    if (params.length !== markers.count) throw wrongCount(params.length, markers.count);
    const values = [...params];
    for (const { index, handle } of markers.locators) {
      const value = values[index];
      if (value === null || value === undefined) continue;
      await writeLobParameter(this.lobContext(options), markers.fields[index]!, handle, value as string | Uint8Array);
      values[index] = handle;
    }
    const parameterData = markers.encode(values);
    if (!this.descriptorSent) {
      session.post((f) =>
        changeDescriptor.request(
          { ...f, ors: session.ors(), statement: id, descriptor: id },
          { format: markers.format },
        ),
      );
      this.descriptorSent = true;
    }
    return { parameterData, parameterBlock: 0 };
  }

  private lobContext(options: CursorOptions) {
    return { session: this.session, statement: this.id, signal: options.signal };
  }

  /** Frees everything the server keeps for the statement. Never throws. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.cursor?.close();
    const { session, id } = this;
    if (this.descriptorSent)
      session.post((f) => deleteDescriptor.request({ ...f, ors: session.ors(), statement: id, descriptor: id }));
    await session
      .request('delete RPB', (f) => deleteRpb.request({ ...f, ors: session.ors(ORS.reply), statement: id }))
      .catch(() => undefined);
    session.post((f) => deleteResultsSet.request({ ...f, ors: session.ors(), statement: id }));
    session.freeStatement(id);
  }

  private mustBeOpen(): void {
    if (this.closed) throw new CodedError({ code: 'STATEMENT_CLOSED', message: 'a closed statement was used' });
  }
}

function noResultSet(): CodedError {
  return new CodedError({
    code: 'NO_RESULT_SET',
    message: 'the statement has no result set',
    next: 'run it as a statement that changes something, not as a query',
  });
}

/** The statement is a query, and the server opened or prepared it without saying what its rows are made of. */
function notDescribed(): CodedError {
  return new CodedError({
    code: 'FORMAT_MISSING',
    message: 'the server did not describe the columns of a query',
    next: 'ibmi-cdc needs IBM i 7.1 or later; run again with --trace-wire FILE and report the frames',
  });
}

function wrongCount(given: number, wanted: number): CodedError {
  return new CodedError({
    code: 'PARAMETER_COUNT',
    message: `${given} values were given for ${wanted} parameter markers`,
    next: 'pass one value for every ? of the statement',
    facts: { given, wanted },
  });
}
