/** The wall clock may be set back: pauses do not depend on it, in this run or the next. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remaining } from '../../../src/clock/steady-clock';
import { BATCH_DEFAULTS } from '../../../src/deliver/options';
import { Bench, hook, QUICK } from '../support/bench';
import { draft } from '../support/drafts';
import { answer, rawReceiver } from '../support/raw-receiver';

const HOUR = 3_600_000;
const retry = { ...QUICK, schedule: [0, 300, 300] };

test.each([HOUR, 24 * HOUR])('a retry is not late by the %i ms the clock was set back', async (back) => {
  let shift = 0;
  await using receiver = await rawReceiver((socket, n) => {
    shift = -back;
    socket.write(answer(n === 1 ? 500 : 204));
  });
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { retry }) },
    parts: { now: () => Date.now() + shift },
  });
  bench.publish([draft(1)]);
  await bench.settled(5_000);
  const waited = receiver.requests[1]!.at - receiver.requests[0]!.at;
  expect(waited).toBeGreaterThan(290);
  expect(waited).toBeLessThan(2_000);
});

test('after a restart under a clock that was set back, no event waits longer than its own pause', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  try {
    const file = join(folder, 'state.sqlite');
    await using receiver = await rawReceiver((socket, n) => socket.write(answer(n === 1 ? 500 : 204)));
    const webhooks = { crm: hook(receiver.url, { retry: { ...retry, schedule: [0, 1_500] } }) };
    {
      await using first = await Bench.start({ webhooks, file });
      first.publish([draft(1)]);
      await (async () => {
        while (first.outbox.history.backlog()[0]!.parked === 0) await new Promise((done) => setTimeout(done, 5));
      })();
    }
    const restarted = performance.now();
    await using second = await Bench.start({ webhooks, file, parts: { now: () => Date.now() - 24 * HOUR } });
    await second.settled(10_000);
    const waited = receiver.requests[1]!.at - restarted;
    expect(waited).toBeLessThan(3_500);
    // and under a clock set forward it is due at once
    expect(remaining(Date.now() - HOUR, 1_500, Date.now())).toBe(0);
    expect(remaining(Date.now() + HOUR, 1_500, Date.now())).toBe(1_500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a batch is not late either', async () => {
  let shift = 0;
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  const batch = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 300 } as const;
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { batch }) },
    parts: { now: () => Date.now() + shift },
  });
  shift = -HOUR;
  const start = performance.now();
  bench.publish([draft(1)]);
  await bench.settled(5_000);
  expect(performance.now() - start).toBeLessThan(3_000);
});

test('a destination that was told to wait is not asked earlier by a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  try {
    const file = join(folder, 'state.sqlite');
    await using receiver = await rawReceiver((socket, n) =>
      socket.write(n === 1 ? answer(429, { 'retry-after': '2' }) : answer(204)),
    );
    const webhooks = { crm: hook(receiver.url) };
    {
      await using first = await Bench.start({ webhooks, file });
      first.publish([draft(1)]);
      await (async () => {
        while (first.outbox.history.backlog()[0]!.parked === 0) await new Promise((done) => setTimeout(done, 5));
      })();
    }
    await using second = await Bench.start({ webhooks, file });
    expect(second.dispatcher.standing()['crm']!.paced!.why).toMatch(/Retry-After/);
    second.publish([draft(2)]);
    await second.settled(10_000);
    expect(receiver.requests[1]!.at - receiver.requests[0]!.at).toBeGreaterThanOrEqual(1_950);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
