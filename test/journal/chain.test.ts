import { ReceiverChain } from '../../src/journal/position/chain';
import { receiver } from './support';

const R1 = receiver('RCV0001', 1, 248, { next: 'RCV0002' });
const R2 = receiver('RCV0002', 249, 300, { previous: 'RCV0001', next: 'RCV0003' });
const R3 = receiver('RCV0003', 301, 400, { previous: 'RCV0002' });

test('follows links, not names or listing order', () => {
  const odd = receiver('AAA0001', 401, 402, { previous: 'RCV0003', attached: '2026-11-02T00:00:00.000000' });
  const chain = new ReceiverChain([odd, { ...R3, status: 'ONLINE', next: odd.name }, R1, R2]);
  expect(chain.after(chain.get(R3.name)!)).toMatchObject({ is: 'next', receiver: { name: { name: 'AAA0001' } } });
  expect(chain.readableChain().map((r) => r.name.name)).toEqual(['RCV0001', 'RCV0002', 'RCV0003', 'AAA0001']);
});

test('the attached receiver has no successor yet', () => {
  expect(new ReceiverChain([R1, R2, R3]).after(R3)).toEqual({ is: 'attached' });
});

test.each([
  ['freed', [R1, { ...R2, status: 'FREED' as const }, R3], { is: 'gone', why: 'freed' }],
  ['deleted', [R1, R3], { is: 'gone', why: 'deleted' }],
  ['deleted, and nothing newer is listed', [R1], { is: 'gone', why: 'deleted' }],
])('the next receiver is %s', (_, receivers, expected) => {
  expect(new ReceiverChain(receivers).after(R1)).toMatchObject(expected);
});

test('a re-created journal starts a second chain: that is a break, not a continuation', () => {
  const last = receiver('RCV0009', 900, 950, { detached: '2026-11-01T12:00:00.000000' });
  const other = receiver('RCV1001', 1, 5, { attached: '2026-11-02T00:00:00.000000' });
  expect(new ReceiverChain([last, other]).after(last)).toMatchObject({
    is: 'broken',
    after: { name: { name: 'RCV1001' } },
  });
});

test('a successor that names another predecessor is a break', () => {
  const foreign = { ...R2, previous: { library: 'ORDLIB', name: 'XXX0007' } };
  expect(new ReceiverChain([R1, foreign, R3]).after(R1)).toMatchObject({ is: 'broken' });
});

test('freed receivers do not belong to the readable chain', () => {
  const chain = new ReceiverChain([{ ...R1, status: 'FREED' }, R2, R3]);
  expect(chain.oldestReadable()?.name.name).toBe('RCV0002');
  expect(chain.entriesAfter({ receiver: R2.name, sequence: 290n })).toBe(110n);
  expect(chain.entriesAfter({ receiver: R1.name, sequence: 1n })).toBeNull();
});

test('a commit cycle number is looked up across receivers, but never across a reset', () => {
  const chain = new ReceiverChain([R1, R2, R3]);
  expect(chain.holding(R3.name, 250n)?.name.name).toBe('RCV0002');
  expect(chain.holding(R3.name, 5n)?.name.name).toBe('RCV0001');
  const reset = receiver('RCV0004', 1, 10, { previous: 'RCV0003', attached: '2026-11-02T00:00:00.000000' });
  const after = new ReceiverChain([R1, R2, { ...R3, status: 'ONLINE', next: reset.name }, reset]);
  expect(after.holding(reset.name, 0n)).toBeNull();
  expect(after.holding(reset.name, 4n)?.name.name).toBe('RCV0004');
});

test('positions of different receivers are ordered by attachment', () => {
  const chain = new ReceiverChain([R1, R2, R3]);
  const at = (r: typeof R1, sequence: bigint) => ({ receiver: r.name, sequence });
  expect(chain.compare(at(R1, 9999n), at(R2, 1n))).toBeLessThan(0);
  expect(chain.compare(at(R2, 5n), at(R2, 5n))).toBe(0);
  expect(chain.compare(at(R3, 1n), at(R2, 5n))).toBeGreaterThan(0);
  expect(chain.compare(at(R3, 1n), { receiver: { library: 'X', name: 'Y' }, sequence: 1n })).toBeNull();
});
