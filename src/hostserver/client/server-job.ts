/** A database server job on a fresh socket: seeds, start server, attributes (sections 4, 7.1). */
import type { Socket } from 'node:net';
import { textCodec } from '../../bytes/ccsid/registry';
import { CodedError } from '../../errors/coded-error';
import { DATE_FORMATS, type ServerAttributes, TIME_FORMATS } from '../formats/server-attributes';
import { SERVER } from '../frame';
import type { Parameters } from '../message';
import { type DbReply, dbReply } from '../messages/database/db-reply';
import { CLIENT_SUPPORT, setServerAttributes, YES } from '../messages/database/server-attributes';
import { ORS, ors } from '../ors';
import { expandFrame, isReplyCompressed } from '../rle';
import type { TextOptions } from '../rows/layout';
import { textOf, type WireText, wireText } from '../wire-text';
import { Channel } from './channel';
import { DEFAULT_LOB_THRESHOLD, type HostServerOptions, timeoutsOf } from './connect/options';
import { channelOptions, type SignedOn } from './connect/signon';
import type { Peer } from './connect/socket-errors';
import { startServer } from './connect/start-server';
import { isRefused, sqlError } from './sql-error';

export interface ServerJob {
  readonly channel: Channel;
  readonly attributes: ServerAttributes;
  readonly text: TextOptions;
  /** Last four digits of the functional level, e.g. 16 of `V7R4M00016`. */
  readonly functionalLevel: number;
  /** name(10) user(10) number(6), EBCDIC as the server sent it; for cancel. */
  readonly identifier: WireText;
  /** `number/user/name`. */
  readonly job: string;
}

/** V7R4M0, as a version number: above it the server knows BOOLEAN. */
const V7R4M0 = 0x00070400;
const UTF16_CCSID = 13488;

/** @param connected `label` names the connection in traces. @throws CodedError; the channel is then closed */
export async function startServerJob(
  connected: { readonly socket: Socket; readonly peer: Peer; readonly label: string },
  options: HostServerOptions,
  signedOn: SignedOn,
  signal?: AbortSignal,
): Promise<ServerJob> {
  const channel = new Channel(connected.socket, connected.peer, channelOptions(options, connected.label));
  const onAbort = (): void =>
    channel.abandon(new CodedError({ code: 'CANCELLED', message: 'connecting was cancelled on request' }));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await startServer(channel, SERVER.sql, options, signedOn);
    return await setAttributes(channel, options, signedOn);
  } catch (error) {
    void channel.end(null);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function setAttributes(channel: Channel, options: HostServerOptions, signedOn: SignedOn): Promise<ServerJob> {
  const frame = setServerAttributes.request(
    { correlation: 1, ors: ors(ORS.reply, ORS.serverAttributes, options.compression ? ORS.replyMayBeCompressed : 0) },
    connectionAttributes(options, signedOn),
  );
  const reply = decodeReply(
    await channel.exchange(frame, {
      correlation: 1,
      what: 'set server attributes',
      timeoutMs: timeoutsOf(options).signOn,
    }),
  );
  if (isRefused(reply)) throw sqlError(reply, null, signedOn.ccsid, 'set server attributes');
  const attributes = reply.parameters.serverAttributes;
  if (!attributes) throw noAttributes();
  return describeJob(channel, attributes);
}

/** JTOpen's list in JTOpen's order, with date and time fixed to ISO. */
function connectionAttributes(
  options: HostServerOptions,
  signedOn: SignedOn,
): Parameters<typeof setServerAttributes.parameters> {
  const knowsBoolean = signedOn.version > V7R4M0;
  const { rowid, trueAutocommit, longNames, longSchemas, severalSqlcas, boolean } = CLIENT_SUPPORT;
  return {
    clientCcsid: UTF16_CCSID,
    nlv: wireText('2924'),
    // 10 characters and the two undefined bytes that JTOpen's field has.
    clientFunctionalLevel: { ccsid: 37, bytes: Buffer.concat([wireText('V7R2M01   ').bytes, Buffer.alloc(2)]) },
    translateIndicator: 0xf0,
    drdaPackageSize: 1,
    autocommit: YES,
    commitmentLevel: 0,
    dateFormat: 5,
    dateSeparator: 1,
    timeFormat: 2,
    timeSeparator: 1,
    decimalSeparator: 0,
    naming: options.naming === 'system' ? 1 : 0,
    ...(options.defaultSchema === undefined ? {} : { defaultSchema: wireText(options.defaultSchema, signedOn.ccsid) }),
    compression: 0,
    packageAdd: 1,
    extendedFormats: 0xf2,
    lobThreshold: options.lobThreshold ?? DEFAULT_LOB_THRESHOLD,
    ambiguousSelect: 1,
    clientSupport: ors(rowid, trueAutocommit, longNames, longSchemas, severalSqlcas, knowsBoolean ? boolean : 0),
    decimalPrecision: { maximumPrecision: 31, maximumScale: 31, minimumDivideScale: 0 },
    hexConstants: 0,
    locatorPersistence: 1,
    ...(options.application === undefined ? {} : { clientApplication: wireText(options.application) }),
    interfaceType: wireText('JDBC'),
    interfaceName: wireText('ibmi-cdc'),
    interfaceLevel: wireText('07060004'),
    closeAtEof: YES,
  };
}

/** @throws CodedError when compressed data contradict themselves */
export function decodeReply(frame: Buffer): DbReply {
  return dbReply.decode(isReplyCompressed(frame) ? expandFrame(frame) : frame);
}

function describeJob(channel: Channel, attributes: ServerAttributes): ServerJob {
  const ccsid = attributes.ccsid;
  const text = (bytes: Buffer): string => textCodec(ccsid).decode(bytes).trim();
  const identifier = Buffer.concat([attributes.jobName, attributes.jobUser, attributes.jobNumber]);
  const level = Number(textOf({ ccsid, bytes: attributes.functionalLevel.subarray(6) }).trim());
  return {
    channel,
    attributes,
    text: {
      jobCcsid: ccsid,
      dateFormat: DATE_FORMATS[attributes.dateFormat] ?? 'ISO',
      timeFormat: TIME_FORMATS[attributes.timeFormat] ?? 'ISO',
    },
    functionalLevel: Number.isInteger(level) ? level : 0,
    identifier: { ccsid, bytes: identifier },
    job: `${text(attributes.jobNumber)}/${text(attributes.jobUser)}/${text(attributes.jobName)}`,
  };
}

function noAttributes(): CodedError {
  return new CodedError({
    code: 'REPLY_INCOMPLETE',
    message: 'the database server did not say what it is (no server attributes in its reply)',
    next: 'check that host and port name the database host server of an IBM i',
  });
}
