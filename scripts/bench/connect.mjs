// @ts-check
// Run after `npm run build`: milliseconds from nothing to the first row over TLS (connect, sign-on, start of the server job,
// query), ours and JTOpen's from a warm JVM, against the same simulated partition in one interleaved run.
//
//   node scripts/bench/connect.mjs [--rounds 40]      JTOpen's part needs a JDK, and port 449 to be free
import { fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, process.env.BENCH_DIST ?? 'dist');
const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 40 : Number(process.argv[at + 1]);
const WARM_UP = 10;
const SQL = 'SELECT * FROM ORDLIB.ORDHDR FETCH FIRST 1 ROW ONLY';

async function serve() {
  const { SimulatedPartition } = require(join(dist, 'simulator/simulated-partition.js'));
  const start = (portMapper) => SimulatedPartition.start({ passwordLevel: 3, ports: { portMapper } });
  const partition = await start(449).catch(() => start(0));
  const { host, ports, caFile, user, password } = partition;
  process.send({ host, ports, caFile, user, password });
  process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
}

function ours({ host, ports, caFile, user, password }) {
  const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));
  const transport = hostServerTransport({
    host,
    user,
    password,
    tls: { ca: caFile },
    signonPort: ports.signonTls,
    databasePort: ports.databaseTls,
  });
  return async () => {
    const start = performance.now();
    const connection = await transport.connect();
    const result = await connection.query(SQL);
    let ms = 0;
    for await (const block of result.blocks()) ms ||= block.length > 0 ? performance.now() - start : 0;
    await connection.close();
    return ms;
  };
}

function theirs({ host, ports, caFile, user, password }) {
  if (ports.portMapper !== 449) return null;
  const jar = join(root, 'node_modules/node-jt400/java/lib/jt400.jar');
  const folder = mkdtempSync(join(tmpdir(), 'bench-connect-'));
  const store = join(folder, 'trust.p12');
  const prepared =
    spawnSync('javac', ['-cp', jar, '-d', folder, join(root, 'scripts/bench/JtopenConnect.java')], { stdio: 'ignore' })
      .status === 0 &&
    spawnSync(
      'keytool',
      ['-importcert', '-noprompt', '-alias', 'ca', '-file', caFile, '-keystore', store, '-storepass', 'bench-store'],
      { stdio: 'ignore' },
    ).status === 0;
  if (!prepared) return null;
  const java = spawn(
    'java',
    [
      `-Djavax.net.ssl.trustStore=${store}`,
      '-Djavax.net.ssl.trustStorePassword=bench-store',
      '-cp',
      `${jar}:${folder}`,
      'JtopenConnect',
      host,
      user,
      password,
      SQL,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]();
  const run = async () => {
    java.stdin.write('\n');
    const { value, done } = await lines.next();
    if (done) throw new Error('the Java program ended');
    return Number(value);
  };
  run.stop = () => {
    java.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  };
  return run;
}

const quantile = (numbers, q) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];

async function main() {
  const server = fork(fileURLToPath(import.meta.url), ['--serve'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const partition = await new Promise((resolve, reject) => {
    server.once('message', resolve);
    server.once('exit', () => reject(new Error('the simulated partition did not start')));
  });
  const runs = { ours: ours(partition), 'JTOpen, warm JVM': theirs(partition) };
  const times = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs)) {
      if (!run) continue;
      const ms = await run();
      if (round >= 0) times[name].push(ms);
    }
  }
  for (const [name, list] of Object.entries(times)) {
    if (list.length === 0) console.log(`${name}: left out (needs a JDK, and port 449)`);
    else
      console.log(
        `${name.padEnd(18)} median ${quantile(list, 0.5).toFixed(1)} ms, p90 ${quantile(list, 0.9).toFixed(1)} ms of ${list.length}`,
      );
  }
  runs['JTOpen, warm JVM']?.stop();
  server.disconnect();
}

if (process.argv.includes('--serve')) await serve();
else await main();
