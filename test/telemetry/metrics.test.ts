/** Every metric of the list as prom-client itself tells it: name, help, type and labels; and texts that reach a screen. */

import fc from 'fast-check';
import { register } from 'prom-client';
import { METRICS } from '../../src/telemetry/metric-list';
import { Metrics } from '../../src/telemetry/metrics';
import { oneLine, visible } from '../../src/telemetry/visible';

const list = Object.values(METRICS);

test('all of the list are there under their names, and no other; nothing is put into the registry of the process', async () => {
  const metrics = new Metrics();
  const text = await metrics.registry.metrics();
  const helps = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name, help]) => [name, help]);
  expect(helps.sort()).toEqual(list.map(({ name, help }) => [name, help]).sort());
  expect(await register.getMetricsAsJSON()).toEqual([]);
});

test('a type of each: counters end as counters should', async () => {
  const text = await new Metrics().registry.metrics();
  const types = Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]),
  );
  for (const { name } of list) {
    expect(name).toMatch(/^ibmi_cdc_[a-z0-9_]+$/);
    expect([name, types[name] === 'counter']).toEqual([name, name.endsWith('_total')]);
    if (types[name] === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('two in one process count apart', async () => {
  const [one, other] = [new Metrics(), new Metrics()];
  const { labels } = METRICS.deadLetters;
  one.deadLetters.inc(Object.fromEntries(labels.map((label) => [label, 'x'])) as never, 3);
  expect(await one.registry.metrics()).toMatch(/ibmi_cdc_dead_letters_total\{[^}]*\} 3/);
  expect(await other.registry.metrics()).not.toMatch(/ibmi_cdc_dead_letters_total\{/);
});

test('a label that is not of the list is refused', () => {
  expect(() => new Metrics().stateFull.set({ nobody: 'x' } as never, 1)).toThrow(/label/);
});

test('a value of a label is escaped as the text format says', async () => {
  const metrics = new Metrics();
  metrics.latency.saw('a"b\\c\nd', 0.02);
  expect(await metrics.registry.metrics()).toContain(
    `${METRICS.latency.name}_count{${METRICS.latency.labels[0]}="a\\"b\\\\c\\nd"} 1`,
  );
});

describe('texts on a screen', () => {
  test.each([
    ['plain Größe 注文', 'plain Größe 注文'],
    ['tab\tand\nline', 'tab\tand\nline'],
    ['\x1b[31mred', '\\u001b[31mred'],
    ['bell\x07 del\x7f c1\x9b', 'bell\\u0007 del\\u007f c1\\u009b'],
    ['\r', '\\u000d'],
    ['right\u202eto left', 'right\\u202eto left'],
    ['\u2028\u2029\ufeff\u061c', '\\u2028\\u2029\\ufeff\\u061c'],
    ['tag \u{e0041}', 'tag \\udb40\\udc41'],
    ['variation \u{e0100}', 'variation \u{e0100}'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('nothing a terminal obeys is left, and JSON stays the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(visible(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
        expect(JSON.parse(visible(JSON.stringify(text)))).toBe(text);
        expect(oneLine(text)).not.toMatch(/[\n\t]/);
      }),
    );
    expect(oneLine('a\nb\tc')).toBe('a\\nb\\tc');
  });
});
