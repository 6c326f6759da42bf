/** Parameters of a program call as they travel: trailing zeros cut off, or compressed where that is shorter (docs/protocol.md#11). */
import type { ValueOf } from '../../../bytes/struct';
import type { callProgramRequest } from '../../messages/remote-command';
import { USAGE } from '../../messages/remote-command';
import { compressRle, expandRle } from '../../rle';

/** `input` goes to the program, `output` bytes of it come back; with both it is in-out, with neither a null pointer. */
export interface ProgramParameter {
  readonly input?: Buffer;
  readonly output?: number;
}

type WireParameter = ValueOf<(typeof callProgramRequest)['parameters']['parameters'][1]>;

/** Shorter parameters are never compressed. */
const LEAST_COMPRESSED = 1024;
const LEVEL_WITH_NEW_IN_OUT = 5;
const LEVEL_WITH_NULL = 6;
const NOTHING = Buffer.alloc(0);

export function wireParameter({ input, output }: ProgramParameter, level: number): WireParameter {
  if (input === undefined) {
    if (output !== undefined) return { maximumLength: output, usage: USAGE.output, data: NOTHING };
    return { maximumLength: 0, usage: level >= LEVEL_WITH_NULL ? USAGE.nothing : 1, data: NOTHING };
  }
  const maximumLength = Math.max(input.length, output ?? 0);
  const both = output !== undefined;
  const compressed = maximumLength > LEAST_COMPRESSED ? compressedOf(input, maximumLength) : null;
  if (compressed)
    return { maximumLength, usage: both ? USAGE.inOutCompressed : USAGE.inputCompressed, data: compressed };
  const inOut = level >= LEVEL_WITH_NEW_IN_OUT ? USAGE.inOutNew : USAGE.inOut;
  return { maximumLength, usage: both ? inOut : USAGE.input, data: withoutTrailingZeros(input) };
}

/** The whole parameter, padded; null when it would not become shorter. */
function compressedOf(input: Buffer, length: number): Buffer | null {
  const whole = input.length === length ? input : Buffer.concat([input, Buffer.alloc(length - input.length)]);
  const data = compressRle(whole, 'pairs');
  return data.length < length ? data : null;
}

function withoutTrailingZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/**
 * What came back, without the zeros that fill it up to its maximum length: a view of the reply where it was not compressed.
 * @throws CodedError RLE_DATA
 */
export function parameterValue({ maximumLength, usage, data }: WireParameter): Buffer {
  const compressed = usage === USAGE.output || usage === USAGE.inOutCompressed;
  return compressed ? expandRle(data, maximumLength) : data;
}
