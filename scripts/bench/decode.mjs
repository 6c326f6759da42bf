// @ts-check
// Run after `npm run build`: record images to JSON bytes against JTOpen's converters and a naive decoder, one thread each,
// and single-byte text against iconv-lite. All in one interleaved run; prints the median of the rounds and the ratios.
//
//   node scripts/bench/decode.mjs [--rounds 5] [--ms 700]        JTOpen's part needs a JDK
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import iconv from 'iconv-lite';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = (name) => require(join(root, 'dist', name));
const { Random } = dist('simulator/seed/random.js');
const { textCodec } = dist('bytes/ccsid/registry.js');
const { encodePacked } = dist('bytes/packed.js');
const { encodeZoned } = dist('bytes/zoned.js');
const { encodeTimestamp } = dist('bytes/date-time.js');
const { compileJsonPlan } = dist('record/plan/json-plan.js');
const { JsonSink } = dist('record/write/json-sink.js');
const { allColumns } = dist('record/plan/outputs.js');

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const ROUNDS = option('rounds', 5);
const MS = option('ms', 700);
/** About what one journal block holds. */
const ROWS = 1000;

// ---------------------------------------------------------------- formats and images

const chance = new Random(20241121);
const random = (n) => chance.between(0, n - 1);
const column = (name, type, length, scale = 0, ccsid = null, as = null) => ({
  name,
  type,
  length,
  scale,
  ccsid,
  nullable: false,
  as,
});

const LEGACY = { date: 'cyymmdd', sentinels: [0, 9999999] };
function orderFormat(ccsid) {
  const text = [10, 30, 30, 15, 3, 2, 40, 20].map((n, i) => column(`TEXT${i}`, 'CHAR', n, 0, ccsid));
  const packed = [
    [7, 0],
    [11, 2],
    [9, 2],
    [15, 4],
    [5, 0],
    [7, 2],
    [13, 2],
    [3, 0],
  ].map(([d, s], i) => column(`PACK${i}`, 'DECIMAL', d, s));
  const zoned = [
    [8, 0],
    [9, 2],
    [5, 0],
  ].map(([d, s], i) => column(`ZONE${i}`, 'NUMERIC', d, s));
  const integers = [column('INT0', 'INTEGER', 4), column('INT1', 'SMALLINT', 2)];
  const dates = [column('ORDDAT', 'DECIMAL', 7, 0, null, LEGACY), column('DLVDAT', 'DECIMAL', 7, 0, null, LEGACY)];
  return {
    table: 'ORDLIB/ORDHDR',
    columns: [...text, ...packed, ...zoned, ...integers, ...dates, column('CHGTS', 'TIMESTAMP', 26, 6)],
  };
}
function wideFormat() {
  const columns = [];
  for (let i = 0; i < 20; i++) columns.push(column(`TEXT${i}`, 'CHAR', 5 + ((i * 7) % 36), 0, 37));
  for (let i = 0; i < 20; i++) columns.push(column(`PACK${i}`, 'DECIMAL', 5 + (i % 6) * 2, i % 3));
  for (let i = 0; i < 10; i++) columns.push(column(`ZONE${i}`, 'NUMERIC', 4 + (i % 6), i % 3));
  for (let i = 0; i < 6; i++) columns.push(column(`INT${i}`, i % 2 ? 'SMALLINT' : 'INTEGER', i % 2 ? 2 : 4));
  for (let i = 0; i < 3; i++) columns.push(column(`DATE${i}`, 'DECIMAL', 7, 0, null, LEGACY));
  columns.push(column('CHGTS', 'TIMESTAMP', 26, 6));
  return { table: 'ORDLIB/WIDE', columns };
}

const WORDS = [
  'Stahlrohr',
  'valve',
  'PUMP',
  'gasket',
  'O-Ring',
  'Lager',
  'bolt M8',
  'washer',
  'Acme Ltd.',
  'Hamburg',
  'Lyon',
];
const CYRILLIC = ['Москва', 'заказ', 'клапан', 'труба'];
const KANJI = ['東京', '大阪市', 'カタカナ', '注文書', '部品', '株式会社'];
function textBytes(c) {
  const codec = textCodec(c.ccsid);
  const words =
    c.ccsid === 939 ? [...WORDS, ...KANJI, ...KANJI] : c.ccsid === 1025 ? [...WORDS, ...CYRILLIC, ...CYRILLIC] : WORDS;
  let bytes = codec.encode(words[random(words.length)]);
  for (;;) {
    const longer = Buffer.concat([bytes, codec.encode(` ${words[random(words.length)]}`)]);
    if (longer.length > c.length || random(5) === 0) break;
    bytes = longer;
  }
  if (bytes.length > c.length) bytes = codec.encode(WORDS[1].slice(0, c.length));
  return Buffer.concat([bytes, Buffer.alloc(c.length - bytes.length, 0x40)]);
}
function fieldBytes(c, badShare) {
  switch (c.type) {
    case 'CHAR':
      return textBytes(c);
    case 'TIMESTAMP':
      return encodeTimestamp(
        `2026-${String(1 + random(12)).padStart(2, '0')}-${String(1 + random(28)).padStart(2, '0')}T12:${String(10 + random(49))}:07.${String(100000 + random(899999))}`,
        6,
      );
    case 'INTEGER': {
      const b = Buffer.alloc(4);
      b.writeInt32BE(random(4000000) - 1000000);
      return b;
    }
    case 'SMALLINT': {
      const b = Buffer.alloc(2);
      b.writeInt16BE(random(5000) - 500);
      return b;
    }
    default: {
      const length = c.type === 'DECIMAL' ? (c.length >> 1) + 1 : c.length;
      if (badShare > 0 && random(1000) < badShare * 1000) return Buffer.alloc(length, 0x40);
      if (c.as)
        return encodePacked(
          `1${String(20 + random(6))}${String(1 + random(12)).padStart(2, '0')}${String(1 + random(28)).padStart(2, '0')}`,
          7,
          0,
        );
      const digits = String(random(10 ** Math.min(c.length, 9 - random(5)))).padStart(c.scale + 1, '0');
      const value = `${random(10) === 0 ? '-' : ''}${c.scale ? `${digits.slice(0, -c.scale)}.${digits.slice(-c.scale)}` : digits}`;
      return (c.type === 'DECIMAL' ? encodePacked : encodeZoned)(value, c.length, c.scale);
    }
  }
}

// ---------------------------------------------------------------- the naive decoder

/** iconv-lite's own single-byte engine with our table, so that only the engine differs. */
function naiveText(ccsid) {
  const codec = textCodec(ccsid);
  if (codec.kind !== 'single') return (b) => codec.decode(b);
  iconv.encodingExists('ascii');
  iconv.encodings[`bench${ccsid}`] = {
    type: '_sbcs',
    chars: Array.from(codec.units, (u) => String.fromCharCode(u)).join(''),
  };
  return (b) => iconv.decode(b, `bench${ccsid}`);
}
function naiveDecimal(hex, scale, sign) {
  if (!/^\d+$/.test(hex) || !/[a-f]/.test(sign)) return null;
  let digits = hex.padStart(scale + 1, '0');
  digits = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  digits = digits.replace(/^0+(?=\d)/, '');
  return /[bd]/.test(sign) && /[1-9]/.test(digits) ? `-${digits}` : digits;
}
function naive(format) {
  const decoders = format.columns.map((c) => {
    const text = c.type === 'CHAR' ? naiveText(c.ccsid) : c.type === 'TIMESTAMP' ? naiveText(37) : null;
    const width = c.type === 'DECIMAL' ? (c.length >> 1) + 1 : c.type === 'TIMESTAMP' ? 26 : c.length;
    const decode = (b) => {
      if (c.type === 'CHAR') return text(b).trimEnd();
      if (c.type === 'TIMESTAMP') return text(b).replace(/^(.{10})-(..)\.(..)\./, '$1T$2:$3:');
      if (c.type === 'INTEGER') return b.readInt32BE();
      if (c.type === 'SMALLINT') return b.readInt16BE();
      const hex = b.toString('hex');
      if (c.type === 'NUMERIC') return naiveDecimal([...hex].filter((_, i) => i % 2).join(''), c.scale, hex.at(-2));
      const value = naiveDecimal(hex.slice(0, -1), c.scale, hex.at(-1));
      if (!c.as || value === null) return value;
      if (c.as.sentinels.includes(Number(value))) return null;
      const p = value.padStart(7, '0');
      return `${19 + Number(p[0])}${p.slice(1, 3)}-${p.slice(3, 5)}-${p.slice(5)}`;
    };
    return { name: c.name, width, decode };
  });
  return (image) => {
    const row = {};
    let at = 0;
    for (const d of decoders) {
      row[d.name] = d.decode(image.subarray(at, at + d.width));
      at += d.width;
    }
    return JSON.stringify(row);
  };
}

// ---------------------------------------------------------------- running

const work = mkdtempSync(join(tmpdir(), 'bench-decode-'));
const jar = join(root, 'node_modules/node-jt400/java/lib/jt400.jar');
let java = existsSync(jar);
if (java) {
  try {
    execFileSync('javac', ['-cp', jar, '-d', work, join(root, 'scripts/bench/JtopenDecode.java')], { stdio: 'pipe' });
  } catch {
    java = false;
  }
}
if (!java) console.log('no JDK or no jt400.jar: JTOpen is left out');

function jtopen(name, format, images, length) {
  if (!java) return null;
  const spec = join(work, `${name}.spec`);
  const data = join(work, `${name}.bin`);
  writeFileSync(
    spec,
    format.columns
      .map((c) => `${c.name} ${c.type} ${c.type === 'TIMESTAMP' ? 26 : c.length} ${c.scale} ${c.ccsid ?? 37}`)
      .join('\n'),
  );
  writeFileSync(data, images);
  const child = spawn(
    'java',
    ['-XX:+UseSerialGC', '-cp', `${jar}:${work}`, 'JtopenDecode', spec, data, String(length)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (ms) => {
      child.stdin.write(`${ms}\n`);
      return Number((await answers.next()).value);
    },
    stop: () => child.stdin.end(),
  };
}

/**
 * Calls of `work` per second of processor time, times `each`. Processor time, because a neighbour that takes the core in one
 * contestant's turn would decide the race; ours includes garbage collection, JTOpen's only its thread.
 */
function rate(ms, each, work) {
  const started = process.cpuUsage();
  const until = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));
  let calls = 0;
  do {
    work();
    calls++;
  } while (process.hrtime.bigint() < until);
  const { user, system } = process.cpuUsage(started);
  return (calls * each * 1e6) / (user + system);
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const thousands = (n) => `${Math.round(n / 1000)} k/s`;

async function contest(title, format, badShare = 0) {
  const rows = Array.from({ length: ROWS }, () => Buffer.concat(format.columns.map((c) => fieldBytes(c, badShare))));
  const length = rows[0].length;
  const images = Buffer.concat(rows);
  const plan = compileJsonPlan(format, allColumns(format.columns));
  const sink = new JsonSink(4 << 20);
  const ours = () => {
    sink.rewind();
    for (let at = 0; at < images.length; at += length) plan.write(images, at, null, sink, at + length);
  };
  const slow = naive(format);
  const naively = () => {
    for (let at = 0; at < images.length; at += length) Buffer.from(slow(images.subarray(at, at + length)));
  };
  // The two must say the same, or the race means nothing.
  for (const row of rows.slice(0, 50)) {
    sink.rewind();
    plan.write(row, 0, null, sink);
    const one = JSON.stringify(JSON.parse(sink.since(0).toString()));
    if (one !== JSON.stringify(JSON.parse(slow(row)))) throw new Error(`results differ:\n${one}\n${slow(row)}`);
  }
  const reference = jtopen(title.replace(/\W+/g, '-'), format, images, length);
  for (let i = 0; i < 3; i++) {
    rate(MS, ROWS, ours);
    rate(MS / 2, ROWS, naively);
    await reference?.run(MS);
  }
  const rates = { ours: [], naive: [], jtopen: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(rate(MS, ROWS, ours));
    if (reference) rates.jtopen.push(await reference.run(MS));
    rates.naive.push(rate(MS, ROWS, naively));
  }
  reference?.stop();
  const byRound = (other) => rates.ours.map((r, i) => r / other[i]);
  const ratio = (other) =>
    `${median(byRound(other)).toFixed(1)} (${Math.min(...byRound(other)).toFixed(1)}-${Math.max(...byRound(other)).toFixed(1)})`;
  console.log(`${title}, ${format.columns.length} columns, ${length} bytes`);
  console.log(`  plan     ${thousands(median(rates.ours)).padStart(10)}`);
  if (reference)
    console.log(
      `  JTOpen   ${thousands(median(rates.jtopen)).padStart(10)}   plan is ${ratio(rates.jtopen)} times as fast`,
    );
  console.log(
    `  naive    ${thousands(median(rates.naive)).padStart(10)}   plan is ${ratio(rates.naive)} times as fast`,
  );
}

/** 30-byte fields to strings. */
function textContest(ccsid) {
  const codec = textCodec(ccsid);
  naiveText(ccsid);
  const field = column('A', 'CHAR', 30, 0, ccsid);
  const bytes = Buffer.concat(Array.from({ length: ROWS }, () => textBytes(field)));
  const decoder = iconv.getDecoder(`bench${ccsid}`);
  let sum = 0;
  const ours = () => {
    for (let at = 0; at < bytes.length; at += 30) sum += codec.decode(bytes, at, at + 30).length;
  };
  const theirs = () => {
    for (let at = 0; at < bytes.length; at += 30) sum += decoder.write(bytes.subarray(at, at + 30)).length;
  };
  const rates = { ours: [], theirs: [] };
  for (let round = -2; round < ROUNDS; round++) {
    const one = rate(MS / 2, ROWS, ours);
    const two = rate(MS / 2, ROWS, theirs);
    if (round < 0) continue;
    rates.ours.push(one);
    rates.theirs.push(two);
  }
  console.log(
    `CCSID ${ccsid} text in 30-byte fields to strings\n  codec      ${thousands(median(rates.ours)).padStart(10)}`,
  );
  console.log(
    `  iconv-lite ${thousands(median(rates.theirs)).padStart(10)}   codec is ${(median(rates.ours) / median(rates.theirs)).toFixed(1)} times as fast${sum < 0 ? sum : ''}`,
  );
}

try {
  console.log(
    `node ${process.version}, ${ROUNDS} rounds of ${MS} ms each, interleaved; medians, rows per second of processor time`,
  );
  await contest('order record', orderFormat(37));
  await contest('wide record', wideFormat());
  await contest('order record, mixed CCSID 939', orderFormat(939));
  await contest('order record, 5 % bad decimals', orderFormat(37), 0.05);
  for (const ccsid of [37, 1141, 1025]) textContest(ccsid);
} finally {
  rmSync(work, { recursive: true });
}
