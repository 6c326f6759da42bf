/**
 * A histogram of one label that takes a value in a few nanoseconds: it counts in plain arrays, and puts them into the form
 * of prom-client when someone looks. prom-client's own finds the label, checks it and walks an object for each value.
 */
import { Histogram, type Registry } from 'prom-client';

interface Series {
  /** Values above the bucket before and up to this one; the last holds those above all. */
  readonly counts: Float64Array;
  sum: number;
}

interface LatencyHistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: Label;
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

export class LatencyHistogram<Label extends string> extends Histogram<Label> {
  private readonly series = new Map<string, Series>();

  constructor(private readonly options: LatencyHistogramOptions<Label>) {
    const { name, help, label, buckets, registry } = options;
    super({ name, help, labelNames: [label], buckets: [...buckets], registers: [registry] });
  }

  /** @param value of the label */
  saw(value: string, seconds: number): void {
    const { buckets } = this.options;
    let series = this.series.get(value);
    if (!series) {
      series = { counts: new Float64Array(buckets.length + 1), sum: 0 };
      this.series.set(value, series);
    }
    let i = 0;
    while (i < buckets.length && seconds > buckets[i]!) i++;
    series.counts[i]!++;
    series.sum += seconds;
  }

  override async get(): ReturnType<Histogram<Label>['get']> {
    const { name, help } = this.options;
    const values = [...this.series].flatMap(([value, series]) => this.linesOf(value, series));
    return { name, help, type: 'histogram', aggregator: 'sum', values } as unknown as Awaited<
      ReturnType<Histogram<Label>['get']>
    >;
  }

  /** Under this name the registry of prom-client asks for the same. */
  getForPromString(): ReturnType<Histogram<Label>['get']> {
    return this.get();
  }

  private linesOf(value: string, { counts, sum }: Series) {
    const { name, label, buckets } = this.options;
    const labels = { [label]: value };
    let count = 0;
    const within = [...buckets, '+Inf'].map((le, i) => {
      count += counts[i]!;
      return { labels: { le, ...labels }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...within,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }
}
