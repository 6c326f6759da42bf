/** A password of SASL PLAIN in a file, against a real Apache Kafka: exchanged on both sides, while the daemon runs on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { References } from '../../../src/config/lookup/references';
import { Secret } from '../../../src/config/secret';
import { kafkaOptions, NO_TLS } from '../../../src/deliver/options';
import { lanesOf, serveKafka } from '../../../src/deliver/queue/queue-policy';
import { KafkaSink } from '../../../src/deliver/sinks/kafka/kafka';
import { Bench, QUICK, type Setup, until } from '../support/bench';
import { Broker, missingForKafka } from '../support/broker';
import { Certificates } from '../support/certificates';
import { drafts } from '../support/drafts';

const missing = missingForKafka();
if (missing && process.env['CI']) throw new Error(`the Kafka tests need ${missing}`);
const describeKafka = missing ? describe.skip : describe;

/** Long enough for a broker that starts on a busy machine. */
const PATIENT = { ...QUICK, schedule: Array(1200).fill(200) };

/** As a configuration with `password: ${file:password}` makes it. */
function setup(broker: Broker, certs: Certificates, folder: string): Setup {
  const password = Secret.unbound('$' + '{file:password}').bind({
    references: new References({ env: {}, folder }),
    path: 'sasl.password',
    form: () => null,
  });
  const options = kafkaOptions({
    brokers: [broker.secureAddress],
    topic: 'rotated',
    tls: { ...NO_TLS, ca: certs.file('ca.pem') },
    sasl: { mechanism: 'plain', username: 'erp', password },
    retry: PATIENT,
    timeouts: { connect: 2_000, request: 5_000 },
  });
  const sink = new KafkaSink(options, { partition: 'PROD1', destination: 'crm', identity: 'rotated' });
  return {
    sinks: { crm: { sink, options: serveKafka(options) } },
    outbox: { destinations: { crm: { lanes: lanesOf('key', options) } } },
  };
}

describeKafka('kafka', () => {
  test('a password exchanged at the broker: refused with the old one, goes on by itself once the file has the new one', async () => {
    using certs = new Certificates();
    writeFileSync(certs.file('broker.pem'), Buffer.concat([certs.read('server.key'), certs.read('server.pem')]));
    const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
    await using broker = await Broker.start(certs.file('broker.pem'));
    try {
      writeFileSync(join(folder, 'password'), 'geheim\n');
      const said: string[] = [];
      await using bench = await Bench.start({
        ...setup(broker, certs, folder),
        hooks: { note: (_level, message) => said.push(message) },
      });
      bench.publish(drafts(0, 20));
      await bench.settled(120_000);
      await broker.kill();
      await broker.up('anders');
      bench.publish(drafts(20, 40));
      const refused = (): boolean =>
        bench.outbox.history.attempts(40).some(({ error }) => /authentication failed|sasl/i.test(error ?? ''));
      await until(refused, 'the old password to be refused', 120_000);
      expect(bench.pending()).toBe(20);
      writeFileSync(join(folder, 'password'), 'anders\n');
      await bench.settled(120_000);
      const numbers = broker.read('rotated').map(({ value }) => JSON.parse(value!).data.n as number);
      expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
      expect(bench.outbox.deadLetters.count()).toBe(0);
      expect(said.join()).not.toMatch(/geheim|anders/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 400_000);
});
