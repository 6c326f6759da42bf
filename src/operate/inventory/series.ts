/** A metric of the last hours, in so many points that a chart can draw. */
import { CodedError } from '../../errors/coded-error';
import { KEPT_HOURS, SeriesTable } from '../../series/series-table';
import { METRICS } from '../../telemetry/metric-list';
import type { StateFile } from '../state-file';

interface SeriesWish {
  /** Name as Prometheus has it, with or without `ibmi_cdc_`. */
  readonly metric: string;
  readonly minutes: number;
  /** Labelled series at most, those with the largest values first. */
  readonly limit: number;
}

/** Points of a series at most. */
const POINTS = 360;
export const MOST_MINUTES = KEPT_HOURS * 60;

/** @throws CodedError `API_METRIC` */
export function seriesOf({ store }: StateFile, wish: SeriesWish, now: number) {
  const entry = Object.values(METRICS).find(({ name }) => name === wish.metric || name === `ibmi_cdc_${wish.metric}`);
  if (!entry || entry.type === 'histogram') throw noMetric(wish.metric);
  const step = Math.ceil(wish.minutes / POINTS);
  const minutes = step * Math.ceil(wish.minutes / step);
  const counter = entry.type === 'counter';
  const found = new SeriesTable(store)
    .read(entry.name, minutes, now)
    .map(({ labels, points }) => ({ labels, values: joined(points, step, counter) }))
    .map((series) => ({ ...series, size: sizeOf(series.values) }))
    .sort((a, b) => b.size - a.size);
  const end = (Math.floor(now / 60_000) + 1) * 60_000;
  return {
    metric: entry.name,
    type: entry.type,
    unit: entry.unit,
    /** Of the first point and behind the last one. */
    from: new Date(end - minutes * 60_000).toISOString(),
    until: new Date(end).toISOString(),
    stepSeconds: step * 60,
    series: found.slice(0, wish.limit).map(({ labels, values }) => ({ labels, values })),
    /** Series that were left out. */
    omitted: Math.max(0, found.length - wish.limit),
  };
}

/** A counter is added up; of a gauge the largest value stands for all: what a chart must not hide. */
function joined(points: Float64Array, step: number, counter: boolean): (number | null)[] {
  const values: (number | null)[] = [];
  for (let at = 0; at < points.length; at += step) {
    const some = points.subarray(at, at + step).filter((p) => Number.isFinite(p));
    if (some.length === 0) values.push(null);
    else values.push(counter ? some.reduce((sum, p) => sum + p, 0) : Math.max(...some));
  }
  return values;
}

function sizeOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, v) => sum + Math.abs(v ?? 0), 0);
}

function noMetric(metric: string): CodedError {
  const names = Object.values(METRICS)
    .filter(({ type }) => type !== 'histogram')
    .map(({ name }) => name);
  return new CodedError({
    code: 'API_METRIC',
    message: `no series of a metric ${metric} is kept`,
    next: `the metrics are: ${names.join(', ')}`,
  });
}
