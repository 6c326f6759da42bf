/** Against a real Apache Kafka, read back with kcat. Without JDK, Maven or kcat: a visible skip, in CI a failure. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaOptions, kafkaOptions, NO_TLS } from '../../../src/deliver/options';
import { lanesOf, serveKafka } from '../../../src/deliver/queue/queue-policy';
import { KafkaSink } from '../../../src/deliver/sinks/kafka/kafka';
import { DISABLED_SCHEMA } from '../../../src/deliver/standing/disabled-table';
import { POSITION_WORD_SCHEMA, PositionWords } from '../../../src/deliver/standing/position-words';
import { STANDING_SCHEMA } from '../../../src/deliver/standing/standing-table';
import type { EventDraft } from '../../../src/model/event';
import { Outbox } from '../../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../src/outbox/schema';
import { Store } from '../../../src/store/store';
import { at, eventsOf, inserted, mapperFor, ORDER, updated } from '../../map/support';
import { Bench, QUICK, type Setup, secret } from '../support/bench';
import { Broker, missingForKafka } from '../support/broker';
import { Certificates } from '../support/certificates';
import { draft, drafts, idOf } from '../support/drafts';

const missing = missingForKafka();
if (missing && process.env['CI']) throw new Error(`the Kafka tests need ${missing}`);
const describeKafka = missing ? describe.skip : describe;

function setup(broker: Broker, given: Partial<KafkaOptions> = {}, identity = 'test'): Setup {
  const options = kafkaOptions({ brokers: [broker.address], topic: 'erp.${file}', retry: QUICK, ...given });
  const sink = new KafkaSink(options, { partition: 'PROD1', destination: 'crm', identity });
  return {
    sinks: { crm: { sink, options: serveKafka(options) } },
    outbox: { destinations: { crm: { lanes: lanesOf('key', options) } } },
  };
}

describeKafka('kafka', () => {
  let broker: Broker;
  let certs: Certificates;
  beforeAll(async () => {
    certs = new Certificates();
    writeFileSync(certs.file('broker.pem'), Buffer.concat([certs.read('server.key'), certs.read('server.pem')]));
    broker = await Broker.start(certs.file('broker.pem'));
  }, 120_000);
  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]();
    certs?.[Symbol.dispose]();
  });

  test('records carry key, event, headers; one key has one partition and its order', async () => {
    await using bench = await Bench.start(setup(broker, { headers: { team: 'erp' } }));
    bench.publish(drafts(0, 500, (n) => ({ traceKey: `k${n % 7}`, table: 'ORDLIB/BASIC' })));
    await bench.settled(60_000);
    const got = broker.read('erp.BASIC');
    expect(got).toHaveLength(500);
    const first = got.find((r) => r.headers['ce_id'] === idOf(3))!;
    expect(first.key).toBe('k3');
    expect(JSON.parse(first.value!).data.n).toBe(3);
    expect(first.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'order.updated',
      ce_source: 'ibmi://PROD1/ORDLIB/BASIC',
      ce_subject: '100003',
      team: 'erp',
      'content-type': 'application/cloudevents+json',
    });
    for (let k = 0; k < 7; k++) {
      const own = got.filter((r) => r.key === `k${k}`);
      expect(new Set(own.map((r) => r.partition)).size).toBe(1);
      const order = own.map((r) => JSON.parse(r.value!).data.n as number);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  test('the partition of a key is the one librdkafka and the Java client choose', async () => {
    await using bench = await Bench.start(setup(broker, { topic: 'parts' }));
    bench.publish(drafts(0, 50, (n) => ({ traceKey: `key-${n}` })));
    await bench.settled(60_000);
    broker.produce('parts-judge', '');
    const ours = new Map(broker.read('parts').map((r) => [r.key, r.partition]));
    // murmur2 of the key, positive, modulo three partitions: computed by kcat's own murmur2_random partitioner
    const { spawnSync } = await import('node:child_process');
    const lines = [...ours.keys()].map((k) => `${k}:x`).join('\n');
    spawnSync(
      'kcat',
      ['-P', '-b', broker.address, '-t', 'parts-judge', '-K', ':', '-X', 'topic.partitioner=murmur2_random'],
      { input: lines },
    );
    const theirs = new Map(broker.read('parts-judge').map((r) => [r.key, r.partition]));
    expect(ours).toEqual(theirs);
  });

  test('a delete is followed by a tombstone of its key, gzip and topic names with odd characters work', async () => {
    await using bench = await Bench.start(setup(broker, { tombstones: true, compression: 'gzip' }));
    bench.publish([
      draft(1, { table: 'ORDLIB/A#B' }),
      draft(2, { table: 'ORDLIB/A#B', key: '100001', traceKey: '100001', tombstone: true, type: 'order.deleted' }),
    ]);
    await bench.settled(60_000);
    const got = broker.read('erp.A_B');
    expect(got.map((r) => [r.key, r.value === null])).toEqual([
      ['100001', false],
      ['100001', false],
      ['100001', true],
    ]);
  });

  test('a key change leaves nothing stale in a compacted topic: by default, and as delete and create', async () => {
    await using bench = await Bench.start(setup(broker, { tombstones: true, topic: 'keys.${entity}' }));
    const yaml = (event: string, change: string): string =>
      `ORDLIB/ORDHDR: { event: ${event}, key: [ORDNO], keyChange: ${change}, to: [crm] }`;
    for (const [event, change] of [
      ['kept', 'update'],
      ['split', 'deleteAndCreate'],
    ] as const) {
      const mapper = mapperFor(`  ${yaml(event, change)}`, { kafka: true });
      const from = { ...ORDER, ORDNO: '1', CUSREF: 'KÄSE' };
      const moved = updated(from, { ...from, ORDNO: '2' }, at(2n));
      bench.publish([inserted(from, at(1n)), moved].flatMap((c) => [...eventsOf(mapper, c)]));
    }
    await bench.settled(60_000);
    const last = (topic: string): [string, boolean][] => {
      const byKey = new Map(broker.read(topic).map((r) => [r.key!, r.value === null]));
      return [...byKey].sort();
    };
    for (const topic of ['keys.kept', 'keys.split'])
      expect(last(topic)).toEqual([
        ['1', true],
        ['2', false],
      ]);
    expect(broker.read('keys.kept')).toHaveLength(3);
    const split = broker.read('keys.split').map((r) => `${r.key} ${r.headers['ce_type']} ${r.value === null}`);
    expect(split.filter((r) => r.startsWith('1 '))).toEqual([
      '1 split.created false',
      '1 split.deleted false',
      '1 split.deleted true',
    ]);
  });

  test('the broker is killed and started again mid-stream: nothing lost, order per key, repeats under the same id', async () => {
    await using bench = await Bench.start(
      setup(broker, { topic: 'crash', maxRecords: 50, timeouts: { connect: 2000, request: 5000 } }),
    );
    const total = 4000;
    let at = 0;
    const feed = (upTo: number): void => {
      for (; at < upTo; at += 100) bench.publish(drafts(at, at + 100, (n) => ({ traceKey: `k${n % 20}` })));
    };
    feed(1500);
    await new Promise((done) => setTimeout(done, 300));
    await broker.kill();
    feed(3000);
    expect(bench.pending()).toBeGreaterThan(1000);
    await broker.up();
    feed(total);
    await bench.settled(120_000);
    expect(bench.outbox.deadLetters.count()).toBe(0);
    const got = broker.read('crash');
    expect(new Set(got.map((r) => r.headers['ce_id'])).size).toBe(total);
    for (let k = 0; k < 20; k++)
      expectOrder(got.filter((r) => r.key === `k${k}`).map((r) => JSON.parse(r.value!).data.n as number));
  }, 180_000);

  test('exactly once: a run that dies between commit and settlement is not repeated', async () => {
    const identity = `id-${process.pid}`;
    const given = { topic: 'once', exactlyOnce: { transactionalId: 'ibmi-once', positionTopic: 'once.positions' } };
    const first = Bench.open(setup(broker, given, identity));
    first.publish(drafts(0, 200));
    first.store.db.exec('CREATE TEMP TABLE listed AS SELECT * FROM outbox_ready');
    await first.dispatcher.start();
    await first.settled(60_000);
    // what SIGKILL after the commit leaves behind: Kafka has the records, the file still lists them
    first.store.db.exec('INSERT INTO outbox_ready SELECT * FROM listed');
    await first.dispatcher.stop();
    const again = new Bench(first.store, setup(broker, given, identity), null);
    await again.dispatcher.start();
    again.publish(drafts(200, 300));
    await again.settled(60_000);
    await again.dispatcher.stop();
    const ids = broker.read('once').map((r) => r.headers['ce_id']);
    expect(ids).toHaveLength(300);
    expect(new Set(ids).size).toBe(300);
    // another state file has other positions: nothing is believed delivered
    const other = Bench.open(setup(broker, given, 'another'));
    await other.dispatcher.start();
    other.publish(drafts(0, 10));
    await other.settled(60_000);
    expect(broker.read('once')).toHaveLength(310);
    await other.stop();
    first.store.close();
  }, 120_000);

  test.each(['stopped', 'running'])(
    'exactly once, a copy made of a %s daemon: no position of another life is believed',
    async (when) => {
      const given = {
        // one each: what the other case has sent is no part of this one
        topic: `restored-${when}`,
        exactlyOnce: { transactionalId: `ibmi-restored-${when}`, positionTopic: 'once.positions' },
      };
      const folder = mkdtempSync(join(tmpdir(), 'restored-'));
      const file = join(folder, 'state.sqlite');
      /** A daemon's life on the file, with what it reads before its position is known. */
      const live = async (
        publish: EventDraft[],
        more: EventDraft[] = [],
        between = (): void => undefined,
      ): Promise<unknown> => {
        const store = Store.open(file, [OUTBOX_SCHEMA, DISABLED_SCHEMA, STANDING_SCHEMA, POSITION_WORD_SCHEMA], {
          owner: true,
        });
        store.owner!.begin(new Outbox(store, { destinations: {} }).lastPosition());
        const life = new PositionWords(store).lifeOf('crm');
        const options = kafkaOptions({ brokers: [broker.address], retry: QUICK, ...given });
        const sink = new KafkaSink(options, {
          partition: 'PROD1',
          destination: 'crm',
          identity: `restored-${when}`,
          life,
        });
        let fatal: (error: unknown) => void = () => undefined;
        const ended = new Promise<unknown>((resolve) => {
          fatal = resolve;
        });
        const bench = new Bench(
          store,
          {
            sinks: { crm: { sink, options: serveKafka(options) } },
            outbox: { destinations: { crm: { lanes: 'strict' } } },
            hooks: { fatal },
          },
          null,
        );
        await bench.dispatcher.start();
        bench.publish(publish);
        let error = await Promise.race([ended, bench.settled(60_000).then(() => null)]);
        between();
        if (more.length > 0) {
          bench.publish(more);
          error = await Promise.race([ended, bench.settled(60_000).then(() => null)]);
        }
        await bench.dispatcher.stop();
        store.close();
        return error;
      };
      const ids = (): string[] => broker.read(given.topic).map((r) => r.headers['ce_id']!);
      const copied = (): void => {
        for (const end of ['', '-wal'])
          if (existsSync(file + end)) copyFileSync(file + end, join(folder, `copy${end}`));
      };
      const restored = (): void => {
        for (const end of ['', '-wal', '-shm']) {
          rmSync(file + end, { force: true });
          if (existsSync(join(folder, `copy${end}`))) copyFileSync(join(folder, `copy${end}`), file + end);
        }
      };
      if (when === 'stopped') {
        expect(await live(drafts(0, 50))).toBeNull();
        copied();
        expect(await live(drafts(50, 100))).toBeNull();
      } else expect(await live(drafts(0, 50), drafts(50, 100), copied)).toBeNull();
      restored();
      // read again in another order: thirty of another journal come first
      const other = [...drafts(500, 530), ...drafts(50, 100)];
      expect(await live(other)).toMatchObject({ code: 'KAFKA_POSITION_FOREIGN', family: 'positionLost' });
      expect(ids()).toHaveLength(100);
      // nor does it become believable because the file has grown meanwhile
      expect(await live([])).toMatchObject({ code: 'KAFKA_POSITION_FOREIGN' });
      expect(ids()).toHaveLength(100);
      const store = Store.open(file, [POSITION_WORD_SCHEMA]);
      new PositionWords(store).say('crm', 'repeat');
      store.close();
      expect(await live([])).toBeNull();
      expect(await live(drafts(600, 610))).toBeNull();
      const got = ids();
      expect(new Set(got)).toEqual(new Set([...drafts(0, 100), ...other, ...drafts(600, 610)].map((d) => d.id)));
      // what the later life had sent is there twice, as the operator said; everything else once
      expect(got).toHaveLength(100 + 80 + 10);
      rmSync(folder, { recursive: true });
    },
    120_000,
  );

  test('exactly once through a killed broker: every record once', async () => {
    const given = {
      topic: 'once-crash',
      maxRecords: 40,
      timeouts: { connect: 2000, request: 5000 },
      exactlyOnce: { transactionalId: 'ibmi-once-crash', positionTopic: 'once.positions' },
    };
    await using bench = await Bench.start(setup(broker, given, 'crash'));
    bench.publish(drafts(0, 1500));
    await new Promise((done) => setTimeout(done, 500));
    await broker.kill();
    await broker.up();
    await bench.settled(120_000);
    const ids = broker.read('once-crash').map((r) => r.headers['ce_id']);
    expect(ids).toHaveLength(1500);
    expect(new Set(ids).size).toBe(1500);
  }, 180_000);

  test('a record that is too large is a dead letter, the rest of its batch arrives', async () => {
    await using bench = await Bench.start(setup(broker, { topic: 'large', maxBytes: 50_000_000 }));
    const big = Buffer.from(
      JSON.stringify({ id: 'big', data: { n: 50, text: 'x'.repeat(3_000_000), meta: { attempt: 1 } } }),
    );
    bench.publish(drafts(0, 100, (n) => (n === 50 ? { body: big, attemptOffset: -1 } : {})));
    await bench.settled(60_000);
    expect(bench.outbox.deadLetters.list({}).map((l) => [l.event.id, l.reason])).toEqual([
      [idOf(50), 'message-too-large'],
    ]);
    expect(new Set(broker.read('large').map((r) => r.headers['ce_id'])).size).toBe(99);
  });

  test.each(['plain', 'scram-sha-512'] as const)('TLS with our own authority and SASL %s', async (mechanism) => {
    const sasl = { mechanism, username: 'erp', password: secret('geheim') };
    const tls = { ...NO_TLS, ca: certs.file('ca.pem') };
    const topic = `secure-${mechanism}`;
    await using bench = await Bench.start(setup(broker, { brokers: [broker.secureAddress], tls, sasl, topic }));
    bench.publish(drafts(0, 20));
    await bench.settled(60_000);
    expect(broker.read(topic)).toHaveLength(20);
  });

  test('TLS with the pinned certificate needs no authority', async () => {
    const sasl = { mechanism: 'plain', username: 'erp', password: secret('geheim') } as const;
    const tls = { ...NO_TLS, fingerprint: certs.fingerprint('server') };
    await using bench = await Bench.start(
      setup(broker, { brokers: [broker.secureAddress], tls, sasl, topic: 'pinned' }),
    );
    bench.publish(drafts(0, 20));
    await bench.settled(60_000);
    expect(broker.read('pinned')).toHaveLength(20);
  });

  test.each([
    ['a wrong password', { password: 'falsch' }, (c: Certificates) => ({ ca: c.file('ca.pem') })],
    ['an unknown authority', { password: 'geheim' }, (c: Certificates) => ({ ca: c.file('stranger.pem') })],
    [
      'another certificate than the pinned one',
      { password: 'geheim' },
      (c: Certificates) => ({ fingerprint: c.fingerprint('client') }),
    ],
  ])('%s: nothing is sent, nothing is lost', async (_name, { password }, trust) => {
    const sasl = { mechanism: 'plain', username: 'erp', password: secret(password) } as const;
    const tls = { ...NO_TLS, ...trust(certs) };
    const notes: string[] = [];
    const given = {
      brokers: [broker.secureAddress],
      tls,
      sasl,
      topic: 'refused',
      timeouts: { connect: 1000, request: 1000 },
    };
    await using bench = await Bench.start({
      ...setup(broker, given),
      hooks: { note: (_level, message) => notes.push(message) },
    });
    bench.publish(drafts(0, 3));
    await new Promise((done) => setTimeout(done, 2_000));
    expect(bench.pending()).toBe(3);
    expect(notes.join()).not.toContain(password);
  });

  test('sasl against a broker without it, and an unknown host, end in waiting, not in loss', async () => {
    const sasl = { mechanism: 'plain', username: 'u', password: secret('p') } as const;
    await using bench = await Bench.start(setup(broker, { sasl, timeouts: { connect: 500, request: 1000 } }));
    bench.publish(drafts(0, 3));
    await new Promise((done) => setTimeout(done, 300));
    expect(bench.pending()).toBe(3);
  });
});

/** Repeats may come again, but a key never steps past an event it has not shown. */
function expectOrder(seen: readonly number[]): void {
  let newest = -1;
  const first = seen.filter((n) => {
    if (n <= newest) return false;
    newest = n;
    return true;
  });
  expect(first).toHaveLength(new Set(seen).size);
}
