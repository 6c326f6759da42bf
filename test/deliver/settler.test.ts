/** Settlements are committed together, soon, in order, and never dropped because a disk was full for a while. */
import { Settler } from '../../src/deliver/settler';
import type { Settlement } from '../../src/model/delivery';
import { deliveryAt } from './support/deliveries';
import { ModelStore } from './support/model-store';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const FULL = new Error('full');

function setUp() {
  const store = new ModelStore();
  const told: string[] = [];
  const commits: number[] = [];
  const settle = store.settle.bind(store);
  store.settle = (batch) => {
    settle(batch);
    commits.push(batch.length);
  };
  const settler = new Settler(store, {
    full: (error) => error === FULL,
    failed: (error) => told.push(`failed ${(error as Error).message}`),
    unblocked: () => told.push('unblocked'),
  });
  let pos = 0;
  const push = (count = 1): void => {
    for (let i = 0; i < count; i++) {
      const delivery = store.append(deliveryAt(++pos));
      settler.push({ is: 'delivered', delivery, record: null } satisfies Settlement);
    }
  };
  const settled = (): number[] => store.settled.map((one) => one.delivery.pos);
  return { store, settler, told, commits, push, settled };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('one commit for what comes within 20 ms', () => {
  const { push, commits, settled } = setUp();
  push(3);
  jest.advanceTimersByTime(19);
  push(2);
  expect(commits).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(commits).toEqual([5]);
  push();
  jest.advanceTimersByTime(20);
  expect(commits).toEqual([5, 1]);
  expect(settled()).toEqual(upTo(6));
  expect(jest.getTimerCount()).toBe(0);
});

test('a thousand are committed at once', () => {
  const { push, commits } = setUp();
  push(999);
  expect(commits).toEqual([]);
  push();
  expect(commits).toEqual([1000]);
  expect(jest.getTimerCount()).toBe(0);
});

test('flush commits now, and nothing when there is nothing', () => {
  const { settler, push, commits } = setUp();
  settler.flush();
  push(2);
  settler.flush();
  settler.flush();
  expect(commits).toEqual([2]);
  expect(jest.getTimerCount()).toBe(0);
});

test('full once: the reserve was given up, and the second try is enough', () => {
  const { store, settler, push, commits, told } = setUp();
  store.failure = { error: FULL, times: 1 };
  push();
  settler.flush();
  expect(commits).toEqual([1]);
  expect(settler.blocked).toBe(false);
  expect(told).toEqual([]);
});

test('full for a while: kept in order, tried twice a second, told once when it is over', () => {
  const { store, settler, push, commits, told, settled } = setUp();
  store.failure = { error: FULL, times: 6 };
  push(2);
  settler.flush();
  expect(settler.blocked).toBe(true);
  push(1500);
  jest.advanceTimersByTime(499);
  expect(store.failure.times).toBe(4);
  jest.advanceTimersByTime(1);
  expect(store.failure.times).toBe(2);
  push(1);
  jest.advanceTimersByTime(500);
  expect(settler.blocked).toBe(true);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(500);
  expect(settler.blocked).toBe(false);
  expect(told).toEqual(['unblocked']);
  expect(commits).toEqual([1503]);
  expect(settled()).toEqual(upTo(1503));
});

test('any other error ends it: told once, and nothing later may be durable when something before is not', () => {
  const { store, settler, push, commits, told } = setUp();
  store.failure = { error: new Error('disk on fire'), times: 1 };
  push(3);
  settler.flush();
  push(2000);
  settler.flush();
  jest.advanceTimersByTime(10_000);
  expect(commits).toEqual([]);
  expect(told).toEqual(['failed disk on fire']);
  expect(settler.blocked).toBe(false);
});
