/** Charts of the last hours: sampled once a minute, bounded, read back exactly. */
import { Recorder } from '../../src/series/recorder';
import { KEPT_HOURS, SERIES_SCHEMA, SeriesTable } from '../../src/series/series-table';
import { Store } from '../../src/store/store';

const MINUTE = 60_000;
const NOON = Date.parse('2026-11-29T12:00:00Z');

function table() {
  const store = Store.open(':memory:', [SERIES_SCHEMA]);
  return { store, series: new SeriesTable(store) };
}

const rounded = (points: Float64Array): (number | null)[] => [...points].map((p) => (Number.isNaN(p) ? null : p));

test('a point a minute over the turn of an hour, nothing where nothing was sampled, also after a restart', () => {
  const { store, series } = table();
  for (let i = -3; i <= 3; i++) {
    if (i === 1) continue;
    // another process goes on in the same hour
    const writer = i === 3 ? new SeriesTable(store) : series;
    writer.put([{ metric: 'm', labels: '{"a":"x"}', value: i }], NOON + i * MINUTE);
  }
  const [found, ...others] = series.read('m', 8, NOON + 3 * MINUTE);
  expect(others).toEqual([]);
  expect(found!.labels).toEqual({ a: 'x' });
  expect(rounded(found!.points)).toEqual([null, -3, -2, -1, 0, null, 2, 3]);
  expect(series.read('other', 8, NOON)).toEqual([]);
});

test('what is older than 72 hours is gone, with the names of series that have nothing left', () => {
  const { store, series } = table();
  series.put([{ metric: 'm', labels: '{"a":"old"}', value: 1 }], NOON);
  for (let hour = 1; hour <= KEPT_HOURS + 2; hour++)
    series.put([{ metric: 'm', labels: '{"a":"new"}', value: hour }], NOON + hour * 60 * MINUTE);
  const count = (what: string): unknown => store.db.prepare(`SELECT count(*) FROM ${what}`).pluck().get();
  expect([count('series'), count('series_hour')]).toEqual([1, KEPT_HOURS]);
});

test('more series than are kept are left out, the first stay', () => {
  const { store, series } = table();
  const samples = Array.from({ length: 2_100 }, (_, i) => ({ metric: 'm', labels: `{"a":"${i}"}`, value: i }));
  series.put(samples, NOON);
  series.put(samples, NOON + MINUTE);
  expect(store.db.prepare('SELECT count(*) FROM series').pluck().get()).toBe(2_000);
  expect(series.read('m', 1, NOON + MINUTE)).toHaveLength(2_000);
});

test('gauges as they are, counters as what was added since; histograms are not kept', async () => {
  const { series } = table();
  let counted = 5;
  let now = NOON;
  const recorder = new Recorder({
    table: series,
    metrics: async () => [
      { name: 'c', type: 'counter', values: [{ value: counted, labels: { t: 'x', a: '1' } }] },
      { name: 'g', type: 'gauge', values: [{ value: counted, labels: {} }] },
      { name: 'h', type: 'histogram', values: [{ value: counted, labels: { le: 1 } }] },
    ],
    lost: (error) => {
      throw error;
    },
    now: () => now,
  });
  for (const value of [5, 5, 12]) {
    counted = value;
    await recorder.sample();
    now += MINUTE;
  }
  now -= MINUTE;
  expect(rounded(series.read('c', 3, now)[0]!.points)).toEqual([5, 0, 7]);
  expect(series.read('c', 3, now)[0]!.labels).toEqual({ a: '1', t: 'x' });
  expect(rounded(series.read('g', 3, now)[0]!.points)).toEqual([5, 5, 12]);
  expect(series.read('h', 3, now)).toEqual([]);
});

test('a full disk costs a minute, not the daemon', async () => {
  const { store, series } = table();
  const lost: unknown[] = [];
  const metrics = async () => [{ name: 'g', type: 'gauge', values: [{ value: 1, labels: {} }] }];
  const recorder = new Recorder({ table: series, metrics, lost: (error) => lost.push(error), now: () => NOON });
  store.db.pragma('query_only = 1');
  await recorder.sample();
  store.db.pragma('query_only = 0');
  await recorder.sample();
  expect(lost).toHaveLength(1);
  expect(series.read('g', 1, NOON)).toHaveLength(1);
});
