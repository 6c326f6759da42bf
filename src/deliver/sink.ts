/** A way to hand events to the outside. One attempt; an ordinary refusal is an outcome, not an exception. */
import type { StoredEvent } from '../model/delivery';

/** An event with the body of this attempt: `meta.attempt` is already right. */
export interface OutboundEvent {
  readonly event: StoredEvent;
  readonly body: Buffer;
  /** From 1. */
  readonly attempt: number;
  readonly pos: number;
}

export type Outcome =
  | { readonly is: 'delivered' }
  | {
      readonly is: 'retry';
      readonly why: string;
      /** What the receiver asked for, in milliseconds. */
      readonly afterMs?: number;
      /** True when the whole endpoint asks to slow down: everything waits, and the attempt does not use up the schedule. */
      readonly throttled?: boolean;
      /** 401 or 403: the destination refuses our credentials, which is no fault of the event. */
      readonly denied?: boolean;
      /** True when nothing reached the receiver or it failed as a whole: counts for the circuit breaker. */
      readonly endpoint?: boolean;
    }
  /** Will not work however often it is tried. */
  | { readonly is: 'rejected'; readonly why: string; readonly reason: string }
  /** The receiver wants no more events at all (410): stop, keep everything. */
  | { readonly is: 'gone'; readonly why: string };

/** What an attempt looked like on the wire, for the delivery log. Free of secrets, capped. */
export interface Exchange {
  readonly status: number | null;
  /** Headers that are the same for every request, `name: value` lines. */
  readonly request?: string | null;
  /** The others, of which most are the signature. */
  readonly signature: string | null;
  readonly response: string | null;
  readonly error: string | null;
  /** What the receiver says of its budget. */
  readonly rate?: { readonly remaining: number; readonly resetMs: number };
  /** All of it, while an operator asks for that. */
  readonly full?: FullExchange;
}

/** A request and its answer uncut. Free of secrets; the body is what was signed, but for a token in it. */
export interface FullExchange {
  readonly method: string;
  readonly url: string;
  readonly body: Buffer;
  /** Head, an empty line, body; null when nothing came, or nothing of it may be kept. */
  readonly response: string | null;
  /** The answer was longer than what is read of one. */
  readonly cut: boolean;
}

export interface Delivery {
  /** One for each event, in order. */
  readonly outcomes: readonly Outcome[];
  readonly exchange: Exchange;
}

/** What the head of an answer asks for, before the rest of the answer has come. */
export interface Hint {
  /** The whole endpoint asks to slow down; `afterMs` as in {@link Outcome}. */
  readonly throttled: { readonly afterMs: number | undefined } | null;
  readonly rate: NonNullable<Exchange['rate']> | null;
}

/** The pace of a destination, as a request under way needs it. */
export interface Pacing {
  /** Asked just before the first byte goes out: false where the receiver has meanwhile asked to be left alone. */
  mayStart(): boolean;
  /** What follows of an answer may take its time: other requests hear of its hint before that. */
  hinted(hint: Hint): void;
}

export interface Sink extends AsyncDisposable {
  /** Name for people: an origin or a broker list, never a full URL. */
  readonly label: string;
  /**
   * @param signal aborts the attempt; its events then come back as `retry`
   * @param pacing absent where nothing else is sent to that receiver
   * @returns {@link UNSENT} when `pacing` did not let it start
   */
  deliver(events: readonly OutboundEvent[], signal: AbortSignal, pacing?: Pacing): Promise<Delivery>;
  /** Only events of one group go out together; absent where all may. */
  readonly groupOf?: ((event: StoredEvent) => string) | undefined;
  /** True when {@link settledUpTo} has to ask over the network. */
  readonly asksFirst?: boolean;
  /** Positions up to which the receiver itself proves to have everything; null if it cannot prove any. Asked once, before the first attempt. */
  settledUpTo?(): Promise<number | null>;
}

export const DELIVERED: Outcome = { is: 'delivered' };

/** Not one byte went out, as it was no longer time for it: no attempt. */
export const UNSENT: Delivery = {
  outcomes: [],
  exchange: { status: null, signature: null, response: null, error: null },
};
