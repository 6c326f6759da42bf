/** A metric over time: a chart to look at, and its last and largest values as a table for whoever cannot see it. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useEvery } from '../frame/live';
import type { Series } from '../frame/models';
import { useAsk } from '../frame/use-ask';
import { languageNow, moment, number, t } from '../words/language';
import { Answer, Grid } from './basics';

interface ChartProps {
  readonly title: string;
  readonly metric: string;
  readonly minutes: number;
  /** Only series that have these labels. */
  readonly only?: Readonly<Record<string, string>>;
}

/** Readable on the light and on the dark ground. */
const COLOURS = ['#2e7d32', '#b26a00', '#1565c0', '#ad1457', '#00838f', '#6a1b9a'];
const MOST_LINES = COLOURS.length;
const REFRESH_MS = 60_000;

export function Chart({ title, metric, minutes, only }: ChartProps): JSX.Element {
  const asked = useAsk<Series>(`/v1/series?metric=${metric}&minutes=${minutes}`);
  useEvery(REFRESH_MS, asked.again);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <Answer asked={asked}>{(data) => <Drawn data={data} title={title} only={only ?? {}} />}</Answer>
    </figure>
  );
}

function Drawn({
  data,
  title,
  only,
}: {
  data: Series;
  title: string;
  only: Readonly<Record<string, string>>;
}): JSX.Element {
  const wanted = Object.entries(only);
  const mine = data.series.filter(({ labels }) => wanted.every(([name, value]) => labels[name] === value));
  if (mine.length === 0) return <p class="quiet">{t('noPoints')}</p>;
  const shown = mine.slice(0, MOST_LINES);
  return (
    <>
      <Lines data={data} series={shown} />
      <details>
        <summary>{t('asTable')}</summary>
        <Grid
          caption={title}
          items={shown}
          keyOf={(s) => nameOf(s.labels)}
          columns={[
            { word: 'series', cell: (s) => nameOf(s.labels) },
            { word: 'last', right: true, cell: (s) => shownValue(s.values.findLast((v) => v !== null)) },
            { word: 'largest', right: true, cell: (s) => shownValue(Math.max(...s.values.map((v) => v ?? -Infinity))) },
          ]}
        />
      </details>
    </>
  );
}

function Lines({ data, series }: { data: Series; series: Series['series'] }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    let plot: { destroy(): void; setSize(size: { width: number; height: number }): void } | null = null;
    const node = place.current!;
    const watch = new ResizeObserver(() => plot?.setSize({ width: node.clientWidth, height: 160 }));
    // the library is fetched with the first chart
    void import('uplot').then(({ default: UPlot }) => {
      if (gone) return;
      const begin = Date.parse(data.from) / 1000;
      const times = series[0]!.values.map((_, i) => begin + i * data.stepSeconds);
      const ink = getComputedStyle(node).color;
      const axis = {
        stroke: ink,
        font: '11px system-ui',
        grid: { stroke: 'rgba(128,128,128,.25)', width: 1 },
        ticks: { show: false },
      };
      plot = new UPlot(
        {
          width: node.clientWidth,
          height: 160,
          series: [
            { value: (_, v) => (v === null ? '–' : moment(new Date(v * 1000).toISOString())) },
            ...series.map(({ labels }, i) => ({
              label: nameOf(labels),
              stroke: COLOURS[i]!,
              width: 1.5,
              spanGaps: false,
              value: (_: unknown, v: number | null) => shownValue(v),
            })),
          ],
          axes: [
            { ...axis, space: 80, values: (_, splits) => splits.map((s) => clock(s, data.stepSeconds)) },
            { ...axis, size: 56, values: (_, s) => s.map((v) => number(v)) },
          ],
          legend: { show: series.length > 1 },
        },
        [times, ...series.map(({ values }) => values)],
        node,
      );
      watch.observe(node);
    });
    return () => {
      gone = true;
      watch.disconnect();
      plot?.destroy();
    };
  }, [data, series.length]);
  return <div ref={place} class="plot" aria-hidden="true" />;
}

function clock(seconds: number, step: number): string {
  const day = step > 180 ? ({ weekday: 'short' } as const) : {};
  const format = new Intl.DateTimeFormat(languageNow(), { ...day, hour: '2-digit', minute: '2-digit', hour12: false });
  return format.format(seconds * 1000);
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const names = Object.values(labels).filter((v) => v !== '');
  return names.length === 0 ? t('all') : names.join(' ');
}

function shownValue(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : number(value, 2);
}
