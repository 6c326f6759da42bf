// @ts-check
// Rows of a journal window as raw column bytes, for benchmarks: the layout, and blocks of ten-entry patterns: a commit
// cycle of three inserts (SC, PT, PT, PT, CM) and five inserts outside commitment control.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = (name) => require(resolve(root, process.env.BENCH_DIST ?? 'dist', name));
const { textCodec } = dist('bytes/ccsid/registry.js');
const { encodePacked } = dist('bytes/packed.js');
const { encodeZoned } = dist('bytes/zoned.js');

const column = (name, type, length, more = {}) => ({
  name,
  type,
  length,
  scale: 0,
  ccsid: type === 'CHAR' ? 37 : null,
  nullable: false,
  ...more,
});
const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));

/** The 24-column order record of the decode bars. */
export const FORMAT = {
  table: 'ORDLIB/ORDERS',
  columns: [
    column('ORDNO', 'DECIMAL', 7),
    ...range(8, (i) => column(`TXT${i}`, 'CHAR', 15)),
    ...range(7, (i) => column(`AMT${i}`, 'DECIMAL', 11, { scale: 2 })),
    ...range(3, (i) => column(`ZON${i}`, 'NUMERIC', 7)),
    ...range(2, (i) => column(`INT${i}`, 'INTEGER', 4)),
    ...range(2, (i) => column(`DAT${i}`, 'DECIMAL', 7)),
    column('CHGTS', 'TIMESTAMP', 26, { scale: 6 }),
  ],
};

const codec = textCodec(37);
const text = (value, length) => Buffer.concat([codec.encode(value), Buffer.alloc(length, 0x40)]).subarray(0, length);

export function image(n) {
  return Buffer.concat(
    FORMAT.columns.map((c) => {
      if (c.name === 'ORDNO') return encodePacked(String(100000 + n), 7, 0);
      if (c.name.startsWith('DAT')) return encodePacked('1261121', 7, 0);
      if (c.type === 'DECIMAL') return encodePacked(`${(n * 7) % 99999}.50`, 11, 2);
      if (c.type === 'NUMERIC') return encodeZoned(String(n % 9999999), 7, 0);
      if (c.type === 'INTEGER') return Buffer.from([0, 0, (n >> 8) & 255, n & 255]);
      if (c.type === 'TIMESTAMP') return text('2026-11-21-20.44.00.123456', 26);
      return text(`value ${n % 1000}`, 15);
    }),
  );
}

const IMAGE = image(0).length;
/** [offset, length] of each column of the window statement in a row. */
export const PLACES = [
  [0, 11], // SEQ
  [11, 1], // CD
  [12, 2], // TY
  [14, 30], // OBJ
  [44, 8], // RRN
  [52, 11], // CCID
  [63, 26], // TS
  [89, 1], // FLG
  [90, 0], // NI
  [90, 10], // USR
  [100, 10], // JN
  [110, 10], // JU
  [120, 6], // JNR
  [126, 10], // PGM
  [136, 0], // RA
  [136, IMAGE], // ED
];
export const STRIDE = 136 + IMAGE;
const ZERO = encodePacked('0', 21, 0);

export const DESCRIPTORS = [
  ['SEQ', 'DECIMAL', 21],
  ['CD', 'CHAR', 1],
  ['TY', 'CHAR', 2],
  ['OBJ', 'CHAR', 30],
  ['RRN', 'BIGINT', 8],
  ['CCID', 'DECIMAL', 21],
  ['TS', 'TIMESTAMP', 26],
  ['FLG', 'CHAR', 1],
  ['NI', 'VARCHAR', 8000],
  ['USR', 'VARCHAR', 10],
  ['JN', 'VARCHAR', 10],
  ['JU', 'VARCHAR', 10],
  ['JNR', 'VARCHAR', 6],
  ['PGM', 'VARCHAR', 10],
  ['RA', 'VARCHAR', 46],
  ['ED', 'VARBINARY', 32000],
].map(([name, type, length]) => ({ name, type, length, scale: 0, ccsid: 37, nullable: true }));

const PATTERN = ['CSC', 'RPT', 'RPT', 'RPT', 'CCM', 'RPT', 'RPT', 'RPT', 'RPT', 'RPT'];

/** A block without its sequence numbers; `cycleStart[i]` is the row of the SC entry of row i's cycle, or -1. */
export function templateRows(rows) {
  const cycleStart = new Int32Array(rows).fill(-1);
  const parts = range(rows, (i) => {
    const kind = PATTERN[i % 10];
    if (i % 10 < 5 && i - (i % 10) + 4 < rows) cycleStart[i] = i - (i % 10);
    const rrn = Buffer.alloc(8);
    rrn.writeBigInt64BE(BigInt(i + 1));
    return Buffer.concat([
      ZERO,
      codec.encode(kind),
      text(kind.startsWith('R') ? `${'ORDERS'.padEnd(10)}${'ORDLIB'.padEnd(10)}ORDERS` : '', 30),
      rrn,
      ZERO,
      text('2026-11-21-20.44.00.123456', 26),
      text('0', 1),
      text('ANNA', 10),
      text('ORDENTRY', 10),
      text('ANNA', 10),
      text('123456', 6),
      text('ORD001R', 10),
      image(i),
    ]);
  });
  return { buffer: Buffer.concat(parts), cycleStart };
}

/** Row changes in a block of `rows` entries: everything but the C entries. */
export function changesIn(rows) {
  return range(rows, (i) => PATTERN[i % 10]).filter((k) => k.startsWith('R')).length;
}
