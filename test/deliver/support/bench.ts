/** Store, outbox, dispatcher and sinks put together as the daemon does, on a real file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dispatcher, type DispatcherParts } from '../../../src/deliver/dispatcher';
import type { DeliveryHooks } from '../../../src/deliver/hooks';
import type { ServeOptions } from '../../../src/deliver/options';
import { type WebhookOptions, webhookOptions } from '../../../src/deliver/options';
import { serveKafka, serveWebhook } from '../../../src/deliver/queue/queue-policy';
import type { Sink } from '../../../src/deliver/sink';
import { WebhookSink } from '../../../src/deliver/sinks/webhook/webhook';
import { DISABLED_SCHEMA, DisabledTable } from '../../../src/deliver/standing/disabled-table';
import { STANDING_SCHEMA, StandingTable } from '../../../src/deliver/standing/standing-table';
import type { EventDraft } from '../../../src/model/event';
import type { OutboxOptions } from '../../../src/outbox/options';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr';
export const secret = (text: string) => ({ reveal: () => text });
export const signed = {
  standardWebhooks: { secret: secret(SECRET), previousSecret: null, privateKey: null, previousPrivateKey: null },
} as const;

/** Fast enough for tests: ten attempts within a second or so. */
export const QUICK = {
  schedule: [0, 20, 20, 40, 40, 40, 80, 80, 80, 80],
  jitter: 0.2,
  cap: 60_000,
  transient: [408, 425, 429, '5xx', 'network', 'timeout'],
} as const;

export function hook(url: string, given: Partial<WebhookOptions> = {}): WebhookOptions {
  return webhookOptions({ url, signing: signed, retry: QUICK, ...given });
}

export interface Setup {
  readonly webhooks?: Record<string, WebhookOptions>;
  readonly sinks?: Record<string, { readonly sink: Sink; readonly options: ServeOptions }>;
  readonly outbox?: Partial<OutboxOptions>;
  readonly hooks?: DeliveryHooks;
  readonly file?: string;
  readonly parts?: Partial<DispatcherParts>;
}

export class Bench implements AsyncDisposable {
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  private stopped = false;

  constructor(
    readonly store: Store,
    setup: Setup,
    private readonly folder: string | null,
  ) {
    const { webhooks = {}, sinks = {}, hooks } = setup;
    const names = [...Object.keys(webhooks), ...Object.keys(sinks)];
    this.outbox = new Outbox(store, {
      destinations: Object.fromEntries(names.map((name) => [name, {}])),
      ...setup.outbox,
    });
    const destinations = [
      ...Object.entries(webhooks).map(([name, options]) => {
        const sink = new WebhookSink(options, { agent: 'ibmi-cdc/test' });
        return { name, sink, options: serveWebhook(options, sink.host) };
      }),
      ...Object.entries(sinks).map(([name, { sink, options }]) => ({ name, sink, options })),
    ];
    this.dispatcher = new Dispatcher({
      store: this.outbox,
      disabled: new DisabledTable(store),
      standing: new StandingTable(store),
      destinations,
      ...(hooks ? { hooks } : {}),
      ...setup.parts,
    });
  }

  static async start(setup: Setup): Promise<Bench> {
    const bench = Bench.open(setup);
    await bench.dispatcher.start();
    return bench;
  }

  static open(setup: Setup): Bench {
    const folder = setup.file ? null : mkdtempSync(join(tmpdir(), 'outbox-'));
    const store = Store.open(setup.file ?? join(folder!, 'state.sqlite'), [
      OUTBOX_SCHEMA,
      DISABLED_SCHEMA,
      STANDING_SCHEMA,
    ]);
    return new Bench(store, setup, folder);
  }

  /** Writes events down and offers them, as capture does. */
  publish(events: readonly EventDraft[]): void {
    const appended = this.store.transaction(() => this.outbox.append(events));
    this.dispatcher.offer(appended);
  }

  pending(): number {
    return this.outbox.history.backlog().reduce((sum, b) => sum + b.ready + b.parked, 0);
  }

  async settled(ms = 20_000): Promise<void> {
    await until(() => this.pending() === 0, 'everything settled', ms);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.dispatcher.stop(200);
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

export { serveKafka };
