/** Replies of the remote command server, built by hand from the reference's tables: none of the product's encoders has a part in it. */
import { idOf } from './fake-server';

/** One parameter of a call as it was asked for. */
export interface AskedParameter {
  readonly maximumLength: number;
  readonly usage: number;
  readonly data: Buffer;
}

/** Parameters of a 1003. */
export function parametersOf(request: Buffer): AskedParameter[] {
  const parameters: AskedParameter[] = [];
  for (let at = 43; at < request.length; at += request.readUInt32BE(at))
    parameters.push({
      maximumLength: request.readUInt32BE(at + 6),
      usage: request.readUInt16BE(at + 10),
      data: request.subarray(at + 12, at + request.readUInt32BE(at)),
    });
  return parameters;
}

/** A reply with every parameter that comes back; `values` by the number of the parameter, nothing else is zeros cut off. */
export function calledReply(request: Buffer, values: Readonly<Record<number, Buffer>> = {}): Buffer {
  const parts = parametersOf(request).flatMap(({ maximumLength, usage }, i) => {
    if (usage === 11 || usage === 21 || usage === 255) return [];
    const data = values[i] ?? Buffer.alloc(0);
    const head = Buffer.alloc(12);
    head.writeUInt32BE(12 + data.length, 0);
    head.writeUInt16BE(0x1103, 4);
    head.writeUInt32BE(maximumLength, 6);
    head.writeUInt16BE(12, 10);
    return [Buffer.concat([head, data])];
  });
  return replyFrame(request, 0, parts);
}

/** A refusal with messages of either form. */
export function refusedReply(request: Buffer, returnCode: number, messages: readonly Buffer[]): Buffer {
  return replyFrame(request, returnCode, messages);
}

function replyFrame(request: Buffer, returnCode: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt16BE(0xe008, 6);
  request.copy(head, 12, 12, 16);
  head.writeUInt16BE(4, 16);
  head.writeUInt16BE(Number.parseInt(`8${idOf(request).slice(1)}`, 16), 18);
  head.writeUInt16BE(returnCode, 20);
  head.writeUInt16BE(parts.length, 22);
  const frame = Buffer.concat([head, ...parts]);
  frame.writeUInt32BE(frame.length, 0);
  return frame;
}

/** Form 07: each field behind its own length. */
export function detailedMessage(fields: readonly Buffer[]): Buffer {
  const parts = fields.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(6);
  head.writeUInt32BE(6 + body.length, 0);
  head.writeUInt16BE(0x1107, 4);
  return Buffer.concat([head, body]);
}
