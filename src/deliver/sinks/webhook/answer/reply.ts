/**
 * One request through undici's dispatch interface: status, headers, and the first bytes of the body. The handler has the form
 * that undici's own core calls, with raw headers: one of the newer form is wrapped for each request, and every header parsed.
 */
import { type Dispatcher, util } from 'undici';
import type { Placed } from '../../../queue/swap-list';
import type { Connection } from '../dial/connections';

/** How the body of a reply ended: as announced, cut by us because it was too long, or with its connection or deadline. */
export type Ending = 'whole' | 'limit' | 'broken';

/** What the receiver answered. */
export class Reply {
  private parsed: Readonly<Record<string, string | string[]>> | null = null;

  constructor(
    readonly status: number,
    /** Names and values alternating. */
    private readonly raw: readonly Buffer[],
    /** As it came, at most the configured number of bytes. */
    readonly body: Buffer,
    readonly ending: Ending = 'whole',
  ) {}

  /** By names in lower case; parsed when first asked for. */
  get headers(): Readonly<Record<string, string | string[]>> {
    this.parsed ??= util.parseHeaders([...this.raw]);
    return this.parsed;
  }

  /** Null when it is absent; parses nothing else. Of several the first. @param name in lower case */
  header(name: string): string | null {
    for (let i = 0; i < this.raw.length; i += 2) {
      const buffer = this.raw[i]!;
      if (buffer.length === name.length && buffer.toString('latin1').toLowerCase() === name) {
        return this.raw[i + 1]!.toString('latin1');
      }
    }
    return null;
  }

  /** `name: value` lines, without those named. @param without in lower case */
  headerLines(without: readonly string[]): string {
    let text = '';
    for (let i = 0; i < this.raw.length; i += 2) {
      const name = this.raw[i]!;
      if (isOneOf(name, without)) continue;
      text += `${text === '' ? '' : '\n'}${name.toString('latin1').toLowerCase()}: ${this.raw[i + 1]!.toString('utf8')}`;
    }
    return text;
  }

  /** True if a header's name ends so; parses nothing. @param ending in lower case */
  hasHeader(ending: string): boolean {
    return hasHeader(this.raw, ending);
  }
}

/** Makes no text of the name: it is asked for every header of every reply. @param names in lower case */
function isOneOf(name: Buffer, names: readonly string[]): boolean {
  for (const other of names) if (other.length === name.length && isSame(name, other)) return true;
  return false;
}

/** @param other in lower case, letters and hyphens */
function isSame(name: Buffer, other: string): boolean {
  for (let i = 0; i < name.length; i++) if ((name[i]! | LOWER) !== other.charCodeAt(i)) return false;
  return true;
}

/** Makes capital letters small; small ones and the hyphen have the bit already. */
const LOWER = 0x20;

function hasHeader(raw: readonly Buffer[], ending: string): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const from = name.length - ending.length;
    if (from >= 0 && name.toString('latin1', from).toLowerCase() === ending) return true;
  }
  return false;
}

/** The request did not start, as {@link Asker.mayStart} said. */
export const HELD_BACK = new Error('held back: the receiver asked to be left alone');

/** Who waits for a reply; called once, with `answered` or `failed`. */
export interface Asker {
  /** PendingRequest just before the first byte of the request goes out. */
  mayStart(): boolean;
  /** The head of a reply that may ask for a pause has come; its body has not. */
  headed(head: Reply): void;
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

/** A request with who waits for it: the same for both times it may be sent. */
export interface PendingRequest {
  readonly request: ReplyRequest;
  readonly asker: Asker;
  /** Ends it like a deadline. */
  readonly signal: AbortSignal;
}

/** What a reader reports to. */
export interface ReaderOwner {
  /** Of a reply's body that are read. */
  readonly maxBytes: number;
  /** undici is through with the request, which may be after its asker was called. */
  through(reader: ReplyReader): void;
  answered(reader: ReplyReader, reply: Reply): void;
  failed(reader: ReplyReader, error: Error): void;
}

const NOTHING = Buffer.alloc(0);
/** Of the header that says what is left of a budget, with or without `x-`; in lower case. */
export const RATE_ENDING = 'ratelimit-remaining';

/** Reads one reply; undici calls it back, {@link end} ends it from outside. */
export class ReplyReader implements Dispatcher.DispatchHandler, Placed {
  place = -1;
  private abort: ((error: Error) => void) | null = null;
  /** 0 until the head has come. */
  private status = 0;
  private headers: readonly Buffer[] = [];
  private chunks: Buffer[] | null = null;
  private bytes = 0;
  private done = false;
  private headed = false;
  /** Of the connection, before the request. */
  private readonly dials: number;

  /** @param deadline of the whole reply, on the clock of `performance.now()` */
  constructor(
    private readonly owner: ReaderOwner,
    readonly asked: PendingRequest,
    /** Sent a second time. */
    readonly repeat: boolean,
    readonly connection: Connection,
    readonly deadline: number,
  ) {
    this.dials = connection.dials;
  }

  /**
   * True when nothing of a reply has come and the connection was a kept one: the receiver may have closed it just as it was
   * used, without having seen the request.
   */
  get unheard(): boolean {
    return !this.headed && !this.connection.heard && this.dials > 0 && this.dials === this.connection.dials;
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.done) abort(new Error('ended before it began'));
    // thrown, not aborted: the connection stays for others
    else if (!this.asked.asker.mayStart()) throw HELD_BACK;
    this.abort = abort;
    this.connection.awaiting = true;
    this.connection.heard = false;
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    this.headed = true;
    // 1xx come before the real one
    if (status >= 200) {
      this.status = status;
      this.headers = headers;
      this.connection.awaiting = false;
      if (mayAskForPause(status, headers) && !this.done) this.asked.asker.headed(new Reply(status, headers, NOTHING));
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.done) return true;
    this.chunks ??= [];
    const room = this.owner.maxBytes - this.bytes;
    this.chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
    this.bytes += Math.min(room, chunk.length);
    if (chunk.length <= room) return true;
    // the answer is known; the rest of a huge body is not read, at the price of the connection
    this.answer('limit');
    this.abort?.(new Error('reply cut'));
    return true;
  }

  onComplete(): void {
    this.owner.through(this);
    this.answer('whole');
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

  private answer(ending: Ending): void {
    if (this.done) return;
    this.done = true;
    const { status, headers, chunks } = this;
    const body = chunks === null ? NOTHING : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.owner.answered(this, new Reply(status, headers, body, ending));
  }

  /** Once the head has come the receiver has answered, whatever happens to the rest of it. */
  private fail(error: Error): void {
    if (this.done) return;
    if (this.status !== 0) this.answer('broken');
    else {
      this.done = true;
      this.owner.failed(this, error);
    }
  }
}

function mayAskForPause(status: number, headers: readonly Buffer[]): boolean {
  return status === 429 || status === 503 || hasHeader(headers, RATE_ENDING);
}
