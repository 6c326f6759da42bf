/** Every recorded frame goes through the message tables and comes out as the same bytes, in both directions. */

import { CodedError } from '../../src/errors/coded-error';
import type { ServiceName } from '../../src/hostserver/frame';
import { tableOf } from '../../src/hostserver/message-tables';
import {
  decodePortReply,
  decodePortRequest,
  encodePortReply,
  encodePortRequest,
} from '../../src/hostserver/messages/port-mapper';
import {
  compressReply,
  compressRequest,
  expandFrame,
  isReplyCompressed,
  isRequestCompressed,
} from '../../src/hostserver/rle';
import { loadTraces, type TraceFrame } from './support/traces';

const traces = loadTraces();

function throughTables(frame: Buffer): Buffer {
  const compressed = isRequestCompressed(frame) || isReplyCompressed(frame);
  const plain = compressed ? expandFrame(frame) : frame;
  const table = tableOf(plain.readUInt16BE(6), plain.readUInt16BE(18));
  if (!table) throw new Error(`no table for ${plain.toString('hex', 0, 20)}`);
  const message = table.decode(plain);
  expect(message.unknown).toEqual([]);
  const again = table.encode(message.header, message.template, message.parameters, message.unknown);
  if (isRequestCompressed(frame)) return compressRequest(again);
  return compressed ? compressReply(again) : again;
}

function throughPortMapper(frame: TraceFrame): Buffer {
  if (frame.from === 'server') return encodePortReply(decodePortReply(frame.bytes));
  const name = decodePortRequest(frame.bytes);
  const tls = name.endsWith('-s');
  return encodePortRequest((tls ? name.slice(0, -2) : name) as ServiceName, tls);
}

test('there are 27 traces with all their frames', () => {
  expect(traces).toHaveLength(27);
  expect(traces.reduce((n, t) => n + t.frames.length, 0)).toBe(793);
});

test.each(traces.map((t) => [t.name, t] as const))('%s decodes and encodes to the same bytes', (_name, trace) => {
  for (const frame of trace.frames) {
    if (frame.from === 'drop') continue;
    const again = frame.service === 'portmap' ? throughPortMapper(frame) : throughTables(frame.bytes);
    expect(again.toString('hex')).toBe(frame.bytes.toString('hex'));
  }
});

test('a frame cut anywhere, its length corrected, is a coded error or a shorter message, never a crash', () => {
  const seen = new Set<string>();
  for (const trace of traces) {
    for (const { bytes, service, from } of trace.frames) {
      if (from === 'drop' || service === 'portmap' || bytes.length > 700) continue;
      const key = bytes.toString('hex', 16, 20);
      if (seen.has(key)) continue;
      seen.add(key);
      for (let length = 20; length < bytes.length; length++) expectCodedOrDecoded(bytes.subarray(0, length));
    }
  }
  expect(seen.size).toBeGreaterThan(30);
});

function expectCodedOrDecoded(cut: Buffer): void {
  const frame = Buffer.from(cut);
  frame.writeUInt32BE(frame.length, 0);
  const table = tableOf(frame.readUInt16BE(6), frame.readUInt16BE(18))!;
  try {
    table.decode(isRequestCompressed(frame) || isReplyCompressed(frame) ? expandFrame(frame) : frame);
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
  }
}
