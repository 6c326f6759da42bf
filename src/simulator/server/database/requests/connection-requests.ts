/** Requests on the connection, its handles and its locators (protocol reference 7, 9.6, 10, 12). */

import { cancel } from '../../../../hostserver/messages/connection';
import { commit, rollback } from '../../../../hostserver/messages/database/commit';
import { changeDescriptor } from '../../../../hostserver/messages/database/descriptor';
import { freeLob, retrieveLob, writeLob } from '../../../../hostserver/messages/database/lob';
import { createRpb } from '../../../../hostserver/messages/database/rpb';
import { setServerAttributes } from '../../../../hostserver/messages/database/server-attributes';
import { ORS, RETURN_CLASS } from '../../../../hostserver/ors';
import { textOf, wireText } from '../../../../hostserver/wire-text';
import { SqlFailure } from '../../../sql-session';
import type { DatabaseJob } from '../database-job';
import { FINE, failed } from '../replies/sql-result';
import { DONE, type Request, type RequestAnswer, sqlAnswer, wants } from './request';

/** The expected answer to the test request: class 7, code -201. */
const ALIVE = -201;
/** Connections are tested, committed and cancelled on this handle. */
const CONNECTION = 0;
const KEEP_CURSORS = 1;
const TRUNCATE = 0xf0;

export function setAttributes(job: DatabaseJob, request: Request): RequestAnswer {
  job.settings.apply(setServerAttributes.decode(request.frame).parameters, job.session);
  return attributes(job, request);
}

export function attributes(job: DatabaseJob, request: Request): RequestAnswer {
  if (!wants(request, ORS.serverAttributes)) return DONE;
  return { ...DONE, parts: { serverAttributes: job.settings.describe() } };
}

export function setBlock(job: DatabaseJob, request: Request, create: boolean): RequestAnswer {
  const { parameters } = createRpb.decode(request.frame);
  const handle = request.template.rpb;
  const statement = create ? job.replaceStatement(handle) : job.statement(handle);
  const text = (name: typeof parameters.statementName): string => (name ? textOf(name, job.settings.jobCcsid) : '');
  if (parameters.statementName) statement.statementName = text(parameters.statementName);
  if (parameters.cursorName) statement.cursorName = text(parameters.cursorName);
  if (typeof parameters.queryTimeout === 'number') statement.queryTimeout = parameters.queryTimeout;
  return DONE;
}

export function deleteBlock(job: DatabaseJob, request: Request): RequestAnswer {
  job.deleteStatement(request.template.rpb);
  return DONE;
}

export function setDescriptor(job: DatabaseJob, request: Request): RequestAnswer {
  const { format, oldFormat } = changeDescriptor.decode(request.frame).parameters;
  const fields = format?.fields ?? oldFormat?.fields;
  if (fields) {
    // copied: the request's buffer belongs to the next one
    const kept = fields.map(({ type, length, scale, precision, ccsid }) => ({ type, length, scale, precision, ccsid }));
    job.descriptors.set(request.template.descriptor, kept);
  }
  return DONE;
}

export function deleteDescriptor(job: DatabaseJob, request: Request): RequestAnswer {
  job.descriptors.delete(request.template.descriptor);
  return DONE;
}

export function endUnitOfWork(job: DatabaseJob, request: Request, kind: 'commit' | 'rollback'): RequestAnswer {
  const keep = (kind === 'commit' ? commit : rollback).decode(request.frame).parameters.hold === KEEP_CURSORS;
  const statement = job.statement(CONNECTION);
  try {
    if (kind === 'commit') job.session.commit();
    else job.session.rollback();
  } catch (error) {
    if (!(error instanceof SqlFailure)) job.context.onError(error);
    statement.result = failed(error);
    return sqlAnswer(statement.result);
  }
  job.closeCursors((s) => !keep && !(kind === 'commit' && (s.holdable || s.uncommitted)));
  statement.result = FINE;
  return sqlAnswer(FINE);
}

/** Messages of the last result of a handle, as often as they are asked for. */
export function sendResult(job: DatabaseJob, request: Request): RequestAnswer {
  const { result } = job.statement(request.template.returnOrs);
  const ccsid = job.settings.jobCcsid;
  return {
    ...DONE,
    result,
    parts: {
      ...(wants(request, ORS.messageId) ? { messageId: wireText(result.messageId.padEnd(7), ccsid) } : {}),
      ...(wants(request, ORS.firstLevelText) ? { firstLevelText: wireText(result.text, ccsid) } : {}),
      ...(wants(request, ORS.secondLevelText) ? { secondLevelText: wireText(result.secondLevel, ccsid) } : {}),
    },
  };
}

export function readLob(job: DatabaseJob, request: Request): RequestAnswer {
  const { handle, size, offset, returnLength } = retrieveLob.decode(request.frame).parameters;
  return onLob(job, request, () => {
    const lob = job.lobs.get(handle ?? 0);
    const from = (offset ?? 0) * lob.unit;
    const bytes = lob.bytes.subarray(from, from + (size ?? 0) * lob.unit);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(lob.bytes.length / lob.unit, 0);
    return {
      ...DONE,
      parts: {
        // empty too: JTOpen reads an empty CLOB by asking for no characters, and fails when no data part comes
        lobData: { ccsid: lob.ccsid, length: bytes.length / lob.unit, bytes },
        ...(returnLength === 0xf1 || size === 0 ? { lobLength: { number: length } } : {}),
      },
    };
  });
}

export function putLob(job: DatabaseJob, request: Request): RequestAnswer {
  const { handle, offset, data, truncate } = writeLob.decode(request.frame).parameters;
  return onLob(job, request, () => {
    const { unit } = job.lobs.get(handle ?? 0);
    job.lobs.write(handle ?? 0, (offset ?? 0) * unit, Buffer.from(data?.bytes ?? []), truncate === TRUNCATE);
    return DONE;
  });
}

export function dropLob(job: DatabaseJob, request: Request): RequestAnswer {
  job.lobs.free(freeLob.decode(request.frame).parameters.handle ?? 0);
  return DONE;
}

export function cancelOther(job: DatabaseJob, request: Request): RequestAnswer {
  const target = cancel.decode(request.frame).parameters.job;
  if (target) job.context.cancelJob(textOf(target, job.settings.jobCcsid));
  return DONE;
}

export function test(): RequestAnswer {
  return { returnClass: RETURN_CLASS.attributes, returnCode: ALIVE, parts: {} };
}

export function notSupported(job: DatabaseJob, request: Request): RequestAnswer {
  const id = request.id.toString(16).toUpperCase().padStart(4, '0');
  const failure = new SqlFailure(
    -901,
    '58004',
    `Request X'${id}' of server X'${request.serverId.toString(16)}' is not known.`,
  );
  const result = failed(failure);
  job.statement(request.template.returnOrs).result = result;
  return sqlAnswer(result);
}

function onLob(job: DatabaseJob, request: Request, run: () => RequestAnswer): RequestAnswer {
  try {
    return run();
  } catch (error) {
    const result = failed(error);
    job.statement(request.template.returnOrs).result = result;
    return sqlAnswer(result);
  }
}
