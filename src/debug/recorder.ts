/** Keeps the exchanges of running captures: in memory for a moment, then in one transaction. Delivery never waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchanged } from '../deliver/hooks';
import type { Store } from '../store/store';
import { type DebugCapture, DebugTable } from './debug-table';

/** Characters kept of one body. */
const MOST_BODY = 256 * 1024;
/** Characters that wait to be written; what comes beyond them ends the captures they are for. */
const MOST_WAITING = 16 * 1024 * 1024;
/** Between two looks at what operators want, and two writes. */
const LOOK_MS = 200;

interface RecorderParts {
  readonly store: Store;
  /** Destinations whose payloads must not rest on this disk. */
  readonly withheld: ReadonlySet<string>;
  /** What payloads are sealed with; as it is where nothing is. */
  readonly close: (text: string) => string;
  readonly log: { info(facts: object, message: string): void };
}

/** One exchange as `debug tail --json` prints it. */
export interface DebugExchange {
  /** ISO time at which it started. */
  readonly at: string;
  readonly destination: string;
  readonly ms: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly table: string;
    readonly key: string;
    readonly attempt: number;
    readonly mode: 'stored' | 'replay';
    readonly outcome: string;
  }[];
  readonly request: {
    readonly method: string | null;
    readonly url: string | null;
    /** `name: value` lines. */
    readonly headers: string;
    /** Null where payloads are not stored. */
    readonly body: string | null;
  };
  /** Head, an empty line, body; null when nothing came. */
  readonly response: string | null;
  readonly error: string | null;
  /** Why a body is missing: `storePayload: false`. */
  readonly withheld: string | null;
  /** A body was longer than what is kept of one. */
  readonly cut: boolean;
}

export class DebugRecorder {
  private readonly table: DebugTable;
  private running: readonly DebugCapture[] = [];
  private waiting: { readonly capture: number; readonly content: string; readonly cut: boolean }[] = [];
  private characters = 0;
  private overflow = false;

  constructor(private readonly parts: RecorderParts) {
    this.table = new DebugTable(parts.store);
  }

  /** Whether full answers are wanted of a destination. */
  wants(destination: string): boolean {
    return this.running.some((c) => c.kind === 'table' || c.name === destination);
  }

  /** One request with its answer. Cheap while nothing is captured; never throws. */
  exchanged(one: Exchanged): void {
    for (const capture of this.running) {
      const events = one.events.filter(({ event }) => capture.kind === 'destination' || event.table === capture.name);
      if ((capture.kind === 'destination' && one.destination !== capture.name) || events.length === 0) continue;
      if (this.characters > MOST_WAITING) {
        this.overflow = true;
        return;
      }
      const kept = this.kept(one, events);
      const content = this.parts.close(JSON.stringify(kept));
      this.characters += content.length;
      this.waiting.push({ capture: capture.id, content, cut: kept.cut });
    }
  }

  /** Until `signal` aborts; what is in memory is written then. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    this.look();
  }

  private look(): void {
    const now = Date.now();
    const before = new Set(this.running.map((c) => c.id));
    this.write(now);
    this.running = this.table.running(now);
    const after = new Set(this.running.map((c) => c.id));
    for (const id of before) if (!after.has(id)) this.report(id, 'debug capture ended');
    for (const id of after) if (!before.has(id)) this.report(id, 'debug capture running');
    if (before.size === 0 && after.size === 0) return;
    this.table.purge(now);
  }

  private write(now: number): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.characters = 0;
    this.parts.store.transaction(() => {
      for (const { capture, content, cut } of waiting) this.table.add(capture, content, cut, now);
      if (this.overflow) for (const { id } of this.running) this.table.end(id, 'size', now);
    });
    this.overflow = false;
  }

  private report(id: number, message: string): void {
    const capture = this.table.get(id);
    if (!capture) return;
    const { kind, name, until, ended, exchanges } = capture;
    const facts = { debug: id, [kind]: name, until: new Date(until).toISOString(), exchanges };
    this.parts.log.info(ended === null ? facts : { ...facts, ended }, message);
  }

  private kept(one: Exchanged, events: Exchanged['events']): DebugExchange {
    const withheld = this.parts.withheld.has(one.destination);
    const { exchange } = one;
    const whole = events.length === one.events.length;
    const sent = withheld ? null : whole && exchange.full ? exchange.full.body.toString() : bodiesOf(events);
    const answer = exchange.full?.response ?? exchange.response;
    const [body, bodyCut] = capped(sent);
    const [response, responseCut] = capped(answer);
    return {
      at: new Date(one.at).toISOString(),
      destination: one.destination,
      ms: one.ms,
      outcome: one.outcome,
      status: exchange.status,
      events: events.map(({ event, attempt, replay, outcome }) => ({
        id: event.id,
        type: event.type,
        table: event.table,
        key: event.key,
        attempt,
        mode: replay ? 'replay' : 'stored',
        outcome,
      })),
      request: {
        method: exchange.full?.method ?? null,
        url: exchange.full?.url ?? null,
        headers: [exchange.request, exchange.signature].filter(Boolean).join('\n'),
        body,
      },
      response,
      error: exchange.error,
      withheld: withheld ? 'storePayload: false' : null,
      cut: bodyCut || responseCut || exchange.full?.cut === true,
    };
  }
}

function bodiesOf(events: Exchanged['events']): string {
  const texts = events.map(({ body }) => body.toString());
  return texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`;
}

function capped(text: string | null): [text: string | null, cut: boolean] {
  return text === null || text.length <= MOST_BODY ? [text, false] : [text.slice(0, MOST_BODY), true];
}
