/**
 * Serves one destination: takes deliveries lane by lane, has the sink attempt them, settles what came of it.
 * Works from memory; reads the store after a restart, after an overflow, and for lanes that had to wait.
 */
import type { DeliveryStore, PendingDelivery } from '../model/delivery';
import { Attempt, recordOf } from './attempt';
import { exchangedOf, type Rebuild, rebuiltBodies, storedBodies } from './bodies';
import { Deliveries } from './deliveries';
import { Denials } from './denials';
import type { DeliveryHooks } from './hooks';
import { Pace } from './limits/adaptive-concurrency';

import { Breaker, type BreakerState } from './limits/breaker';
import { Retries, type RetryMoment } from './limits/retries';
import type { TokenBucket } from './limits/token-bucket';
import { type ServeOptions, scheduleSpan } from './options';
import { Gate } from './queue/batch-trigger';
import type { Lane, Lanes, TakeLimit } from './queue/lanes';
import { Intake } from './queue/queue-window';
import type { Settler } from './settler';
import { type Delivery, type Hint, type Outcome, type Pacing, type Sink, UNSENT } from './sink';
import { type DestinationStanding, Standing } from './standing/standing';
import { deliveredOf, failedDelivery, isDenied, noteCutOff, sameRequest, weighed, worst } from './verdicts';

interface CourierParts {
  readonly name: string;
  readonly sink: Sink;
  readonly options: ServeOptions;
  readonly store: DeliveryStore;
  readonly settler: Settler;
  readonly bucket: TokenBucket | null;
  readonly hooks: DeliveryHooks;
  readonly rebuild: Rebuild | null;
  /** Wall clock, epoch milliseconds: what is written down. */
  readonly now: () => number;
  /** The clock of every pause, epoch milliseconds that never jump. */
  readonly steady: () => number;
  readonly random: () => number;
}

export interface CourierStatus {
  readonly state: string;
  readonly breaker: BreakerState;
  readonly inFlight: number;
  readonly inMemory: number;
  readonly waitingLanes: number;
}

export class Courier implements Pacing {
  private readonly intake: Intake;
  private readonly lanes: Lanes;
  private readonly pace: Pace;
  private readonly breaker: Breaker;
  private readonly gate: Gate;
  private readonly limit: TakeLimit;
  private readonly deliveries: Deliveries;
  private readonly denials: Denials;
  private readonly standing: Standing;
  private readonly abort = new AbortController();
  private inFlight = 0;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  private state: 'new' | 'running' | 'disabled' | 'stopped' = 'new';
  private started = false;
  /** Steady clock: what was asked before the operator's word says nothing of what holds after it. */
  private resumedAt = Number.NEGATIVE_INFINITY;
  private pulling = false;
  private idle: (() => void)[] = [];

  constructor(private readonly parts: CourierParts) {
    const { options } = parts;
    this.intake = new Intake(parts);
    this.lanes = this.intake.lanes;
    const { concurrency, adaptive, retry } = options;
    this.pace = new Pace({ concurrency, adaptive, cap: retry.cap });
    this.denials = new Denials(scheduleSpan(retry));
    const retries = new Retries(options, this.pace, parts.random);
    this.deliveries = new Deliveries({
      ...parts,
      retries,
      denials: this.denials,
      aborted: () => this.abort.signal.aborted,
    });
    this.standing = new Standing({ ...parts, timeout: options.timeout });
    this.breaker = new Breaker(options.circuitBreaker, (state) => this.breakerChanged(state));
    this.gate = new Gate(options.batch, parts.now, {
      opened: () => this.pump(),
      lastPosition: () => parts.store.lastPosition(),
    });
    const { mode, maxRecords, maxBytes, itemResults } = options.batch;
    this.limit = {
      records: mode === 'event' ? 1 : maxRecords,
      bytes: maxBytes,
      onePerLane: itemResults !== null,
      groupOf: parts.sink.groupOf ?? null,
    };
  }

  get name(): string {
    return this.parts.name;
  }

  /** True when it begins only after an answer of the receiver. */
  get asksFirst(): boolean {
    return this.parts.sink.asksFirst === true;
  }

  get status(): CourierStatus {
    return {
      state: this.state,
      breaker: this.breaker.state,
      inFlight: this.inFlight,
      inMemory: this.intake.inMemory,
      waitingLanes: this.intake.waiting,
    };
  }

  /** How it stands, for people. */
  report(): DestinationStanding {
    return this.standing.report(this.pace.paced(this.parts.steady()));
  }

  /** A former process was asked to wait, and there is this much left of it, in milliseconds. */
  rest(pause: number, why: string): void {
    this.pace.rest(this.parts.steady(), pause, why);
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
    this.resumedAt = this.parts.steady();
    this.state = this.started ? 'running' : 'new';
    if (this.started) this.look();
  }

  /** Stops taking; waits up to `drainMs` for what is under way, then aborts it. */
  async stop(drainMs: number): Promise<void> {
    this.state = 'stopped';
    this.gate.stop();
    if (this.timer) clearTimeout(this.timer);
    if (this.inFlight > 0) {
      const timer = setTimeout(() => {
        noteCutOff(this.parts.hooks, this.name, this.inFlight);
        this.abort.abort();
      }, drainMs);
      await new Promise<void>((done) => this.idle.push(done));
      clearTimeout(timer);
    }
    await this.parts.sink[Symbol.asyncDispose]();
  }

  /** Sends what may be sent now and arms the timer for the rest. */
  pump(): void {
    // nothing is delivered that could not be recorded
    if (this.state !== 'running' || this.parts.settler.blocked) return;
    const now = this.parts.steady();
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
    const attempt = new Attempt(this, batch, probe, this.parts.now(), this.parts.steady());
    const ended = (result: Delivery): void => {
      this.inFlight--;
      if (result === UNSENT) this.unsent(attempt);
      else this.finish(attempt, result);
      if (this.inFlight === 0 && this.state === 'stopped') for (const done of this.idle.splice(0)) done();
      this.pump();
    };
    this.send(attempt).then(ended, (error) => ended(failedDelivery(batch.length, error, this.parts.hooks)));
  }

  private send(attempt: Attempt): Promise<Delivery> {
    const events = storedBodies(attempt.batch);
    attempt.events = events;
    return events === null ? this.sendRebuilt(attempt) : this.parts.sink.deliver(events, this.abort.signal, attempt);
  }

  private async sendRebuilt(attempt: Attempt): Promise<Delivery> {
    const events = await rebuiltBodies(attempt.batch, this.parts.rebuild);
    if (!Array.isArray(events)) return events;
    attempt.events = events;
    return this.parts.sink.deliver(events, this.abort.signal, attempt);
  }

  /** A connection had to be made, a token asked for, a body rebuilt: meanwhile the receiver may have asked for a pause. */
  mayStart(): boolean {
    return this.state !== 'disabled' && this.pace.wait(this.parts.steady()) === 0;
  }

  hinted({ throttled, rate }: Hint): void {
    const now = this.parts.steady();
    if (throttled) this.pace.throttled(now, throttled.afterMs);
    if (rate && rate.remaining <= 0) this.pace.spent(now, rate.resetMs);
  }

  private unsent({ batch, probe }: Attempt): void {
    if (probe) this.breaker.undecided(this.parts.steady());
    this.backToLanes(batch, () => undefined);
  }

  private finish(attempt: Attempt, answered: Delivery): void {
    const now = this.parts.steady();
    const ms = Math.round((now - attempt.startedAt) * 1000) / 1000;
    const { batch } = attempt;
    const known = this.weighed(attempt, answered, now);
    const { outcomes, exchange } = known;
    const verdict = worst(outcomes);
    this.feedBack(attempt, known, verdict, now);
    const { hooks, name, options } = this.parts;
    const timedOut = options.timeout !== null && ms > options.timeout * 0.9;
    if (exchange.status !== null || verdict === 'delivered' || timedOut) this.standing.answered(ms);
    hooks.attempt?.(name, verdict, batch.length, ms, deliveredOf(outcomes));
    if (hooks.wantsExchange?.(name)) hooks.exchanged?.(exchangedOf(name, attempt, known, ms));
    if (verdict === 'gone') this.gone(attempt, outcomes);
    else if (verdict === 'rejected' && batch.length > 1 && outcomes.every((o) => o.is === verdict)) this.split(batch);
    else this.settle(attempt, known, ms, now);
  }

  /** Whose fault is it that credentials were refused? Where it is the event's, it fails like any other. */
  private weighed({ batch }: Attempt, answered: Delivery, now: number): Delivery {
    const { outcomes, exchange } = answered;
    if (!outcomes.some(isDenied)) return answered;
    const positions = batch.map((delivery) => delivery.pos);
    const of = this.denials.denied(positions, now);
    if (of === 'destination') return answered;
    if (of === 'too long') this.breaker.open(now);
    return { outcomes: weighed(of, outcomes, exchange.status), exchange };
  }

  private settle(attempt: Attempt, { outcomes, exchange }: Delivery, ms: number, now: number): void {
    const { batch, probe } = attempt;
    let record = recordOf(attempt, exchange, ms);
    const moment: RetryMoment = { probe, now, wall: this.parts.now() };
    let longest = 0;
    for (let i = 0; i < batch.length; i++) {
      const delivery = batch[i]!;
      const outcome = outcomes[i]!;
      const lane = this.lanes.get(delivery.lane);
      if (i > 0) record = sameRequest(record, delivery.attempts + 1);
      this.lanes.drop(delivery);
      const pause = this.deliveries.settle(delivery, outcome, record, moment);
      if (pause > longest) longest = pause;
      if (pause > 0 && now + pause > lane.retryAt) lane.retryAt = now + pause;
      if (pause === 0 && outcome.is === 'delivered') lane.batchLimit = Number.POSITIVE_INFINITY;
      else if (pause > 0 && batch.length > 1) lane.batchLimit = Math.max(1, batch.length >> 1);
    }
    if (longest > 0) this.noteRefused(outcomes, longest);
    for (const delivery of batch) this.goOn(this.lanes.find(delivery.lane));
  }

  /** Nothing of the request was accepted, and not for what its events are. */
  private noteRefused(outcomes: readonly Outcome[], pause: number): void {
    const [first] = outcomes;
    if (first?.is !== 'retry' || this.abort.signal.aborted || deliveredOf(outcomes) > 0) return;
    if (first.denied) this.standing.deniedUs(first.why, pause);
    else this.standing.refused(first.why, pause);
  }

  /** The request of a lane is over; reported once for each of its deliveries, the first counts. */
  private goOn(lane: Lane | undefined): void {
    if (!lane?.busy) return;
    if (lane.retryAt > 0) this.intake.delay(lane, lane.retryAt);
    else this.intake.goOn(lane);
  }

  private feedBack(attempt: Attempt, { outcomes, exchange }: Delivery, verdict: Outcome['is'], now: number): void {
    if (verdict === 'delivered' || verdict === 'rejected') {
      // one that was sent before the credentials were refused says nothing of them
      if (!this.denials.outdated(attempt.startedAt)) {
        this.breaker.succeeded();
        if (verdict === 'delivered') this.standing.accepted();
      }
      if (verdict === 'delivered') this.denials.accepted(attempt.startedAt);
      this.pace.succeeded();
    } else this.slowDown(attempt, outcomes, now);
    if (exchange.rate && exchange.rate.remaining <= 0 && !attempt.paceKnown)
      this.pace.spent(now, exchange.rate.resetMs);
  }

  private slowDown({ batch, paceKnown }: Attempt, outcomes: readonly Outcome[], now: number): void {
    const first = outcomes.find((o) => o.is === 'retry' || o.is === 'gone');
    if (first?.is !== 'retry') return;
    if (first.throttled && !paceKnown) this.pace.throttled(now, first.afterMs);
    if (first.denied) this.breaker.open(now);
    else if (first.endpoint) this.breaker.failed(batch[0]!.lane, now);
    else if (deliveredOf(outcomes) > 0) {
      this.breaker.succeeded();
      this.standing.accepted();
    } else this.breaker.undecided(now);
  }

  /** A batch refused as a whole is halved until the event that spoils it stands alone. */
  private split(batch: PendingDelivery[]): void {
    const limit = Math.max(1, batch.length >> 1);
    this.backToLanes(batch, (lane) => {
      lane.batchLimit = limit;
    });
  }

  private gone({ batch, startedAt }: Attempt, outcomes: readonly Outcome[]): void {
    const why = outcomes.find((o) => o.is === 'gone')?.why ?? '';
    this.backToLanes(batch, () => undefined);
    if (this.state !== 'running' || startedAt < this.resumedAt) return;
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
      const before = this.intake.inMemory;
      this.intake.pull();
      if (this.intake.inMemory === before) return;
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
    if (state === 'closed') this.intake.releaseAll(this.parts.steady());
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
