/** A local receiver: verifies each request, answers, and hands over what it saw. */

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { shownJson } from '../../model/exact-json';
import type { Verifier } from '../../signatures/options';

/** One event of a request; a batch is handed over event by event. */
export interface Heard {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly verified: boolean;
  /** Why the signature does not hold. */
  readonly why: string | null;
  /** The status it was answered with. */
  readonly status: number;
  /** Verified and answered with a 2xx: the sender is done with it. */
  readonly accepted: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Events in the request. */
  readonly batch: number;
  /** True when its id has been seen before. */
  readonly repeat: boolean;
  readonly id: string | null;
  readonly type: string | null;
  /** Parsed JSON, or the text when it is none. */
  readonly event: unknown;
}

interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly verify: Verifier;
  /** Answer to what is verified. */
  readonly status: number;
  /** The first n requests are answered with 503, to watch retries. */
  readonly failFirst: number;
  readonly heard: (one: Heard) => void;
}

/** A body larger than this is answered 413. */
const MAX_BODY = 64 * 1024 * 1024;
/** Ids remembered to recognise repeats; the oldest are forgotten. */
const REMEMBERED = 100_000;

export class Listener implements AsyncDisposable {
  private readonly server: Server;
  private readonly seen = new Set<string>();
  private requests = 0;

  constructor(private readonly options: ListenOptions) {
    this.server = createHttpServer((request, response) => void this.take(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  /** The URL to post to. */
  async start(): Promise<string> {
    const { host, port } = this.options;
    await new Promise<void>((ready, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, host, ready);
    });
    const { port: got } = this.server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${got}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      response.writeHead(413).end();
      return;
    }
    const why = this.options.verify(request.headers, body, request.url);
    this.requests++;
    const failing = this.requests <= this.options.failFirst;
    const status = failing ? 503 : why === null ? this.options.status : 401;
    response.writeHead(status).end();
    this.report(request, body, why, status);
  }

  private report(request: IncomingMessage, body: Buffer, why: string | null, status: number): void {
    const accepted = why === null && status >= 200 && status < 300;
    const parsed = shownJson(body.toString('utf8'));
    const events = Array.isArray(parsed) ? parsed : [parsed];
    for (const event of events) {
      const id = member(event, 'id') ?? (events.length === 1 ? single(request.headers['webhook-id']) : null);
      const repeat = id !== null && this.seen.has(id);
      if (id !== null && accepted) this.remember(id);
      this.options.heard({
        at: Date.now(),
        verified: why === null,
        why,
        status,
        accepted,
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        batch: events.length,
        repeat,
        id,
        type: member(event, 'type'),
        event,
      });
    }
  }

  private remember(id: string): void {
    this.seen.add(id);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value as string);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY) return null;
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_BODY }) : body;
  } catch {
    return null;
  }
}

function member(event: unknown, name: string): string | null {
  if (typeof event !== 'object' || event === null) return null;
  const value = (event as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}

function single(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
