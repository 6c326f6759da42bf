// @ts-check
// A real Apache Kafka broker (one node, KRaft) for the tests and the Kafka benchmark. Run it when a test needs a broker:
//   node scripts/kafka-broker.mjs --data DIR [--port N]      prints {"ready":true,"port":..,"pid":..} and stays
//   --pem FILE   private key and certificate in one PEM: a second listener with TLS and SASL (user erp, password geheim,
//                PLAIN and SCRAM-SHA-512), its port printed as securePort; --secure-port N, --password P for PLAIN
//   node scripts/kafka-broker.mjs --fetch                    only gets the jars
// The jars come from Maven Central (scripts/kafka/pom.xml) into .cache/kafka/libs. SIGTERM stops the broker; the data
// folder can be used again, so a broker that was killed can be started where it was.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const libs = join(here, '..', '.cache', 'kafka', 'libs');
const CLUSTER = 'ibmicdcAAAAAAAAAAAAAAA';

function arg(name) {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? null : (process.argv[i + 1] ?? '');
}

/** Null when the jars are there, otherwise why not. */
function fetchJars() {
  if (existsSync(libs) && readdirSync(libs).some((name) => name.startsWith('kafka_2.13'))) return null;
  mkdirSync(libs, { recursive: true });
  const run = spawnSync(
    'mvn',
    ['-q', '-B', '-f', join(here, 'kafka', 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${libs}`],
    { encoding: 'utf8', timeout: 300_000 },
  );
  if (run.error) return `mvn did not run: ${run.error.message}`;
  return run.status === 0 ? null : `mvn ended with ${run.status}: ${(run.stdout || run.stderr).trim().slice(0, 400)}`;
}

function fail(why) {
  console.log(JSON.stringify({ ready: false, why }));
  process.exit(1);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((done) => server.close(done));
  return port;
}

function properties(data, port, controller, secure) {
  const also = (text) => (secure.pem ? text : '');
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}${also(`,SECURE://127.0.0.1:${secure.port}`)}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}${also(`,SECURE://127.0.0.1:${secure.port}`)}`,
    `listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${also(',SECURE:SASL_SSL')}`,
    ...(secure.pem ? secureListener(secure) : []),
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${join(data, 'log')}`,
    'num.partitions=3',
    // records carry the time of their change, which in a test may be long ago
    'log.retention.ms=-1',
    'offsets.topic.num.partitions=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=true',
    '',
  ].join('\n');
}

function secureListener({ pem, password }) {
  const name = 'listener.name.secure';
  const login = 'org.apache.kafka.common.security';
  return [
    `${name}.ssl.keystore.type=PEM`,
    `${name}.ssl.keystore.location=${pem}`,
    `${name}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512`,
    `${name}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_erp="${password}";`,
    `${name}.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
  ];
}

/**
 * Of `spawn` and `spawnSync`.
 * @returns {[command: string, args: string[], options: object]}
 */
function java(main, args, options) {
  const heap = [
    '-Xms64m',
    '-Xmx320m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ];
  return [
    process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java',
    [...heap, '-cp', join(libs, '*'), main, ...args],
    options,
  ];
}

function listening(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}

const problem = fetchJars();
if (problem) fail(problem);
if (process.argv.includes('--fetch')) process.exit(0);

const data = arg('data') ?? join(here, '..', '.cache', 'kafka', 'data');
const port = Number(arg('port') ?? 0) || (await freePort());
mkdirSync(data, { recursive: true });
const config = join(data, 'server.properties');
const secure = {
  pem: arg('pem'),
  port: Number(arg('secure-port') ?? 0) || (await freePort()),
  password: arg('password') ?? 'geheim',
};
writeFileSync(config, properties(data, port, await freePort(), secure));
if (!existsSync(join(data, 'log', 'meta.properties'))) {
  const format = spawnSync(
    ...java(
      'kafka.tools.StorageTool',
      ['format', '-t', CLUSTER, '-c', config, '--add-scram', 'SCRAM-SHA-512=[name=erp,password=geheim]'],
      { encoding: 'utf8' },
    ),
  );
  if (format.error) fail(`java did not run: ${format.error.message}`);
  if (format.status !== 0) fail(`the storage cannot be formatted: ${String(format.stderr).trim().slice(0, 400)}`);
}
const log = openSync(join(data, 'broker.log'), 'a');
const broker = spawn(...java('kafka.Kafka', [config], { stdio: ['ignore', log, log] }));
broker.on('exit', (code, signal) => process.exit(signal ? 0 : (code ?? 1)));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => broker.kill('SIGKILL'));
// a parent that is gone takes the broker with it
process.stdin.on('end', () => broker.kill('SIGKILL')).resume();

const until = Date.now() + 90_000;
while (!(await listening(port))) {
  if (Date.now() > until) {
    broker.kill('SIGKILL');
    fail(`no broker on port ${port} within 90 s; see ${join(data, 'broker.log')}`);
  }
  await new Promise((done) => setTimeout(done, 200));
}
console.log(JSON.stringify({ ready: true, port, pid: broker.pid, ...(secure.pem ? { securePort: secure.port } : {}) }));
