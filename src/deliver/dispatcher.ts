/**
 * Delivery of everything in the outbox: one courier a destination, so that a dead one never holds the others.
 * The composition root builds the sinks and hands committed events to {@link Dispatcher.offer}.
 */

import { remaining, steadyNow } from '../clock/steady-clock';
import { isCoded } from '../errors/coded-error';
import type { DeliveryStore, EventBody, PendingDelivery, StoredEvent } from '../model/delivery';
import { Courier, type CourierStatus } from './courier';
import type { DeliveryHooks } from './hooks';
import { Buckets } from './limits/token-bucket';
import type { ServeOptions } from './options';
import { Settler } from './settler';
import type { Sink } from './sink';
import type { DisabledDestination } from './standing/disabled-table';
import type { DestinationStanding } from './standing/standing';
import type { StoredStanding } from './standing/standing-table';

export interface DestinationParts {
  readonly name: string;
  readonly sink: Sink;
  readonly options: ServeOptions;
}

/** What the dispatcher needs of {@link DisabledTable}. */
interface DisabledList {
  list(): readonly DisabledDestination[];
  disable(destination: string, why: string): void;
  enable(destination: string): boolean;
}

/** What the dispatcher needs of {@link StandingTable}. */
interface StandingList {
  list(): readonly StoredStanding[];
  put(destination: string, standing: DestinationStanding): void;
}

export interface DispatcherParts {
  readonly store: DeliveryStore;
  /** Remembers over a restart which destinations want no more events; absent forgets with the process. */
  readonly disabled?: DisabledList;
  /** Shows to other processes how the destinations stand; absent shows nothing. */
  readonly standing?: StandingList;
  readonly destinations: readonly DestinationParts[];
  readonly hooks?: DeliveryHooks;
  /** True for an error of the store that ends by itself once there is room on its disk. */
  readonly storeFull?: (error: unknown) => boolean;
  /** Makes the body of an event that was stored without one; null if its source is gone. */
  readonly rebuild?: (event: StoredEvent) => Promise<EventBody | null>;
  /** Wall clock. */
  readonly now?: () => number;
  /** Clock of every pause; never jumps. */
  readonly steady?: () => number;
  readonly random?: () => number;
}

/** What the outbox says about one append. */
interface Committed {
  readonly deliveries: readonly PendingDelivery[];
  readonly after: number;
  readonly last: number;
}

/** How often writes of other processes (`dlq retry`, `replay`) are looked for. */
const LOOK_MS = 500;
/** How often it is written down how the destinations stand, if it has changed; their answer times alone less often. */
const SHOW_MS = 1_000;
const SHOW_TIMES_MS = 15_000;
/** A destination that cannot start, because what it must ask is not reachable, begins again after this. */
const START_AGAIN_MS = 5_000;

export class Dispatcher {
  private readonly couriers = new Map<string, Courier>();
  private readonly settler: Settler;
  private known: number;
  private foreign: number;
  private timer: NodeJS.Timeout | null = null;
  private standingTimer: NodeJS.Timeout | null = null;
  private readonly written = new Map<string, { readonly text: string; readonly at: number }>();
  private readonly again = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(private readonly parts: DispatcherParts) {
    const { store, now = Date.now, steady = steadyNow, random = Math.random } = parts;
    const hooks = this.remembering(parts.hooks ?? {});
    this.settler = new Settler(store, {
      full: (error) => parts.storeFull?.(error) ?? false,
      failed: (error) => this.storeFailed(error),
      unblocked: () => {
        for (const courier of this.couriers.values()) courier.look();
      },
    });
    this.known = store.lastPosition();
    this.foreign = store.foreignChanges();
    const buckets = new Buckets();
    const disabled = new Map(parts.disabled?.list().map((d) => [d.destination, d]));
    const stood = new Map(parts.standing?.list().map((s) => [s.destination, s]));
    for (const { name, sink, options } of parts.destinations) {
      const bucket = buckets.for(options.rateLimit, options.host, steady());
      const rebuild = parts.rebuild ?? null;
      const courier = new Courier({
        name,
        sink,
        options,
        store,
        settler: this.settler,
        bucket,
        hooks,
        rebuild,
        now,
        steady,
        random,
      });
      this.couriers.set(name, courier);
      const paced = stood.get(name)?.paced;
      if (paced) courier.rest(remaining(paced.until, paced.pause, now()), paced.why);
      const before = disabled.get(name);
      if (!before) continue;
      courier.disable();
      const since = new Date(before.since).toISOString();
      this.warn(name, 'still disabled', { since, why: before.why });
    }
  }

  /** Writes down which destination is disabled, before anything else is informed. */
  private remembering(hooks: DeliveryHooks): DeliveryHooks {
    return {
      ...hooks,
      disabled: (name, why) => {
        try {
          this.parts.disabled?.disable(name, why);
        } catch (error) {
          this.storeFailed(error);
        }
        this.warn(name, 'disabled', { why });
        hooks.disabled?.(name, why);
      },
    };
  }

  private warn(destination: string, what: string, facts: Readonly<Record<string, unknown>>): void {
    const next = `ibmi-cdc resume --destination ${destination}`;
    const message = `destination ${what}: its events are kept, nothing is sent to it`;
    this.parts.hooks?.note?.('error', message, { destination, ...facts, next });
  }

  /** Begins with what a former run left. One destination that cannot start does not keep the others from it. */
  async start(): Promise<void> {
    this.timer = setInterval(() => this.lookForForeign(), LOOK_MS);
    this.timer.unref();
    this.standingTimer = setInterval(() => this.showStanding(), SHOW_MS);
    this.standingTimer.unref();
    // one that must ask its receiver first may take its time; the others do not wait for it
    const all = [...this.couriers.values()].map((courier) => ({ courier, begun: this.begin(courier) }));
    await Promise.all(all.filter(({ courier }) => !courier.asksFirst).map(({ begun }) => begun));
  }

  /** Events whose transaction has committed. Never waits; what does not fit in memory is read from the store later. */
  offer(committed: Committed): void {
    if (committed.after !== this.known) this.look();
    this.known = committed.last;
    const touched = new Set<Courier>();
    for (const delivery of committed.deliveries) {
      const courier = this.couriers.get(delivery.destination);
      if (!courier) continue;
      courier.offer(delivery);
      touched.add(courier);
    }
    for (const courier of touched) courier.pump();
  }

  /** Something was queued that was not offered. */
  look(): void {
    this.known = this.parts.store.lastPosition();
    for (const courier of this.couriers.values()) courier.look();
  }

  /** An operator changed something in the state file: destinations are off or on again, or something was queued. */
  operatorActed(): void {
    this.followDisabled();
    this.look();
  }

  /** Lets a disabled destination (410) go on. */
  resume(name: string): void {
    this.parts.disabled?.enable(name);
    this.couriers.get(name)?.resume();
  }

  status(): Record<string, CourierStatus> {
    return Object.fromEntries([...this.couriers].map(([name, courier]) => [name, courier.status]));
  }

  /** How each destination stands, for people. */
  standing(): Record<string, DestinationStanding> {
    return Object.fromEntries([...this.couriers].map(([name, courier]) => [name, courier.report()]));
  }

  /** Takes nothing more, waits up to `drainMs` for requests under way, settles, closes the sinks. */
  async stop(drainMs = 10_000): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    if (this.standingTimer) clearInterval(this.standingTimer);
    for (const timer of this.again) clearTimeout(timer);
    await Promise.allSettled([...this.couriers.values()].map((courier) => courier.stop(drainMs)));
    this.settler.flush();
    this.showStanding();
  }

  /** What other processes and the next run should know; the daemon can do without it. */
  private showStanding(): void {
    const { standing, steady = steadyNow } = this.parts;
    if (!standing) return;
    for (const [name, courier] of this.couriers) {
      const report = courier.report();
      const { answers: _times, paced, ...rest } = report;
      const text = JSON.stringify([rest, paced?.why ?? null, paced ? Math.round(paced.until / 1000) : null]);
      const before = this.written.get(name);
      const again = report.answers !== null && steady() - (before?.at ?? 0) > SHOW_TIMES_MS;
      if (before?.text === text && !again) continue;
      try {
        standing.put(name, report);
      } catch {
        // a full disk, which settling meets as well and reports
        return;
      }
      this.written.set(name, { text, at: steady() });
    }
  }

  private async begin(courier: Courier): Promise<void> {
    try {
      await courier.start();
    } catch (error) {
      // asking again does not mend it
      if (isFinal(error)) return this.parts.hooks?.fatal?.(error);
      const why = error instanceof Error ? error.message : String(error);
      this.parts.hooks?.note?.('error', 'destination cannot start', { destination: courier.name, why });
      if (!this.stopped) this.again.add(setTimeout(() => void this.begin(courier), START_AGAIN_MS));
    }
  }

  private lookForForeign(): void {
    const foreign = this.parts.store.foreignChanges();
    if (foreign === this.foreign) return;
    this.foreign = foreign;
    this.operatorActed();
  }

  /** The operator's decisions, as they stand in the state file: another process may have written them. */
  private followDisabled(): void {
    if (!this.parts.disabled) return;
    const disabled = new Map(this.parts.disabled.list().map((d) => [d.destination, d]));
    for (const courier of this.couriers.values()) {
      const isOff = courier.status.state === 'disabled';
      const word = disabled.get(courier.name);
      if (word && !isOff) {
        courier.disable();
        this.warn(courier.name, 'disabled', { why: word.why });
      } else if (!word && isOff) {
        courier.resume();
        const facts = { destination: courier.name };
        this.parts.hooks?.note?.('info', 'destination goes on: the operator resumed it', facts);
      }
    }
  }

  private storeFailed(error: unknown): void {
    if (this.parts.storeFull?.(error)) return;
    this.parts.hooks?.note?.('error', 'the state file cannot be written', {});
    this.parts.hooks?.fatal?.(error);
  }
}

function isFinal(error: unknown): boolean {
  if (isCoded(error)) return error.family === 'positionLost' || error.code === 'STORE_CORRUPT';
  return String((error as NodeJS.ErrnoException | null)?.code).startsWith('SQLITE_CORRUPT');
}
