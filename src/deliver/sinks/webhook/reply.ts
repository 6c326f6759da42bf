/**
 * One request through undici's dispatch interface: status, headers, and the first bytes of the body. The handler has the form
 * that undici's own core calls, with raw headers: one of the newer form is wrapped for each request, and every header parsed.
 */
import { type Dispatcher, util } from 'undici';
import type { Placed } from '../../bag';
import type { Connection } from './connections';

/** What the receiver answered. */
export class Reply {
  private parsed: Readonly<Record<string, string | string[]>> | null = null;

  constructor(
    readonly status: number,
    /** Names and values alternating. */
    private readonly raw: readonly Buffer[],
    /** At most the configured number of bytes. */
    readonly body: Buffer,
  ) {}

  /** By names in lower case; parsed when first asked for. */
  get headers(): Readonly<Record<string, string | string[]>> {
    this.parsed ??= util.parseHeaders([...this.raw]);
    return this.parsed;
  }

  /** True if a header's name ends so; parses nothing. @param ending in lower case */
  tells(ending: string): boolean {
    for (let i = 0; i < this.raw.length; i += 2) {
      const name = this.raw[i]!;
      const from = name.length - ending.length;
      if (from >= 0 && name.toString('latin1', from).toLowerCase() === ending) return true;
    }
    return false;
  }
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
  private abort: ((error: Error) => void) | null = null;
  private status = 0;
  private headers: readonly Buffer[] = [];
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

  onConnect(abort: (error?: Error) => void): void {
    if (this.done) abort(new Error('ended before it began'));
    this.abort = abort;
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    // 1xx come before the real one
    if (status >= 200) {
      this.status = status;
      this.headers = headers;
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.done) return true;
    this.chunks ??= [];
    const room = this.maxBytes - this.bytes;
    this.chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
    this.bytes += Math.min(room, chunk.length);
    if (chunk.length <= room) return true;
    // the answer is known; the rest of a huge body is not read, at the price of the connection
    this.answer();
    this.abort?.(new Error('reply cut'));
    return true;
  }

  onComplete(): void {
    this.owner.through(this);
    this.answer();
  }

  onError(error: Error): void {
    this.owner.through(this);
    this.fail(error);
  }

  /** Ends the request with an error, from outside. */
  end(error: Error): void {
    this.fail(error);
    this.abort?.(error);
  }

  private answer(): void {
    if (this.done) return;
    this.done = true;
    const { status, headers, chunks } = this;
    const body = chunks === null ? NOTHING : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.owner.answered(this, new Reply(status, headers, body));
  }

  private fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.owner.failed(this, error);
  }
}
