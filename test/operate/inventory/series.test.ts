/** Charts of the last hours against a plain list of what was sampled: every point, every step, whatever was missed in between. */
import fc from 'fast-check';
import { MOST_MINUTES, seriesOf } from '../../../src/operate/inventory/series';
import { SeriesTable } from '../../../src/series/series-table';
import { METRICS } from '../../../src/telemetry/metric-list';
import { LeftState } from '../support';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 10, 29, 11, 57);
const named = (type: string): string => Object.values(METRICS).find((m) => m.type === type)!.name;
const [COUNTER, GAUGE] = [named('counter'), named('gauge')];

interface Put {
  readonly minute: number;
  readonly metric: string;
  readonly labels: string;
  readonly value: number;
}

const LABELS = ['{}', '{"table":"A/B"}', '{"table":"A/\\"x\\""}'];
const puts = fc
  .array(
    fc.record({
      minute: fc.nat(200),
      metric: fc.constantFrom(COUNTER, GAUGE),
      labels: fc.constantFrom(...LABELS),
      value: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.constantFrom(0, 0.5, 1e12)),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((list) => list.sort((a, b) => a.minute - b.minute));

/** Of each minute what was put last; null where nothing was. */
function minutesOf(
  all: readonly Put[],
  metric: string,
  labels: string,
  first: number,
  count: number,
): (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    const found = all.filter((p) => p.metric === metric && p.labels === labels && p.minute === first + i);
    return found.at(-1)?.value ?? null;
  });
}

function stepsOf(minutes: readonly (number | null)[], step: number, counter: boolean): (number | null)[] {
  const steps: (number | null)[] = [];
  for (let at = 0; at < minutes.length; at += step) {
    const some = minutes.slice(at, at + step).filter((v) => v !== null);
    steps.push(some.length === 0 ? null : counter ? some.reduce((a, b) => a + b, 0) : Math.max(...some));
  }
  return steps;
}

test('property: what was sampled, in steps no finer than a chart can draw', () => {
  fc.assert(
    fc.property(
      puts,
      fc.constantFrom(1, 7, 59, 60, 61, 200, 361, 1_440, MOST_MINUTES),
      fc.nat(260),
      fc.nat(MINUTE - 1),
      (all, minutes, atMinute, ms) => {
        using left = new LeftState();
        const table = new SeriesTable(left.state.store);
        for (const { minute, ...sample } of all) table.put([sample], BEGIN + minute * MINUTE);
        const now = BEGIN + atMinute * MINUTE + ms;
        for (const metric of [COUNTER, GAUGE]) {
          const told = seriesOf(left.state, { metric, minutes, limit: 500 }, now);
          const step = told.stepSeconds / 60;
          const asked = told.series[0]?.values.length ?? 0;
          expect(asked).toBeLessThanOrEqual(360);
          expect(step).toBe(Math.ceil(minutes / 360));
          const count = step * Math.ceil(minutes / step);
          expect(Date.parse(told.until) - Date.parse(told.from)).toBe(count * MINUTE);
          expect(Date.parse(told.until)).toBeGreaterThan(now);
          expect(Date.parse(told.until) - now).toBeLessThanOrEqual(MINUTE);
          const expected = LABELS.flatMap((labels) => {
            const found = minutesOf(all, metric, labels, atMinute - count + 1, count);
            if (found.every((v) => v === null)) return [];
            return [{ labels: JSON.parse(labels) as object, values: stepsOf(found, step, metric === COUNTER) }];
          });
          const byLabels = (list: readonly { labels: object }[]) =>
            [...list].sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1));
          expect(byLabels(told.series)).toEqual(byLabels(expected));
          expect(told.omitted).toBe(0);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

describe('one by one', () => {
  let left: LeftState;
  beforeEach(() => {
    left = new LeftState();
  });
  afterEach(() => left[Symbol.dispose]());
  const put = (samples: readonly Omit<Put, 'minute'>[], minute = 0): void =>
    new SeriesTable(left.state.store).put(samples, BEGIN + minute * MINUTE);
  const ask = (given: Partial<Parameters<typeof seriesOf>[1]> = {}, minute = 0) =>
    seriesOf(left.state, { metric: GAUGE, minutes: 10, limit: 50, ...given }, BEGIN + minute * MINUTE);

  test('a metric is called as Prometheus has it, or without what all of them begin with', () => {
    put([{ metric: GAUGE, labels: '{}', value: 3 }]);
    const short = GAUGE.replace('ibmi_cdc_', '');
    expect(ask({ metric: short })).toEqual(ask());
    expect(ask().metric).toBe(GAUGE);
  });

  test.each(['no_such_metric', '', 'ibmi_cdc_', named('histogram')])(
    '%j is no series, and those there are are named',
    (metric) => {
      expect(() => ask({ metric })).toThrow(
        expect.objectContaining({ code: 'API_METRIC', family: 'config', next: expect.stringContaining(GAUGE) }),
      );
    },
  );

  test('of many series the largest are shown, and the rest is counted', () => {
    put(
      Array.from({ length: 12 }, (_, i) => ({ metric: GAUGE, labels: JSON.stringify({ table: `A/T${i}` }), value: i })),
    );
    const told = ask({ limit: 3 });
    expect(told.series.map((s) => (s.labels as { table: string }).table)).toEqual(['A/T11', 'A/T10', 'A/T9']);
    expect(told.omitted).toBe(9);
  });

  test('a value below zero is as large as one above it', () => {
    put([
      { metric: GAUGE, labels: '{"a":"down"}', value: -50 },
      { metric: GAUGE, labels: '{"a":"up"}', value: 40 },
    ]);
    expect(ask({ limit: 1 }).series[0]!.labels).toEqual({ a: 'down' });
  });

  test('what is older than three days is gone, and its series with it', () => {
    put([{ metric: GAUGE, labels: '{"a":"old"}', value: 1 }]);
    put([{ metric: GAUGE, labels: '{"a":"new"}', value: 2 }], 73 * 60);
    const count = (table: string): unknown =>
      left.state.store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([count('series'), count('series_hour')]).toEqual([1, 1]);
    expect(ask({ minutes: MOST_MINUTES }, 73 * 60).series.map((s) => s.labels)).toEqual([{ a: 'new' }]);
  });

  test('no more series than there is room for; those that are there go on', () => {
    put(Array.from({ length: 2_100 }, (_, i) => ({ metric: GAUGE, labels: `{"n":"${i}"}`, value: 1 })));
    expect(left.state.store.db.prepare('SELECT count(*) FROM series').pluck().get()).toBe(2_000);
    put([{ metric: GAUGE, labels: '{"n":"7"}', value: 9 }], 1);
    put([{ metric: GAUGE, labels: '{"n":"2050"}', value: 9 }], 1);
    const told = ask({ minutes: 2, limit: 1 }, 1);
    expect(told.series).toEqual([{ labels: { n: '7' }, values: [1, 9] }]);
  });

  test('a minute whose transaction is undone leaves nothing, and the next one is written', () => {
    const table = new SeriesTable(left.state.store);
    const sample = (value: number) => [{ metric: GAUGE, labels: '{}', value }];
    table.put(sample(1), BEGIN);
    const { db } = left.state.store;
    db.exec(`CREATE TRIGGER full BEFORE UPDATE ON series_hour BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    expect(() => table.put(sample(2), BEGIN + MINUTE)).toThrow('no room');
    db.exec('DROP TRIGGER full');
    table.put(sample(3), BEGIN + 2 * MINUTE);
    expect(ask({ minutes: 3 }, 2).series[0]!.values).toEqual([1, null, 3]);
  });
});
