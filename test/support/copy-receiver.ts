/** A receiver over HTTP that keeps a copy by key, as a user's would: repeats are dropped by id, the last event of a key is its state. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly source: string;
  readonly time: string;
  readonly data: {
    readonly op: string;
    readonly key: Record<string, unknown>;
    readonly after: Record<string, unknown> | null;
    readonly before: Record<string, unknown> | null;
    readonly meta: { readonly mode: string; readonly table: string };
  };
}

export class CopyReceiver implements AsyncDisposable {
  /** Every event once, in the order of arrival. */
  readonly events: ReceivedEvent[] = [];
  /** Requests whose id was known. */
  repeats = 0;
  /** Ids that came again with another body, but for the number of the attempt. */
  readonly contradictions: string[] = [];
  private readonly ids = new Map<string, string>();
  private readonly copies = new Map<string, Map<string, unknown>>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<CopyReceiver> {
    const server = createServer();
    const receiver = new CopyReceiver(server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (d: Buffer) => parts.push(d));
      request.on('end', () => {
        receiver.take(JSON.parse(Buffer.concat(parts).toString('utf8')) as ReceivedEvent);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Rows of one event type's entity by key, as JSON texts. */
  copy(entity: string): Record<string, unknown> {
    return Object.fromEntries([...(this.copies.get(entity) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private take(event: ReceivedEvent): void {
    const body = JSON.stringify(event).replace(/"attempt":\d+/, '"attempt":1');
    const before = this.ids.get(event.id);
    if (before !== undefined) {
      this.repeats++;
      if (before !== body) this.contradictions.push(event.id);
      return;
    }
    this.ids.set(event.id, body);
    this.events.push(event);
    if (!event.data.op) return;
    const entity = event.type.slice(0, event.type.lastIndexOf('.'));
    const rows = this.copies.get(entity) ?? new Map<string, unknown>();
    this.copies.set(entity, rows);
    const key = JSON.stringify(event.data.key);
    if (event.data.op === 'delete') rows.delete(key);
    else rows.set(key, event.data.after);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
