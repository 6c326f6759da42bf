// @ts-check
// A link with a round trip: whatever arrives leaves again after half of it, in order, without a limit on bandwidth.
// A child process: node _delay-proxy.mjs TARGET_PORT ROUND_TRIP_MS. The port comes as the first message; 'ping' is answered
// with the round trip an echo through the same delays takes.
import { connect, createServer } from 'node:net';

const target = Number(process.argv[2]);
const half = Number(process.argv[3]) / 2;

/** Timers are late by up to a millisecond: the rest is waited for turn by turn. */
function delayed(from, to) {
  const queue = [];
  let running = false;
  const run = () => {
    while (queue.length > 0 && queue[0].at <= performance.now()) {
      const { chunk } = queue.shift();
      if (chunk) to.write(chunk);
      else to.end();
    }
    if (queue.length === 0) {
      running = false;
      return;
    }
    const left = queue[0].at - performance.now();
    if (left > 2) setTimeout(run, Math.floor(left) - 1);
    else setImmediate(run);
  };
  const add = (chunk) => {
    if (half === 0) {
      if (chunk) to.write(chunk);
      else to.end();
      return;
    }
    queue.push({ at: performance.now() + half, chunk });
    if (!running) {
      running = true;
      run();
    }
  };
  from.on('data', add);
  from.on('end', () => add(null));
}

function proxy(toPort) {
  return createServer((client) => {
    const upstream = connect(toPort, '127.0.0.1');
    for (const [a, b] of [
      [client, upstream],
      [upstream, client],
    ]) {
      a.setNoDelay(true);
      a.on('error', () => b.destroy());
      a.on('close', () => b.destroy());
      delayed(a, b);
    }
  });
}

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

const port = await listening(proxy(target));
const echoPort = await listening(createServer((socket) => socket.setNoDelay(true).pipe(socket)));
const pingPort = await listening(proxy(echoPort));

async function ping() {
  const socket = connect(pingPort, '127.0.0.1');
  socket.setNoDelay(true);
  const times = [];
  for (let i = 0; i < 12; i++) {
    const began = performance.now();
    socket.write('x');
    await new Promise((resolve) => socket.once('data', resolve));
    if (i > 1) times.push(performance.now() - began);
  }
  socket.destroy();
  return times.sort((a, b) => a - b)[5];
}

process.on('message', async () => process.send({ roundTrip: await ping() }));
process.on('disconnect', () => process.exit(0));
process.send({ port });
