/** Coalescing: updates of one row within a span are one event, first before to last after; order is kept. */
import type { Change } from '../../src/model/change';
import { at, bodyOf, deleted, inserted, mapperFor, ORDER, type Row, updated } from './support';

const YAML = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { ORDNO: number, STS: status, CURR: currency }
    coalesce: { window: 5s }
    onDelete: delete
`;

/** Events in the order they are handed out, as `type status<status changed sequence`. */
function run(changes: readonly Change[], yaml = YAML): string[] {
  const mapper = mapperFor(yaml);
  const events = changes.flatMap((c) => {
    const outcome = mapper.map(c);
    return outcome.is === 'mapped' ? outcome.events : [];
  });
  return [...events, ...mapper.endUnit()].map((e) => {
    const { data } = bodyOf(e);
    return `${e.type} ${e.key} ${data.before?.status ?? '-'}>${data.after?.status ?? '-'} [${data.changed}] ${e.position!.sequence}`;
  });
}

const step = (from: Row, to: Row, n: number, second = n): Change =>
  updated(from, to, at(BigInt(n), { timestamp: `2026-11-21T20:44:0${second}.000000` }));
const A = ORDER;
const B = { ...ORDER, STS: '20' };
const C = { ...ORDER, STS: '30', CURR: 'CHF' };

test('three updates are one, under the position of the last', () => {
  expect(run([step(A, B, 1), step(B, C, 2), step(C, { ...C, STS: '40' }, 3)])).toEqual([
    'order.updated 100245 10>40 [status,currency] 3',
  ]);
});

test('a span of its own begins when the window is over', () => {
  expect(run([step(A, B, 1), step(B, C, 7)])).toEqual([
    'order.updated 100245 10>20 [status] 1',
    'order.updated 100245 20>30 [status,currency] 7',
  ]);
});

test('anything else about the row is told after what was held', () => {
  expect(run([inserted(A, at(1n)), step(A, B, 2), step(B, C, 3), deleted(C, at(4n)), inserted(A, at(5n))])).toEqual([
    'order.created 100245 ->10 [] 1',
    'order.updated 100245 10>30 [status,currency] 3',
    'order.deleted 100245 30>- [] 4',
    'order.created 100245 ->10 [] 5',
  ]);
});

test('rows do not wait for each other, and keep their own order', () => {
  const other = { ...A, ORDNO: '7' };
  expect(run([step(A, B, 1), step(other, { ...other, STS: '20' }, 2), step(B, C, 3)])).toEqual([
    'order.updated 100245 10>30 [status,currency] 3',
    'order.updated 7 10>20 [status] 2',
  ]);
});

test('there and back again is told as the last step, not passed over', () => {
  const yaml = YAML.replace('coalesce:', 'whenChanged: [STS]\n    coalesce:');
  expect(run([step(A, B, 1), step(B, A, 2)], yaml)).toEqual(['order.updated 100245 20>10 [status] 2']);
});

test('images may die as soon as the next change is asked for', () => {
  const changes = [step(A, B, 1), step(B, C, 2)];
  const mapper = mapperFor(YAML);
  for (const c of changes) {
    mapper.map(c);
    for (const source of [c.before, c.after]) if (source?.is === 'image') source.image.bytes.fill(0xff);
  }
  expect(bodyOf(mapper.endUnit()[0]!).data).toMatchObject({ before: { status: '10' }, after: { status: '30' } });
});

test('a unit that is mapped again starts afresh', () => {
  const mapper = mapperFor(YAML);
  mapper.map(step(A, B, 1));
  mapper.beginUnit();
  expect(mapper.endUnit()).toEqual([]);
});
