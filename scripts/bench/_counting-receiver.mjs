// @ts-check
// A webhook receiver that counts the events of captured tables, alone or in a JSON array, and answers 204. A child process:
// its first message is {port}; sent a number, it answers {ms, seen} once that many events have come.
import { createServer } from 'node:http';

const mark = Buffer.from('"type":"');
let seen = 0;
let first = 0;
let wanted = Infinity;

function count(body) {
  let found = 0;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 8))
    if (body[at + 8] === 0x6f || body[at + 8] === 0x63) found++; // o: order, c: customer
  return found;
}

const server = createServer((request, response) => {
  first ||= performance.now();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    seen += count(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    response.writeHead(204).end();
    if (seen >= wanted) {
      process.send({ ms: performance.now() - first, seen });
      wanted = Infinity;
    }
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.send({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }),
);
process.on('message', (/** @type {number} */ number) => {
  seen = 0;
  first = 0;
  wanted = number;
});
process.on('disconnect', () => process.exit(0));
