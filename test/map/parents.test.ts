/** Child-to-parent events: one for each parent and commit cycle, under the position of the last child change. */
import type { Change } from '../../src/model/change';
import { parseName } from '../../src/model/position';
import { at, bodyOf, change, eventsOf, image, LINE, type MapperSetup, mapperFor, ORDLIN } from './support';

const YAML = `
  ORDLIB/ORDLIN:
    parent: { event: order, table: ORDLIB/ORDHDR, key: { orderNumber: ORDNO }, changed: lines }
    name: lines
    to: [crm]
`;

function line(sequence: bigint, order: string, more: Partial<Change> = {}): Change {
  const table = parseName('ORDLIB/ORDLIN')!;
  const after = image(ORDLIN, { ...LINE, ORDNO: order });
  return change({ op: 'insert', table, after, ...at(sequence), commitCycle: 5n, ...more });
}

function run(changes: readonly Change[], yaml = YAML, setup: MapperSetup = {}) {
  const mapper = mapperFor(yaml, setup);
  const early = changes.flatMap((c) => [...eventsOf(mapper, c)]);
  return { early, late: mapper.endUnit() };
}

test('three lines of one order in one commit cycle are one event, at the last of them', () => {
  const { early, late } = run([line(11n, '1'), line(12n, '2'), line(13n, '1')]);
  expect(early).toEqual([]);
  expect(late.map((e) => [e.type, e.key, e.position!.sequence])).toEqual([
    ['order.updated', '2', 12n],
    ['order.updated', '1', 13n],
  ]);
  expect(bodyOf(late[1]!)).toMatchObject({
    type: 'order.updated',
    source: 'ibmi://PROD1/ORDLIB/ORDHDR',
    subject: '1',
    data: {
      op: 'update',
      key: { orderNumber: '1' },
      after: null,
      before: null,
      changed: ['lines'],
      meta: { table: 'ORDLIB/ORDLIN', sequence: '13', commitCycle: '5', attempt: 1 },
    },
  });
  // its lane is that of the parent's own events
  expect(late[1]).toMatchObject({ table: 'ORDLIB/ORDHDR', traceKey: '1', rule: 'lines' });
});

test('another cycle is another event, handed out as soon as it is known', () => {
  const { early, late } = run([line(11n, '1'), line(12n, '1', { commitCycle: 6n })]);
  expect(early.map((e) => e.position!.sequence)).toEqual([11n]);
  expect(late.map((e) => e.position!.sequence)).toEqual([12n]);
});

test('outside commitment control every change tells its parent', () => {
  const { early, late } = run([line(11n, '1', { commitCycle: 0n }), line(12n, '1', { commitCycle: 0n })]);
  expect([...early, ...late].map((e) => e.position!.sequence)).toEqual([11n, 12n]);
});

test('ids do not depend on how a cycle was cut into units', () => {
  const whole = run([line(11n, '1'), line(12n, '1')]).late;
  const rest = run([line(12n, '1')]).late;
  expect(whole.map((e) => e.id)).toEqual(rest.map((e) => e.id));
});

test('a deleted line is news of its order', () => {
  const before = image(ORDLIN, LINE);
  const { late } = run([line(11n, '1', { op: 'delete', before, after: null })]);
  expect(late.map((e) => e.key)).toEqual(['100245']);
});

test('a line that moves is news for both orders, under two ids', () => {
  const before = image(ORDLIN, { ...LINE, ORDNO: '1' });
  const { late } = run([line(11n, '2', { op: 'update', before })]);
  expect(late.map((e) => e.key)).toEqual(['2', '1']);
  expect(new Set(late.map((e) => e.id)).size).toBe(2);
});

test('the rules of filters hold for children too', () => {
  const yaml = YAML.replace('name: lines', 'name: lines\n    ignore: { programs: [REORG*] }');
  expect(mapperFor(yaml).map(line(11n, '1', { program: 'REORG1' }))).toEqual({
    is: 'filtered',
    rule: 'lines:ignore.programs',
  });
});

test('a debounce in time merges what is read in one go, cycles or not', () => {
  const second = (n: number): Partial<Change> => ({
    timestamp: `2026-11-21T20:44:0${n}.000000`,
    commitCycle: BigInt(n % 2),
  });
  const changes = [0, 1, 2, 4, 6, 7].map((s, i) => line(BigInt(i + 1), '1', second(s)));
  const { early, late } = run(changes, YAML.replace('changed: lines', 'changed: lines, debounce: 5s'));
  expect(early.map((e) => e.position!.sequence)).toEqual([4n]);
  expect(late.map((e) => e.position!.sequence)).toEqual([6n]);
});

test('a unit that is mapped again starts afresh', () => {
  const mapper = mapperFor(YAML);
  eventsOf(mapper, line(11n, '1'));
  mapper.beginUnit();
  expect(mapper.endUnit()).toEqual([]);
});

test('ten thousand parents in one cycle are told early, never forgotten', () => {
  const changes = Array.from({ length: 10_500 }, (_, i) => line(BigInt(i + 1), String(i)));
  const { early, late } = run(changes);
  expect(early.length).toBeGreaterThan(10_000);
  expect(new Set([...early, ...late].map((e) => e.key)).size).toBe(10_500);
});
