// @ts-check
// What campaigns share: seeded runs, one after the other, against one simulated partition; each tells its faults and its story.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const { SimulatedPartition } = require(join(dist, 'simulator/simulated-partition.js'));
const { Random } = require(join(dist, 'simulator/seed/random.js'));
const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));

/** The command line of the product, as built. */
export const MAIN = join(dist, 'cli', 'main.js');

function arg(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

/** The same run for the same seed: that of the simulated partition. */
export function dice(seed) {
  const random = new Random(seed);
  return () => random.next();
}

/**
 * `--runs`, `--seed`, `--steps`; ends the process: 0 when every run was clean, 1 otherwise.
 * `Run` is made of (seed, partition, connection, first order number) and has play(steps), close(), next, committed, faults, story.
 */
export async function campaign(Run) {
  const runs = arg('runs', 20);
  const seed = arg('seed', Date.now() % 1_000_000);
  const steps = arg('steps', 25);
  const partition = await SimulatedPartition.start();
  const connection = await connected(partition);
  let clean = 0;
  let events = 0;
  let first = 400_000;
  for (let i = 0; i < runs; i++) {
    const run = new Run(seed + i, partition, connection, first);
    try {
      await run.play(steps);
    } catch (error) {
      run.faults.push(String(error?.stack ?? error));
    } finally {
      await run.close();
    }
    first = run.next;
    events += run.committed.size;
    if (run.faults.length === 0) clean++;
    else console.log(JSON.stringify({ seed: run.seed, faults: run.faults, story: run.story.join(' ') }));
  }
  await connection.close();
  await partition.stop();
  console.log(JSON.stringify({ runs, clean, seed, steps, events }));
  process.exit(clean === runs ? 0 : 1);
}

function connected({ host, user, password, caFile, ports }) {
  const { databaseTls, signonTls } = ports;
  const options = { host, user, password, tls: { ca: caFile }, databasePort: databaseTls, signonPort: signonTls };
  return hostServerTransport(options).connect();
}
