/**
 * Lanes against a plain model: whatever is added, taken, put back, parked and released in whatever order, every counter equals a
 * recount of the model, and a request holds only what its limits allow, in the order of each lane.
 */
import fc from 'fast-check';
import { type Lane, Lanes, sizeOf, type TakeLimit } from '../../../src/deliver/queue/lanes';
import { type PendingDelivery, PRIORITY_CLASSES, type PriorityClass } from '../../../src/model/delivery';
import { deliveryAt } from '../support/deliveries';

interface ModelLane {
  queue: PendingDelivery[];
  busy: boolean;
  waits: boolean;
  limit: number;
}

class Model {
  readonly lanes = new Map<string, ModelLane>();
  /** Requests under way. */
  readonly requests: PendingDelivery[][] = [];
  pos = 0;

  of(name: string): ModelLane {
    let lane = this.lanes.get(name);
    if (!lane) {
      lane = { queue: [], busy: false, waits: false, limit: Number.POSITIVE_INFINITY };
      this.lanes.set(name, lane);
    }
    return lane;
  }

  ready(): ModelLane[] {
    return [...this.lanes.values()].filter((lane) => !lane.busy && !lane.waits && lane.queue.length > 0);
  }
}

const sum = (list: readonly PendingDelivery[]): number => list.reduce((bytes, d) => bytes + sizeOf(d), 0);
const countOf = (list: readonly PendingDelivery[], cls: PriorityClass): number =>
  list.filter((d) => d.priority === cls).length;

/** Everything the lanes count, told by the model. */
function expectCounted(lanes: Lanes, model: Model): void {
  const queued = [...model.lanes.values()].flatMap((lane) => lane.queue);
  const held = [...queued, ...model.requests.flat()];
  const ready = model.ready().flatMap((lane) => lane.queue);
  const byClass = (list: readonly PendingDelivery[]): Record<number, number> =>
    Object.fromEntries(PRIORITY_CLASSES.map((cls) => [cls, countOf(list, cls)]));
  const bytesOf = (of: Iterable<readonly [string, number]>): [string, number][] =>
    [...of].map(([name, bytes]): [string, number] => [name, bytes]).sort(([x], [y]) => (x < y ? -1 : 1));
  const told = {
    held: lanes.inMemory,
    bytesInMemory: lanes.bytesInMemory,
    queued: lanes.queued,
    readyEvents: lanes.readyEvents,
    readyBytes: lanes.readyBytes,
    bytes: bytesOf([...lanes.all()].map((lane) => [lane.name, lane.bytes] as const)),
  };
  const counted = {
    held: byClass(held),
    bytesInMemory: sum(held),
    queued: byClass(queued),
    readyEvents: ready.length,
    readyBytes: sum(ready),
    bytes: bytesOf([...model.lanes].map(([name, lane]) => [name, sum(lane.queue)] as const)),
  };
  // thousands of times: the long comparison only where there is something to show
  if (JSON.stringify(told) !== JSON.stringify(counted)) expect(told).toEqual(counted);
}

/** What a request may hold, whatever the lanes chose. */
function expectAllowed(batch: readonly PendingDelivery[], model: Model, limit: TakeLimit, upTo: number): void {
  const positions = batch.map((d) => d.pos);
  const { groupOf } = limit;
  const groups = groupOf ? new Set(batch.map((d) => groupOf(d.event))).size : 1;
  expect({
    records: batch.length <= limit.records,
    bytes: batch.length === 1 || sum(batch) <= limit.bytes,
    upTo: batch.every((d) => d.pos <= upTo),
    sorted: positions.every((pos, i) => i === 0 || pos > positions[i - 1]!),
    groups,
  }).toEqual({ records: true, bytes: true, upTo: true, sorted: true, groups: 1 });
  for (const name of new Set(batch.map((d) => d.lane))) {
    const lane = model.of(name);
    const mine = batch.filter((d) => d.lane === name);
    expect([lane.busy, lane.waits, batch.length > lane.limit]).toEqual([false, false, false]);
    // the front of its lane, without a gap
    expect(mine.findIndex((d, i) => d !== lane.queue[i])).toBe(-1);
    if (limit.onePerLane) expect(mine).toHaveLength(1);
  }
}

const limits = fc.record({
  records: fc.integer({ min: 1, max: 12 }),
  bytes: fc.integer({ min: 1, max: 40 }),
  onePerLane: fc.boolean(),
  groupOf: fc.constantFrom(null, (event: PendingDelivery['event']) => event.type),
});
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      lane: fc.constantFrom('a', 'b', 'c', 'd'),
      priority: fc.constantFrom<PriorityClass>(0, 1, 2),
      bytes: fc.option(fc.integer({ min: 0, max: 9 })),
      type: fc.constantFrom('x', 'y'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      limit: limits,
      near: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(9)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delivered' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('split' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('park' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setAside' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), which: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Run {
  readonly lanes = new Lanes();
  readonly model = new Model();

  play(one: Step): void {
    if (one.do === 'add') this.add(one);
    else if (one.do === 'take') this.take(one.limit, Math.max(0, this.model.pos - one.near));
    else if (one.do === 'wake' || one.do === 'setAside') this[one.do](one.which);
    else if (this.model.requests.length > 0) {
      const [batch] = this.model.requests.splice(one.which % this.model.requests.length, 1);
      this[one.do](batch!);
    }
    expectCounted(this.lanes, this.model);
  }

  private add({ lane: name, ...facts }: Extract<Step, { do: 'add' }>): void {
    const lane = this.model.of(name);
    const delivery = deliveryAt(++this.model.pos, { lane: name, ...facts });
    this.lanes.add(this.lanes.get(name), delivery);
    lane.queue.push(delivery);
  }

  take(limit: TakeLimit, upTo: number): PendingDelivery[] | null {
    const batch = this.lanes.take(limit, upTo);
    if (batch === null) {
      expect(this.model.ready().filter((lane) => lane.queue[0]!.pos <= upTo)).toEqual([]);
      return null;
    }
    expectAllowed(batch, this.model, limit, upTo);
    for (const delivery of batch) {
      const lane = this.model.of(delivery.lane);
      lane.queue.shift();
      lane.busy = true;
    }
    this.model.requests.push(batch);
    return batch;
  }

  private eachLane(
    batch: readonly PendingDelivery[],
    done: (name: string, lane: Lane, mine: PendingDelivery[]) => void,
  ) {
    for (const name of new Set(batch.map((d) => d.lane)))
      done(
        name,
        this.lanes.get(name),
        batch.filter((d) => d.lane === name),
      );
  }

  private delivered(batch: PendingDelivery[]): void {
    for (const delivery of batch) this.lanes.drop(delivery);
    this.eachLane(batch, (name, lane) => {
      this.lanes.release(lane);
      this.over(name);
    });
  }

  /** Refused as a whole: all of it goes back, and less is taken at once. */
  private split(batch: PendingDelivery[]): void {
    this.eachLane(batch, (name, lane, mine) => {
      lane.batchLimit = Math.max(1, batch.length >> 1);
      this.lanes.putBack(lane, mine);
      this.lanes.release(lane);
      this.model.of(name).limit = lane.batchLimit;
      this.model.of(name).queue.unshift(...mine);
      this.over(name);
    });
  }

  /** Failed: the lane waits with all of it on disk. */
  private park(batch: PendingDelivery[]): void {
    for (const delivery of batch) this.lanes.drop(delivery);
    this.eachLane(batch, (name) => this.hold(name));
  }

  /** One that nobody is sending of. */
  private setAside(which: number): void {
    const idle = [...this.model.lanes].filter(([, lane]) => !lane.busy && !lane.waits);
    if (idle.length > 0) this.hold(idle[which % idle.length]![0]);
  }

  private hold(name: string): void {
    const [lane, model] = [this.lanes.get(name), this.model.of(name)];
    expect(this.lanes.empty(lane).map((d) => d.pos)).toEqual(model.queue.map((d) => d.pos));
    lane.onDisk = true;
    lane.dueAt = 1;
    this.lanes.release(lane);
    Object.assign(model, { queue: [], busy: false, waits: true });
  }

  private wake(which: number): void {
    const waiting = [...this.model.lanes].filter(([, lane]) => lane.waits && !lane.busy);
    if (waiting.length === 0) return;
    const [name, model] = waiting[which % waiting.length]!;
    const lane = this.lanes.find(name)!;
    lane.dueAt = 0;
    lane.onDisk = false;
    model.waits = false;
    // none, where what was parked has been settled otherwise
    for (let i = which % 3; i > 0; i--) {
      const delivery = deliveryAt(++this.model.pos, { lane: name, parked: true });
      this.lanes.add(lane, delivery);
      model.queue.push(delivery);
    }
    this.lanes.release(lane);
    this.over(name);
  }

  /** A lane without anything is forgotten. */
  private over(name: string): void {
    const lane = this.model.of(name);
    lane.busy = false;
    if (lane.queue.length === 0) this.model.lanes.delete(name);
  }
}

test('every counter equals a recount, after every step of random histories', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), (steps) => {
      const run = new Run();
      for (const one of steps) run.play(one);
    }),
    { numRuns: 150 },
  );
});

test('without limits everything that is ready goes in one request', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.constantFrom<PriorityClass>(0, 1, 2)), { minLength: 1 }), (adds) => {
      const lanes = new Lanes();
      for (const [i, [lane, priority]] of adds.entries())
        lanes.add(lanes.get(`l${lane}`), deliveryAt(i + 1, { lane: `l${lane}`, priority }));
      const none = { records: 1e9, bytes: 1e9, onePerLane: false, groupOf: null };
      expect(lanes.take(none, Number.POSITIVE_INFINITY)!.map((d) => d.pos)).toEqual(adds.map((_, i) => i + 1));
      expect(lanes.readyEvents).toBe(0);
      expect(lanes.take(none, Number.POSITIVE_INFINITY)).toBeNull();
    }),
  );
});

test('turns: of ten requests six are of class high, three normal, one low; a class without work gives its turn away', () => {
  const one = { records: 1, bytes: 1e9, onePerLane: false, groupOf: null };
  const lanes = new Lanes();
  let pos = 0;
  const fill = (classes: readonly PriorityClass[]): void => {
    for (const priority of classes)
      for (let i = 0; i < 10; i++) {
        const lane = `${priority}-${++pos}`;
        lanes.add(lanes.get(lane), deliveryAt(pos, { lane, priority }));
      }
  };
  const ten = (): string =>
    Array.from({ length: 10 }, () => lanes.take(one, Number.POSITIVE_INFINITY)?.[0]?.priority ?? '-').join('');
  fill([0, 1, 2]);
  expect([...ten()].sort().join('')).toBe('0000001112');
  // four, seven and nine are left: high ends first
  expect([...ten()].sort().join('')).toBe('0000111112');
  expect([...ten()].sort().join('')).toBe('1122222222');
  expect(ten()).toBe('----------');
  fill([2]);
  expect(ten()).toBe('2222222222');
});

test('the oldest is told among the heads of the classes', () => {
  const lanes = new Lanes();
  expect(lanes.oldest()).toBeUndefined();
  lanes.add(lanes.get('low'), deliveryAt(1, { lane: 'low', priority: 2, appendedAt: 30 }));
  lanes.add(lanes.get('high'), deliveryAt(2, { lane: 'high', priority: 0, appendedAt: 50 }));
  lanes.add(lanes.get('normal'), deliveryAt(3, { lane: 'normal', priority: 1, appendedAt: 20 }));
  expect(lanes.oldest()!.pos).toBe(3);
});

test('among lanes of many groups no request looks further than 256 of the others', () => {
  const lanes = new Lanes();
  lanes.add(lanes.get('first'), deliveryAt(1, { lane: 'first', type: 'mine' }));
  for (let pos = 2; pos <= 300; pos++)
    lanes.add(lanes.get(`other-${pos}`), deliveryAt(pos, { lane: `other-${pos}`, type: 'theirs' }));
  lanes.add(lanes.get('last'), deliveryAt(301, { lane: 'last', type: 'mine' }));
  const limit = { records: 10, bytes: 1e9, onePerLane: false, groupOf: (event: { type: string }) => event.type };
  expect(lanes.take(limit, Number.POSITIVE_INFINITY)!.map((d) => d.pos)).toEqual([1]);
  expect(lanes.readyEvents).toBe(300);
});
