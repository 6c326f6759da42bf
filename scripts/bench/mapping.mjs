// @ts-check
// Run to see what mapping costs beside bare decoding: processor time, median of interleaved rounds. `npm run build` first,
// or BENCH_DIST names another build.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const require = createRequire(import.meta.url);
const dist = resolve(process.env.BENCH_DIST ?? new URL('../../dist', import.meta.url).pathname);
const { Mapper } = require(`${dist}/map/mapper.js`);
const { fixedClock } = require(`${dist}/map/event/clock.js`);
const { checkText } = require(`${dist}/config/load.js`);
const { compileJsonPlan } = require(`${dist}/record/plan/json-plan.js`);
const { JsonSink } = require(`${dist}/record/write/json-sink.js`);
const { encodePacked } = require(`${dist}/bytes/packed.js`);
const { encodeZoned } = require(`${dist}/bytes/zoned.js`);
const { textCodec } = require(`${dist}/bytes/ccsid/registry.js`);

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

/** The 24-column order record of the decode bars: 8 text, 8 packed, 3 zoned, 2 integers, 2 CYYMMDD, 1 timestamp. */
const FORMAT = {
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
function image(n, status = `value ${n % 1000}`) {
  return Buffer.concat(
    FORMAT.columns.map((c) => {
      if (c.name === 'ORDNO') return encodePacked(String(100000 + n), 7, 0);
      if (c.name.startsWith('DAT')) return encodePacked('1261121', 7, 0);
      if (c.type === 'DECIMAL') return encodePacked(`${(n * 7) % 99999}.50`, 11, 2);
      if (c.type === 'NUMERIC') return encodeZoned(String(n % 9999999), 7, 0);
      if (c.type === 'INTEGER') return Buffer.from([0, 0, (n >> 8) & 255, n & 255]);
      if (c.type === 'TIMESTAMP') return text('2026-11-21-20.44.00.123456', 26);
      return text(c.name === 'TXT0' ? status : `value ${n % 1000}`, 15);
    }),
  );
}

const COLUMNS = `{ ${FORMAT.columns.map((c) => (c.name.startsWith('DAT') ? `${c.name}: { as: d${c.name}, date: cyymmdd }` : `${c.name}: m${c.name}`)).join(', ')} }`;
const RULES = {
  'rename and redate': `event: order, columns: ${COLUMNS}`,
  'payload thin': `event: order, columns: ${COLUMNS}, payload: { thin: [TXT0] }`,
  'one expression, one mask': `event: order, columns: ${COLUMNS}, mask: { TXT1: redact }, expressions: { total: "AMT1 * 1.19" }`,
  'when over one column': `event: order, columns: ${COLUMNS}, when: "INT0 >= 0"`,
  'two rules': null,
};

function mapperOf(rule) {
  const rules =
    rule ?? `rules: [{ name: a, event: a, columns: ${COLUMNS} }, { name: b, event: b, columns: ${COLUMNS} }]`;
  const yaml = `version: 1\npartition: { name: P, host: h, user: u, password: p }\ndestinations: { c: { stdout: {} } }\ntables: { ORDLIB/ORDERS: { key: [ORDNO], ${rules} } }\n`;
  const { config, issues } = checkText(yaml, 'b.yaml', '/b.yaml', { env: {} });
  if (!config) throw new Error(JSON.stringify(issues));
  const mapper = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0 });
  mapper.setTable(config.tables[0], FORMAT, []);
  return mapper;
}

const COUNT = 20_000;
const ROUNDS = 9;
// one buffer, as a journal block is
const LENGTH = image(0).length;
const block = Buffer.concat(range(1000, (i) => image(i)));
const earlier = Buffer.concat(range(1000, (i) => image(i, 'open')));
const images = range(1000, (i) => ({
  is: 'image',
  image: { bytes: block, offset: i * LENGTH, length: LENGTH, nulls: null },
}));
const befores = range(1000, (i) => ({
  is: 'image',
  image: { bytes: earlier, offset: i * LENGTH, length: LENGTH, nulls: null },
}));
const receiver = { library: 'ORDLIB', name: 'ORDRCV0001' };
const journal = { library: 'ORDLIB', name: 'ORDJRN' };
const table = { library: 'ORDLIB', name: 'ORDERS' };
const change = (i, update) => ({
  op: update ? 'update' : 'insert',
  mode: 'stream',
  table,
  member: 'ORDERS',
  before: update ? befores[i % 1000] : null,
  after: images[i % 1000],
  journal,
  position: { receiver, sequence: BigInt(i) },
  timestamp: '2026-11-21T20:44:00.123456',
  commitCycle: 5n,
  rrn: 7n,
  user: 'ANNA',
  job: '123456/ANNA/ORDENTRY',
  program: 'ORD001R',
  remoteAddress: '',
});

// made beforehand: what the reader of a journal does is not mapping
const inserts = range(1000, (i) => change(i, false));
const changes = range(1000, (i) => change(i, true));

const plan = compileJsonPlan(FORMAT);
const sink = new JsonSink(1 << 20);
const cases = {
  'bare decode to JSON bytes': () => {
    for (let i = 0; i < COUNT; i++) {
      if (i % 200 === 0) sink.rewind();
      const { bytes, offset } = images[i % 1000].image;
      plan.write(bytes, offset, null, sink, offset + LENGTH);
    }
  },
};
for (const [name, rule] of Object.entries(RULES)) {
  const mapper = mapperOf(rule);
  cases[`insert: ${name}`] = () => {
    for (let i = 0; i < COUNT; i++) if (mapper.map(inserts[i % 1000]).is !== 'mapped') throw new Error(name);
  };
}
const updates = mapperOf(RULES['rename and redate']);
cases['update, both images: rename and redate'] = () => {
  for (let i = 0; i < COUNT; i++) if (updates.map(changes[i % 1000]).is !== 'mapped') throw new Error('update');
};

const times = Object.fromEntries(Object.keys(cases).map((k) => [k, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(cases)) {
    // processor time, not the clock: other programs of the machine do not count
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    times[name].push((user + system) / COUNT);
  }
}
const median = (a) => [...a].sort((x, y) => x - y)[Math.floor(a.length / 2)];
const bare = median(times['bare decode to JSON bytes']);
for (const [name, t] of Object.entries(times)) {
  const m = median(t);
  console.log(
    `${name.padEnd(45)} ${m.toFixed(2)} us an event, ${Math.round(1e6 / m)} events/s, ${(m / bare).toFixed(2)} x bare decode`,
  );
}
console.log(`peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
