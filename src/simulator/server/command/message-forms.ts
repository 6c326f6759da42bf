/**
 * Messages of a failed command or call, in the two forms a client may ask for by its message option (docs/protocol.md#11):
 * CP 1106 with what a first-level text needs, CP 1107 with everything QMHRCVPM tells. Which of them IBM's server answers to
 * which option is not known; the newer one is given to the options that came with level 11.
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import type { CommandMessage } from '../../command-session';

/** Message options of the request. */
const NONE = 1;
const ALL: readonly number[] = [2, 4, 6];
const NEWEST: readonly number[] = [5, 6];
const AT_MOST = 10;

/** Moment a message was sent: CYYMMDD and HHMMSS. */
export interface MessageMoment {
  readonly date: string;
  readonly time: string;
}

export function messageParameters(
  messages: readonly CommandMessage[],
  option: number,
  jobCcsid: number,
  sent: MessageMoment,
): Buffer[] {
  if (option === NONE) return [];
  const kept = ALL.includes(option) ? messages : messages.slice(0, AT_MOST);
  return kept.map((message) => (NEWEST.includes(option) ? full(message, jobCcsid, sent) : short(message, jobCcsid)));
}

function short(m: CommandMessage, jobCcsid: number): Buffer {
  const job = textCodec(jobCcsid);
  const head = Buffer.alloc(10);
  head.writeUInt32BE(jobCcsid, 0);
  head.writeUInt32BE(jobCcsid, 4);
  head.writeUInt16BE(m.severity, 8);
  return parameter(0x1106, [
    head,
    ...[ebcdic(m.type), ebcdic(m.id), ebcdic(m.file), ebcdic(m.library), job.encode(m.text), m.data].flatMap(counted),
    ...counted(job.encode(m.help)),
  ]);
}

function full(m: CommandMessage, jobCcsid: number, sent: MessageMoment): Buffer {
  const job = textCodec(jobCcsid);
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value, 0);
    return bytes;
  };
  return parameter(
    0x1107,
    [
      number(m.severity),
      ebcdic(m.id),
      ebcdic(m.type),
      Buffer.of(0, 0, 0, 0x40), // message key
      ebcdic(m.file),
      ebcdic('*LIBL'), // library as specified
      ebcdic(m.library), // library used
      Buffer.alloc(0), // sending job, its user, its number: blank on a call message queue
      Buffer.alloc(0),
      Buffer.alloc(0),
      ebcdic('QZRCSRVR'), // sending program and its statement
      ebcdic('0000'),
      ebcdic(sent.date),
      ebcdic(sent.time),
      ebcdic('QZRCSRVR'), // receiving program and its statement
      ebcdic('0000'),
      ebcdic('0'), // sending and receiving type
      ebcdic('0'),
      number(0), // conversion status of text and data
      number(0),
      ebcdic('*NO'), // alert option
      number(jobCcsid),
      number(jobCcsid),
      m.data,
      job.encode(m.text),
      job.encode(m.help),
    ].flatMap(counted),
  );
}

function counted(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length, 0);
  return [length, bytes];
}

function parameter(cp: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(cp, 4);
  const whole = Buffer.concat([head, ...parts]);
  whole.writeUInt32BE(whole.length, 0);
  return whole;
}

function ebcdic(text: string): Buffer {
  return textCodec(37).encode(text);
}
