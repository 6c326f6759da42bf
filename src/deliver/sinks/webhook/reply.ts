/** One request through undici's dispatch interface: status, headers, and the first bytes of the body. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Placed } from '../../bag';
import type { Connection } from './connections';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most the configured number of bytes. */
  readonly body: Buffer;
}

/** Who waits for a reply; told once, of one or the other. */
export interface Asker {
  answered(reply: Reply): void;
  failed(error: Error): void;
}

export interface ReplyRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: Dispatcher.HttpMethod;
  /** Names and values alternating. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** What a reader reports to. */
export interface ReaderOwner {
  /** undici is through with the request, which may be after its asker was told. */
  through(reader: ReplyReader): void;
  answered(reader: ReplyReader, reply: Reply): void;
  failed(reader: ReplyReader, error: Error): void;
}

const NOTHING = Buffer.alloc(0);

/** Reads one reply; undici calls it back, {@link end} ends it from outside. */
export class ReplyReader implements Dispatcher.DispatchHandler, Placed {
  place = -1;
  private controller: Dispatcher.DispatchController | null = null;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private chunks: Buffer[] | null = null;
  private bytes = 0;
  private done = false;

  /** @param deadline of the whole reply, on the clock of `performance.now()` */
  constructor(
    private readonly owner: ReaderOwner,
    readonly request: ReplyRequest,
    readonly asker: Asker,
    readonly signal: AbortSignal,
    /** Sent a second time. */
    readonly repeat: boolean,
    readonly connection: Connection,
    readonly deadline: number,
    private readonly maxBytes: number,
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.done) controller.abort(new Error('ended before it began'));
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    // 1xx come before the real one
    if (statusCode < 200) return;
    this.status = statusCode;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.done) return;
    this.chunks ??= [];
    const room = this.maxBytes - this.bytes;
    this.chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
    this.bytes += Math.min(room, chunk.length);
    if (chunk.length <= room) return;
    // the answer is known; the rest of a huge body is not read, at the price of the connection
    this.answer();
    controller.abort(new Error('reply cut'));
  }

  onResponseEnd(): void {
    this.owner.through(this);
    this.answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.owner.through(this);
    this.fail(error);
  }

  /** Ends the request with an error, from outside. */
  end(error: Error): void {
    this.fail(error);
    this.controller?.abort(error);
  }

  private answer(): void {
    if (this.done) return;
    this.done = true;
    const { status, headers, chunks } = this;
    const body = chunks === null ? NOTHING : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.owner.answered(this, { status, headers, body });
  }

  private fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.owner.failed(this, error);
  }
}
