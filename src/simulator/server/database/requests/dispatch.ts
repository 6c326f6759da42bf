/** Which handler answers which request; dispatch is on server id and request id, as numbers repeat between servers. */
import { SERVER } from '../../../../hostserver/frame';
import { addLibraryList, cancel, testConnection } from '../../../../hostserver/messages/connection';
import { commit, rollback } from '../../../../hostserver/messages/database/commit';
import {
  changeDescriptor,
  deleteDescriptor as deleteDescriptorTable,
} from '../../../../hostserver/messages/database/descriptor';
import { execute, executeImmediate, sqlConnect } from '../../../../hostserver/messages/database/execute';
import { freeLob, retrieveLob, writeLob } from '../../../../hostserver/messages/database/lob';
import {
  closeCursor,
  fetchRows,
  openDescribe,
  openDescribeFetch,
} from '../../../../hostserver/messages/database/open-fetch';
import {
  clearPackage,
  createPackage,
  deletePackage,
  returnPackage,
} from '../../../../hostserver/messages/database/package';
import {
  describeParameterMarkers,
  describeStatement,
  prepare,
  prepareDescribe,
} from '../../../../hostserver/messages/database/prepare-describe';
import { deleteResultsSet, sendResultsSet } from '../../../../hostserver/messages/database/results-set';
import {
  changeRpb,
  createRpb,
  createRpbBasedOn,
  deleteRpb,
  resetRpb,
} from '../../../../hostserver/messages/database/rpb';
import {
  retrieveServerAttributes,
  setServerAttributes,
} from '../../../../hostserver/messages/database/server-attributes';
import type { DatabaseJob } from '../database-job';
import * as connection from './connection-requests';
import * as packages from './package-requests';
import { DONE, type Request, type RequestAnswer } from './request';
import * as statement from './statement-requests';

type Handler = (job: DatabaseJob, request: Request) => RequestAnswer | Promise<RequestAnswer>;

const SQL: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [setServerAttributes.id, connection.setAttributes],
  [retrieveServerAttributes.id, connection.attributes],
  [createRpb.id, (job, request) => connection.setBlock(job, request, true)],
  [createRpbBasedOn.id, (job, request) => connection.setBlock(job, request, true)],
  [resetRpb.id, (job, request) => connection.setBlock(job, request, true)],
  [changeRpb.id, (job, request) => connection.setBlock(job, request, false)],
  [deleteRpb.id, connection.deleteBlock],
  [prepare.id, statement.prepareAndDescribe],
  [prepareDescribe.id, statement.prepareAndDescribe],
  [describeStatement.id, statement.describe],
  [describeParameterMarkers.id, statement.describe],
  [openDescribe.id, (job, request) => statement.open(job, request, false)],
  [openDescribeFetch.id, (job, request) => statement.open(job, request, true)],
  [fetchRows.id, statement.fetch],
  [closeCursor.id, statement.close],
  [execute.id, statement.executePrepared],
  [executeImmediate.id, statement.executeNow],
  [sqlConnect.id, statement.connectTo],
  [commit.id, (job, request) => connection.endUnitOfWork(job, request, 'commit')],
  [rollback.id, (job, request) => connection.endUnitOfWork(job, request, 'rollback')],
  [createPackage.id, packages.create],
  [clearPackage.id, packages.clear],
  [deletePackage.id, packages.remove],
  [returnPackage.id, packages.show],
  [retrieveLob.id, connection.readLob],
  [writeLob.id, connection.putLob],
  [freeLob.id, connection.dropLob],
  [changeDescriptor.id, connection.setDescriptor],
  [deleteDescriptorTable.id, connection.deleteDescriptor],
  [sendResultsSet.id, connection.sendResult],
  [deleteResultsSet.id, () => DONE],
  [cancel.id, connection.cancelOther],
  [testConnection.id, () => connection.test()],
]);

/** The native database server knows one request: libraries come and are believed. */
const NATIVE: ReadonlyMap<number, Handler> = new Map<number, Handler>([[addLibraryList.id, () => DONE]]);

export function dispatch(job: DatabaseJob, request: Request): RequestAnswer | Promise<RequestAnswer> {
  const handlers = request.serverId === SERVER.sql ? SQL : request.serverId === SERVER.nativeDatabase ? NATIVE : null;
  const handler = handlers?.get(request.id) ?? connection.notSupported;
  return handler(job, request);
}
