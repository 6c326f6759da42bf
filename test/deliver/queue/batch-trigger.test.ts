/** When collected events may go. */
import { BATCH_DEFAULTS, type BatchOptions } from '../../../src/deliver/options';
import { Gate } from '../../../src/deliver/queue/batch-trigger';
import { Lanes } from '../../../src/deliver/queue/lanes';
import { deliveryAt } from '../support/deliveries';

const EPOCH = Date.UTC(2026, 10, 21, 12, 0, 30);

beforeEach(() => void jest.useFakeTimers({ now: EPOCH }));
afterEach(() => void jest.useRealTimers());

function gateOf(given: Partial<BatchOptions>, wall = () => EPOCH): { gate: Gate; opened: number[]; last: number } {
  const parts = { opened: [] as number[], last: 0 };
  const gate = new Gate({ ...BATCH_DEFAULTS, ...given }, wall, {
    opened: () => parts.opened.push(gate.upTo),
    lastPosition: () => parts.last,
  });
  return Object.assign(parts, { gate });
}

function lanesWith(...deliveries: { pos: number; appendedAt: number; bytes?: number }[]): Lanes {
  const lanes = new Lanes();
  for (const { pos, ...facts } of deliveries)
    lanes.add(lanes.get(`l${pos}`), deliveryAt(pos, { lane: `l${pos}`, ...facts }));
  return lanes;
}

describe('micro', () => {
  const micro = { mode: 'micro', maxWait: 1000, maxRecords: 3, maxBytes: 100 } as const;

  test.each([
    ['nothing is there', lanesWith(), 0],
    ['one event of now', lanesWith({ pos: 1, appendedAt: EPOCH }), 1000],
    ['one that has waited 400 ms in the store', lanesWith({ pos: 1, appendedAt: EPOCH - 400 }), 600],
    ['one that has waited long', lanesWith({ pos: 1, appendedAt: EPOCH - 5000 }), 0],
    ['one the wall clock puts into the future', lanesWith({ pos: 1, appendedAt: EPOCH + 5000 }), 1000],
    ['two', lanesWith({ pos: 1, appendedAt: EPOCH }, { pos: 2, appendedAt: EPOCH }), 1000],
    ['as many as one takes', lanesWith(...[1, 2, 3].map((pos) => ({ pos, appendedAt: EPOCH }))), 0],
    ['99 bytes', lanesWith({ pos: 1, appendedAt: EPOCH, bytes: 99 }), 1000],
    ['as many bytes as one takes', lanesWith({ pos: 1, appendedAt: EPOCH, bytes: 100 }), 0],
  ])('%s', (_name, lanes, ms) => {
    expect(gateOf(micro).gate.wait(lanes, 7_000)).toBe(ms);
  });

  test('goes by the steady clock from then on, and anew for another oldest', () => {
    let wall = EPOCH;
    const { gate } = gateOf(micro, () => wall);
    const first = lanesWith({ pos: 1, appendedAt: EPOCH });
    expect(gate.wait(first, 7_000)).toBe(1000);
    wall -= 3_600_000;
    expect(gate.wait(first, 7_400)).toBe(600);
    expect(gate.wait(first, 8_000)).toBe(0);
    expect(gate.wait(lanesWith({ pos: 2, appendedAt: wall }), 8_000)).toBe(1000);
  });

  test('without a wait there is none', () => {
    const { gate } = gateOf({ ...micro, maxWait: 0 });
    expect(gate.wait(lanesWith({ pos: 1, appendedAt: EPOCH }), 0)).toBe(0);
  });
});

test('event by event nothing waits and nothing is kept back', () => {
  const { gate } = gateOf({ mode: 'event' });
  expect(gate.wait(lanesWith({ pos: 1, appendedAt: EPOCH }), 0)).toBe(0);
  expect(gate.upTo).toBe(Number.POSITIVE_INFINITY);
});

describe('scheduled', () => {
  test('opens at its moments for what is there by then; what comes later waits for the next', () => {
    const parts = gateOf({ mode: 'scheduled', schedule: '* * * * *' });
    expect(parts.gate.upTo).toBe(0);
    parts.last = 17;
    jest.advanceTimersByTime(29_000);
    expect(parts.opened).toEqual([]);
    jest.advanceTimersByTime(1_500);
    expect(parts.opened).toEqual([17]);
    parts.last = 40;
    expect(parts.gate.upTo).toBe(17);
    jest.advanceTimersByTime(60_000);
    expect(parts.opened).toEqual([17, 40]);
    parts.gate.stop();
    jest.advanceTimersByTime(600_000);
    expect(parts.opened).toHaveLength(2);
  });

  test('a schedule in another mode is none', () => {
    expect(gateOf({ mode: 'micro', schedule: '* * * * *' }).gate.upTo).toBe(Number.POSITIVE_INFINITY);
  });
});
