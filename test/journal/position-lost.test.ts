import { isCoded } from '../../src/errors/coded-error';
import { ReceiverChain } from '../../src/journal/chain';
import { forecastLoss } from '../../src/journal/data-loss';
import type { JournalFailure } from '../../src/journal/host-error';
import { judgePosition, positionLostError } from '../../src/journal/position-lost';
import { JOURNAL, receiver } from './support';

const R1 = receiver('RCV0001', 1, 248, { next: 'RCV0002' });
const R2 = receiver('RCV0002', 249, 300, { previous: 'RCV0001' });
const at = (name: string, sequence: bigint) => ({ receiver: { library: 'ORDLIB', name }, sequence });
const never = async (): Promise<JournalFailure | null> => {
  throw new Error('the directory answers this; no probe is needed');
};

test.each([
  ['inside a listed receiver', [R1, R2], at('RCV0001', 100n), 'readable'],
  ['at its end', [R1, R2], at('RCV0001', 248n), 'readable'],
  ['just before its first entry', [R1, R2], at('RCV0002', 248n), 'readable'],
  ['freed', [{ ...R1, status: 'FREED' as const }, R2], at('RCV0001', 100n), 'lost'],
  ['beyond its end: the receiver was re-created', [R1, R2], at('RCV0001', 5000n), 'lost'],
  ['below the start of a partial receiver', [{ ...R2, status: 'PARTIAL' as const }], at('RCV0002', 100n), 'lost'],
  ['no receiver visible at all', [], at('RCV0001', 100n), 'unknown'],
])('%s: %#', async (_, receivers, position, expected) => {
  expect((await judgePosition(position, new ReceiverChain(receivers), never)).is).toBe(expected);
});

test.each<[JournalFailure | null, string]>([
  ['maybe lost', 'lost'],
  ['not authorized', 'not authorized'],
  ['bad range', 'unknown'],
  [null, 'unknown'],
])('an absent receiver whose probe says %s is %s', async (probe, expected) => {
  const verdict = await judgePosition(at('RCV0000', 7n), new ReceiverChain([R1, R2]), async () => probe);
  expect(verdict.is).toBe(expected);
});

test('the error tells each choice and its cost, and exits with 4', () => {
  const error = positionLostError({
    journal: JOURNAL,
    position: at('RCV0000', 7n),
    why: 'receiver ORDLIB/RCV0000 no longer exists',
    earliest: { from: at('RCV0001', 0n), entries: 3_600_000n },
    latest: at('RCV0002', 300n),
    entriesPerSecond: 500,
  });
  expect(isCoded(error) && error.family).toBe('positionLost');
  expect(error.next).toContain('reads 3600000 entries, about 2.0 hours');
  expect(error.next).toContain('ORDLIB/RCV0002:300');
});

describe('time to data loss', () => {
  const day = (n: number, h = 0) => `2026-11-${String(n).padStart(2, '0')}T${String(h).padStart(2, '0')}:00:00.000000`;
  const old = receiver('RCV0001', 1, 86_400, { next: 'RCV0002', attached: day(20), detached: day(21) });
  const now = receiver('RCV0002', 86_401, 172_800, { previous: 'RCV0001', attached: day(21) });
  const chain = new ReceiverChain([old, now]);

  test('nothing pending: nothing to lose', () => {
    expect(forecastLoss(chain, at('RCV0002', 172_800n), day(22), null).hoursToLoss).toBeNull();
  });
  test('standing still: the oldest entry needed leaves with the retention', () => {
    // 24 h of 48 h retention are between us and the edge
    const forecast = forecastLoss(chain, at('RCV0002', 86_401n), day(22), null);
    expect(forecast.retentionHours).toBe(48);
    expect(forecast.hoursToLoss).toBeCloseTo(24, 1);
  });
  test('reading half as fast as entries are written doubles the time; reading faster ends the danger', () => {
    const slow = forecastLoss(chain, at('RCV0002', 86_401n), day(22), 0.5);
    expect(slow.writtenPerSecond).toBeCloseTo(1, 1);
    expect(slow.hoursToLoss).toBeCloseTo(48, 0);
    expect(forecastLoss(chain, at('RCV0002', 86_401n), day(22), 5).hoursToLoss).toBeNull();
  });
});
