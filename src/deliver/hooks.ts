import type { Exchange } from './sink';

/** One finished attempt with what was sent and what came back. */
export interface Exchanged {
  readonly destination: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** The worst of them. */
  readonly outcome: string;
  readonly exchange: Exchange;
  readonly events: readonly {
    readonly event: { readonly id: string; readonly type: string; readonly table: string; readonly key: string };
    readonly body: Buffer;
    readonly attempt: number;
    readonly replay: boolean;
    readonly outcome: string;
  }[];
}

/** What delivery reports while it works. All calls are cheap and must not throw. */
export interface DeliveryHooks {
  /** One finished request, or one Kafka send: the worst of its outcomes, and how many of its events were delivered. */
  attempt?(
    destination: string,
    outcome: 'delivered' | 'retry' | 'rejected' | 'gone',
    events: number,
    ms: number,
    delivered: number,
  ): void;
  /** Whether the next one is wanted, and one that was. */
  wantsExchange?(destination: string): boolean;
  exchanged?(one: Exchanged): void;
  /** One delivered event: UTC of its entry, epoch milliseconds at which it was written to the outbox, bytes of its body. */
  delivered?(destination: string, time: string, appendedAt: number, bytes: number): void;
  deadLettered?(destination: string, reason: string): void;
  /** 0 closed, 1 half open, 2 open. */
  breaker?(destination: string, state: 0 | 1 | 2): void;
  /** The destination takes no more events until an operator resumes it. */
  disabled?(destination: string, why: string): void;
  /** The destination refuses our credentials, or no longer. */
  denied?(destination: string, denied: boolean): void;
  /** Worth a line in the log; never secrets or row values. */
  note?(level: 'debug' | 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** The state file cannot be written: nothing more will be delivered. */
  fatal?(error: unknown): void;
}
