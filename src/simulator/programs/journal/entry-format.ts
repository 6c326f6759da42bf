/**
 * Format RJNE0200: one entry as the API lays it out. Displacements count from the entry's own start, sections begin on 16-byte
 * boundaries. Offsets: Debezium's decoder against this partition and published RPG definitions; see README.
 */
import type { EntryRow, LocalTimestamp } from '../../partition/contract';
import type { ApiRecord } from '../api-record';
import { dataSection, type EntryForm, nullSection, receiverSection, withSections } from './entry-sections';

const HEADER = 224;
export const HANDLE_AT = 72;

const BIT = {
  referential: 0x80,
  trigger: 0x40,
  incomplete: 0x20,
  ignore: 0x10,
  minimized: 0x08,
  fieldBoundary: 0x02,
} as const;

/** The whole entry; the displacement to the next one is still 0. */
export function entryBytes(entry: EntryRow, form: EntryForm): Buffer {
  const record = withSections(HEADER, [
    { at: 4, bytes: nullSection(form) },
    { at: 8, bytes: dataSection(form) },
    { at: 20, bytes: form.withReceiver ? receiverSection(entry) : null },
  ]);
  header(record, entry, form);
  return record.bytes;
}

function header(record: ApiRecord, e: EntryRow, form: EntryForm): void {
  const { bytes } = record;
  bytes.writeBigUInt64BE(e.sequence, 24);
  bytes.writeBigUInt64BE(dts(e.timestamp), 32);
  bytes.writeBigUInt64BE(e.origin.thread === '' ? 0n : BigInt(`0x${e.origin.thread}`), 40);
  bytes.writeBigUInt64BE(BigInt(e.rrn), 56);
  bytes.writeBigUInt64BE(e.commitCycle, 64);
  bytes.writeUInt32BE(form.handle, HANDLE_AT);
  const { origin, object } = e;
  const address = addressBytes(origin.remoteAddress);
  record.short(76, origin.remotePort).short(78, 1).short(80, 1).put(82, address.bytes);
  record.text(98, 1, e.code).text(99, 2, e.type);
  record.text(101, 10, origin.jobName).text(111, 10, origin.jobUser).text(121, 6, origin.jobNumber);
  record.text(127, 10, origin.program).text(137, 10, origin.programLibrary).text(147, 10, '*SYSBAS');
  record.text(157, 30, object.object30).text(187, 10, origin.userName);
  if (object.journalIdentifier) record.put(197, object.journalIdentifier);
  else record.text(197, 10, '');
  record.text(207, 1, address.family).text(208, 8, origin.systemName);
  record.text(216, 1, e.flag).text(217, 1, object.objectType === '' ? ' ' : '0');
  bytes[218] =
    (e.referential ? BIT.referential : 0) |
    (e.trigger ? BIT.trigger : 0) |
    (form.image.incomplete ? BIT.incomplete : 0) |
    (e.ignoreOnApply ? BIT.ignore : 0) |
    (e.minimized ? BIT.minimized : 0) |
    (e.minimizedOnField ? BIT.fieldBoundary : 0);
}

/** Address family and 16 bytes: of IPv4 the first four. */
function addressBytes(text: string): { family: string; bytes: Buffer } {
  const bytes = Buffer.alloc(16);
  const plain = text.replace(/^::ffff:/i, '');
  const parts = plain.split('.').map(Number);
  if (parts.length !== 4 || parts.some((n) => !Number.isInteger(n) || n < 0 || n > 255))
    return { family: text === '' ? '0' : '6', bytes };
  bytes.set(parts, 0);
  return { family: '4', bytes };
}

const MICROS_OF_DAY = 86_400_000_000n;
const MIDDLE = 1n << 51n;

/**
 * *DTS: microseconds in the upper 52 bits, X'8000000000000000' is 2000-01-01; the partition's own clock, without a zone.
 * Source: JTOpen reads it as a TOD clock value.
 */
function dts(timestamp: LocalTimestamp): bigint {
  const [date, time] = timestamp.split('T') as [string, string];
  const days = BigInt(Math.round((Date.parse(`${date}T00:00:00Z`) - Date.UTC(2000, 0, 1)) / 86_400_000));
  const [h, m, s] = time.split(':') as [string, string, string];
  const [seconds, fraction = ''] = s.split('.') as [string, string?];
  const micros =
    (BigInt(h) * 3600n + BigInt(m) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return BigInt.asUintN(64, (days * MICROS_OF_DAY + micros + MIDDLE) << 12n);
}
