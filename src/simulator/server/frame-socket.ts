/**
 * One client connection of a host server: whole frames in, one after the other, replies out. Faults of the partition are
 * applied on the way out, so no server knows of them.
 */
import type { Socket } from 'node:net';
import { HEADER_LENGTH } from '../../hostserver/frame';
import { Framer } from '../../hostserver/framer';
import { pingReply, pingRequest } from '../../hostserver/messages/database/ping';
import type { Faults, Service } from './faults';

/** Offset of the correlation id in a frame header. */
const CORRELATION = 12;

/** Requests taken ahead of the one that runs. */
const QUEUE_LIMIT = 64;

interface FrameSocketOptions {
  readonly socket: Socket;
  readonly service: Service;
  readonly faults: Faults;
  /** May answer at once or later; the next frame waits for it. */
  readonly onFrame: (frame: Buffer) => void | Promise<void>;
  readonly onClose: () => void;
  /** A request that could not be read or answered; the connection ends. */
  readonly onError: (error: unknown) => void;
}

export class FrameSocket {
  private readonly queue: Buffer[] = [];
  private busy = false;
  private closed = false;

  constructor(private readonly options: FrameSocketOptions) {
    const { socket, service } = options;
    const framer = new Framer({ peer: `${service} client` });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        framer.push(chunk, (frame) => this.queue.push(frame));
      } catch {
        socket.destroy(); // a length that cannot be: as any server would, end the connection
        return;
      }
      this.work();
      // a client that sends on while a statement waits: what it sends stays in its own buffers
      if (this.queue.length > QUEUE_LIMIT) socket.pause();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closed = true;
      this.queue.length = 0;
      options.onClose();
    });
  }

  /** Sends one whole frame. Resolves when the next may follow; undefined when that is now. */
  send(frame: Buffer): Promise<void> | undefined {
    const { faults, service } = this.options;
    if (this.closed || faults.takeStall(service)) return undefined;
    if (faults.takeWrongCorrelation(service))
      frame.writeUInt32BE((frame.readUInt32BE(CORRELATION) ^ 0x55555555) >>> 0, CORRELATION);
    if (faults.takeLyingLength(service)) frame.writeUInt32BE(0x7fffffff, 0);
    return faults.latencyMs > 0 ? delay(faults.latencyMs).then(() => this.write(frame)) : this.write(frame);
  }

  end(): void {
    this.options.socket.end();
  }

  destroy(): void {
    this.options.socket.destroy();
  }

  private write(frame: Buffer): Promise<void> | undefined {
    const { faults, service, socket } = this.options;
    if (this.closed) return undefined;
    const allowed = faults.takeCut(service, frame.length);
    if (allowed !== undefined) {
      socket.write(frame.subarray(0, allowed), () => socket.destroy());
      return undefined;
    }
    const drip = faults.takeDrip(service);
    if (drip) return this.pieces(frame, drip.bytes, drip.everyMs);
    const split = faults.takeSplit(service);
    if (split) return this.pieces(frame, split, 0);
    if (socket.write(frame)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }

  private async pieces(frame: Buffer, bytes: number, everyMs: number): Promise<void> {
    for (let at = 0; at < frame.length && !this.closed; at += bytes) {
      this.options.socket.write(frame.subarray(at, at + bytes));
      await delay(everyMs); // also for 0: lets each piece leave as a segment of its own
    }
  }

  private work(): void {
    if (this.busy) return;
    this.busy = true;
    while (this.queue.length > 0 && !this.closed) {
      const pending = this.answer(this.queue.shift()!);
      if (pending) {
        pending.then(
          () => this.resume(),
          (error: unknown) => this.fail(error),
        );
        return;
      }
    }
    this.busy = false;
    if (this.options.socket.isPaused() && !this.closed) this.options.socket.resume();
  }

  /** A ping is answered by every server, with a job behind it or not. */
  private answer(frame: Buffer): void | Promise<void> {
    try {
      if (frame.length === HEADER_LENGTH && frame.readUInt16BE(18) === pingRequest.id) return this.pong(frame);
      return this.options.onFrame(frame);
    } catch (error) {
      this.fail(error);
    }
  }

  private pong(frame: Buffer): void | Promise<void> {
    const { serverId, correlation } = pingRequest.decode(frame).header;
    return this.send(pingReply.encode({ serverId, correlation }, {}));
  }

  private fail(error: unknown): void {
    this.options.onError(error);
    this.destroy();
  }

  private resume(): void {
    this.busy = false;
    this.work();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));
}
