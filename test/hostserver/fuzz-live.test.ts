/** A server whose replies are spoiled, on real sockets: the client ends with rows or a coded error, soon, and leaves no socket. */
import { isCoded } from '../../src/errors/coded-error';
import { allRows } from '../../src/transport/transport';
import { connectTo } from './support/connect';
import { FakeServer, idOf } from './support/fake-server';
import { mutate, randomOf } from './support/mutate';
import { loadTrace } from './support/traces';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20261122);
const COUNT = Number(process.env['FUZZ_LIVE_COUNT'] ?? 250);
const TARGETS = ['7003', '7004', '7001', '7002', '1f80', '1803', '180e', '180b', '1d02'];
const TIMEOUTS = { connect: 2000, signOn: 100, query: 60, cancel: 40 };

test(`${COUNT} conversations with one spoiled reply each, seed ${SEED}`, async () => {
  const random = randomOf(SEED);
  const trace = loadTrace('09');
  const codes = new Map<string, number>();
  for (let i = 0; i < COUNT; i++) {
    const target = TARGETS[random(TARGETS.length)]!;
    const fake = await FakeServer.start(trace, {
      tamper: (reply, request) => (idOf(request) === target ? mutate(reply, random) : reply),
      chunk: random(3) === 0 ? 1 + random(64) : 0,
    });
    const outcome = await converse(fake).catch((error: unknown) => {
      if (!isCoded(error)) throw new Error(`seed ${SEED}, conversation ${i}, ${target}`, { cause: error });
      return error.code;
    });
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
    await fake.stop();
  }
  expect(codes.get('rows')).toBeGreaterThan(COUNT / 20);
  expect(codes.size).toBeGreaterThan(5);
}, 600_000);

async function converse(fake: FakeServer): Promise<string> {
  const connection = await connectTo(fake, { timeouts: TIMEOUTS, password: 'DEMO1' });
  try {
    const statement = await connection.prepare('SELECT ID, NAME FROM CDC.CUST WHERE ID > ? AND NAME LIKE ?');
    await allRows(await statement.query([26, 'NAME%']));
    await statement.close();
    return 'rows';
  } finally {
    await connection.close();
  }
}
