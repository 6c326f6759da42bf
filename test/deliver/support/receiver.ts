/** A real HTTP receiver on a free port that keeps what it got. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';

export interface EventJson {
  readonly id: string;
  readonly subject: string;
  readonly data: { readonly n: number; readonly meta: { readonly attempt: number } };
}

export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly at: number;
  /** Parsed body of a single event; undefined when it is not JSON. */
  readonly json: EventJson;
}

export type Answer = (got: Got, response: ServerResponse, n: number) => void;

export const ok: Answer = (_got, response) => response.writeHead(204).end();

export class Receiver implements AsyncDisposable {
  readonly got: Got[] = [];
  answer: Answer;
  private waiters: (() => void)[] = [];
  private constructor(
    readonly server: Server,
    answer: Answer,
    private readonly scheme: string,
  ) {
    this.answer = answer;
  }

  static async start(answer: Answer = ok, tls?: TlsOptions): Promise<Receiver> {
    const server = tls ? createTlsServer(tls) : createServer();
    const receiver = new Receiver(server as Server, answer, tls ? 'https' : 'http');
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const got: Got = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body,
          at: Date.now(),
          json: parse(body),
        };
        receiver.got.push(got);
        receiver.answer(got, response, receiver.got.length);
        for (const wake of receiver.waiters.splice(0)) wake();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}/hook`;
  }

  /** Waits for a condition on what has arrived. */
  async until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
    const end = Date.now() + ms;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited ${ms} ms for ${what}; ${this.got.length} requests arrived`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, Math.min(left, 50));
        this.waiters.push(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

function parse(body: Buffer): EventJson {
  try {
    return JSON.parse(body.toString()) as EventJson;
  } catch {
    return undefined as never;
  }
}
