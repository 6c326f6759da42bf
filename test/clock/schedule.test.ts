/** A cron schedule under a wall clock that is set forward and back: nothing comes later than it would have without that. */
import fc from 'fast-check';
import { Schedule } from '../../src/clock/schedule';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 29, 12, 10);

test('without jumps it takes each moment once', () => {
  let now = START;
  const schedule = new Schedule(
    '*/15 * * * *',
    () => now,
    () => now,
  );
  const taken: string[] = [];
  for (; now < START + HOUR; now += 20_000) if (schedule.take()) taken.push(new Date(now).toISOString().slice(11, 16));
  expect(taken).toEqual(['12:15', '12:30', '12:45', '13:00']);
});

test('whatever jumps the wall clock makes, no moment is farther away than the schedule says', () => {
  const jumps = fc.array(fc.record({ after: fc.integer({ min: 1, max: 90 }), by: fc.integer({ min: -72, max: 72 }) }));
  fc.assert(
    fc.property(jumps, (plan) => {
      let steady = START;
      let off = 0;
      const schedule = new Schedule(
        '0 * * * *',
        () => steady + off,
        () => steady,
      );
      let last = steady;
      for (const { after, by } of [...plan, { after: 120, by: 0 }]) {
        for (let minute = 0; minute < after; minute++) {
          steady += 60_000;
          if (schedule.take()) last = steady;
          expect(steady - last).toBeLessThanOrEqual(HOUR);
        }
        off += by * HOUR;
      }
    }),
  );
});

test('a clock set forward skips nothing', () => {
  let steady = START;
  let off = 0;
  const schedule = new Schedule(
    '0 * * * *',
    () => steady + off,
    () => steady,
  );
  off = 24 * HOUR;
  steady += 1_000;
  expect(schedule.take()).toBe(true);
  expect(schedule.take()).toBe(false);
});
