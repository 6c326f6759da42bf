// The receiver of the webhook benchmark, in a process of its own: reads each body, answers 204, optionally after a delay.
// Started by webhook.mjs; prints its port, answers {"cmd":"take"} with what arrived since the last time.
import { createServer } from 'node:http';

const delay = Number(process.argv[2] ?? 0);
let requests = 0;
let bytes = 0;
let events = 0;
const server = createServer((request, response) => {
  const batch = request.headers['content-type']?.includes('batch');
  let last = null;
  request.on('data', (chunk) => {
    bytes += chunk.length;
    last = chunk;
  });
  request.on('end', () => {
    requests++;
    events += batch ? Number(request.headers['x-events'] ?? 0) : 1;
    void last;
    if (delay === 0) response.writeHead(204).end();
    else setTimeout(() => response.writeHead(204).end(), delay);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => {
  process.send({ requests, bytes, events });
  requests = bytes = events = 0;
});
process.on('disconnect', () => process.exit(0));
