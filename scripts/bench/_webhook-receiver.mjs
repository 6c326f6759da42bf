// @ts-check
// The receiver of the webhook benchmarks, in a process of its own: reads each body, answers 204, optionally after a delay.
// Tells its port, and answers {"cmd":"take"} with the requests since the last time and how long they were held in truth,
// milliseconds on average: a timer fires when the event loop comes to it, never on the millisecond.
import { createServer } from 'node:http';

const delay = Number(process.argv[2] ?? 0);
let requests = 0;
let held = 0;
const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    requests++;
    if (delay === 0) return response.writeHead(204).end();
    const from = performance.now();
    return setTimeout(() => {
      held += performance.now() - from;
      response.writeHead(204).end();
    }, delay);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.send({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }),
);
process.on('message', () => {
  process.send({ requests, held: held / requests });
  requests = held = 0;
});
process.on('disconnect', () => process.exit(0));
