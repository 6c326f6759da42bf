/** Samples the metrics of a daemon at the end of each minute: gauges as they are, counters as what was added since the last time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample, SeriesTable } from './series-table';

/** A metric with its values, as prom-client lists them. */
interface CountedMetric {
  readonly name: string;
  readonly type: unknown;
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Partial<Record<string, string | number>>>;
  }[];
}

interface RecorderParts {
  readonly table: SeriesTable;
  /** Computes the gauges and lists everything. */
  readonly metrics: () => Promise<readonly CountedMetric[]>;
  /** A minute that could not be written: the disk is full. */
  readonly lost: (error: unknown) => void;
  /** Wall clock. */
  readonly now?: () => number;
}

const MINUTE_MS = 60_000;

export class Recorder {
  /** Counters as they were at the last sample; all begin at nothing. */
  private readonly before = new Map<string, number>();

  constructor(private readonly parts: RecorderParts) {}

  /** Until the signal; what the last part of a minute counted is written at the end. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rest = MINUTE_MS - (this.now() % MINUTE_MS);
      // a little before the minute is over, so that it is counted to the minute it was in
      await sleep(Math.max(1, rest - 50), undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.sample();
      await sleep(100, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async sample(): Promise<void> {
    const metrics = await this.parts.metrics();
    try {
      this.parts.table.put(this.samplesOf(metrics), this.now());
    } catch (error) {
      this.parts.lost(error);
    }
  }

  private samplesOf(metrics: readonly CountedMetric[]): Sample[] {
    const samples: Sample[] = [];
    for (const { name, type, values } of metrics) {
      if (type !== 'counter' && type !== 'gauge') continue;
      for (const { value, labels } of values) {
        const text = labelsText(labels);
        if (type === 'gauge') {
          samples.push({ metric: name, labels: text, value });
          continue;
        }
        const key = `${name}\n${text}`;
        const added = value - (this.before.get(key) ?? 0);
        this.before.set(key, value);
        samples.push({ metric: name, labels: text, value: added });
      }
    }
    return samples;
  }

  private now(): number {
    return (this.parts.now ?? Date.now)();
  }
}

function labelsText(labels: CountedMetric['values'][number]['labels']): string {
  const named = Object.keys(labels).sort();
  return JSON.stringify(Object.fromEntries(named.map((name) => [name, String(labels[name])])));
}
