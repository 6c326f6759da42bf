// @ts-check
// Journal blocks, encoded beforehand, served over a socket as fast as they are asked for: a child of capture.mjs, so that a
// benchmark measures the reader. Request: f64 first sequence, u32 rows. Reply: u32 rows, rows of fixed width.
//   node _journal-feed.mjs [milliseconds of delay before each reply]
import { createServer } from 'node:net';
import { STRIDE, templateRows } from './_journal-rows.mjs';

const delayMs = Number(process.argv[2] ?? 0);
const templates = new Map();

/** Packed DECIMAL(21,0) of a number below 2^53. */
function putPacked(buffer, at, value) {
  let n = value;
  buffer[at + 10] = ((n % 10) << 4) | 0x0f;
  n = Math.floor(n / 10);
  for (let i = 9; i >= 0; i--) {
    const two = n % 100;
    buffer[at + i] = (Math.floor(two / 10) << 4) | (two % 10);
    n = Math.floor(n / 100);
  }
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  let rest = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 12) {
      const first = rest.readDoubleBE(0);
      const rows = rest.readUInt32BE(8);
      rest = rest.subarray(12);
      const template = templates.get(rows) ?? templateRows(rows);
      templates.set(rows, template);
      // a copy: the socket may still be sending the last one
      const block = Buffer.allocUnsafe(4 + rows * STRIDE);
      block.writeUInt32BE(rows, 0);
      template.buffer.copy(block, 4);
      for (let i = 0; i < rows; i++) {
        putPacked(block, 4 + i * STRIDE, first + i);
        const start = template.cycleStart[i];
        if (start >= 0) putPacked(block, 4 + i * STRIDE + 52, first + start);
      }
      if (delayMs > 0) setTimeout(() => socket.write(block), delayMs);
      else socket.write(block);
    }
  });
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${/** @type {import('node:net').AddressInfo} */ (server.address()).port}\n`),
);
process.on('disconnect', () => process.exit(0));
