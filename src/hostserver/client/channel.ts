/**
 * One socket that carries frames: one request at a time, its reply matched by correlation id (docs/protocol.md#2).
 * Whatever goes wrong ends the channel with one coded error; nothing waits for ever.
 */
import type { Socket } from 'node:net';
import { CodedError } from '../../errors/coded-error';
import { Framer } from '../framer';
import type { FrameTracer } from '../trace';
import { closedHere, connectionLost, halfFrame, type Peer, requestTimeout } from './connect/socket-errors';

interface ChannelOptions {
  readonly maxFrame?: number;
  readonly tracer?: FrameTracer;
  /** Name of the connection in traces. */
  readonly label: string;
}

interface Exchange {
  /** The reply must carry this correlation id; null where the protocol does not promise one. */
  readonly correlation: number | null;
  /** Of the request, for errors. */
  readonly what: string;
  /** 0 is no limit. */
  readonly timeoutMs: number;
  /** Bytes of data that were asked for, where they may be many. */
  readonly wanted?: number;
}

/** Bytes a reply may have beside the data that were asked for. */
const REPLY_ROOM = 65_536;

interface Waiting extends Exchange {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | null;
}

const POLITE_CLOSE_MS = 2_000;

export class Channel {
  private readonly framer: Framer;
  private waiting: Waiting | null = null;
  private failure: CodedError | null = null;
  private corked = false;

  constructor(
    private readonly socket: Socket,
    readonly peer: Peer,
    private readonly options: ChannelOptions,
  ) {
    this.framer = new Framer({
      peer: peer.service,
      ...(options.maxFrame === undefined ? {} : { maxLength: options.maxFrame }),
    });
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(connectionLost(peer, 'while it was in use', error)));
    socket.on('end', () =>
      this.fail(this.framer.halfFrame ? halfFrame(peer) : connectionLost(peer, 'by the other side')),
    );
    socket.on('close', () => this.fail(connectionLost(peer, 'by the other side')));
  }

  /** Null while the channel works. */
  get failed(): CodedError | null {
    return this.failure;
  }

  /** Sends a request and waits for its reply. A second request before the reply is a bug of the caller. */
  exchange(frame: Buffer, exchange: Exchange): Promise<Buffer> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.framer.halfFrame) this.fail(this.leftover(exchange.what));
    if (this.failure) return Promise.reject(this.failure);
    if (this.waiting)
      return Promise.reject(new Error(`${exchange.what} was sent before ${this.waiting.what} was answered`));
    return new Promise((resolve, reject) => {
      const timer = exchange.timeoutMs > 0 ? setTimeout(() => this.timedOut(), exchange.timeoutMs) : null;
      this.waiting = { ...exchange, resolve, reject, timer };
      this.framer.expect((exchange.wanted ?? 0) + REPLY_ROOM);
      this.write(frame);
      this.flush();
    });
  }

  /** Sends a frame that has no reply; it leaves together with the next request, or at the end of this turn of the event loop. */
  post(frame: Buffer): void {
    if (!this.failure) this.write(frame);
  }

  /** Sends the last frame and closes. Resolves when the socket is closed, after two seconds in any case. */
  async end(last: Buffer | null): Promise<void> {
    if (this.failure) return this.destroy();
    if (last) this.write(last);
    this.failure = closedHere(this.peer, 'it was closed here');
    this.rejectWaiting(this.failure);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.destroy(), POLITE_CLOSE_MS);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.end();
      // The server says nothing more; whatever is still on its way must not keep the socket half open.
      this.socket.resume();
    });
  }

  /** Ends the channel now; a waiting request fails with `error`. */
  abandon(error: CodedError): void {
    this.fail(error);
  }

  private destroy(): void {
    this.socket.destroy();
  }

  private write(frame: Buffer): void {
    this.options.tracer?.frame('sent', this.options.label, frame);
    if (!this.corked) {
      this.corked = true;
      this.socket.cork();
      process.nextTick(() => this.flush());
    }
    this.socket.write(frame);
  }

  /**
   * A request leaves at once: the next tick comes only when all promises are done, and that may be the whole work on the
   * block before, which the reply is meant to travel during.
   */
  private flush(): void {
    if (!this.corked) return;
    this.corked = false;
    this.socket.uncork();
  }

  private receive(chunk: Buffer): void {
    if (this.failure) return;
    try {
      this.framer.push(chunk, (frame) => this.deliver(frame));
    } catch (error) {
      this.fail(error as CodedError);
    }
  }

  private deliver(frame: Buffer): void {
    if (this.failure) return;
    this.options.tracer?.frame('received', this.options.label, frame);
    const waiting = this.waiting;
    if (frame[6] !== 0xe0) throw this.notAHostServer(frame);
    if (!waiting) throw this.unexpected(frame, 'nothing was asked');
    const correlation = frame.readUInt32BE(12);
    if (waiting.correlation !== null && correlation !== waiting.correlation) {
      throw this.unexpected(frame, `${waiting.what} has correlation ${waiting.correlation}`);
    }
    this.waiting = null;
    if (waiting.timer) clearTimeout(waiting.timer);
    waiting.resolve(frame);
  }

  private timedOut(): void {
    const { what, timeoutMs } = this.waiting!;
    this.fail(requestTimeout(this.peer, what, timeoutMs));
  }

  private fail(error: CodedError): void {
    if (!this.failure) this.failure = error;
    this.socket.destroy();
    this.rejectWaiting(this.failure);
  }

  private rejectWaiting(error: CodedError): void {
    const waiting = this.waiting;
    this.waiting = null;
    if (!waiting) return;
    if (waiting.timer) clearTimeout(waiting.timer);
    waiting.reject(error);
  }

  private leftover(what: string): CodedError {
    return new CodedError({
      code: 'FRAME_EXTRA',
      message: `the ${this.peer.service} sent bytes behind its last reply, before ${what} was asked; the length of that reply was wrong`,
      next: 'the connection is dropped; run again with --trace-wire FILE and report the frames if it happens again',
      facts: { host: this.peer.host, port: this.peer.port },
    });
  }

  private notAHostServer(frame: Buffer): CodedError {
    return new CodedError({
      code: 'FRAME_SERVER',
      message: `a frame for server ${frame.toString('hex', 6, 8)} came from the ${this.peer.service}; host servers are E0xx`,
      next: 'check that host and port name an IBM i host server',
      facts: { host: this.peer.host, port: this.peer.port },
    });
  }

  private unexpected(frame: Buffer, expected: string): CodedError {
    const correlation = frame.readUInt32BE(12);
    return new CodedError({
      code: 'FRAME_CORRELATION',
      message: `the ${this.peer.service} sent a reply with correlation ${correlation}; ${expected}`,
      next: 'the connection is dropped; run again with --trace-wire FILE and report the frames if it happens again',
      facts: { correlation, host: this.peer.host, port: this.peer.port },
    });
  }
}
