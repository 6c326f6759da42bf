/**
 * Format RJNE0200: one entry as the API lays it out. Displacements count from the entry's own start, sections begin on 16-byte
 * boundaries. Offsets: Debezium's decoder against this partition and published RPG definitions; see README.
 */
import type { EntryRow, LocalTimestamp } from '../../partition/contract';
import { ApiRecord } from '../api-record';
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

/** Writes the entries of one call: what jobs and objects say of themselves is encoded once. */
export class EntryWriter {
  private readonly heads = new Map<string, Buffer>();
  private readonly moments = new Moments();

  /** The whole entry; the displacement to the next one is still 0. */
  bytes(e: EntryRow, form: EntryForm): Buffer {
    const { bytes } = withSections(HEADER, [
      { at: 4, bytes: nullSection(form) },
      { at: 8, bytes: dataSection(form) },
      { at: 20, bytes: form.withReceiver ? receiverSection(e) : null },
    ]);
    this.head(e).copy(bytes, COMMON_FROM, COMMON_FROM);
    bytes.writeBigUInt64BE(e.sequence, 24);
    this.moments.write(bytes, 32, e.timestamp);
    bytes.writeBigUInt64BE(e.origin.thread === '' ? 0n : BigInt(`0x${e.origin.thread}`), 40);
    bytes.writeBigUInt64BE(BigInt(e.rrn), 56);
    bytes.writeBigUInt64BE(e.commitCycle, 64);
    bytes.writeUInt32BE(form.handle, HANDLE_AT);
    bytes[216] = 0xf0 | Number(e.flag);
    bytes[218] =
      (e.referential ? BIT.referential : 0) |
      (e.trigger ? BIT.trigger : 0) |
      (form.image.incomplete ? BIT.incomplete : 0) |
      (e.ignoreOnApply ? BIT.ignore : 0) |
      (e.minimized ? BIT.minimized : 0) |
      (e.minimizedOnField ? BIT.fieldBoundary : 0);
    return bytes;
  }

  private head(e: EntryRow): Buffer {
    const key = `${e.origin.id}/${e.object.id}/${e.code}${e.type}`;
    let head = this.heads.get(key);
    if (!head) {
      head = headOf(e);
      this.heads.set(key, head);
    }
    return head;
  }
}

/** Where the part begins that entries of one job, object and type have in common. */
const COMMON_FROM = 76;

function headOf(e: EntryRow): Buffer {
  const { origin, object } = e;
  const record = new ApiRecord(HEADER);
  const address = addressBytes(origin.remoteAddress);
  record.short(76, origin.remotePort).short(78, 1).short(80, 1).put(82, address.bytes);
  record.text(98, 1, e.code).text(99, 2, e.type);
  record.text(101, 10, origin.jobName).text(111, 10, origin.jobUser).text(121, 6, origin.jobNumber);
  record.text(127, 10, origin.program).text(137, 10, origin.programLibrary).text(147, 10, '*SYSBAS');
  record.text(157, 30, object.object30).text(187, 10, origin.userName);
  if (object.journalIdentifier) record.put(197, object.journalIdentifier);
  else record.text(197, 10, '');
  record.text(207, 1, address.family).text(208, 8, origin.systemName);
  return record.text(217, 1, object.objectType === '' ? ' ' : '0').bytes;
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

const MICROS_OF_DAY = 86_400_000_000;
const MIDDLE = 2 ** 51;

/**
 * *DTS: microseconds in the upper 52 bits, X'8000000000000000' is 2000-01-01; the partition's own clock, without a zone.
 * Source: JTOpen reads it as a TOD clock value.
 */
class Moments {
  private date = '';
  /** Microseconds at the beginning of `date`. */
  private midnight = 0;

  write(bytes: Buffer, at: number, timestamp: LocalTimestamp): void {
    const date = timestamp.slice(0, 10);
    if (date !== this.date) {
      this.date = date;
      this.midnight = MIDDLE + Math.round((Date.parse(date) - Date.UTC(2000, 0, 1)) / 86_400_000) * MICROS_OF_DAY;
    }
    const digit = (from: number, to: number): number => Number(timestamp.slice(from, to));
    const seconds = digit(11, 13) * 3600 + digit(14, 16) * 60 + digit(17, 19);
    const micros = this.midnight + seconds * 1_000_000 + digit(20, 26);
    bytes.writeUInt32BE(Math.floor(micros / 2 ** 20), at);
    bytes.writeUInt32BE((micros % 2 ** 20) * 4096, at + 4);
  }
}
