import { DeleteGuard } from '../../src/journal/cycle/delete-guard';

const at = (second: number) => `2026-11-21T10:00:${String(second).padStart(2, '0')}.000000`;

test('a burst trips once, on the delete that breaks the limit', () => {
  const guard = new DeleteGuard();
  const limit = { deletes: 3, seconds: 10 };
  const results = [1, 1, 2, 2, 3, 3].map((s) => guard.observe('ORDLIB/ORDHDR', limit, at(s)));
  expect(results).toEqual([null, null, null, 4, null, null]);
});

test('slow deletes never trip, tables are counted apart, the operator resets', () => {
  const guard = new DeleteGuard();
  const limit = { deletes: 2, seconds: 5 };
  expect([0, 6, 12, 18, 24].map((s) => guard.observe('A/B', limit, at(s)))).toEqual([null, null, null, null, null]);
  expect(guard.observe('A/C', limit, at(1))).toBeNull();
  expect(guard.observe('A/C', limit, at(1))).toBeNull();
  expect(guard.observe('A/C', limit, at(1))).toBe(3);
  guard.reset('A/C');
  expect([2, 2, 2].map((s) => guard.observe('A/C', limit, at(s)))).toEqual([null, null, 3]);
});

test('a clock set back starts a new count', () => {
  const guard = new DeleteGuard();
  const limit = { deletes: 1, seconds: 30 };
  expect(guard.observe('A/B', limit, at(50))).toBeNull();
  expect(guard.observe('A/B', limit, at(10))).toBeNull();
});
