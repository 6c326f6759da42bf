/** Ten thousand spoiled frames: decoded or refused with a code, in bounded time and memory. scripts/fuzz-frames.mjs does a million. */
import { isCoded } from '../../src/errors/coded-error';
import { rawBlock } from '../../src/hostserver/client/raw-block';
import { Framer } from '../../src/hostserver/framer';
import { tableOf } from '../../src/hostserver/message-tables';
import { dbReply } from '../../src/hostserver/messages/database/db-reply';
import { has, ORS } from '../../src/hostserver/ors';
import { expandFrame, isReplyCompressed, isRequestCompressed } from '../../src/hostserver/rle';
import { rowDecoder } from '../../src/hostserver/rows/decode';
import { rowLayout } from '../../src/hostserver/rows/layout';
import { annotate } from '../../src/hostserver/trace';
import { mutate, randomOf } from './support/mutate';
import { loadTraces } from './support/traces';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20261121);
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 10_000);
/** Expanding RLE may not make a frame larger than this. */
const MAX_FRAME = 1024 * 1024;

const originals = loadTraces().flatMap((trace) =>
  trace.frames.filter((f) => f.from !== 'drop' && f.service !== 'portmap' && f.bytes.length < 4000).map((f) => f.bytes),
);
const layouts = originals
  .filter((frame) => frame.readUInt16BE(18) === 0x2800 && !isReplyCompressed(frame))
  .map((frame) => dbReply.decode(frame).parameters.dataFormat)
  .filter((format) => !!format)
  .map((format) => rowLayout(format.fields));

function readAll(frame: Buffer, random: (below: number) => number): void {
  const plain = isRequestCompressed(frame) || isReplyCompressed(frame) ? expandFrame(frame, MAX_FRAME) : frame;
  const table = tableOf(plain.readUInt16BE(6), plain.readUInt16BE(18));
  const message = table?.decode(plain);
  if (!message || table!.id !== dbReply.id) return;
  const { dataFormat, resultData } = dbReply.decode(plain).parameters;
  const layout = dataFormat ? rowLayout(dataFormat.fields) : layouts[random(layouts.length)]!;
  if (!resultData) return;
  const variable = has((message.template as { ors: number }).ors, ORS.variableFieldsCompressed);
  const raw = rawBlock(layout, resultData, variable);
  for (let row = 0; row < Math.min(raw.rowCount, 100); row++) {
    for (let c = 0; c < layout.fields.length; c++) raw.byteLength(row, c);
  }
  rowDecoder(layout).decode(resultData, variable);
}

test(`${COUNT} mutated frames, seed ${SEED}`, () => {
  const random = randomOf(SEED);
  const codes = new Map<string, number>();
  for (let i = 0; i < COUNT; i++) {
    const frame = mutate(originals[random(originals.length)]!, random);
    let outcome = 'decoded';
    try {
      readAll(frame, random);
    } catch (error) {
      if (!isCoded(error)) throw new Error(`seed ${SEED}, frame ${i}: ${frame.toString('hex')}`, { cause: error });
      outcome = error.code;
    }
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
    annotate(frame);
  }
  expect(codes.get('decoded')).toBeGreaterThan(COUNT / 20);
  expect(codes.get('BYTES_SHORT')).toBeGreaterThan(0);
  expect(codes.get('PARAMETER_LENGTH')).toBeGreaterThan(0);
});

test('a stream of mutated frames in random chunks ends in frames or one coded error', () => {
  const random = randomOf(SEED + 1);
  for (let round = 0; round < 300; round++) {
    const framer = new Framer({ maxLength: MAX_FRAME });
    const stream = Buffer.concat(
      Array.from({ length: 20 }, () => mutate(originals[random(originals.length)]!, random)),
    );
    let frames = 0;
    try {
      for (let at = 0; at < stream.length; ) {
        const next = at + 1 + random(300);
        framer.push(stream.subarray(at, next), (frame) => {
          frames++;
          expect(frame.length).toBe(frame.readUInt32BE(0));
        });
        at = next;
      }
    } catch (error) {
      expect(isCoded(error) && error.code).toBe('FRAME_LENGTH');
    }
    expect(frames).toBeLessThanOrEqual(stream.length / 20);
  }
});
