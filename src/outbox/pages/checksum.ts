/** CRC-32 of stored pages: SQLite itself does not notice a letter that changed on the disk, and we would sign it. */
import * as zlib from 'node:zlib';

/** Native in Node 20.15 and later: some microseconds a page. */
const native: ((data: Buffer, before?: number) => number) | undefined = zlib.crc32;

/** @param before checksum of what comes before the data */
export function checksum(data: Buffer, before = 0): number {
  return native ? native(data, before) : tabled(data, before);
}

let table: Int32Array | null = null;

/** The same for versions without it. */
export function tabled(data: Buffer, before = 0): number {
  table ??= madeTable();
  let crc = ~before;
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function madeTable(): Int32Array {
  const made = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[n] = crc;
  }
  return made;
}
