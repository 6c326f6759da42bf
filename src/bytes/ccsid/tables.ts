/**
 * Code page tables, loaded on first use. Written by scripts/generate-ccsid-tables.mjs; docs/ccsids.md names the source of each.
 *
 * single.bin: per table u16 CCSID, 256 u16 units (FFFD undefined), u8 n, n times u16 unit + u8 byte that encodes it.
 * others: 65536 high bytes, 65536 low bytes (FFFD undefined, D800+n the n-th sequence), JSON of sequences and one-way encodings.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { bug } from '../../errors/coded-error';

export interface SingleTable {
  readonly ccsid: number;
  /** Byte to UTF-16 unit. */
  readonly units: Uint16Array;
  /** [unit, byte] where two bytes decode to one character. */
  readonly preferences: readonly (readonly [number, number])[];
}

export interface DoubleTable {
  /** Pair (first byte high) to UTF-16 unit, or 0xD800 + index into `sequences`. */
  readonly units: Uint16Array;
  readonly sequences: readonly string[];
  /** unit, pair, unit, pair...: encodings that are not the inverse of a decoding. */
  readonly oneWay: readonly number[];
}

export type DoubleName = 'japanese' | 'japanese2004' | 'korean' | 'traditional-chinese' | 'simplified-chinese';

function load(name: string): Buffer {
  return brotliDecompressSync(readFileSync(join(__dirname, 'tables', `${name}.bin`)));
}

/** All single-byte tables by CCSID (about 30 KiB). */
export function loadSingleTables(): Map<number, SingleTable> {
  const file = load('single');
  const tables = new Map<number, SingleTable>();
  let at = 0;
  while (at < file.length) {
    const ccsid = file.readUInt16BE(at);
    const units = new Uint16Array(256);
    for (let i = 0; i < 256; i++) units[i] = file.readUInt16BE(at + 2 + i * 2);
    const count = file[at + 514] ?? 0;
    const preferences: [number, number][] = [];
    for (let i = 0; i < count; i++)
      preferences.push([file.readUInt16BE(at + 515 + i * 3), file.readUInt8(at + 517 + i * 3)]);
    tables.set(ccsid, { ccsid, units, preferences });
    at += 515 + count * 3;
  }
  return tables;
}

export function loadDoubleTable(name: DoubleName): DoubleTable {
  const file = load(name);
  if (file.length < 131072) throw bug(`code page table ${name} is damaged`);
  const units = new Uint16Array(65536);
  for (let i = 0; i < 65536; i++) units[i] = ((file[i] ?? 0) << 8) | (file[65536 + i] ?? 0);
  const tail = JSON.parse(file.toString('utf8', 131072)) as { sequences: string[]; oneWay: number[] };
  return { units, sequences: tail.sequences, oneWay: tail.oneWay };
}
