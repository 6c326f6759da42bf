/** Every message by server and id; dispatch needs both, as the numbers repeat between servers (docs/protocol.md#7). */
import { SERVER } from './frame';
import type { MessageTable, ParameterTable } from './message';
import { addLibraryList, cancel, endJob, testConnection } from './messages/connection';
import { commit, rollback } from './messages/database/commit';
import { dbReply } from './messages/database/db-reply';
import { changeDescriptor, deleteDescriptor } from './messages/database/descriptor';
import { execute, executeImmediate, executeOrOpen, prepareExecute, sqlConnect } from './messages/database/execute';
import { freeLob, retrieveLob, writeLob } from './messages/database/lob';
import {
  closeCursor,
  endStreamFetch,
  fetchRows,
  openDescribe,
  openDescribeFetch,
  streamFetch,
} from './messages/database/open-fetch';
import { clearPackage, createPackage, deletePackage, returnPackage } from './messages/database/package';
import { pingReply, pingRequest } from './messages/database/ping';
import {
  describeParameterMarkers,
  describeStatement,
  prepare,
  prepareDescribe,
} from './messages/database/prepare-describe';
import { deleteResultsSet, sendResultsSet } from './messages/database/results-set';
import { changeRpb, createRpb, createRpbBasedOn, deleteRpb, resetRpb } from './messages/database/rpb';
import { retrieveServerAttributes, setServerAttributes } from './messages/database/server-attributes';
import { exchangeAttributesReply, exchangeAttributesRequest } from './messages/exchange-attributes';
import { randomSeedsReply, randomSeedsRequest } from './messages/random-seeds';
import {
  callProgramReply,
  callProgramRequest,
  commandAttributesReply,
  commandAttributesRequest,
  commandEndJob,
  runCommandReply,
  runCommandRequest,
} from './messages/remote-command';
import { signonEndJob, signonInfoReply, signonInfoRequest } from './messages/signon-info';
import { startServerReply, startServerRequest } from './messages/start-server';

/** A table whose template and parameters are not known statically: for traces, fuzzing and dispatch. */
export type AnyTable = Pick<MessageTable<unknown, ParameterTable>, 'name' | 'id' | 'decode' | 'encode' | 'parameters'>;

const ping = [pingRequest, pingReply];
const everyServer = [...ping, randomSeedsRequest, randomSeedsReply, startServerRequest, startServerReply];
const signon = [
  ...ping,
  exchangeAttributesRequest,
  exchangeAttributesReply,
  signonInfoRequest,
  signonInfoReply,
  signonEndJob,
];
const sql = [
  setServerAttributes,
  retrieveServerAttributes,
  createRpb,
  createRpbBasedOn,
  changeRpb,
  resetRpb,
  deleteRpb,
  prepare,
  prepareDescribe,
  describeStatement,
  describeParameterMarkers,
  openDescribe,
  openDescribeFetch,
  fetchRows,
  streamFetch,
  endStreamFetch,
  closeCursor,
  execute,
  executeImmediate,
  prepareExecute,
  executeOrOpen,
  sqlConnect,
  createPackage,
  clearPackage,
  deletePackage,
  returnPackage,
  changeDescriptor,
  deleteDescriptor,
  sendResultsSet,
  deleteResultsSet,
  retrieveLob,
  writeLob,
  freeLob,
  commit,
  rollback,
  testConnection,
  cancel,
  endJob,
  dbReply,
];
const remoteCommand = [
  commandAttributesRequest,
  commandAttributesReply,
  runCommandRequest,
  runCommandReply,
  callProgramRequest,
  callProgramReply,
  commandEndJob,
];

const byServer = new Map<number, ReadonlyMap<number, AnyTable>>([
  [SERVER.signon, index(signon)],
  [SERVER.sql, index([...everyServer, ...sql])],
  [SERVER.nativeDatabase, index([...everyServer, addLibraryList, dbReply])],
  [SERVER.remoteCommand, index([...everyServer, ...remoteCommand])],
]);

/** The table of a message, or null when this server has none of that id. */
export function tableOf(serverId: number, id: number): AnyTable | null {
  return byServer.get(serverId)?.get(id) ?? null;
}

function index(tables: readonly unknown[]): ReadonlyMap<number, AnyTable> {
  return new Map((tables as AnyTable[]).map((table) => [table.id, table]));
}
