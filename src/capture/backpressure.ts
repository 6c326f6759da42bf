/**
 * Keeps the state file from growing without end while a destination is down: whoever wrote more for it than it may have
 * waiting stands still until there is room. The checkpoint stays where it is; the partition keeps the entries meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PendingSize } from '../outbox/queue/pending-size';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';

interface PendingLimit {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface BackpressureParts {
  /** By destination name. */
  readonly limits: Readonly<Record<string, PendingLimit>>;
  readonly measure: (destination: string) => PendingSize;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

interface Queued {
  readonly destination: string;
  readonly event: { readonly body: Buffer | null };
}

/** What was written down for delivery, held tables included. */
interface Written {
  readonly deliveries: readonly Queued[];
  readonly held: readonly Queued[];
}

/** Share of a limit below which reading goes on. */
const LOW = 0.9;
const LOOK_MS = 200;
/** A measurement may take this share of the time between two of them. */
const MEASURE_SHARE = 0.05;

interface Level {
  /** Upper bounds: what was measured last and all that was written since. */
  events: number;
  bytes: number;
  draining: Promise<void> | null;
}

export class Backpressure {
  private readonly levels = new Map<string, Level>();

  constructor(private readonly parts: BackpressureParts) {
    for (const destination of Object.keys(parts.limits)) parts.metrics.capturePaused.set({ destination }, 0);
  }

  /** Destinations that are waited for. */
  get full(): string[] {
    return [...this.levels].flatMap(([name, level]) => (level.draining ? [name] : []));
  }

  /**
   * Call after each transaction that wrote events, and before reading on.
   * @returns once every destination written to has room
   */
  async room(written: Written): Promise<void> {
    const touched = new Set<string>();
    for (const list of [written.deliveries, written.held]) for (const delivery of list) this.add(delivery, touched);
    for (const name of touched) {
      const level = this.levels.get(name)!;
      if (level.draining === null && this.isOver(name, level)) {
        level.draining = this.drain(name, level).finally(() => {
          level.draining = null;
        });
      }
      await level.draining;
    }
  }

  private add({ destination, event }: Queued, touched: Set<string>): void {
    if (!this.parts.limits[destination]) return;
    let level = this.levels.get(destination);
    if (!level) {
      // measured after the commit: what was just written is in it
      level = { ...this.parts.measure(destination), draining: null };
      this.levels.set(destination, level);
    }
    touched.add(destination);
    level.events++;
    level.bytes += event.body?.length ?? 0;
  }

  /** Measures only when the bound is passed: the closer to the limit, the more often. */
  private isOver(name: string, level: Level): boolean {
    const limit = this.parts.limits[name]!;
    if (level.events <= limit.maxEvents && level.bytes <= limit.maxBytes) return false;
    Object.assign(level, this.parts.measure(name));
    return level.events > limit.maxEvents || level.bytes > limit.maxBytes;
  }

  private async drain(name: string, level: Level): Promise<void> {
    const { limits, measure, log, metrics, signal } = this.parts;
    const { maxEvents, maxBytes } = limits[name]!;
    const facts = { destination: name, maxEvents, maxBytes };
    log.warn({ ...facts, events: level.events, bytes: level.bytes }, 'backlog is full: capture pauses');
    metrics.capturePaused.set({ destination: name }, 1);
    let pause = LOOK_MS;
    while (!signal.aborted) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const started = performance.now();
      Object.assign(level, measure(name));
      pause = Math.max(LOOK_MS, (performance.now() - started) / MEASURE_SHARE);
      if (level.events < maxEvents * LOW && level.bytes < maxBytes * LOW) break;
    }
    log.info({ ...facts, events: level.events, bytes: level.bytes }, 'backlog has room: capture goes on');
    metrics.capturePaused.set({ destination: name }, 0);
  }
}
