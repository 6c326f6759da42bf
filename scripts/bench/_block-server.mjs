// @ts-check
// A database host server that answers every query with the same pre-encoded rows: it costs next to nothing, so that a
// benchmark measures the client. Run as a child: node _block-server.mjs HOST ROWS [port mapper, sign-on, database port]
// BENCH_CHUNK=N: each query of a connection gets the next N rows, a record number before the others and ORDNO counting on.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL(`../../${process.env.BENCH_DIST ?? 'dist'}/`, import.meta.url));
const dist = (name) => require(root + name);
const { Framer } = dist('hostserver/framer.js');
const { dbReply } = dist('hostserver/messages/database/db-reply.js');
const { prepareDescribe } = dist('hostserver/messages/database/prepare-describe.js');
const { openDescribeFetch, fetchRows } = dist('hostserver/messages/database/open-fetch.js');
const { exchangeAttributesReply } = dist('hostserver/messages/exchange-attributes.js');
const { signonInfoReply } = dist('hostserver/messages/signon-info.js');
const { randomSeedsReply } = dist('hostserver/messages/random-seeds.js');
const { startServerReply } = dist('hostserver/messages/start-server.js');
const { encodePortReply } = dist('hostserver/messages/port-mapper.js');
const { formatOf, formatField } = dist('hostserver/formats/data-format.js');
const { packTokens } = dist('hostserver/formats/sqlca.js');
const { wireFieldOf } = dist('hostserver/rows/columns.js');
const { rowLayout, ISO_TEXT } = dist('hostserver/rows/layout.js');
const { rowEncoder } = dist('hostserver/rows/encode.js');
const { wireText } = dist('hostserver/wire-text.js');

/** 24 columns, about 270 bytes a row, as a table of order lines has them. */
/** @type {Column[]} */
const COLUMNS = [
  ['ORDNO', 'DECIMAL', 9, 0, (i) => String(100000 + i)],
  ['LINE', 'INTEGER', 4, 0, (i) => i],
  ['CUSNO', 'DECIMAL', 7, 0, (i) => String(i % 5000)],
  ['STATUS', 'CHAR', 2, 0, () => '20'],
  ['CUSNAM', 'CHAR', 30, 0, (i) => `Kunde Nummer ${i}`],
  ['STREET', 'VARCHAR', 40, 0, (i) => `Lange Strasse ${i % 300}`],
  ['CITY', 'CHAR', 20, 0, () => 'Frankfurt am Main'],
  ['ZIP', 'CHAR', 10, 0, (i) => String(10000 + (i % 80000))],
  ['ORDDAT', 'DECIMAL', 7, 0, (i) => `124${String(1 + (i % 12)).padStart(2, '0')}15`],
  ['ORDTIM', 'NUMERIC', 6, 0, () => '113059'],
  ['QTY', 'DECIMAL', 11, 3, (i) => `${i % 1000}.500`],
  ['PRICE', 'DECIMAL', 15, 5, (i) => `${i % 777}.12345`],
  ['AMOUNT', 'DECIMAL', 15, 2, (i) => `-${i % 99999}.99`],
  ['CURR', 'CHAR', 3, 0, () => 'EUR'],
  ['WHS', 'SMALLINT', 2, 0, (i) => i % 40],
  ['ITEM', 'CHAR', 15, 0, (i) => `ITEM-${i % 9999}`],
  ['ITMTXT', 'VARCHAR', 30, 0, (i) => `Schraube M${i % 20}`],
  ['CRTTS', 'TIMESTAMP', 26, 6, () => '2024-02-29T23:59:59.123456'],
  ['SHPDAT', 'DATE', 10, 0, () => '2024-03-01'],
  ['SHPTIM', 'TIME', 8, 0, () => '06:30:00'],
  ['WEIGHT', 'DOUBLE', 8, 0, (i) => i * 0.25],
  ['ROWSEQ', 'BIGINT', 8, 0, (i) => String(4000000000 + i)],
  ['FLAG', 'CHAR', 1, 0, () => 'Y'],
  ['CHGUSR', 'CHAR', 10, 0, () => 'QPGMR'],
];

/** @typedef {[name: string, type: string, length: number, scale: number, value: (row: number) => unknown]} Column */

/** @param {Column} column */
const CHUNK = Number(process.env.BENCH_CHUNK ?? 0);
if (CHUNK > 0) COLUMNS.unshift(['RRN_OF_ROW', 'DECIMAL', 15, 0, (i) => String(i + 1)]);

/** @param {readonly any[]} definition */
const column = ([, type, length, scale]) => ({
  type,
  length,
  scale,
  ccsid: type.includes('CHAR') ? 37 : null,
  nullable: true,
});
const fields = COLUMNS.map((c) =>
  formatField({ ...wireFieldOf(column(c), { text: ISO_TEXT, lobThreshold: 0 }), name: c[0] }),
);
const format = formatOf(fields);
const encoder = rowEncoder(rowLayout(fields));
const sqlca = {
  eyecatcher: wireText('SQLCA   ').bytes,
  byteCount: 136,
  sqlCode: 0,
  ...packTokens([]),
  product: wireText('BENCH   ').bytes,
  errd: { d1: 0, d2: 0, d3: 0, d4: 0, d5: 0, d6: 0 },
  warnings: wireText('           ').bytes,
  sqlState: wireText('00000').bytes,
  extra: undefined,
};
const pad = (text, n) => wireText(text.padEnd(n)).bytes;
const attributes = {
  textCcsid: 37,
  dateFormat: 5,
  dateSeparator: 1,
  timeFormat: 2,
  timeSeparator: 1,
  decimalSeparator: 0,
  naming: 0,
  ignoreDecimalErrors: 0,
  commitmentLevel: 2,
  drdaPackageSize: 1,
  translationIndicator: 0xf0,
  ccsid: 37,
  nlss: 0,
  languageId: pad('ENU', 3),
  languageTable: pad('', 10),
  languageLibrary: pad('', 10),
  languageFeature: pad('2924', 4),
  functionalLevel: pad('V7R4M00016', 10),
  rdbName: pad('BENCH', 18),
  defaultLibrary: pad('QGPL', 10),
  jobName: pad('QZDASOINIT', 10),
  jobUser: pad('QUSER', 10),
  jobNumber: pad('000001', 6),
  schemaLength: undefined,
  schema: undefined,
};

const [host, rowsText, ...portTexts] = process.argv.slice(2);
const total = Number(rowsText);
const [mapperPort, signonPort, databasePort] = portTexts.map(Number);
const seed = Buffer.from('1122334455667788', 'hex');
const data = (rows) => encoder.encode(rows);
const blocks = new Map();

function reply(request, parameters = {}, returnClass = 0, returnCode = 0) {
  const id = request.readUInt16BE(18);
  const template = { ors: 0, flags: 0, returnOrs: 0, function: id, dataFunction: 0, returnClass, returnCode };
  return dbReply.encode({ serverId: 0xe004, correlation: request.readUInt32BE(12) }, template, parameters);
}

/** A block of n rows, with SQLCA when a cursor is opened; encoded once. */
function block(request, n, opening) {
  const key = `${n} ${opening}`;
  if (!blocks.has(key)) {
    const rows = Array.from({ length: n }, (_, i) => COLUMNS.map((c) => c[4](i)));
    blocks.set(key, reply(request, { resultData: data(rows), ...(opening ? { sqlca } : {}) }));
  }
  const frame = Buffer.from(blocks.get(key));
  request.copy(frame, 12, 12, 16);
  return frame;
}

const packed = (n) => Buffer.from(`${String(n).padStart(9, '0')}f`, 'hex');

/** ORDNO of each row set to 100000 and its number in the table: the one thing that differs between two blocks. */
function numbered(frame, n, from) {
  const base = frame.indexOf(packed(100000));
  const stride = n > 1 ? frame.indexOf(packed(100001), base) - base : 0;
  for (let r = n - 1; r >= 0; r--) packed(100000 + from + r).copy(frame, base + r * stride);
  return frame;
}

function wanted(parameters) {
  if (parameters.bufferSize) return Math.max(1, Math.floor(parameters.bufferSize / (format.recordSize + 48)));
  return parameters.blockingFactor ?? 100;
}

function serveDatabase(socket) {
  let left = 0;
  let served = 0;
  const begin = () => {
    left = CHUNK > 0 ? Math.min(CHUNK, total - served) : total;
  };
  const next = (frame, parameters, opening) => {
    const n = Math.min(left, wanted(parameters));
    left -= n;
    if (n === 0) return reply(frame, opening ? { sqlca } : {}, 1, 100);
    served += n;
    return CHUNK > 0 ? numbered(block(frame, n, opening), n, served - n) : block(frame, n, opening);
  };
  return (frame) => {
    switch (frame.readUInt16BE(18)) {
      case 0x7001:
        return randomSeedsReply.encode({ serverId: 0xe004, headerId: 4 }, { returnCode: 0, seed });
      case 0x7002:
        return startServerReply.encode({ serverId: 0xe004 }, { returnCode: 0 });
      case 0x1f80:
        return reply(frame, { serverAttributes: attributes });
      case 0x1803:
        prepareDescribe.decode(frame);
        return reply(frame, { dataFormat: format, sqlca });
      case 0x180e:
        begin();
        return next(frame, openDescribeFetch.decode(frame).parameters, true);
      case 0x1804:
        begin();
        return reply(frame, { sqlca });
      case 0x180b:
        return next(frame, fetchRows.decode(frame).parameters, false);
      case 0x1fff:
        return void socket.end();
      default:
        return (frame[20] & 0x80) === 0 ? null : reply(frame, { sqlca });
    }
  };
}

function serveSignon(socket) {
  return (frame) => {
    switch (frame.readUInt16BE(18)) {
      case 0x7003:
        // Level 2: the substitute of every JTOpen version; it is not checked here.
        return exchangeAttributesReply.encode(
          { serverId: 0xe009 },
          { returnCode: 0 },
          { version: 0x00070400, level: 10, seed, passwordLevel: 2 },
        );
      case 0x7004:
        return signonInfoReply.encode(
          { serverId: 0xe009, correlation: frame.readUInt32BE(12) },
          { returnCode: 0 },
          { serverCcsid: 37 },
        );
      default:
        return void socket.end();
    }
  };
}

function listen(port, serve) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      const answer = serve(socket);
      const framer = new Framer();
      socket.on('data', (chunk) =>
        framer.push(chunk, (frame) => {
          const bytes = answer(frame);
          if (bytes) socket.write(bytes);
        }),
      );
    });
    server.on('error', reject);
    server.listen(port, host, () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
  });
}

const ports = {
  signon: await listen(signonPort || 0, serveSignon),
  database: await listen(databasePort || 0, serveDatabase),
};
if (mapperPort) {
  const mapper = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (name) =>
      socket.write(encodePortReply(String(name).startsWith('as-signon') ? ports.signon : ports.database)),
    );
  });
  await new Promise((resolve, reject) => mapper.on('error', reject).listen(mapperPort, host, () => resolve(undefined)));
}
process.send?.({ ...ports, rowSize: format.recordSize, columns: COLUMNS.length });
process.on('disconnect', () => process.exit(0));
