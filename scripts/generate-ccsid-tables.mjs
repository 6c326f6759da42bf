// @ts-check
// Run when a code page is added or a converter changes: writes src/bytes/ccsid/tables from third-party converters.
//
//   node scripts/generate-ccsid-tables.mjs            needs a JDK, the jt400.jar of node-jt400, the newest JTOpen
//                                                     (scripts/fetch-judges.mjs), and uconv (icu-devtools)
//
// Source of every table: JTOpen (it carries the tables of IBM i; three are in its newest release alone). From ICU: CCSIDs 918, 12712 and the single-byte part of 1390, for
// which JTOpen has no table, and the euro sign of traditional Chinese. docs/ccsids.md lists where the converters disagree; test/bytes/ccsid judges the result.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const tables = join(root, 'src/bytes/ccsid/tables');
const bundled = join(root, 'node_modules/node-jt400/java/lib/jt400.jar');

const SINGLE = [
  37, 256, 273, 277, 278, 280, 284, 285, 290, 297, 420, 423, 424, 425, 500, 833, 836, 838, 870, 871, 875, 880, 905, 924,
  1025, 1026, 1027, 1047, 1097, 1112, 1122, 1123, 1130, 1132, 1137, 1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147,
  1148, 1149, 1153, 1154, 1155, 1156, 1157, 1158, 1160, 1164, 1166, 4971, 5233, 8612, 9030, 12708, 13121, 13124, 28709,
  57777, 62211, 62224, 62235, 62245, 62251,
];
/** ASCII and PC pages that iconv-lite does not have. */
const ASCII = [
  851, 856, 868, 897, 921, 922, 1006, 1046, 1098, 1124, 1125, 1129, 1131, 1275, 1280, 1281, 1282, 1283, 1284, 1285,
  1286, 4948, 4951, 5351, 9066,
];
/** Only in the newest JTOpen, which scripts/fetch-judges.mjs brings. */
const NEWEST = [291, 1175, 61175];
/** Double-byte tables that differ: file name and the CCSID they are read from. */
const DOUBLE = {
  japanese: 300,
  japanese2004: 16684,
  korean: 834,
  'traditional-chinese': 835,
  'simplified-chinese': 837,
};

function newestJar() {
  const folder = join(root, '.cache/judges');
  const jars = readdirSync(folder).filter((n) => /^jt400-[\d.]+\.jar$/.test(n));
  return join(folder, jars.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1));
}

/** Runs the Java dumper; answers its lines as [kind, ccsid, words]. */
function dumpJtopen(jar, wanted) {
  const classes = mkdtempSync(join(tmpdir(), 'ccsid-'));
  try {
    execFileSync('javac', ['-cp', jar, '-d', classes, join(root, 'scripts/DumpCcsid.java')]);
    const text = execFileSync('java', ['-cp', `${jar}:${classes}`, 'DumpCcsid', ...wanted], { maxBuffer: 1 << 28 });
    return text
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [kind, ccsid, ...words] = line.trimEnd().split(' ');
        return { kind, ccsid: Number(ccsid), words };
      });
  } finally {
    rmSync(classes, { recursive: true });
  }
}

/** A page from ICU: 256 UTF-16 units, FFFD where undefined. */
function icuSingle(name) {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const units = [];
  for (const byte of bytes) {
    const shift = byte === 0x0e || byte === 0x0f;
    const out = shift
      ? Buffer.from([0, byte])
      : execFileSync('uconv', ['-f', name, '-t', 'UTF-16BE', '--from-callback', 'substitute'], {
          input: Buffer.from([byte]),
        });
    const unit = out.length === 2 ? out.readUInt16BE(0) : 0xfffd;
    units.push(unit === 0x1a && byte !== 0x3f ? 0xfffd : unit);
  }
  return units;
}

/** Per table: u16 ccsid, 256 u16 units, u8 count of preferences, each u16 unit + u8 byte (which of two bytes encodes it). */
function singleTable(ccsid, units, preferences) {
  const out = Buffer.alloc(2 + 512 + 1 + preferences.length * 3);
  out.writeUInt16BE(ccsid, 0);
  units.forEach((u, i) => {
    out.writeUInt16BE(u, 2 + i * 2);
  });
  out[514] = preferences.length;
  preferences.forEach(([unit, byte], i) => {
    out.writeUInt16BE(unit, 515 + i * 3);
    out[517 + i * 3] = byte;
  });
  return out;
}

/** 65536 high bytes, 65536 low bytes (FFFD undefined, D800+n the n-th sequence), sequences, one-way encodings. */
function doubleTable(points, oneWay) {
  const planes = Buffer.alloc(131072);
  planes.fill(0xff, 0, 65536);
  planes.fill(0xfd, 65536);
  const sequences = [];
  for (const [point, text] of points) {
    const unit = text.length === 1 ? text.charCodeAt(0) : 0xd800 + sequences.push(text) - 1;
    planes[point] = unit >> 8;
    planes[65536 + point] = unit & 255;
  }
  const tail = Buffer.from(JSON.stringify({ sequences, oneWay: oneWay.flat() }));
  return Buffer.concat([planes, tail]);
}

function pack(name, bytes) {
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
  });
  writeFileSync(join(tables, name), packed);
  process.stderr.write(`${name} ${packed.length} bytes\n`);
}

const hex = (s) => Number.parseInt(s, 16);
const lines = [
  ...dumpJtopen(bundled, [
    ...SINGLE.map((c) => `s:${c}`),
    ...ASCII.map((c) => `a:${c}`),
    'm:1399',
    ...Object.values(DOUBLE).map((c) => `d:${c}`),
  ]),
  ...dumpJtopen(
    newestJar(),
    NEWEST.map((c) => `s:${c}`),
  ),
];
const find = (kind, ccsid) => lines.find((l) => l.kind === kind && l.ccsid === ccsid).words;

mkdirSync(tables, { recursive: true });
const singles = [...SINGLE, ...ASCII, ...NEWEST, 5123].map((ccsid) => {
  // 5123, the single-byte part of mixed Japanese Latin with the euro sign, is read out of the mixed page.
  const source = ccsid === 5123 ? 1399 : ccsid;
  const text = find('S', source)[0];
  const units = Array.from({ length: 256 }, (_, i) => hex(text.slice(i * 4, i * 4 + 4)));
  const preferences = find('E', source)
    .filter((w) => w.startsWith('!'))
    .map((w) => [hex(w.slice(1, 5)), hex(w.slice(6))]);
  return singleTable(ccsid, units, preferences);
});
singles.push(singleTable(918, icuSingle('ibm-918_P100-1995'), []));
singles.push(singleTable(12712, icuSingle('ibm-12712_P100-1998'), []));
singles.push(singleTable(8482, icuSingle('ibm-1390_P110-2003'), []));
pack('single.bin', Buffer.concat(singles));

for (const [name, ccsid] of Object.entries(DOUBLE)) {
  const points = find('D', ccsid).map((w) => {
    const [p, u] = w.split('=');
    return [
      hex(p),
      u
        .match(/..../g)
        .map((x) => String.fromCharCode(hex(x)))
        .join(''),
    ];
  });
  // ICU and glibc define this one point of 1371 more.
  if (ccsid === 835) points.push([0x47a2, '\u20ac']);
  const oneWay = find('E2', ccsid).map((w) => w.split('=').map(hex));
  pack(`${name}.bin`, doubleTable(points, oneWay));
}
