import { isCoded } from '../../src/errors/coded-error';
import type { JournalFailure } from '../../src/journal/entry/host-error';
import { ReceiverChain } from '../../src/journal/position/chain';
import { forecastLoss } from '../../src/journal/position/data-loss';
import { judgePosition, lossChoices, lossText, positionLostError } from '../../src/journal/position/position-lost';
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
    earliest: { from: at('RCV0001', 0n), entries: 3_600_000n, hours: 31.2 },
    latest: at('RCV0002', 300n),
    goneHours: 4.25,
    tables: 3,
    entriesPerSecond: 500,
  });
  expect(isCoded(error) && error.family).toBe('positionLost');
  expect(error.next).toBe(
    'decide, set policies.positionLost, start again, and set it back to stop. Gone for good is what was written in about 4.3 hours. ' +
      'earliest: goes on at ORDLIB/RCV0001:0 and reads 3600000 entries of the last 31 hours, which takes about 2.0 hours at the measured 500 entries/s. ' +
      'latest: goes on after ORDLIB/RCV0002:300, these 3600000 entries are skipped, too. ' +
      'backfill: as latest, and all 3 mapped tables are read whole. stop: this. To keep receivers: CHGJRN JRN(ORDLIB/ORDJRN) DLTRCV(*NO)',
  );
});

test('the cost of each choice comes from the receivers, the clock and the last reading', () => {
  const old = receiver('RCV0001', 101, 200, {
    next: 'RCV0002',
    attached: '2026-11-20T00:00:00',
    detached: '2026-11-21T00:00:00',
  });
  const now = receiver('RCV0002', 201, 300, { previous: 'RCV0001', attached: '2026-11-21T00:00:00' });
  const choices = lossChoices({
    journal: JOURNAL,
    position: at('RCV0000', 7n),
    why: '',
    chain: new ReceiverChain([old, now]),
    latest: at('RCV0002', 300n),
    tables: 1,
    entriesPerSecond: null,
    clock: '2026-11-21T12:00:00.000000',
    silentSeconds: 48 * 3600,
  });
  expect(choices).toMatchObject({
    earliest: { from: at('RCV0001', 0n), entries: 200n, hours: 36 },
    goneHours: 12,
  });
  expect(lossText(choices)).toContain('reads 200 entries of the last 36 hours. latest');
});

describe('time to data loss', () => {
  const day = (n: number, h = 0) => `2026-11-${String(n).padStart(2, '0')}T${String(h).padStart(2, '0')}:00:00.000000`;
  const gone = { previous: 'RCV0000', next: 'RCV0002' };
  const old = receiver('RCV0001', 1, 86_400, { ...gone, attached: day(20), detached: day(21) });
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
  test('the attached receiver where none was ever deleted: no retention shows, so nothing is said', () => {
    const alone = new ReceiverChain([receiver('RCV0001', 1, 86_400, { attached: day(21) })]);
    expect(forecastLoss(alone, at('RCV0001', 1n), day(22), null)).toMatchObject({ behind: 86_399n, hoursToLoss: null });
    const young = new ReceiverChain([{ ...old, previous: null }, now]);
    expect(forecastLoss(young, at('RCV0002', 86_401n), day(22), null).hoursToLoss).toBeNull();
    expect(forecastLoss(young, at('RCV0001', 1n), day(22), null).hoursToLoss).not.toBeNull();
  });
  test('reading half as fast as entries are written doubles the time; reading faster ends the danger', () => {
    const slow = forecastLoss(chain, at('RCV0002', 86_401n), day(22), 0.5);
    expect(slow.writtenPerSecond).toBeCloseTo(1, 1);
    expect(slow.hoursToLoss).toBeCloseTo(48, 0);
    expect(forecastLoss(chain, at('RCV0002', 86_401n), day(22), 5).hoursToLoss).toBeNull();
  });
});
