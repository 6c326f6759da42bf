/** Bodies to the letter of the product surface, judged by the CloudEvents SDK. */
import { CloudEvent } from 'cloudevents';
import { fixedClock, zoneClock } from '../../src/map/event/clock';
import { bodyOf, deleted, eventsOf, inserted, mapperFor, ORDER, updated } from './support';

const ORDERS = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns:
      ORDNO: orderNumber
      STS: status
      ORDDAT: { as: orderDate, date: cyymmdd }
      TOTAMT: total
    onDelete: delete
    to: [crm, lake]
`;

test('the event of the product surface', () => {
  const [draft] = eventsOf(mapperFor(ORDERS), updated(ORDER, { ...ORDER, STS: '20' }));
  expect(bodyOf(draft!)).toEqual({
    specversion: '1.0',
    id: draft!.id,
    type: 'order.updated',
    source: 'ibmi://PROD1/ORDLIB/ORDHDR',
    subject: '100245',
    time: '2026-11-21T20:44:00.123456Z',
    datacontenttype: 'application/json',
    rule: 'order',
    eventversion: '1',
    data: {
      op: 'update',
      key: { orderNumber: '100245' },
      after: { orderNumber: '100245', status: '20', orderDate: '2026-11-21', total: '1234.50' },
      before: { orderNumber: '100245', status: '10', orderDate: '2026-11-21', total: '1234.50' },
      changed: ['status'],
      meta: {
        mode: 'stream',
        table: 'ORDLIB/ORDHDR',
        journal: 'ORDLIB/ORDJRN',
        receiver: 'ORDLIB/ORDRCV0001',
        sequence: '184467',
        commitCycle: '184460',
        rrn: '77',
        user: 'ANNA',
        job: '123456/ANNA/ORDENTRY',
        program: 'ORD001R',
        attempt: 1,
        decodeErrors: [],
      },
    },
  });
  expect(draft).toMatchObject({
    type: 'order.updated',
    version: '1',
    table: 'ORDLIB/ORDHDR',
    rule: 'order',
    key: '100245',
    traceKey: '100245',
    destinations: ['crm', 'lake'],
    priority: 'normal',
    contentType: 'application/cloudevents+json',
    time: '2026-11-21T20:44:00.123456Z',
    tombstone: false,
    decodeErrors: 0,
  });
});

test.each([
  ['insert', inserted(), 'order.created', false],
  ['update', updated(ORDER, { ...ORDER, STS: '20' }), 'order.updated', false],
  ['delete', deleted(), 'order.deleted', true],
  [
    'read',
    inserted(ORDER, { op: 'read', mode: 'backfill', journal: null, position: null, rrn: 0n, commitCycle: 0n }),
    'order.read',
    false,
  ],
] as const)('%s is a valid CloudEvent', (op, c, type, tombstone) => {
  const [draft] = eventsOf(mapperFor(ORDERS), c);
  const body = bodyOf(draft!);
  // strict: the SDK throws on anything the specification does not allow
  const event = new CloudEvent(body, true);
  expect(event.type).toBe(type);
  expect(event.id).toBe(draft!.id);
  expect(body.data.op).toBe(op);
  expect(draft!.tombstone).toBe(tombstone);
  expect(body.data.after === null).toBe(op === 'delete');
  expect(body.data.before === null).toBe(op === 'insert' || op === 'read');
});

test('rows read by SQL have no position', () => {
  const c = inserted(ORDER, {
    op: 'read',
    mode: 'backfill',
    journal: null,
    position: null,
    rrn: 0n,
    commitCycle: 0n,
    user: '',
    job: '',
    program: '',
  });
  const [draft] = eventsOf(mapperFor(ORDERS), c);
  expect(bodyOf(draft!).data.meta).toEqual({
    mode: 'backfill',
    table: 'ORDLIB/ORDHDR',
    journal: null,
    receiver: null,
    sequence: null,
    commitCycle: null,
    rrn: null,
    user: null,
    job: null,
    program: null,
    attempt: 1,
    decodeErrors: [],
  });
});

test('the attempt is one byte that delivery replaces', () => {
  for (const envelope of ['cloudevents', 'plain']) {
    const yaml = ORDERS.replace('event: order', `event: order\n    envelope: ${envelope}`);
    // two events in one buffer: the offset counts from the body, not from the buffer
    const mapper = mapperFor(yaml);
    eventsOf(mapper, inserted());
    const [draft] = eventsOf(mapper, inserted({ ...ORDER, CUSREF: 'Größe "1"' }));
    const { body, attemptOffset } = draft!;
    expect(String.fromCharCode(body[attemptOffset]!)).toBe('1');
    const spliced = Buffer.concat([
      body.subarray(0, attemptOffset),
      Buffer.from('12'),
      body.subarray(attemptOffset + 1),
    ]);
    const parsed = JSON.parse(spliced.toString('utf8'));
    expect((parsed.data ?? parsed).meta.attempt).toBe(12);
  }
});

test.each([
  ['UTC', fixedClock(0), '2026-11-21T20:44:00.123456', '2026-11-21T20:44:00.123456Z'],
  ['+02:00', fixedClock(120), '2026-11-21T01:44:00.123456', '2026-11-20T23:44:00.123456Z'],
  ['-05:30', fixedClock(-330), '2026-12-31T20:44:59.999999', '2027-01-01T02:14:59.999999Z'],
  ['Berlin, winter', zoneClock('Europe/Berlin'), '2026-11-21T20:44:00.123456', '2026-11-21T19:44:00.123456Z'],
  ['Berlin, summer', zoneClock('Europe/Berlin'), '2026-07-21T20:44:00.000000', '2026-07-21T18:44:00.000000Z'],
  [
    'Berlin, repeated hour, first reading',
    zoneClock('Europe/Berlin'),
    '2026-10-25T02:30:00.000000',
    '2026-10-25T00:30:00.000000Z',
  ],
  ['Berlin, hour that is not', zoneClock('Europe/Berlin'), '2026-03-29T02:30:00.000000', '2026-03-29T01:30:00.000000Z'],
])('time from the clock of the partition: %s', (_, clock, local, utc) => {
  const [draft] = eventsOf(mapperFor(ORDERS, { clock }), inserted(ORDER, { timestamp: local }));
  expect(draft!.time).toBe(utc);
  expect(bodyOf(draft!).time).toBe(utc);
});

test('debezium', () => {
  const yaml = ORDERS.replace('event: order', 'event: order\n    envelope: debezium');
  const mapper = mapperFor(yaml);
  const [update] = eventsOf(mapper, updated(ORDER, { ...ORDER, STS: '20' }));
  const body = bodyOf(update!);
  expect(Object.keys(body)).toEqual(['before', 'after', 'source', 'op', 'ts_ms', 'transaction']);
  expect(body).toMatchObject({
    before: { status: '10' },
    after: { status: '20' },
    source: {
      connector: 'ibmi-cdc',
      name: 'PROD1',
      schema: 'ORDLIB',
      table: 'ORDHDR',
      sequence: '184467',
      snapshot: 'false',
    },
    op: 'u',
    ts_ms: Date.UTC(2026, 10, 21, 20, 44, 0, 123),
    transaction: { id: '184460' },
  });
  expect(bodyOf(eventsOf(mapper, inserted())[0]!)).toMatchObject({ op: 'c', before: null });
  expect(bodyOf(eventsOf(mapper, deleted())[0]!)).toMatchObject({ op: 'd', after: null });
  expect(update!.contentType).toBe('application/json');
  expect(update!.attemptOffset).toBe(-1);
});

test('plain', () => {
  const yaml = ORDERS.replace('event: order', 'event: order\n    envelope: plain');
  const body = bodyOf(eventsOf(mapperFor(yaml), inserted())[0]!);
  expect(body).toMatchObject({
    type: 'order.created',
    subject: '100245',
    rule: 'order',
    version: '1',
    op: 'insert',
    after: { status: '10' },
  });
  expect(body.specversion).toBeUndefined();
});

test('body template for a destination API', () => {
  const yaml = `
  ORDLIB/ORDHDR:
    event: order
    columns: { ORDNO: number, TOTAMT: total, STS: status }
    recordUrl: "https://erp.example.com/o/{{ORDNO}}"
    envelope:
      template:
        ticket:
          title: "Order {{key.number}} is {{after.status}}"
          amount: "{{after.total}}"
          tags: ["{{type}}", fixed]
          whole: "{{after}}"
          link: "{{recordUrl}}"
          missing: "{{after.nothing}}"
          prototype: "{{after.constructor}}"
          count: 3
  `.replace('ORDNO: number', 'ORDNO: number');
  const [draft] = eventsOf(mapperFor(yaml), inserted());
  expect(bodyOf(draft!)).toEqual({
    ticket: {
      title: 'Order 100245 is 10',
      amount: '1234.50',
      tags: ['order.created', 'fixed'],
      whole: { number: '100245', total: '1234.50', status: '10' },
      link: 'https://erp.example.com/o/100245',
      missing: null,
      prototype: null,
      count: 3,
    },
  });
  expect(draft!.attemptOffset).toBe(-1);
});
