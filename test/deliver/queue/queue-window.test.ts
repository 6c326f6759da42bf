/**
 * What of a queue is in memory, against a durable queue that is a plain list: whatever is offered, overflows, fails, waits or comes
 * from another process, everything is sent once until it is accepted, each lane in its order, and memory stays within its bounds.
 */
import fc from 'fast-check';
import type { ServeOptions } from '../../../src/deliver/options';
import { BATCH_DEFAULTS } from '../../../src/deliver/options';
import { Intake, MEMORY_BYTES, MEMORY_EVENTS } from '../../../src/deliver/queue/queue-window';
import { Settler } from '../../../src/deliver/settler';
import type { PendingDelivery, PriorityClass } from '../../../src/model/delivery';
import { type DeliveryFacts, deliveryAt, serveWith } from '../support/deliveries';
import { ModelStore } from '../support/model-store';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Drives the queue as a courier does, one request at a time, on a clock of its own. */
class Driver {
  readonly store = new ModelStore();
  readonly settler: Settler;
  readonly intake: Intake;
  readonly accepted: number[] = [];
  now = 1_000_000;
  /** The wall says another time, and may be set back. */
  wall = 5_000_000;
  pos = 0;
  full = false;
  private known = 0;

  constructor(options: ServeOptions = serveWith(), store?: ModelStore) {
    if (store) this.store = store;
    this.settler = new Settler(this.store, {
      full: () => this.full,
      failed: (error) => {
        throw error;
      },
      unblocked: () => this.intake.behind(),
    });
    this.intake = new Intake({
      name: 'crm',
      options,
      store: this.store,
      settler: this.settler,
      hooks: {},
      now: () => this.wall,
      steady: () => this.now,
    });
  }

  /** A lane with anything pending stays in its class: the outbox sees to it. */
  append(facts: DeliveryFacts): PendingDelivery {
    const priority = facts.priority === undefined ? 1 : (this.store.classOf(facts.lane!) ?? facts.priority);
    return this.store.append(deliveryAt(++this.pos, { ...facts, priority }));
  }

  /** Just committed; what another process wrote before it is looked for first, as the dispatcher does. */
  offer(facts: DeliveryFacts): void {
    const before = this.store.lastPosition();
    const delivery = this.append(facts);
    if (before !== this.known) this.look();
    this.known = delivery.pos;
    this.intake.offer(delivery);
  }

  look(): void {
    this.known = this.store.lastPosition();
    this.intake.behind();
    this.intake.pull();
  }

  /** Sends one request. @returns false when nothing could go */
  request(records: number, fails: boolean, pause = 100): boolean {
    const { intake, settler } = this;
    const limit = { records, bytes: 1e9, onePerLane: false, groupOf: null };
    const batch = intake.lanes.take(limit, Number.POSITIVE_INFINITY);
    if (!batch) return false;
    for (const delivery of batch) {
      intake.lanes.drop(delivery);
      delivery.attempts++;
      if (fails) settler.push({ is: 'retry', delivery, record: null, dueAt: this.wall + pause, pause });
      else {
        settler.push({ is: 'delivered', delivery, record: null });
        this.accepted.push(delivery.pos);
      }
    }
    for (const name of new Set(batch.map((d) => d.lane))) {
      const lane = intake.lanes.find(name)!;
      if (fails) intake.delay(lane, this.now + pause);
      else intake.goOn(lane);
    }
    return true;
  }

  pass(ms: number): void {
    this.now += ms;
    this.wall += ms;
    this.intake.wakeLanes(this.now, false);
  }

  /** Everything that is left is accepted. */
  drain(): void {
    for (let idle = 0; idle < 3; ) {
      this.look();
      if (this.request(50, false)) idle = 0;
      else {
        idle++;
        this.pass(10_000);
      }
    }
    this.settler.flush();
  }

  expectBounds(): void {
    const waiting = [...this.intake.lanes.all()].filter((lane) => lane.dueAt > 0).length;
    expect(this.intake.waiting).toBe(waiting);
    const { inMemory: held, bytesInMemory } = this.intake.lanes;
    expect(this.intake.inMemory).toBe(held[0] + held[1] + held[2]);
    for (const cls of [0, 1, 2] as const) expect(held[cls]).toBeLessThanOrEqual(MEMORY_EVENTS + 32);
    expect(bytesInMemory).toBeGreaterThanOrEqual(0);
  }
}

const facts = fc.record({
  lane: fc.constantFrom('a', 'b', 'c', 'd'),
  priority: fc.constantFrom<PriorityClass>(0, 1, 2),
  bytes: fc.nat(20),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('offer' as const), facts }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('foreign' as const), facts }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), records: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), records: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.integer({ min: -1e6, max: 1e6 }) }) },
);

test('each delivery once, each lane in order, after random histories of offers, failures, clocks and other writers', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const driver = new Driver();
      const { intake } = driver;
      for (const one of steps) {
        if (one.do === 'offer') driver.offer(one.facts);
        else if (one.do === 'foreign') driver.append(one.facts);
        else if (one.do === 'send' || one.do === 'fail') driver.request(one.records, one.do === 'fail');
        else if (one.do === 'pass') driver.pass(one.ms);
        else if (one.do === 'clock') driver.wall += one.ms;
        else if (one.do === 'back') intake.releaseAll(driver.now);
        else driver.look();
        driver.expectBounds();
      }
      driver.drain();
      expect(driver.store.left().map((d) => d.pos)).toEqual([]);
      expect([...driver.accepted].sort((a, b) => a - b)).toEqual([...driver.store.rows.keys()]);
      for (const lane of ['a', 'b', 'c', 'd']) {
        const mine = driver.accepted.filter((pos) => driver.store.rows.get(pos)!.delivery.lane === lane);
        expect(mine).toEqual([...mine].sort((a, b) => a - b));
      }
    }),
    { numRuns: 80 },
  );
});

describe('bounds', () => {
  test('offered more than memory holds: the rest is read from disk, in order', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (let i = 0; i < MEMORY_EVENTS + 1000; i++) driver.offer({ lane: `l${i}` });
    expect(driver.intake.inMemory).toBe(MEMORY_EVENTS);
    expect(driver.intake.wants()).toBe(false);
    // half of it must be gone before disk is read again
    for (let sent = 0; sent < MEMORY_EVENTS / 2; sent += 64) {
      expect(driver.intake.wants()).toBe(false);
      driver.request(64, false);
    }
    driver.request(1, false);
    expect(driver.intake.wants()).toBe(true);
    driver.drain();
    expect(driver.accepted).toEqual([...driver.store.rows.keys()]);
  });

  test.each([
    [{ concurrency: 4 }, 4096],
    [{ concurrency: 2000 }, 8000],
    [{ concurrency: 9000 }, 20_000],
    [{ concurrency: 16, batch: { ...BATCH_DEFAULTS, mode: 'micro' as const, maxRecords: 100 } }, 6400],
    [{ concurrency: 16, batch: { ...BATCH_DEFAULTS, mode: 'event' as const, maxRecords: 100 } }, 4096],
  ])('%p holds %i events: four times what is under way, within reason', (options, most) => {
    const driver = new Driver(serveWith(options));
    driver.intake.pull();
    for (let i = 0; i <= most; i++) driver.offer({ lane: `l${i}` });
    expect(driver.intake.inMemory).toBe(most);
  });

  test('a backlog is read page by page to its end, also what was read before it was offered is held once', () => {
    const driver = new Driver();
    for (let i = 0; i < 1300; i++) driver.append({ lane: `l${i}` });
    while (driver.intake.wants()) driver.intake.pull();
    expect(driver.intake.inMemory).toBe(1300);
    const delivery = driver.append({ lane: 'late' });
    driver.intake.behind();
    while (driver.intake.wants()) driver.intake.pull();
    driver.intake.offer(delivery);
    expect(driver.intake.inMemory).toBe(1301);
  });

  test('payload bytes are a bound of their own', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (let i = 0; i < 20; i++) driver.offer({ lane: `l${i}`, bytes: MEMORY_BYTES / 8 });
    expect(driver.intake.inMemory).toBe(8);
  });

  test('one lane is set aside at 64 once memory is half full, so that others find room', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (let i = 0; i < MEMORY_EVENTS / 2; i++) driver.offer({ lane: `l${i}` });
    for (let i = 0; i < 100; i++) driver.offer({ lane: 'slow' });
    expect(driver.intake.lanes.get('slow')).toMatchObject({ onDisk: true });
    expect(driver.intake.lanes.get('slow').queue.length).toBe(64);
    driver.drain();
    expect(driver.store.left().map((d) => d.pos)).toEqual([]);
  });

  test('a lane alone may use all of it', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (let i = 0; i < 3000; i++) driver.offer({ lane: 'only' });
    expect(driver.intake.lanes.get('only').queue.length).toBe(3000);
  });
});

describe('what waits', () => {
  test('a lane is due when its pause is over, not before; a probe takes one whatever its pause', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (const lane of ['a', 'b']) driver.offer({ lane });
    driver.request(1, true, 100);
    driver.request(1, true, 200);
    expect(driver.intake.nextDue()).toBe(driver.now + 100);
    driver.pass(99);
    expect(driver.request(1, false)).toBe(false);
    driver.pass(1);
    expect(driver.request(1, false)).toBe(true);
    expect(driver.request(1, false)).toBe(false);
    driver.intake.wakeLanes(driver.now, true);
    expect(driver.request(1, false)).toBe(true);
    expect(driver.accepted).toEqual([1, 2]);
    expect(driver.intake.nextDue()).toBe(Number.POSITIVE_INFINITY);
  });

  test('after a restart: pauses go on as long as they were, whatever the wall clock says meanwhile', () => {
    const former = new Driver();
    former.intake.pull();
    for (const lane of ['a', 'b']) former.offer({ lane });
    former.request(1, true, 60_000);
    former.request(1, true, 10_000);
    former.settler.flush();
    const driver = new Driver(serveWith(), former.store);
    driver.wall = former.wall - 3_600_000;
    driver.intake.loadWaiting();
    expect(driver.intake.waiting).toBe(2);
    expect(driver.intake.nextDue()).toBe(driver.now + 10_000);
    driver.pass(10_000);
    expect(driver.request(1, false)).toBe(true);
    driver.pass(50_000);
    expect(driver.request(1, false)).toBe(true);
    expect(driver.accepted).toEqual([2, 1]);
  });

  test('the endpoint is back: all lanes may go at once', () => {
    const driver = new Driver();
    driver.intake.pull();
    for (const lane of ['a', 'b', 'c']) driver.offer({ lane });
    while (driver.request(1, true, 3_600_000));
    driver.intake.releaseAll(driver.now);
    driver.pass(0);
    driver.request(10, false);
    expect(driver.accepted).toEqual([1, 2, 3]);
    expect(driver.intake.waiting).toBe(0);
  });

  test('a pause that was cut short and began anew is not ended by the one before', () => {
    const driver = new Driver();
    driver.intake.pull();
    driver.offer({ lane: 'a' });
    driver.request(1, true, 100);
    driver.intake.releaseAll(driver.now + 50);
    driver.pass(50);
    driver.request(1, true, 1000);
    driver.pass(999);
    expect(driver.request(1, false)).toBe(false);
    driver.pass(1);
    expect(driver.request(1, false)).toBe(true);
  });

  test('with a full disk nothing is read', () => {
    const driver = new Driver();
    driver.intake.pull();
    driver.offer({ lane: 'a' });
    driver.full = true;
    driver.store.failure = { error: new Error('full'), times: 2 };
    driver.request(1, false);
    driver.append({ lane: 'b' });
    driver.look();
    expect(driver.intake.inMemory).toBe(0);
    driver.look();
    expect(driver.intake.inMemory).toBe(1);
  });

  test('with a full disk a lane that must be read waits half a second instead of reading what is not so', () => {
    const driver = new Driver();
    driver.intake.pull();
    driver.offer({ lane: 'a' });
    driver.request(1, true, 100);
    driver.full = true;
    driver.store.failure = { error: new Error('full'), times: 2 };
    driver.pass(100);
    expect(driver.settler.blocked).toBe(true);
    expect(driver.intake.nextDue()).toBe(driver.now + 500);
    expect(driver.request(1, false)).toBe(false);
    driver.pass(500);
    expect(driver.request(1, false)).toBe(true);
  });
});

test('what the receiver proves to have is settled without a request: parked, fresh, up to the position and no further', () => {
  const driver = new Driver();
  driver.intake.pull();
  for (const lane of ['a', 'b', 'a', 'c', 'b']) driver.offer({ lane });
  driver.request(1, true);
  driver.settler.flush();
  const next = new Driver(serveWith(), driver.store);
  next.intake.settleProved(4);
  expect(next.store.left().map((d) => d.pos)).toEqual([5]);
  next.intake.loadWaiting();
  next.drain();
  expect(next.accepted).toEqual([5]);
});
