/** When a circuit opens, what goes while it is open, and what closes it. */
import { Breaker, type BreakerState } from '../../../src/deliver/limits/breaker';

function setUp(failures = 4, probeEvery = 1000): { breaker: Breaker; told: BreakerState[] } {
  const told: BreakerState[] = [];
  return { breaker: new Breaker({ failures, probeEvery }, (state) => told.push(state)), told };
}

const fail = (breaker: Breaker, lanes: readonly string[], now = 0): void => {
  for (const lane of lanes) breaker.failed(lane, now);
};

test.each([
  ['three failures of four', ['a', 'b', 'c'], 'closed'],
  ['four in a row over three lanes', ['a', 'b', 'c', 'c'], 'open'],
  ['a hundred of one lane: a poison event', Array(100).fill('a'), 'closed'],
  ['a hundred of two', Array.from({ length: 100 }, (_, i) => 'ab'[i % 2]!), 'closed'],
  ['the third lane after many of two', [...Array(50).fill('a'), 'b', 'c'], 'open'],
  ['four lanes', ['a', 'b', 'c', 'd'], 'open'],
])('%s', (_name, lanes, state) => {
  const { breaker } = setUp();
  fail(breaker, lanes);
  expect(breaker.state).toBe(state);
});

test('a success between ends the row, and forgets the lanes', () => {
  const { breaker, told } = setUp();
  fail(breaker, ['a', 'b', 'c']);
  breaker.succeeded();
  fail(breaker, ['a', 'b', 'c']);
  expect(breaker.state).toBe('closed');
  breaker.succeeded();
  fail(breaker, ['a', 'a', 'a', 'a', 'b']);
  expect(breaker.state).toBe('closed');
  expect(told).toEqual([]);
});

test('open: nothing goes until the probe, one at a time, and one that succeeds closes it', () => {
  const { breaker, told } = setUp();
  expect(breaker.wait(0)).toBe(0);
  expect(breaker.start()).toBe(false);
  fail(breaker, ['a', 'b', 'c', 'd'], 5000);
  expect(breaker.wait(5000)).toBe(1000);
  expect(breaker.wait(5999)).toBe(1);
  expect(breaker.wait(6000)).toBe(0);
  expect(breaker.wait(9000)).toBe(0);
  expect(breaker.start()).toBe(true);
  expect(breaker.wait(9000)).toBe(Number.POSITIVE_INFINITY);
  breaker.failed('a', 9500);
  expect(breaker.wait(9500)).toBe(1000);
  breaker.start();
  breaker.succeeded();
  expect(breaker.wait(9500)).toBe(0);
  expect(breaker.start()).toBe(false);
  expect(told).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
});

test('one failure of a probe is enough to open it again, and closed it counts from the start', () => {
  const { breaker } = setUp();
  breaker.open(0);
  breaker.start();
  breaker.failed('a', 0);
  expect(breaker.state).toBe('open');
  breaker.start();
  breaker.succeeded();
  fail(breaker, ['b', 'c', 'd']);
  expect(breaker.state).toBe('closed');
  breaker.failed('e', 0);
  expect(breaker.state).toBe('open');
});

test('refused credentials open it at once; asked again only after the pause', () => {
  const { breaker, told } = setUp();
  breaker.open(100);
  breaker.open(700);
  expect(breaker.wait(700)).toBe(1000);
  expect(told).toEqual(['open']);
});

test('a probe that tells nothing is followed by another, a pause later; without a probe it changes nothing', () => {
  const { breaker, told } = setUp();
  breaker.undecided(0);
  expect(told).toEqual([]);
  breaker.open(0);
  breaker.undecided(900);
  expect(breaker.wait(1000)).toBe(0);
  breaker.start();
  breaker.undecided(1500);
  expect(breaker.wait(1500)).toBe(1000);
  expect(told).toEqual(['open', 'half-open', 'open']);
});
