/** Requests on statements and cursors: prepare, open, fetch, execute, close (protocol reference 7). */
import type { DbReplyParts } from '../../../../hostserver/messages/database/db-reply';
import { execute, executeImmediate, sqlConnect } from '../../../../hostserver/messages/database/execute';
import { closeCursor, fetchRows, openDescribe } from '../../../../hostserver/messages/database/open-fetch';
import { prepareDescribe } from '../../../../hostserver/messages/database/prepare-describe';
import { YES } from '../../../../hostserver/messages/database/server-attributes';
import { FETCH, OPEN, REUSE, SCROLL } from '../../../../hostserver/messages/database/statement';
import { ORS, RETURN_CLASS } from '../../../../hostserver/ors';
import { textOf } from '../../../../hostserver/wire-text';
import { type ExecuteOutcome, type SessionValue, SqlFailure } from '../../../sql-session';
import type { DatabaseJob } from '../database-job';
import { type BlockWish, type CursorBlock, OpenCursor } from '../open-cursor';
import { columnFormat, descriptorsOf, parameterFormat } from '../replies/formats';
import { ReplyRowEncoder, type RowBlock } from '../replies/row-block';
import { END_OF_DATA, FINE, failed, isClientFault, type SqlResult, updated, warned } from '../replies/sql-result';
import { parameterColumn } from '../replies/wire-column';
import type { ServerStatement } from '../statement';
import { DONE, type Request, type RequestAnswer, sqlAnswer, wants } from './request';

/** Every SQL request carries some of these; one table decodes all of them. */
type Parameters = ReturnType<typeof openDescribe.decode>['parameters'];

/** JTOpen asks for generated keys this way, and takes SQLERRD(3) of the open as the update count. */
const FINAL_TABLE = /\bFROM\s+(?:FINAL|NEW)\s+TABLE\s*\(/i;
/** Rows of a fetch that says nothing about its size. */
const DEFAULT_ROWS = 1;

export function prepareAndDescribe(job: DatabaseJob, request: Request): RequestAnswer {
  const { parameters } = prepareDescribe.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  return attempt(job, statement, () => {
    job.prepare(statement, statementText(job, parameters));
    statement.result = FINE;
    return sqlAnswer(FINE, describeParts(job, statement, request));
  });
}

export function describe(job: DatabaseJob, request: Request): RequestAnswer {
  const statement = job.statement(request.template.rpb);
  return attempt(job, statement, () => sqlAnswer(FINE, describeParts(job, statement, request)));
}

/** 1804 opens; 180E opens and brings the first block. */
export function open(job: DatabaseJob, request: Request, withRows: boolean): RequestAnswer | Promise<RequestAnswer> {
  const { parameters } = openDescribe.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  return delayed(job, statement, () => {
    openCursor(job, statement, parameters, request);
    const parts = {
      ...(wants(request, ORS.dataFormat) ? cursorFormat(job, statement) : {}),
      ...(wants(request, ORS.cursorAttributes) ? { cursorAttributes: cursorAttributes(job, statement) } : {}),
    };
    if (withRows) return firstBlock(job, statement, parameters, parts);
    statement.result = FINAL_TABLE.test(statement.text) ? updated(statement.cursor!.countRows()) : FINE;
    return sqlAnswer(statement.result, parts);
  });
}

export function fetch(job: DatabaseJob, request: Request): RequestAnswer {
  const { parameters } = fetchRows.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  return attempt(job, statement, () => blockAnswer(job, statement, parameters, {}));
}

export function executePrepared(job: DatabaseJob, request: Request): RequestAnswer | Promise<RequestAnswer> {
  const { parameters } = execute.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  return delayed(job, statement, () => {
    if (!statement.prepared) throw notPrepared(statement);
    const rows = job.parameterRows(statement, parameters.parameterData, request.template.descriptor);
    return executed(job, statement, request, rows);
  });
}

export function executeNow(job: DatabaseJob, request: Request): RequestAnswer | Promise<RequestAnswer> {
  const { parameters } = executeImmediate.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  const prepared = attempt(job, statement, () => {
    job.prepare(statement, statementText(job, parameters));
    if (statement.prepared!.kind === 'select') throw new SqlFailure(-84, '42612', 'SQL statement not allowed.');
    return DONE;
  });
  if (prepared !== DONE) return prepared;
  return delayed(job, statement, () => executed(job, statement, request, [[]]));
}

/** SQL CONNECT has a request of its own; the statement is one like any other. */
export function connectTo(job: DatabaseJob, request: Request): RequestAnswer {
  const { parameters } = sqlConnect.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  return attempt(job, statement, () => {
    job.prepare(statement, statementText(job, parameters));
    return executed(job, statement, request, [[]]);
  });
}

/** Harmless for a cursor that is not open. `next result set` readies the one after it. */
export function close(job: DatabaseJob, request: Request): RequestAnswer {
  const { parameters } = closeCursor.decode(request.frame);
  const statement = job.statement(request.template.rpb);
  statement.closeCursor();
  if (parameters.reuse !== REUSE.nextResultSet) {
    for (const set of statement.resultSets) set.close();
    statement.resultSets = [];
  }
  return DONE;
}

function statementText(job: DatabaseJob, parameters: Parameters): string {
  const text = parameters.text ?? parameters.oldStatementText;
  if (!text) throw new SqlFailure(-199, '42601', 'No statement text.');
  return textOf(text, job.settings.jobCcsid);
}

function describeParts(job: DatabaseJob, statement: ServerStatement, request: Request): DbReplyParts {
  const prepared = statement.prepared;
  if (!prepared) throw notPrepared(statement);
  const { columns, parameters } = prepared;
  return {
    ...(columns && wants(request, ORS.dataFormat) ? { dataFormat: columnFormat(columns, job.settings) } : {}),
    ...(parameters.length > 0 && wants(request, ORS.parameterFormat)
      ? { parameterFormat: parameterFormat(parameters, job.settings, job.lobs) }
      : {}),
    ...(columns && wants(request, ORS.extendedColumns)
      ? { columnDescriptors: descriptorsOf(columns, job.settings) }
      : {}),
  };
}

function openCursor(job: DatabaseJob, statement: ServerStatement, p: Parameters, request: Request): void {
  statement.closeCursor();
  const waiting = statement.resultSets.shift();
  if (!waiting && !statement.prepared) throw notPrepared(statement);
  const rows = job.parameterRows(statement, p.parameterData, request.template.descriptor);
  const source = waiting ?? statement.prepared!.open(rows[0]!, mayChange(p, statement.text));
  const scrollable = source.scrolls ? SCROLL.insensitive : (p.scrollable ?? 0);
  statement.cursor = new OpenCursor(source, { settings: job.settings, lobs: job.lobs, scrollable });
  statement.columns = source.columns;
  statement.holdable = p.holdability === YES;
  statement.uncommitted = !waiting && /^(NC|NO|NONE)$/.test(statement.prepared?.isolation ?? '');
}

/** Whether the client opens to change rows under the cursor, or the query itself says so. */
function mayChange({ openAttributes }: Parameters, text: string): boolean {
  return ((openAttributes ?? 0) & (OPEN.update | OPEN.delete)) !== 0 || /\bFOR\s+UPDATE\b/i.test(text);
}

function cursorFormat(job: DatabaseJob, statement: ServerStatement): DbReplyParts {
  return { dataFormat: columnFormat(statement.columns, job.settings) };
}

function cursorAttributes(job: DatabaseJob, statement: ServerStatement): NonNullable<DbReplyParts['cursorAttributes']> {
  const scrollable = statement.cursor?.canScroll ?? false;
  return {
    holdable: statement.holdable ? 1 : 0,
    scrollable: scrollable ? 1 : 0,
    updatable: statement.cursor?.updatable ? 1 : 0,
    insensitive: scrollable ? 1 : 0,
    isolation: statement.uncommitted ? 0 : job.settings.commitmentLevel,
    reserved: Buffer.alloc(3),
  };
}

/** The cursor is open whatever becomes of its first block: an error there is marked as belonging to the fetch. */
function firstBlock(job: DatabaseJob, statement: ServerStatement, p: Parameters, parts: DbReplyParts): RequestAnswer {
  try {
    return blockAnswer(job, statement, p, parts);
  } catch (error) {
    return failure(statement, failed(error, { 6: 1 }), parts);
  }
}

function blockAnswer(job: DatabaseJob, statement: ServerStatement, p: Parameters, parts: DbReplyParts): RequestAnswer {
  const { cursor } = statement;
  if (!cursor) throw new SqlFailure(-501, '24501', `Cursor ${statement.cursorName} not open.`, [statement.cursorName]);
  const block = cursor.fetch(wishOf(job, p), p.fetchOption?.option ?? FETCH.next, p.fetchOption?.row ?? 0);
  if (!block.rows) {
    statement.result = END_OF_DATA;
    return sqlAnswer(END_OF_DATA, parts);
  }
  // SQLERRD(3) of an open is the number of rows when it is known
  statement.result = block.last ? updated(block.rows.rows) : FINE;
  return rowsAnswer(
    block,
    { ...parts, resultData: dataOf(block.rows) },
    statement.result,
    closesNow(job, statement, block),
  );
}

/** The server may close a finished cursor itself only for a client that said it understands; scrolling goes on for ever. */
function closesNow(job: DatabaseJob, statement: ServerStatement, block: CursorBlock): boolean {
  const { cursor, resultSets } = statement;
  if (!block.last || !job.settings.closesAtEnd || resultSets.length > 0 || cursor?.updatable) return false;
  statement.closeCursor();
  return true;
}

function rowsAnswer(block: CursorBlock, parts: DbReplyParts, result: SqlResult, closed: boolean): RequestAnswer {
  const end = block.last
    ? { returnClass: RETURN_CLASS.fetch, returnCode: closed ? 700 : 701 }
    : { returnClass: RETURN_CLASS.ok, returnCode: 0 };
  return { ...end, parts, result, varying: block.rows?.varying ?? false };
}

function wishOf(job: DatabaseJob, p: Parameters): BlockWish {
  const varying = p.variableFields === YES && job.settings.cutsVaryingFields;
  if (typeof p.bufferSize === 'number') return { bytes: p.bufferSize, varying };
  return { rows: p.blockingFactor ?? DEFAULT_ROWS };
}

function dataOf(block: RowBlock): NonNullable<DbReplyParts['resultData']> {
  return {
    consistencyToken: 1,
    rows: block.rows,
    columns: block.columns,
    indicatorSize: 2,
    flags: 0,
    rowSize: block.rowSize,
    data: block.data,
  };
}

/** Runs the statement once per parameter row; a batch is one statement, and reports the sum of its counts. */
function executed(
  job: DatabaseJob,
  statement: ServerStatement,
  request: Request,
  rows: readonly SessionValue[][],
): RequestAnswer {
  const prepared = statement.prepared!;
  statement.closeCursor();
  let count = 0;
  let outcome: ExecuteOutcome = { updateCount: 0 };
  const run = (): void => {
    for (const row of rows) {
      outcome = prepared.execute(row);
      count += outcome.updateCount;
    }
  };
  try {
    if (rows.length > 1) job.session.block(run);
    else run();
  } catch (error) {
    return failure(statement, failed(error, { 3: job.settings.commitmentLevel === 0 ? count : 0 }), {});
  }
  statement.resultSets = [...(outcome.resultSets ?? [])];
  statement.result = resultOf(outcome, count, statement.resultSets.length);
  const outputs = outcome.outputs && wants(request, ORS.resultData) ? outputRow(job, statement, outcome.outputs) : {};
  return sqlAnswer(statement.result, outputs);
}

function resultOf(outcome: ExecuteOutcome, count: number, resultSets: number): SqlResult {
  const base = outcome.warning ? warned(outcome.warning, count) : updated(count);
  return {
    ...base,
    errd: [0, resultSets, count, 0, 0, 0],
    ...(outcome.generatedKey === undefined ? {} : { generatedKey: outcome.generatedKey }),
  };
}

/** All parameters of a CALL, inputs included, as one row of their own format. */
function outputRow(job: DatabaseJob, statement: ServerStatement, outputs: readonly SessionValue[]): DbReplyParts {
  const columns = statement.prepared!.parameters.map((p) => parameterColumn(p, job.settings));
  return { resultData: dataOf(new ReplyRowEncoder(columns, job.settings, job.lobs).fixed([outputs])) };
}

function delayed(
  job: DatabaseJob,
  statement: ServerStatement,
  run: () => RequestAnswer,
): RequestAnswer | Promise<RequestAnswer> {
  const wait = job.delayOf(statement);
  if (!wait) return attempt(job, statement, run);
  return wait.then(
    () => attempt(job, statement, run),
    (error: unknown) => failure(statement, failed(error), {}),
  );
}

function attempt(job: DatabaseJob, statement: ServerStatement, run: () => RequestAnswer): RequestAnswer {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SqlFailure) && !isClientFault(error)) job.context.onError(error);
    return failure(statement, failed(error), {});
  }
}

function failure(statement: ServerStatement, result: SqlResult, parts: DbReplyParts): RequestAnswer {
  statement.result = result;
  return sqlAnswer(result, parts);
}

function notPrepared(statement: ServerStatement): SqlFailure {
  return new SqlFailure(-514, '26501', `Prepared statement ${statement.statementName} not found.`, [
    statement.statementName,
  ]);
}
