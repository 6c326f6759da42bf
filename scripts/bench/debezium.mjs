// @ts-check
// How fast Debezium's connector for IBM i reads a journal of mixed tables from the simulated partition, into a consumer that only
// counts; with peak RSS and CPU of its JVM. Run after `npm run build`; needs a JDK and what scripts/fetch-judges.mjs fetches:
//   node scripts/bench/debezium.mjs [--entries 200000] [--heap 512]
//
// The connector takes its snapshot and is stopped; the journal grows; started again, it catches up. The rate is that of journal
// entries passed, from the first batch of events to the last. The partition answers at once, as no real one does: the figure says
// what the reader can do, and is for comparing readers over the same partition.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { child, cpuSeconds, option, peakRss } from './_child.mjs';
import { dist, mixedJournal, repeatPattern, writePattern } from './_mixed-journal.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const libs = join(root, '.cache', 'debezium');
const ENTRIES = option('entries', 200_000);
const HEAP = option('heap', 512);
/** No event for so long: it has read all it will. */
const QUIET_MS = 8000;
/** As shipped; with a large buffer; and without the pause that follows each of its calls. */
const SETTINGS = [
  { buffer: 131_072, poll: 500 },
  { buffer: 4 * 1024 * 1024, poll: 500 },
  { buffer: 4 * 1024 * 1024, poll: 5 },
];

function propertiesOf(server, folder, { buffer, poll }) {
  return {
    name: 'bench',
    'connector.class': 'io.debezium.connector.db2as400.As400RpcConnector',
    'topic.prefix': 'bench',
    'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore',
    'offset.storage.file.filename': join(folder, 'offsets.dat'),
    'offset.flush.interval.ms': '500',
    'database.hostname': server.host,
    'database.dbname': 'SIMI54',
    'database.user': server.user,
    'database.password': server.password,
    'database.schema': 'ORDLIB',
    'table.include.list': 'ORDLIB.ORDHDR,ORDLIB.ORDLIN,ORDLIB.CUSMAS',
    secure: 'false',
    'buffer.size': String(buffer),
    'poll.interval.ms': String(poll),
    'journal.additional.delay': '0',
    'converter.schemas.enable': 'false',
    'judge.count': 'true',
    'judge.signon': String(server.signonPort),
    'judge.database': String(server.databasePort),
    'judge.command': String(server.commandPort),
  };
}

/** Runs the connector on the offsets in `folder` until nothing more comes. */
async function run(server, classes, folder, setting) {
  const file = join(folder, 'connector.properties');
  const settings = Object.entries(propertiesOf(server, folder, setting));
  writeFileSync(file, settings.map(([name, value]) => `${name}=${value}`).join('\n'));
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  const java = spawn('java', [`-Xmx${HEAP}m`, quiet, '-cp', `${classes}:${libs}/*`, 'DebeziumReader', file], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let last = { count: 0, ms: 0 };
  let heard = Date.now();
  createInterface({ input: java.stdout }).on('line', (line) => {
    heard = Date.now();
    const said = JSON.parse(line);
    if (said.count) last = said;
  });
  while (Date.now() - heard < QUIET_MS) await new Promise((done) => setTimeout(done, 100));
  const figures = { ...last, rss: peakRss(java.pid), cpu: cpuSeconds(java.pid) };
  const ended = new Promise((done) => java.once('exit', done));
  java.stdin.end();
  await ended;
  return figures;
}

async function servePartition() {
  const { SimulatedPartition } = dist('simulator/simulated-partition.js');
  const partition = await SimulatedPartition.start();
  const { inside, host, ports, user, password } = partition;
  writePattern(inside);
  const before = mixedJournal(inside).attachedReceiver.count;
  process.on('message', () => {
    repeatPattern(inside, ENTRIES);
    process.send(mixedJournal(inside).attachedReceiver.count - before);
  });
  process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
  const { signon, database, command } = ports;
  process.send({ host, user, password, signonPort: signon, databasePort: database, commandPort: command });
}

function compile() {
  const classes = mkdtempSync(join(tmpdir(), 'bench-debezium-classes-'));
  const source = join(root, 'test/judge/java/DebeziumReader.java');
  const { status, stderr } = spawnSync('javac', ['-nowarn', '-cp', `${libs}/*`, '-d', classes, source]);
  if (status !== 0) throw new Error(`javac: ${stderr}`);
  return classes;
}

async function measure() {
  const partition = child('debezium.mjs', 'serve', '--entries', ENTRIES);
  const server = await partition.next();
  const classes = compile();
  const folder = mkdtempSync(join(tmpdir(), 'bench-debezium-'));
  await run(server, classes, folder, SETTINGS[0]);
  const entries = await partition.ask('grow');
  for (const setting of SETTINGS) {
    const again = `${folder}-again`;
    cpSync(folder, again, { recursive: true });
    const { count, ms, rss, cpu } = await run(server, classes, again, setting);
    const second = (n) => Math.round((n / ms) * 1000);
    console.log(
      `debezium, buffer of ${setting.buffer / 1024} KiB, pause of ${setting.poll} ms: ${entries} entries, ${count} events in ${(ms / 1000).toFixed(1)} s: ` +
        `${second(entries)} entries/s, ${second(count)} events/s; peak RSS ${rss.toFixed(0)} MB, CPU ${cpu.toFixed(1)} s`,
    );
    rmSync(again, { recursive: true, force: true });
  }
  partition.end();
  for (const made of [folder, classes]) rmSync(made, { recursive: true, force: true });
}

if (process.argv[2] === 'serve') await servePartition();
else if (existsSync(libs) && !spawnSync('javac', ['-version']).error) await measure();
else console.log('Debezium or a JDK is missing: node scripts/fetch-judges.mjs; not measured');
