/** Kafka records as they are handed to kafkajs, and the partition of their key; no broker needed. */
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { javaPartitioner, murmur2 } from '../../../src/deliver/sinks/kafka/partitioner';
import { recordMaker } from '../../../src/deliver/sinks/kafka/records';
import type { StoredEvent } from '../../../src/model/delivery';

const TEMPLATE = { topic: 'erp.${table}', headers: {}, tombstones: false, partition: 'PROD1' };

function stored(n: number, given: Partial<StoredEvent> = {}): StoredEvent {
  return {
    seq: n,
    id: `evt_${n}`,
    type: 'order.updated',
    version: '1',
    table: 'ORDLIB/ORDHDR',
    rule: 'order',
    key: `${n}`,
    traceKey: `trace-${n}`,
    body: Buffer.from('{}'),
    attemptOffset: -1,
    contentType: 'application/json',
    time: '2026-11-21T20:44:00.123456Z',
    tombstone: false,
    recordUrl: null,
    journal: null,
    receiver: null,
    sequence: null,
    appendedAt: 1_700_000_000_000,
    ...given,
  };
}

const outbound = (event: StoredEvent) => ({ event, body: event.body!, attempt: 1, pos: event.seq });

test('murmur2: known hashes of the Java client', () => {
  // asserted by Kafka's own UtilsTest
  const known: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [key, hash] of known) expect(murmur2(key)).toBe(hash);
});

test('the partition of any key is the one kafkajs computes', () => {
  const theirs = Partitioners.DefaultPartitioner();
  const ours = javaPartitioner();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 1,
        replicas: [1],
        isr: [1],
      }));
      const asked = { topic: 't', partitionMetadata, message: { key, value: null } };
      expect(ours(asked)).toBe(theirs(asked));
    }),
  );
});

test('events of several tables and types, mixed: each in its topic with its own headers, in order', () => {
  const tables = ['ORDLIB/ORDHDR', 'ORDLIB/CUST#'];
  const events = Array.from({ length: 20 }, (_, n) =>
    stored(n, { table: tables[n % 2]!, type: n % 3 === 0 ? 'order.created' : 'order.updated' }),
  );
  const topics = recordMaker({ ...TEMPLATE, headers: { team: 'erp' } })(events.map(outbound));
  expect(topics.map((t) => t.topic)).toEqual(['erp.ORDLIB.ORDHDR', 'erp.ORDLIB.CUST_']);
  for (const [i, { messages }] of topics.entries()) {
    const own = events.filter((e) => e.table === tables[i]);
    expect(messages.map((m) => m.key)).toEqual(own.map((e) => e.traceKey));
    expect(messages.map((m) => m.headers)).toEqual(
      own.map((e) => ({
        team: 'erp',
        'content-type': 'application/json',
        ce_eventversion: '1',
        ce_specversion: '1.0',
        ce_id: e.id,
        ce_type: e.type,
        ce_source: `ibmi://PROD1/${e.table}`,
        ce_subject: e.key,
        ce_time: e.time,
      })),
    );
  }
});

test('the timestamp of a record is the time of its entry, or when it was written down where that is no time', () => {
  const times = [
    '2026-11-21T20:44:00.123456Z',
    '2026-11-21T20:44:00.999999Z',
    '2026-11-21T20:44:01.000000Z',
    '2026-11-21T20:44:00.5Z',
    '2026-11-21T20:44:00Z',
    '1999-12-31T23:59:59.000001Z',
    'no time',
  ];
  const [made] = recordMaker(TEMPLATE)(times.map((time, n) => outbound(stored(n, { time }))));
  const expected = times.map((time) => String(Date.parse(time) || 1_700_000_000_000));
  expect(made!.messages.map((m) => m.timestamp)).toEqual(expected);
});

test('a deletion is followed by a tombstone where it is wanted', () => {
  const events = [stored(1), stored(2, { tombstone: true })].map(outbound);
  expect(recordMaker(TEMPLATE)(events)[0]!.messages).toHaveLength(2);
  const [made] = recordMaker({ ...TEMPLATE, tombstones: true })(events);
  expect(made!.messages.map((m) => m.value === null)).toEqual([false, false, true]);
});
