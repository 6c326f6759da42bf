/**
 * Requests of the remote command server, read byte by byte (docs/protocol.md#11). The message tables of `hostserver` are the
 * client's: this reader shares nothing with them, so that the two ends cannot agree on a mistake.
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import { expandRle } from '../../../hostserver/rle';
import type { CallParameter } from '../../command-session';

export const REQUEST = { exchangeAttributes: 0x1001, runCommand: 0x1002, callProgram: 0x1003, endJob: 0x1004 } as const;

/** Return codes of replies; 16 bits wide here. */
export const COMMAND_CODE = {
  done: 0x0000,
  nlvNotValid: 0x0105,
  lengthNotValid: 0x0201,
  dataIncomplete: 0x0203,
  requestNotValid: 0x0205,
  parameterNotValid: 0x0302,
  maximumExceeded: 0x0303,
  commandFailed: 0x0400,
  ccsidNotValid: 0x0401,
  programUnresolved: 0x0500,
  programFailed: 0x0501,
} as const;

/** A request that cannot be served: its reply carries the code alone. */
export class BadRequest extends Error {
  constructor(readonly returnCode: number) {
    super(`request refused with ${returnCode.toString(16)}`);
    this.name = 'BadRequest';
  }
}

const CP_COMMAND = 0x1101;
const CP_COMMAND_WITH_CCSID = 0x1104;
const CP_PARAMETER = 0x1103;
const LONGEST_COMMAND = 32_702;
const MOST_PARAMETERS = 255;
/** What one parameter may be: the receiver of a journal entries call may have 16 MB, and its caller's alignment. */
const LONGEST_PARAMETER = 16 * 1024 * 1024 + 65_536;

interface CommandRequest {
  readonly messageOption: number;
  readonly command: string;
}

interface ProgramRequest {
  readonly messageOption: number;
  readonly library: string;
  readonly program: string;
  readonly parameters: readonly CallParameter[];
}

/** The four digits of the client's national language version. */
export function readLanguageVersion(frame: Buffer): string {
  if (frame.length < 34) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  return textCodec(37).decode(frame.subarray(24, 28));
}

export function readCommand(frame: Buffer, jobCcsid: number): CommandRequest {
  const messageOption = byteAt(frame, 20);
  const [{ cp, data }] = parametersFrom(frame, 21) as [Parameter];
  const text = commandText(cp, data, jobCcsid);
  if (text.length > LONGEST_COMMAND) throw new BadRequest(COMMAND_CODE.maximumExceeded);
  return { messageOption, command: text };
}

function commandText(cp: number, data: Buffer, jobCcsid: number): string {
  if (cp === CP_COMMAND) return textCodec(jobCcsid).decode(data);
  if (cp !== CP_COMMAND_WITH_CCSID) throw new BadRequest(COMMAND_CODE.parameterNotValid);
  if (data.length < 4) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  try {
    return textCodec(data.readUInt32BE(0)).decode(data.subarray(4));
  } catch {
    throw new BadRequest(COMMAND_CODE.ccsidNotValid);
  }
}

export function readCall(frame: Buffer, jobCcsid: number): ProgramRequest {
  if (frame.length < 43) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  const name = (at: number): string =>
    textCodec(jobCcsid)
      .decode(frame.subarray(at, at + 10))
      .trimEnd();
  const count = frame.readUInt16BE(41);
  if (count > MOST_PARAMETERS) throw new BadRequest(COMMAND_CODE.maximumExceeded);
  const parameters = count === 0 ? [] : parametersFrom(frame, 43).map(callParameter);
  if (parameters.length !== count) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  return { messageOption: byteAt(frame, 40), program: name(20), library: name(30), parameters };
}

function callParameter({ cp, data }: Parameter): CallParameter {
  if (cp !== CP_PARAMETER || data.length < 6) throw new BadRequest(COMMAND_CODE.parameterNotValid);
  const length = data.readUInt32BE(0);
  if (length > LONGEST_PARAMETER) throw new BadRequest(COMMAND_CODE.maximumExceeded);
  const usage = data.readUInt16BE(4);
  const sent = data.subarray(6);
  switch (usage) {
    case 11:
      return { direction: 'in', length, data: padded(sent, length) };
    case 12:
    case 22:
      return { direction: 'out', length, data: Buffer.alloc(length) };
    case 13:
    case 33:
      return { direction: 'inout', length, data: padded(sent, length) };
    case 21:
      return { direction: 'in', length, data: expanded(sent, length) };
    case 23:
      return { direction: 'inout', length, data: expanded(sent, length) };
    case 255:
      return { direction: 'null', length: 0, data: Buffer.alloc(0) };
    default:
      throw new BadRequest(COMMAND_CODE.parameterNotValid);
  }
}

/** Zeros at the end do not travel. */
function padded(sent: Buffer, length: number): Buffer {
  if (sent.length > length) throw new BadRequest(COMMAND_CODE.lengthNotValid);
  const data = Buffer.alloc(length);
  sent.copy(data);
  return data;
}

function expanded(sent: Buffer, length: number): Buffer {
  try {
    return expandRle(sent, length);
  } catch {
    throw new BadRequest(COMMAND_CODE.parameterNotValid);
  }
}

interface Parameter {
  readonly cp: number;
  readonly data: Buffer;
}

function parametersFrom(frame: Buffer, start: number): readonly Parameter[] {
  const found: Parameter[] = [];
  for (let at = start; at < frame.length; ) {
    if (at + 6 > frame.length) throw new BadRequest(COMMAND_CODE.dataIncomplete);
    const length = frame.readUInt32BE(at);
    if (length < 6 || at + length > frame.length) throw new BadRequest(COMMAND_CODE.lengthNotValid);
    found.push({ cp: frame.readUInt16BE(at + 4), data: frame.subarray(at + 6, at + length) });
    at += length;
  }
  if (found.length === 0) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  return found;
}

function byteAt(frame: Buffer, at: number): number {
  if (at >= frame.length) throw new BadRequest(COMMAND_CODE.dataIncomplete);
  return frame[at]!;
}
