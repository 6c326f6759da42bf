/** Sends requests and sees that each of them ends: with a reply, with an error, or at its deadline. */
import { Bag } from '../../../queue/swap-list';
import type { Connections } from '../dial/connections';
import { type Asker, type PendingRequest, type ReaderOwner, type Reply, ReplyReader, type ReplyRequest } from './reply';

/**
 * A kept connection may have been closed by the receiver just as it was used: such an early reset, before anything of a reply,
 * is tried once more at once. On a connection just made, or once a reply has begun, the receiver may have taken the request.
 */
const STALE_MS = 100;

export class ReplyTimeout extends Error {
  readonly code = 'TIMEOUT';
}

export class Requests implements ReaderOwner {
  private readonly running = new Bag<ReplyReader>();
  private timer: NodeJS.Timeout | null = null;

  /**
   * @param limitMs from request to the end of the reply; one that drips byte by byte passes every other timer
   * @param maxBytes of a reply's body that are read
   */
  constructor(
    private readonly connections: Connections,
    private readonly limitMs: number,
    readonly maxBytes: number,
  ) {}

  /** @param signal ends it like a deadline */
  send(request: ReplyRequest, signal: AbortSignal, asker: Asker): void {
    this.start({ request, signal, asker }, false);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.connections.destroy();
  }

  through(reader: ReplyReader): void {
    if (this.running.remove(reader)) this.connections.give(reader.connection);
  }

  answered(reader: ReplyReader, reply: Reply): void {
    reader.asked.asker.answered(reply);
  }

  failed(reader: ReplyReader, error: Error): void {
    if (!this.wasStale(reader, error)) reader.asked.asker.failed(error);
    else this.start(reader.asked, true);
  }

  private start(asked: PendingRequest, repeat: boolean): void {
    const connection = this.connections.take();
    const deadline = performance.now() + this.limitMs;
    const reader = new ReplyReader(this, asked, repeat, connection, deadline);
    this.running.add(reader);
    this.timer ??= setInterval(() => this.sweep(), Math.max(5, Math.min(250, this.limitMs / 8))).unref();
    connection.dispatcher.dispatch(asked.request, reader);
  }

  private wasStale(reader: ReplyReader, error: Error): boolean {
    const code = (error as NodeJS.ErrnoException).code;
    if (!reader.unheard) return false;
    if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') return false;
    const age = performance.now() - (reader.deadline - this.limitMs);
    return age <= STALE_MS && !reader.asked.signal.aborted && !reader.repeat;
  }

  private sweep(): void {
    const now = performance.now();
    for (const reader of this.running.all()) {
      if (reader.asked.signal.aborted) reader.end(new Error('stopped'));
      else if (reader.deadline < now) reader.end(new ReplyTimeout(`no complete reply within ${this.limitMs} ms`));
    }
  }
}
