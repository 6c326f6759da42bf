/** CCSID number to codec. Tables are loaded on first use and kept; there are at most some hundred. */
import { CodedError } from '../../errors/coded-error';
import { AsciiCodec, asciiCcsids, asciiName } from './ascii';
import type { CcsidCodec } from './codec';
import { DoubleByteCodec, PairTable } from './double-byte';
import { MixedByteCodec } from './mixed-byte';
import { SingleByteCodec } from './single-byte';
import { type DoubleName, loadDoubleTable, loadSingleTables, type SingleTable } from './tables';
import { Utf8Codec, Utf16Codec, Utf16LittleCodec } from './unicode';

/** CCSID of columns that are bytes, not text. */
export const BINARY_CCSID = 65535;

/** EBCDIC single byte; 5123 and 8482 are the single-byte parts of mixed Japanese with the euro sign. */
const SINGLE: readonly number[] = [
  37, 256, 273, 277, 278, 280, 284, 285, 290, 291, 297, 420, 423, 424, 425, 500, 833, 836, 838, 870, 871, 875, 880, 905,
  918, 924, 1025, 1026, 1027, 1047, 1097, 1112, 1122, 1123, 1130, 1132, 1137, 1140, 1141, 1142, 1143, 1144, 1145, 1146,
  1147, 1148, 1149, 1153, 1154, 1155, 1156, 1157, 1158, 1160, 1164, 1166, 1175, 4971, 5123, 5233, 8482, 8612, 9030,
  12708, 12712, 13121, 13124, 28709, 57777, 61175, 62211, 62224, 62235, 62245, 62251,
];

/** ASCII and PC pages of one byte that iconv-lite does not have. */
const ASCII: readonly number[] = [
  851, 856, 868, 897, 921, 922, 1006, 1046, 1098, 1124, 1125, 1129, 1131, 1275, 1280, 1281, 1282, 1283, 1284, 1285,
  1286, 4948, 4951, 5351, 9066,
];

const DOUBLE: Readonly<Record<number, DoubleName>> = {
  300: 'japanese',
  834: 'korean',
  835: 'traditional-chinese',
  837: 'simplified-chinese',
  4396: 'japanese',
  4930: 'korean',
  4931: 'traditional-chinese',
  4933: 'simplified-chinese',
  8492: 'japanese2004',
  9026: 'korean',
  9029: 'simplified-chinese',
  12588: 'japanese2004',
  13122: 'korean',
  16684: 'japanese2004',
  17218: 'korean',
};

/** Mixed CCSID to its single-byte CCSID and its pair table. */
const MIXED: Readonly<Record<number, readonly [number, DoubleName]>> = {
  930: [290, 'japanese'],
  933: [833, 'korean'],
  935: [836, 'simplified-chinese'],
  937: [37, 'traditional-chinese'],
  939: [5123, 'japanese'],
  1364: [833, 'korean'],
  1371: [1140, 'traditional-chinese'],
  1388: [836, 'simplified-chinese'],
  1390: [8482, 'japanese2004'],
  1399: [5123, 'japanese2004'],
  5026: [290, 'japanese'],
  5035: [5123, 'japanese'],
};

/** UTF-16, high byte first: 1200 and its subsets. */
const UTF16 = [1200, 1201, 13488, 17584, 21680, 61952];
const UTF16_LITTLE = 1202;

const codecs = new Map<number, CcsidCodec>();
const pairTables = new Map<DoubleName, PairTable>();
let singles: Map<number, SingleTable> | null = null;

/**
 * The codec of a CCSID, the same object each time (its `lastProblem` belongs to the last call).
 * @throws CodedError family `decode`: `CCSID_BINARY` for 65535, `CCSID_UNKNOWN` for a page that is not carried
 */
export function textCodec(ccsid: number): CcsidCodec {
  const known = codecs.get(ccsid);
  if (known) return known;
  const codec = build(ccsid);
  codecs.set(ccsid, codec);
  return codec;
}

/** Every CCSID `textCodec` accepts, ascending. */
export function knownCcsids(): number[] {
  const all = [
    ...SINGLE,
    ...ASCII,
    ...Object.keys(DOUBLE),
    ...Object.keys(MIXED),
    ...UTF16,
    UTF16_LITTLE,
    1208,
    ...asciiCcsids(),
  ].map(Number);
  return all.sort((a, b) => a - b);
}

function build(ccsid: number): CcsidCodec {
  if (ccsid === 1208) return new Utf8Codec();
  if (UTF16.includes(ccsid)) return new Utf16Codec(ccsid);
  if (ccsid === UTF16_LITTLE) return new Utf16LittleCodec(ccsid);
  if (SINGLE.includes(ccsid)) return single(ccsid);
  if (ASCII.includes(ccsid)) return single(ccsid, 'ascii');
  const double = DOUBLE[ccsid];
  if (double) return new DoubleByteCodec(ccsid, pairTable(double));
  const mixed = MIXED[ccsid];
  if (mixed) return new MixedByteCodec(ccsid, single(mixed[0]), pairTable(mixed[1]));
  const name = asciiName(ccsid);
  if (name !== null) return new AsciiCodec(ccsid, name);
  throw refused(ccsid);
}

function single(ccsid: number, kind: SingleByteCodec['kind'] = 'single'): SingleByteCodec {
  singles ??= loadSingleTables();
  return new SingleByteCodec(ccsid, singles.get(ccsid)!, kind);
}

function pairTable(name: DoubleName): PairTable {
  let table = pairTables.get(name);
  if (!table) {
    table = new PairTable(loadDoubleTable(name));
    pairTables.set(name, table);
  }
  return table;
}

function refused(ccsid: number): CodedError {
  if (ccsid === BINARY_CCSID)
    return new CodedError({
      code: 'CCSID_BINARY',
      message: 'CCSID 65535 means bytes that are never converted, and text was asked for',
      next: 'name the real CCSID of the column, table or connection in the config, for example `ccsid: 37`',
      facts: { ccsid },
    });
  return new CodedError({
    code: 'CCSID_UNKNOWN',
    message: `CCSID ${ccsid} is not one this program carries a table for`,
    next: 'override the CCSID of the column, table or connection in the config with one listed in docs/ccsids.md',
    facts: { ccsid },
  });
}
