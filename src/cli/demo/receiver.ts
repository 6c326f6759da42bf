/**
 * The receiver of the demo: verifies each request with the independent `standardwebhooks` package, remembers every
 * event id it has seen, and measures how long ago the journal entry was written.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** The part of a CloudEvent that the demo looks at. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly op: string;
    readonly key: Readonly<Record<string, unknown>>;
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly changed?: readonly string[];
    readonly meta: { readonly table: string; readonly sequence: string; readonly commitCycle: string };
  };
}

export class DemoReceiver {
  /** Events whose signature held, repeats not counted again. */
  readonly events = new Map<string, ReceivedEvent>();
  /** Milliseconds from journal entry to the 2xx reply. */
  readonly latencies: number[] = [];
  repeats = 0;
  refused = 0;
  private readonly verifier: Webhook;
  private server: Server | null = null;

  constructor(
    secret: string,
    private readonly onEvent: (event: ReceivedEvent, latencyMs: number) => void,
  ) {
    this.verifier = new Webhook(secret);
  }

  /** Listens on a free loopback port and returns the URL to post to. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      void readBody(request).then((body) => {
        const ok = this.accept(request, body);
        response.writeHead(ok ? 204 : 401).end();
      });
    });
    server.keepAliveTimeout = 60_000;
    this.server = server;
    await new Promise<void>((ready, failed) => {
      server.once('error', failed);
      server.listen(0, '127.0.0.1', ready);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/ibmi`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => (this.server ? this.server.close(done) : done(undefined)));
  }

  private accept(request: IncomingMessage, body: string): boolean {
    let event: ReceivedEvent;
    try {
      event = this.verifier.verify(body, request.headers as Record<string, string>) as ReceivedEvent;
    } catch {
      this.refused++;
      return false;
    }
    if (this.events.has(event.id)) {
      this.repeats++;
      return true;
    }
    const latency = Math.max(0, Date.now() - Date.parse(event.time));
    this.events.set(event.id, event);
    this.latencies.push(latency);
    this.onEvent(event, latency);
    return true;
  }
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

/** Nearest-rank percentile; 0 for an empty list. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}
