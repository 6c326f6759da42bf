/**
 * An HTTP receiver that verifies signatures, keeps the first arrival of every event id, and is not always well: it refuses
 * some requests, and takes some without saying so.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Bell } from '../support/bell';
import type { Dice } from '../support/dice';

export interface Arrival {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly op?: string;
    readonly key?: { readonly ID: number };
    readonly before?: { readonly ID: number; readonly VAL: string } | null;
    readonly after?: { readonly ID: number; readonly VAL: string; readonly NAMED?: string | null } | null;
    readonly meta: {
      readonly table: string;
      readonly receiver: string;
      /** Null where no entry says it. */
      readonly sequence: string | null;
      readonly attempt: number;
      readonly decodeErrors?: readonly unknown[];
    };
  };
}

export class HistoryReceiver implements AsyncDisposable {
  /** First arrivals by library, in order. */
  private readonly libraries = new Map<string, Arrival[]>();
  private readonly seen = new Map<string, string>();
  /** Called at each first arrival. */
  onArrival: (library: string, arrival: Arrival) => void = () => {};
  /** Ids that came again with another content. */
  readonly altered: string[] = [];
  /** Requests whose signature did not hold: why, headers and body. */
  readonly forged: string[] = [];
  requests = 0;
  repeats = 0;
  refusals = 0;

  private constructor(
    private readonly server: Server,
    private readonly verifier: Webhook,
    private readonly dice: Dice,
    private readonly bell: Bell,
  ) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async open(secret: string, dice: Dice, bell: Bell): Promise<HistoryReceiver> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new HistoryReceiver(server, new Webhook(secret), dice, bell);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/histories`;
  }

  arrivals(library: string): readonly Arrival[] {
    return this.libraries.get(library) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    // the daemon was killed in the middle of it
    if (body === null) return;
    this.requests++;
    const luck = this.dice.below(100);
    const status = luck < 2 ? 503 : luck < 4 ? null : this.accept(request, body);
    this.bell.ring();
    // whoever waits for this request may kill its sender before it is answered
    await setImmediate();
    if (luck < 6) this.refusals++;
    if (status === null || (luck >= 4 && luck < 6)) response.destroy();
    else response.writeHead(status).end();
  }

  private accept(request: IncomingMessage, body: string): number {
    let news: unknown;
    try {
      news = this.verifier.verify(body, request.headers as Record<string, string>);
    } catch (error) {
      this.forged.push(`${error}: ${JSON.stringify(request.headers)} ${body}`);
      return 401;
    }
    for (const event of Array.isArray(news) ? news : [news]) this.keep(event as Arrival);
    return 204;
  }

  private keep(event: Arrival): void {
    const content = contentOf(event);
    const known = this.seen.get(event.id);
    if (known !== undefined) {
      this.repeats++;
      if (known !== content) this.altered.push(event.id);
      return;
    }
    this.seen.set(event.id, content);
    const library = event.data.meta.table.split('/')[0]!;
    const list = this.libraries.get(library);
    if (list) list.push(event);
    else this.libraries.set(library, [event]);
    this.onArrival(library, event);
  }
}

/** All that a repeat may not change: everything but the number of the attempt, and what was looked up, which may be newer. */
function contentOf(event: Arrival): string {
  const data = { ...event.data, meta: { ...event.data.meta, attempt: 0 } };
  return JSON.stringify({ ...event, data }, (name, value) => (name === 'NAMED' ? '' : value));
}

/** Null when the sender went away. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('close', () => resolve(null));
  });
}
