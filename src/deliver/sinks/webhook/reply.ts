/** One request through undici's dispatch interface: status, headers that matter, and the first bytes of the body. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most the configured number of bytes. */
  readonly body: Buffer;
}

export interface ReplyRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  /** Names and values alternating. */
  readonly headers: string[];
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Handler and deadline of one request; undici calls it back, {@link Deadlines} ends it when it takes too long. */
export class ReplyHandler implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private chunks: Buffer[] | null = null;
  private bytes = 0;
  done = false;

  constructor(
    readonly deadline: number,
    private readonly maxBytes: number,
    private readonly running: Set<ReplyHandler>,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: Error) => void,
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
    this.finish();
    controller.abort(new Error('reply cut'));
  }

  onResponseEnd(): void {
    this.finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Ends the request with an error, from outside. */
  end(error: Error): void {
    if (this.done) return;
    this.fail(error);
    this.controller?.abort(error);
  }

  private finish(): void {
    if (this.done) return;
    this.done = true;
    this.running.delete(this);
    const body =
      this.chunks === null ? NOTHING : this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  private fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.running.delete(this);
    this.reject(error);
  }
}

export class ReplyTimeout extends Error {
  readonly code = 'TIMEOUT';
}

/** Ends requests that take longer than allowed in all; a reply that drips byte by byte passes every other timer. */
export class Deadlines {
  private readonly running = new Set<ReplyHandler>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly limitMs: number) {}

  send(
    client: Dispatcher,
    request: ReplyRequest,
    maxBytes: number,
    signal: AbortSignal,
    answered: (reply: Reply) => void,
    failed: (error: Error) => void,
  ): void {
    const handler = new ReplyHandler(performance.now() + this.limitMs, maxBytes, this.running, answered, failed);
    this.running.add(handler);
    this.timer ??= setInterval(() => this.sweep(signal), Math.max(5, Math.min(250, this.limitMs / 8))).unref();
    client.dispatch(
      {
        origin: request.origin,
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers: request.headers,
        body: request.body,
      },
      handler,
    );
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private sweep(signal: AbortSignal): void {
    const now = performance.now();
    for (const handler of this.running) {
      if (signal.aborted) handler.end(new Error('stopped'));
      else if (handler.deadline < now) handler.end(new ReplyTimeout(`no complete reply within ${this.limitMs} ms`));
    }
  }
}
