/** Frames spoiled by a seeded generator: bits, bytes, lengths, cuts, repeats. */
import { Dice } from '../../support/dice';

/** The same seed gives the same frames for ever. */
export function randomOf(seed: number): (below: number) => number {
  const dice = new Dice(seed);
  return (below) => dice.below(below);
}

const NASTY = [0, 1, 5, 6, 0x7f, 0x80, 0xff, 0xffff, 0x7fff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/** One to four spoilings of a copy. The frame's own length is corrected unless it was itself the target. */
export function mutate(frame: Buffer, random: (below: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(frame);
  const rounds = 1 + random(4);
  for (let i = 0; i < rounds; i++) bytes = spoil(bytes, random);
  if (bytes.length < 20) bytes = Buffer.concat([bytes, Buffer.alloc(20 - bytes.length)]);
  if (random(10) !== 0) bytes.writeUInt32BE(bytes.length, 0);
  return bytes;
}

function spoil(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length);
  switch (random(7)) {
    case 0:
      bytes[at] = bytes[at]! ^ (1 << random(8));
      return bytes;
    case 1:
      bytes[at] = random(256);
      return bytes;
    case 2:
      if (at + 4 <= bytes.length) bytes.writeUInt32BE(NASTY[random(NASTY.length)]!, at);
      return bytes;
    case 3:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(NASTY[random(NASTY.length)]! & 0xffff, at);
      return bytes;
    case 4:
      return bytes.subarray(0, Math.max(4, at));
    case 5: {
      const piece = bytes.subarray(at, at + 1 + random(40));
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random(20)))]);
  }
}
