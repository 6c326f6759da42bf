/**
 * Bytes from a socket to whole frames. Frames may be split anywhere and several may share a segment (docs/protocol.md#2).
 * The framer alone sees half a frame; everything above gets all of its bytes.
 */
import { CodedError } from '../errors/coded-error';
import { HEADER_LENGTH } from './frame';

/** Frames longer than this are refused: a LOB of 15 MiB inline in each of two columns fits. */
export const DEFAULT_MAX_FRAME = 64 * 1024 * 1024;
/** Up to here, or to what was asked for, the whole frame is allocated as soon as its length is known; above, memory follows what has arrived. */
const TRUSTED_LENGTH = 1024 * 1024;

interface FramerOptions {
  readonly maxLength?: number;
  /** Whose frames, for errors: `database server`. */
  readonly peer?: string;
}

export class Framer {
  private readonly maxLength: number;
  private readonly peer: string;
  private readonly head = Buffer.alloc(4);
  private headFilled = 0;
  /** Length of the frame being collected; 0 while its first 4 bytes are not complete. */
  private expected = 0;
  private received = 0;
  private target: Buffer | null = null;
  private pieces: Buffer[] = [];
  private trusted = TRUSTED_LENGTH;

  constructor(options: FramerOptions = {}) {
    this.maxLength = options.maxLength ?? DEFAULT_MAX_FRAME;
    this.peer = options.peer ?? 'peer';
  }

  /** True while a frame has begun and is not complete. */
  get halfFrame(): boolean {
    return this.headFilled > 0;
  }

  /** The next frame may be as long as this: who asks for so much has room for it. */
  expect(length: number): void {
    this.trusted = Math.max(TRUSTED_LENGTH, length);
  }

  /**
   * Takes the next bytes and hands over every frame they complete; a frame may be a view of `chunk`.
   * @throws CodedError FRAME_LENGTH when the length field cannot be right; the connection is then useless
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.headFilled === 0 && chunk.length - at >= 4) {
        const length = this.checked(chunk.readUInt32BE(at));
        if (chunk.length - at >= length) {
          onFrame(chunk.subarray(at, at + length));
          at += length;
          continue;
        }
      }
      at = this.collect(chunk, at, onFrame);
    }
  }

  private collect(chunk: Buffer, start: number, onFrame: (frame: Buffer) => void): number {
    let at = start;
    if (this.headFilled < 4) {
      const n = Math.min(4 - this.headFilled, chunk.length - at);
      chunk.copy(this.head, this.headFilled, at, at + n);
      this.headFilled += n;
      at += n;
      if (this.headFilled < 4) return at;
      this.begin(this.checked(this.head.readUInt32BE(0)));
    }
    const n = Math.min(this.expected - this.received, chunk.length - at);
    if (this.target) chunk.copy(this.target, this.received, at, at + n);
    else if (n > 0) this.pieces.push(chunk.subarray(at, at + n));
    this.received += n;
    if (this.received === this.expected) this.complete(onFrame);
    return at + n;
  }

  private begin(length: number): void {
    this.expected = length;
    this.received = 4;
    this.target = length <= this.trusted ? Buffer.allocUnsafe(length) : null;
    if (this.target) this.head.copy(this.target);
    else this.pieces = [Buffer.from(this.head)];
  }

  private complete(onFrame: (frame: Buffer) => void): void {
    const frame = this.target ?? Buffer.concat(this.pieces, this.expected);
    this.target = null;
    this.pieces = [];
    this.headFilled = 0;
    this.expected = 0;
    this.received = 0;
    onFrame(frame);
  }

  private checked(length: number): number {
    if (length >= HEADER_LENGTH && length <= this.maxLength) return length;
    throw new CodedError({
      code: 'FRAME_LENGTH',
      message: `the ${this.peer} announced a frame of ${length} bytes; frames have ${HEADER_LENGTH} to ${this.maxLength} bytes`,
      next: 'check that host and port name an IBM i host server and that TLS is used exactly on the TLS port (9471, 9476)',
      facts: { length, maximum: this.maxLength },
    });
  }
}
