/** What is usual in an hour of the week, against plain arithmetic over the same weeks; and what happened within the hour. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ALERT_SCHEMA } from '../../src/alerts/alert-book';
import { Happenings } from '../../src/alerts/happenings';
import { Rates } from '../../src/alerts/rates';
import { Store } from '../../src/store/store';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
const BEGAN = Date.UTC(2026, 0, 5, 12);

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rates-'));
  store = Store.open(join(folder, 's.sqlite'), [ALERT_SCHEMA]);
  store.db.pragma('synchronous = OFF');
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** One hour of a table in each week, the daemon running just then. @returns what was said of each */
function weeks(counts: readonly number[]) {
  return counts.map((events, week) => {
    const rates = new Rates(store);
    const start = BEGAN + week * WEEK;
    rates.note(new Map(), start - HOUR / 2);
    expect(rates.note(new Map([['L/T', 17]]), start)).toEqual([]);
    expect(rates.note(new Map([['L/T', 17 + events / 2]]), start + HOUR / 2)).toEqual([]);
    return rates.note(new Map([['L/T', 17 + events]]), start + HOUR)[0] ?? null;
  });
}

test('property: mean and deviation are those of the weeks before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 4, maxLength: 10 }), fc.nat(40_000), (before, now) => {
      store.db.exec('DELETE FROM alert_rate');
      const said = weeks([...before, now]).at(-1)!;
      const mean = before.reduce((a, b) => a + b, 0) / before.length;
      if (mean < 100) return expect(said).toBeNull();
      const spread = before.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (before.length - 1);
      expect(said!.usual).toBeCloseTo(mean, 6);
      expect(said!.away).toBeCloseTo((now - mean) / Math.max(Math.sqrt(spread), mean / 10), 6);
    }),
    { numRuns: 30 },
  );
});

test('nothing is said before four weeks are known, and of few events never', () => {
  expect(weeks([1000, 1000, 1000, 1000]).every((said) => said === null)).toBe(true);
  store.db.exec('DELETE FROM alert_rate');
  expect(weeks([99, 99, 99, 99, 99, 0]).every((said) => said === null)).toBe(true);
});

test('an hour that was not whole is not learnt', () => {
  const rates = new Rates(store);
  rates.note(new Map([['L/T', 5]]), BEGAN + HOUR / 2);
  rates.note(new Map([['L/T', 50]]), BEGAN + HOUR);
  // the clock, or the machine, stood still for two hours
  rates.note(new Map([['L/T', 500]]), BEGAN + 4 * HOUR);
  expect(store.db.prepare('SELECT count(*) FROM alert_rate').pluck().get()).toBe(0);
  rates.note(new Map([['L/T', 700]]), BEGAN + 5 * HOUR);
  expect(store.db.prepare('SELECT tbl, weeks, mean FROM alert_rate').all()).toEqual([
    { tbl: 'L/T', weeks: 1, mean: 200 },
  ]);
});

test('what happened within the hour is counted, and forgotten after it', () => {
  const happenings = new Happenings();
  const counted = (total: number) => [{ what: 'decode-errors', table: 'L/T', of: 'C', total } as const];
  expect(happenings.note(counted(0), BEGAN)).toEqual([]);
  expect(happenings.note(counted(3), BEGAN + 1)).toMatchObject([{ count: 3, at: BEGAN + 1 }]);
  expect(happenings.note(counted(5), BEGAN + HOUR / 2)).toMatchObject([{ count: 5, at: BEGAN + HOUR / 2 }]);
  expect(happenings.note(counted(5), BEGAN + HOUR + 1)).toMatchObject([{ count: 2 }]);
  expect(happenings.note(counted(5), BEGAN + 2 * HOUR)).toEqual([]);
});
