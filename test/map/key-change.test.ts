/** A row whose key changes: under which keys it is told, in which order, and what stays where the last record is kept. */
import { at, bodyOf, eventsOf, type MapperSetup, mapperFor, ORDER, updated } from './support';

const FROM = ORDER;
const TO = { ...ORDER, ORDNO: '7', STS: '20' };

const yaml = (more = ''): string => `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { ORDNO: number, STS: status }
    to: [crm]
    ${more}
`;

function told(more: string, setup: MapperSetup = {}) {
  return eventsOf(mapperFor(yaml(more), setup), updated(FROM, TO, at(5n)));
}

const short = (more: string): string[] => told(more).map((e) => `${e.type} ${e.key} ${e.traceKey} ${e.tombstone}`);

test('by default one update under the new key', () => {
  expect(short('')).toEqual(['order.updated 7 7 false']);
});

test('the old key ends and the new one begins, in this order, whatever onDelete says of real deletes', () => {
  const split = ['order.deleted 100245 100245 true', 'order.created 7 7 false'];
  expect(short('keyChange: deleteAndCreate')).toEqual(split);
  expect(short('keyChange: deleteAndCreate\n    onDelete: delete')).toEqual(split);
  const [gone, come] = told('keyChange: deleteAndCreate').map(bodyOf);
  expect(gone.data).toMatchObject({ op: 'delete', key: { number: '100245' }, after: null, before: { status: '10' } });
  expect(come.data).toMatchObject({ op: 'insert', key: { number: '7' }, before: null, after: { status: '20' } });
  expect(gone.data.meta.sequence).toBe('5');
});

test('ids of their own, the same for ever', () => {
  const ids = (more: string): string[] => told(more).map((e) => e.id);
  const split = ids('keyChange: deleteAndCreate');
  expect(split).toEqual(ids('keyChange: deleteAndCreate'));
  expect(new Set([...split, ...ids('')]).size).toBe(3);
});

test('onDelete: update tells of the old key as of any other deletion', () => {
  const [gone] = told('keyChange: deleteAndCreate\n    onDelete: { update: { set: { status: gone } } }');
  expect(gone).toMatchObject({ type: 'order.updated', key: '100245', tombstone: false });
  expect(bodyOf(gone!).data.after).toEqual({ number: '100245', status: 'gone' });
});

test('filters judge either row by itself', () => {
  expect(short(`keyChange: deleteAndCreate\n    when: "STS = '10'"`)).toEqual(['order.deleted 100245 100245 true']);
  expect(short(`keyChange: deleteAndCreate\n    when: "STS = '20'"`)).toEqual(['order.created 7 7 false']);
  expect(short('keyChange: deleteAndCreate\n    whenChanged: [CURR]')).toHaveLength(2);
});

test('a transition is told beside them', () => {
  const step = 'transitions: [{ event: order.approved, column: STS, to: ["20"], instead: true }]';
  expect(short(`keyChange: deleteAndCreate\n    ${step}`)).toEqual([
    'order.deleted 100245 100245 true',
    'order.created 7 7 false',
    'order.approved 7 7 false',
  ]);
});

test('a key that only looks different in its bytes has not changed', () => {
  const same = updated(FROM, { ...FROM, STS: '20' }, at(5n));
  expect(eventsOf(mapperFor(yaml('keyChange: deleteAndCreate')), same).map((e) => e.type)).toEqual(['order.updated']);
});

test('what is held of the old key goes before the row leaves it', () => {
  const mapper = mapperFor(yaml('coalesce: { window: 5s }'));
  const step = updated(FROM, { ...FROM, STS: '15' }, at(4n));
  const events = [step, updated({ ...FROM, STS: '15' }, TO, at(5n))].flatMap((c) => [...eventsOf(mapper, c)]);
  expect([...events, ...mapper.endUnit()].map((e) => `${e.key} ${e.position!.sequence}`)).toEqual(['100245 4', '7 5']);
});
