/**
 * Serves one destination: takes deliveries lane by lane, has the sink attempt them, settles what came of it.
 * Works from memory; reads the store after a restart, after an overflow, and for lanes that had to wait.
 */
import type { AttemptRecord, DeliveryStore, EventBody, PendingDelivery, StoredEvent } from '../model/delivery';
import { pauseAfter, scheduleSpan } from './backoff';
import { Breaker, type BreakerState } from './breaker';
import type { TokenBucket } from './bucket';
import { Gate } from './gate';
import { Intake } from './intake';
import { type Lane, type Lanes, sizeOf, type TakeLimit } from './lanes';
import type { DeliveryHooks } from './metrics';
import type { ServeOptions } from './options';
import { outbound } from './outbound';
import { Pace } from './pace';
import type { Settler } from './settler';
import type { Delivery, Exchange, OutboundEvent, Outcome, Sink } from './sinks/sink';

export interface CourierParts {
  readonly name: string;
  readonly sink: Sink;
  readonly options: ServeOptions;
  readonly store: DeliveryStore;
  readonly settler: Settler;
  readonly bucket: TokenBucket | null;
  readonly hooks: DeliveryHooks;
  /** Makes the body of an event that was stored without one; null if its source is gone. */
  readonly rebuild: ((event: StoredEvent) => Promise<EventBody | null>) | null;
  readonly now: () => number;
  readonly random: () => number;
}

export class Courier {
  private readonly intake: Intake;
  private readonly lanes: Lanes;
  private readonly pace: Pace;
  private readonly breaker: Breaker;
  private readonly gate: Gate;
  private readonly limit: TakeLimit;
  private readonly span: number;
  private readonly abort = new AbortController();
  private inFlight = 0;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  private state: 'new' | 'running' | 'disabled' | 'stopped' = 'new';
  private started = false;
  private pulling = false;
  private idle: (() => void)[] = [];

  constructor(private readonly parts: CourierParts) {
    const { options } = parts;
    this.intake = new Intake(parts);
    this.lanes = this.intake.lanes;
    this.pace = new Pace(options.concurrency, options.adaptive);
    this.breaker = new Breaker(options.circuitBreaker, (state) => this.breakerChanged(state));
    this.gate = new Gate(
      options.batch,
      () => this.pump(),
      () => parts.store.lastPosition(),
    );
    const { mode, maxRecords, maxBytes, itemResults } = options.batch;
    this.limit = { records: mode === 'event' ? 1 : maxRecords, bytes: maxBytes, onePerLane: itemResults !== null };
    this.span = scheduleSpan(options.retry);
  }

  get name(): string {
    return this.parts.name;
  }

  /** True when it begins only after an answer of the receiver. */
  get asksFirst(): boolean {
    return this.parts.sink.asksFirst === true;
  }

  get status(): { state: string; breaker: BreakerState; inFlight: number; held: number; waitingLanes: number } {
    return {
      state: this.state,
      breaker: this.breaker.state,
      inFlight: this.inFlight,
      held: this.intake.held,
      waitingLanes: this.intake.waiting,
    };
  }

  /**
   * Learns what the receiver already has and which lanes wait, then begins.
   * @throws what the sink throws when it must be asked and cannot be
   */
  async start(): Promise<void> {
    const proved = (await this.parts.sink.settledUpTo?.()) ?? null;
    if (proved !== null) this.intake.settleProved(proved);
    this.intake.loadWaiting();
    this.started = true;
    if (this.state === 'new') this.state = 'running';
    this.intake.pull();
    this.pump();
  }

  /** Deliveries just committed, in order. What does not fit stays on disk. */
  offer(delivery: PendingDelivery): void {
    if (this.state === 'running') this.intake.offer(delivery);
    else this.intake.behind();
  }

  /** Something may be on disk that was not offered. */
  look(): void {
    this.intake.behind();
    this.intake.pull();
    this.pump();
  }

  /** Nothing is sent until {@link resume}. */
  disable(): void {
    if (this.state !== 'stopped') this.state = 'disabled';
  }

  /** After `gone`: the operator says that the receiver wants events again. */
  resume(): void {
    if (this.state !== 'disabled') return;
    this.state = this.started ? 'running' : 'new';
    if (this.started) this.look();
  }

  /** Stops taking; waits up to `drainMs` for what is under way, then aborts it. */
  async stop(drainMs: number): Promise<void> {
    this.state = 'stopped';
    this.gate.stop();
    if (this.timer) clearTimeout(this.timer);
    if (this.inFlight > 0) {
      const timer = setTimeout(() => this.abort.abort(), drainMs);
      await new Promise<void>((done) => this.idle.push(done));
      clearTimeout(timer);
    }
    await this.parts.sink[Symbol.asyncDispose]();
  }

  /** Sends what may be sent now and arms the timer for the rest. */
  pump(): void {
    if (this.state !== 'running') return;
    const now = this.parts.now();
    const blocked = this.breaker.wait(now);
    const probing = this.breaker.state !== 'closed' && this.lanes.readyEvents === 0;
    if (blocked === 0) this.intake.wakeLanes(now, probing);
    const { options, bucket } = this.parts;
    let wait = this.intake.waiting > 0 && blocked > 0 ? blocked : Number.POSITIVE_INFINITY;
    while (this.lanes.readyEvents > 0 && this.inFlight < Math.min(options.concurrency, this.pace.allowed)) {
      wait = Math.max(
        this.breaker.wait(now),
        this.pace.wait(now),
        bucket?.wait(now) ?? 0,
        this.gate.wait(this.lanes, now),
      );
      if (wait > 0) break;
      this.fill();
      const batch = this.lanes.take(this.limit, this.gate.upTo);
      if (!batch) break;
      bucket?.take(now);
      this.attempt(batch, this.breaker.start());
    }
    this.pullSoon();
    const nextDue = blocked === 0 ? this.intake.nextDue() : Number.POSITIVE_INFINITY;
    this.arm(now, Math.min(now + wait, nextDue));
  }

  private attempt(batch: PendingDelivery[], probe: boolean): void {
    this.inFlight++;
    const at = this.parts.now();
    const started = performance.now();
    const ended = (result: Delivery): void => {
      this.inFlight--;
      this.finish(batch, result, probe, at, Math.round((performance.now() - started) * 1000) / 1000);
      if (this.inFlight === 0 && this.state === 'stopped') for (const done of this.idle.splice(0)) done();
      this.pump();
    };
    this.send(batch).then(ended, (error) => ended(failedDelivery(batch.length, error)));
  }

  private send(batch: readonly PendingDelivery[]): Promise<Delivery> {
    const events: OutboundEvent[] = [];
    for (const delivery of batch) {
      if (delivery.event.body === null) return this.sendRebuilt(batch);
      events.push(outbound(delivery, delivery.event.body));
    }
    return this.parts.sink.deliver(events, this.abort.signal);
  }

  private async sendRebuilt(batch: readonly PendingDelivery[]): Promise<Delivery> {
    const events = await this.withBodies(batch);
    return Array.isArray(events) ? this.parts.sink.deliver(events, this.abort.signal) : events;
  }

  /** Events with their bodies, or the outcome when one cannot be made again. */
  private async withBodies(batch: readonly PendingDelivery[]) {
    const events: OutboundEvent[] = [];
    const outcomes: Outcome[] = [];
    for (const d of batch) {
      const { body, attemptOffset } = d.event;
      const made = body ? { body, attemptOffset } : await this.parts.rebuild?.(d.event);
      if (made) {
        events.push(outbound(d, made.body, made.attemptOffset));
        outcomes.push({ is: 'retry', why: 'another event of its batch has no payload' });
      } else {
        const why = 'its payload was not stored and the journal entry it came from can no longer be read';
        outcomes.push({ is: 'rejected', why, reason: 'source-gone' });
      }
    }
    const exchange: Exchange = { status: null, signature: null, response: null, error: 'payload not available' };
    return events.length === batch.length ? events : { outcomes, exchange };
  }

  private finish(batch: PendingDelivery[], result: Delivery, probe: boolean, at: number, ms: number): void {
    const now = this.parts.now();
    const { outcomes } = result;
    const verdict = worst(outcomes);
    this.feedBack(batch, result, verdict, now);
    const { hooks, name } = this.parts;
    hooks.attempt?.(name, verdict, batch.length, ms, deliveredOf(outcomes));
    if (verdict === 'gone') this.gone(batch, outcomes);
    else if (verdict === 'rejected' && batch.length > 1 && outcomes.every((o) => o.is === verdict)) this.split(batch);
    else this.settle(batch, result, probe, at, ms, now);
  }

  private settle(
    batch: PendingDelivery[],
    { outcomes, exchange }: Delivery,
    probe: boolean,
    at: number,
    ms: number,
    now: number,
  ): void {
    const { status, signature, response, error } = exchange;
    const attempt = batch[0]!.attempts + 1;
    let record: AttemptRecord = { attempt, at, ms, status, signature, response, error, batch: batch.length };
    for (let i = 0; i < batch.length; i++) {
      const delivery = batch[i]!;
      const outcome = outcomes[i]!;
      const lane = this.lanes.get(delivery.lane);
      if (i > 0) record = sameRequest(record, delivery.attempts + 1);
      const dueAt = this.settleOne(delivery, outcome, record, probe, now);
      if (dueAt > lane.retryAt) lane.retryAt = dueAt;
      if (dueAt === 0 && outcome.is === 'delivered') lane.batchLimit = Number.POSITIVE_INFINITY;
      else if (dueAt > 0 && batch.length > 1) lane.batchLimit = Math.max(1, batch.length >> 1);
    }
    for (const delivery of batch) this.goOn(this.lanes.find(delivery.lane));
  }

  /** The request of a lane is over; told once for each of its deliveries, the first counts. */
  private goOn(lane: Lane | undefined): void {
    if (!lane?.busy) return;
    if (lane.retryAt > 0) this.intake.hold(lane, lane.retryAt);
    else this.intake.goOn(lane);
  }

  /** Returns when it is to be tried again, 0 when it is settled. */
  private settleOne(
    delivery: PendingDelivery,
    outcome: Outcome,
    record: AttemptRecord,
    probe: boolean,
    now: number,
  ): number {
    const { settler, hooks, name } = this.parts;
    delivery.attempts++;
    if (delivery.firstAt === 0) delivery.firstAt = record.at;
    this.lanes.drop(delivery);
    if (outcome.is === 'delivered') {
      settler.push({ is: 'delivered', delivery, record });
      hooks.delivered?.(name, delivery.event.time, delivery.event.appendedAt, sizeOf(delivery));
      return 0;
    }
    if (outcome.is === 'retry') {
      const dueAt = this.dueAt(delivery, outcome, probe, now);
      if (dueAt !== null) {
        settler.push({ is: 'retry', delivery, record, dueAt });
        return dueAt;
      }
    }
    const [reason, message] = outcome.is === 'rejected' ? [outcome.reason, outcome.why] : ['exhausted', outcome.why];
    settler.push({ is: 'dead', delivery, record, reason, message });
    hooks.deadLettered?.(name, reason);
    hooks.note?.('error', 'dead letter', {
      destination: name,
      event: delivery.event.id,
      reason,
      why: message,
      attempts: delivery.attempts,
    });
    return 0;
  }

  private dueAt(
    delivery: PendingDelivery,
    outcome: Extract<Outcome, { is: 'retry' }>,
    probe: boolean,
    now: number,
  ): number | null {
    const { options, random } = this.parts;
    // a stopped daemon's own abort is nobody's failure
    if (this.abort.signal.aborted) return now + 1;
    const free = (probe || outcome.throttled === true) && now - delivery.firstAt < this.span;
    if (!free) delivery.charged++;
    const asked = outcome.afterMs === undefined ? null : Math.min(outcome.afterMs, options.retry.cap);
    if (free) return now + (asked ?? Math.max(1, probe ? options.circuitBreaker.probeEvery : this.pace.wait(now)));
    const pause = pauseAfter(delivery.charged, options.retry, random());
    return pause === null ? null : now + Math.max(1, asked ?? pause);
  }

  private feedBack(
    batch: readonly PendingDelivery[],
    { outcomes, exchange }: Delivery,
    verdict: Outcome['is'],
    now: number,
  ): void {
    if (verdict === 'delivered' || verdict === 'rejected') {
      this.breaker.succeeded();
      this.pace.succeeded();
    } else this.slowDown(batch, outcomes, now);
    if (exchange.rate && exchange.rate.remaining <= 0) this.pace.spent(now, exchange.rate.resetMs);
  }

  private slowDown(batch: readonly PendingDelivery[], outcomes: readonly Outcome[], now: number): void {
    const first = outcomes.find((o) => o.is === 'retry' || o.is === 'gone');
    if (first?.is !== 'retry') return;
    if (first.throttled) this.pace.throttled(now, first.afterMs);
    if (first.endpoint) this.breaker.failed(batch[0]!.lane, now);
    else this.breaker.undecided();
  }

  /** A batch refused as a whole is halved until the event that spoils it stands alone. */
  private split(batch: PendingDelivery[]): void {
    const limit = Math.max(1, batch.length >> 1);
    this.backToLanes(batch, (lane) => {
      lane.batchLimit = limit;
    });
  }

  private gone(batch: PendingDelivery[], outcomes: readonly Outcome[]): void {
    const why = outcomes.find((o) => o.is === 'gone')?.why ?? '';
    this.backToLanes(batch, () => undefined);
    if (this.state !== 'running') return;
    this.state = 'disabled';
    this.parts.hooks.disabled?.(this.name, why);
  }

  private backToLanes(batch: readonly PendingDelivery[], change: (lane: Lane) => void): void {
    const byLane = new Map<Lane, PendingDelivery[]>();
    for (const d of batch) {
      const lane = this.lanes.get(d.lane);
      const list = byLane.get(lane) ?? [];
      byLane.set(lane, list);
      list.push(d);
    }
    for (const [lane, list] of byLane) {
      change(lane);
      this.lanes.putBack(lane, list);
      this.lanes.release(lane);
    }
  }

  /** A request that could carry more than is in memory: what waits on disk comes first. */
  private fill(): void {
    while (this.lanes.readyEvents < this.limit.records && this.intake.wants()) {
      const held = this.intake.held;
      this.intake.pull();
      if (this.intake.held === held) return;
    }
  }

  private pullSoon(): void {
    if (this.pulling || this.state !== 'running' || this.breaker.state === 'open') return;
    if (!this.intake.wants()) return;
    this.pulling = true;
    setImmediate(() => {
      this.pulling = false;
      if (this.state !== 'running') return;
      this.intake.pull();
      this.pump();
    });
  }

  private breakerChanged(state: BreakerState): void {
    const { hooks, name } = this.parts;
    hooks.breaker?.(name, state === 'closed' ? 0 : state === 'half-open' ? 1 : 2);
    hooks.note?.(state === 'open' ? 'warn' : 'info', `circuit ${state}`, { destination: name });
    if (state === 'closed') this.intake.releaseAll(this.parts.now());
  }

  private arm(now: number, at: number): void {
    if (at === Number.POSITIVE_INFINITY || (this.timer && this.timerAt <= at)) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.timerAt = Number.POSITIVE_INFINITY;
        this.pump();
      },
      Math.min(2 ** 31 - 1, Math.max(1, at - now)),
    );
  }
}

/** The others of a batch refer to its first row for signature and response. */
function sameRequest(record: AttemptRecord, attempt: number): AttemptRecord {
  if (record.attempt === attempt && record.signature === null && record.response === null) return record;
  return { ...record, attempt, signature: null, response: null };
}

const SEVERITY = { delivered: 0, rejected: 1, retry: 2, gone: 3 } as const;

function worst(outcomes: readonly Outcome[]): Outcome['is'] {
  let found: Outcome['is'] = 'delivered';
  for (const { is } of outcomes) if (SEVERITY[is] > SEVERITY[found]) found = is;
  return found;
}

function deliveredOf(outcomes: readonly Outcome[]): number {
  let count = 0;
  for (const { is } of outcomes) if (is === 'delivered') count++;
  return count;
}

function failedDelivery(events: number, error: unknown): Delivery {
  const why = error instanceof Error ? error.message : String(error);
  return {
    outcomes: Array.from({ length: events }, () => ({ is: 'retry', why, endpoint: true }) as const),
    exchange: { status: null, signature: null, response: null, error: why },
  };
}
