/** Replies of the remote command server, written byte by byte (docs/protocol.md#11), as `requests.ts` reads. */
import { textCodec } from '../../../bytes/ccsid/registry';
import { compressRle } from '../../../hostserver/rle';
import type { CallParameter } from '../../command-session';

const SERVER_ID = 0xe008;
const CP_PARAMETER = 0x1103;
const OUTPUT = 12;
const OUTPUT_COMPRESSED = 22;
/** Below this compression is not tried: the client's bound for its own parameters. */
const COMPRESS_FROM = 1024;
const SAMPLE = 2048;
const WORTHWHILE = 0.5;

export function attributesReply(
  correlation: number,
  o: {
    readonly returnCode: number;
    readonly jobCcsid: number;
    readonly languageVersion: string;
    readonly level: number;
  },
): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16BE(o.returnCode, 0);
  body.writeUInt32BE(o.jobCcsid, 2);
  textCodec(37).encode(o.languageVersion).copy(body, 6, 0, 4);
  body.writeUInt32BE(0, 10);
  body.writeUInt16BE(o.level, 14);
  return frameOf(0x8001, correlation, 16, [body]);
}

/** A reply to 1002 or 1003 that carries messages, or nothing but its code. */
export function messagesReply(
  requestId: number,
  correlation: number,
  returnCode: number,
  messages: readonly Buffer[] = [],
): Buffer {
  return frameOf(0x8000 | (requestId & 0x0fff), correlation, 4, [
    codeAndCount(returnCode, messages.length),
    ...messages,
  ]);
}

/** Output parameters in their order; input ones have no place in the reply, but they are counted. */
export function outputsReply(
  correlation: number,
  parameters: readonly CallParameter[],
  outputs: readonly Buffer[],
  compress: boolean,
): Buffer {
  const taken = parameters.filter((p) => p.direction === 'out' || p.direction === 'inout');
  const parts = taken.flatMap((p, i) => outputParameter(p.length, outputs[i] ?? Buffer.alloc(0), compress));
  return frameOf(0x8003, correlation, 4, [codeAndCount(0, parameters.length), ...parts]);
}

function outputParameter(length: number, output: Buffer, compress: boolean): Buffer[] {
  const plain = withoutZeros(output.subarray(0, length));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(CP_PARAMETER, 4);
  head.writeUInt32BE(length, 6);
  const compressed = compress && plain.length > COMPRESS_FROM && promising(plain) ? compressedTo(plain, length) : null;
  const data = compressed ?? plain;
  head.writeUInt32BE(12 + data.length, 0);
  head.writeUInt16BE(compressed ? OUTPUT_COMPRESSED : OUTPUT, 10);
  return [head, data];
}

function compressedTo(plain: Buffer, length: number): Buffer | null {
  const whole = plain.length === length ? plain : Buffer.concat([plain, Buffer.alloc(length - plain.length)]);
  const data = compressRle(whole);
  return data.length <= plain.length * WORTHWHILE ? data : null;
}

function promising(plain: Buffer): boolean {
  const middle = Math.max(0, (plain.length - SAMPLE) >> 1);
  const sample = plain.subarray(middle, middle + SAMPLE);
  return compressRle(sample).length <= sample.length * WORTHWHILE;
}

function withoutZeros(data: Buffer): Buffer {
  let end = data.length;
  while (end > 0 && data[end - 1] === 0) end--;
  return data.subarray(0, end);
}

function codeAndCount(returnCode: number, count: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt16BE(returnCode, 0);
  body.writeUInt16BE(count, 2);
  return body;
}

function frameOf(id: number, correlation: number, templateLength: number, parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(SERVER_ID, 6);
  header.writeUInt32BE(correlation, 12);
  header.writeUInt16BE(templateLength, 16);
  header.writeUInt16BE(id, 18);
  const frame = Buffer.concat([header, ...parts]);
  frame.writeUInt32BE(frame.length, 0);
  return frame;
}
