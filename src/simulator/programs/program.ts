/** What a program of QSYS is here: parameters as bytes in, output parameters as bytes out, escape messages thrown. */
import { textCodec } from '../../bytes/ccsid/registry';
import type { CallParameter } from '../command-session';
import { CpfFailure } from '../partition/failures';
import type { PartitionJob } from '../partition/jobs/job';
import type { Partition } from '../partition/partition';
import type { PointerHandles } from './journal/pointer-handles';

export interface ProgramContext {
  readonly partition: Partition;
  readonly job: PartitionJob;
  readonly handles: PointerHandles;
}

/** @returns the procedure's integer and errno, where it has a return value @throws CpfFailure */
export type Program = (context: ProgramContext, parameters: ParameterList) => ReturnValue | undefined;

interface ReturnValue {
  readonly value: number;
  readonly errno?: number;
}

const EBCDIC = textCodec(37);

/** Numbers are big-endian, characters EBCDIC. A parameter that was not passed reads as empty. */
export class ParameterList {
  private readonly written = new Map<number, Buffer>();

  constructor(private readonly parameters: readonly CallParameter[]) {}

  get count(): number {
    return this.parameters.length;
  }

  bytes(index: number): Buffer {
    return this.parameters[index]?.data ?? Buffer.alloc(0);
  }

  number(index: number): number {
    const data = this.bytes(index);
    return data.length < 4 ? 0 : data.readInt32BE(0);
  }

  /** Blanks at the end do not count. */
  text(index: number, from = 0, to = Number.POSITIVE_INFINITY): string {
    return textFrom(this.bytes(index), from, to);
  }

  /** Storage the caller gave parameter `index`. */
  room(index: number): number {
    return this.parameters[index]?.length ?? 0;
  }

  write(index: number, data: Buffer): void {
    this.written.set(index, data.subarray(0, this.room(index)));
  }

  /** One buffer for each output parameter; an in-out parameter nobody wrote goes back as it came. */
  outputs(): Buffer[] {
    return this.parameters.flatMap(({ direction, data }, i) => {
      if (direction !== 'out' && direction !== 'inout') return [];
      return [this.written.get(i) ?? data];
    });
  }

  /** The parameters from `index` on, numbered anew; what is written to them is written here once they are joined. */
  from(index: number): ParameterList {
    return new ParameterList(this.parameters.slice(index));
  }

  join(index: number, others: ParameterList): void {
    for (const [i, data] of others.written) this.written.set(index + i, data);
  }
}

export function textFrom(data: Buffer, from = 0, to = Number.POSITIVE_INFINITY): string {
  const part = data.subarray(from, Math.min(to, data.length));
  return part.every((byte) => byte === 0) ? '' : EBCDIC.decode(part).replace(/[ \u0000]+$/, '');
}

/**
 * The error code parameter of an API: with bytes provided 0 (or without the parameter) a failure is an escape message, with
 * 8 or more it is written into the parameter and the call returns.
 * @throws CpfFailure what `work` threw, when the caller wants it so
 */
export function withErrorCode(parameters: ParameterList, index: number, work: () => void): undefined {
  const provided = parameters.number(index);
  const storage = parameters.bytes(index).length;
  if (provided < 0 || (provided > 0 && (provided < 8 || storage < 8)))
    throw new CpfFailure('CPF3CF1', 'Error code parameter not valid.');
  try {
    work();
  } catch (error) {
    if (!(error instanceof CpfFailure) || provided < 8) throw error;
    parameters.write(index, errorCode(Math.min(provided, storage), error));
    return;
  }
  if (provided >= 8) {
    const none = Buffer.from(parameters.bytes(index));
    none.writeInt32BE(0, 4);
    parameters.write(index, none);
  }
}

/** Bytes provided, bytes available, exception id, reserved, exception data. */
function errorCode(provided: number, failure: CpfFailure): Buffer {
  const data = EBCDIC.encode(failure.data);
  const whole = Buffer.alloc(Math.max(16 + data.length, provided));
  whole.writeInt32BE(provided, 0);
  whole.writeInt32BE(16 + data.length, 4);
  EBCDIC.encode(failure.messageId).copy(whole, 8, 0, 7);
  data.copy(whole, 16);
  return whole.subarray(0, provided);
}
