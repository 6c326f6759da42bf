/** Pauses between attempts to reach the partition. */
import { Backoff } from '../../src/capture/backoff';

test('doubles up to its cap, starts over after a success', () => {
  const backoff = new Backoff(500, 60_000, () => 1);
  const pauses = Array.from({ length: 9 }, () => backoff.nextMs());
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(backoff.count).toBe(9);
  backoff.succeeded();
  expect(backoff.count).toBe(0);
  expect(backoff.nextMs()).toBe(500);
});

test.each([
  [0, 250],
  [0.5, 375],
  [1, 500],
])('chance %d: between half of it and all of it', (chance, ms) => {
  expect(new Backoff(500, 60_000, () => chance).nextMs()).toBe(ms);
});

test('an aborted wait ends at once and without an error', async () => {
  const stop = new AbortController();
  const waited = new Backoff().wait(3_600_000, stop.signal);
  stop.abort();
  await expect(waited).resolves.toBeUndefined();
});
