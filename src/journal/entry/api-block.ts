/**
 * A reply of QjoRetrieveJournalEntries, format RJNE0200: entries where they lie, found once a block and decoded when asked for.
 *
 *     0 bytes returned | 4 offset of the first entry | 8 entries | 12 more, `1` | 13 receiver, 23 library, 33 number to go on at
 *
 * Every displacement is checked before an entry is handed out. Offsets: docs/protocol.md#11.2.
 */
import { ByteMap } from '../../bytes/byte-map';
import { textCodec } from '../../bytes/ccsid/registry';
import { copyWords, Words } from '../../bytes/words';
import { CodedError } from '../../errors/coded-error';
import type { QualifiedName } from '../../model/position';
import { type Doer, jobOf, recorded } from './actors';
import { type BlockEntry, holdEntry, type ObjectNames, type ObjectRef } from './block-entry';
import { trimNulls } from './header-reader';
import { StandardTimes } from './standard-time';

/** Of the reply. */
const HEAD = {
  returned: 0,
  first: 4,
  count: 8,
  more: 12,
  nextReceiver: 13,
  nextLibrary: 23,
  nextSequence: 33,
} as const;
const HEAD_LENGTH = 53;

/** Of an entry; displacements count from its own start, 0 is "none". */
const AT = {
  next: 0,
  nulls: 4,
  data: 8,
  receiver: 20,
  sequence: 24,
  time: 32,
  rrn: 56,
  cycle: 64,
  handle: 72,
  address: 82,
  kind: 98,
  job: 101,
  program: 127,
  programLibrary: 137,
  object: 157,
  objectEnd: 187,
  user: 187,
  userEnd: 197,
  family: 207,
  flag: 216,
  bits: 218,
} as const;
const ENTRY_LENGTH = 219;
/** A part of the data is behind a pointer: a LOB, or more than 32,766 bytes. */
const INCOMPLETE = 0x20;
/** In the section of the data: five digits, then the bytes. */
const DATA_AT = 16;
const DIGITS = 5;
const ADDRESS_LENGTH = 16;
const MAX_CACHED = 20_000;
const EBCDIC_ONE = 0xf1;

/** A reply as it came. The server cuts off zeros at the end, and the last entry may end with some. */
export interface ApiReply {
  readonly bytes: Buffer;
  /** Bytes with those zeros. */
  readonly length: number;
}

export interface ApiHead {
  readonly count: number;
  /** Where the entries begin in the reply. */
  readonly first: number;
  /** Number to ask from for what found no room; null when there is no more. */
  readonly next: bigint | null;
}

/** @throws CodedError ENTRY_FORMAT */
export function readHead({ bytes, length }: ApiReply): ApiHead {
  const reply = bytes.length < HEAD_LENGTH ? padded(bytes, 0, Math.min(length, HEAD_LENGTH)) : bytes;
  if (reply.length < HEAD.nextReceiver) throw badEntry('the head', 0, `${reply.length} bytes`);
  const more = reply[HEAD.more] === EBCDIC_ONE;
  const count = reply.readUInt32BE(HEAD.count);
  const first = reply.readUInt32BE(HEAD.first);
  if (count > 0 && (first < HEAD.nextReceiver || first >= reply.length))
    throw badEntry('the head', 0, `first ${first}`);
  if (!more) return { count, first, next: null };
  if (reply.length < HEAD_LENGTH) throw badEntry('the head', 0, `${reply.length} bytes`);
  const digits = textCodec(37).decode(reply, HEAD.nextSequence, HEAD_LENGTH).trim();
  if (!/^\d+$/.test(digits)) throw badEntry('the head', 0, 'no number to go on at');
  return { count, first, next: BigInt(digits) };
}

/** From `at` on, with the zeros that were cut off. */
function padded(bytes: Buffer, at: number, length: number): Buffer {
  if (length <= bytes.length) return bytes.subarray(at);
  const whole = Buffer.alloc(length - at);
  bytes.copy(whole, 0, at);
  return whole;
}

/** Look-up tables that outlive a block: names, jobs and kinds repeat from entry to entry. */
export class ApiHeaders {
  readonly times = new StandardTimes();
  private readonly kinds = new Map<number, string>();
  private readonly flags = new Map<number, string>();
  private readonly refs = new ByteMap<ObjectRef>(MAX_CACHED);
  private readonly doers = new ByteMap<Doer>(MAX_CACHED);
  private readonly words = new Words();
  private readonly key = new DataView(new ArrayBuffer(DOER_KEY + 8));

  constructor(private readonly names: ObjectNames) {}

  kind(b: Buffer, at: number): string {
    const bytes = (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
    const known = this.kinds.get(bytes);
    if (known !== undefined) return known;
    const kind = textCodec(37).decode(b, at, at + 3);
    this.kinds.set(bytes, kind);
    return kind;
  }

  flag(byte: number): string {
    const known = this.flags.get(byte);
    if (known !== undefined) return known;
    const flag = textCodec(37).decode(Buffer.of(byte)).trimEnd();
    this.flags.set(byte, flag);
    return flag;
  }

  object(b: Buffer, at: number): ObjectRef {
    const words = this.words.of(b);
    const known = this.refs.get(words, at, at + OBJECT_LENGTH);
    if (known) return known;
    const ref = this.names.ofText(textCodec(37).decode(b, at, at + OBJECT_LENGTH));
    this.refs.add(words, at, at + OBJECT_LENGTH, ref);
    return ref;
  }

  doer(b: Buffer, entry: number): Doer {
    const words = this.words.of(b);
    let p = 0;
    for (let i = 0; i < DOER_PARTS.length; i += 2) {
      const length = DOER_PARTS[i + 1]! - DOER_PARTS[i]!;
      copyWords(words, entry + DOER_PARTS[i]!, length, this.key, p);
      p += length;
    }
    const known = this.doers.get(this.key, 0, DOER_KEY);
    if (known) return known;
    const doer = doerOf(b, entry);
    this.doers.add(this.key, 0, DOER_KEY, doer);
    return doer;
  }
}

const OBJECT_LENGTH = AT.objectEnd - AT.object;
/** Job and program, user, address and its family: from, to. */
const DOER_PARTS = [
  AT.job,
  AT.programLibrary,
  AT.user,
  AT.userEnd,
  AT.address,
  AT.address + ADDRESS_LENGTH,
  AT.family,
  AT.family + 1,
] as const;
const DOER_KEY = AT.programLibrary - AT.job + (AT.userEnd - AT.user) + ADDRESS_LENGTH + 1;

function doerOf(b: Buffer, entry: number): Doer {
  const text = (at: number, length: number): string =>
    recorded(
      textCodec(37)
        .decode(b, entry + at, entry + at + length)
        .replaceAll('\u0000', '')
        .trimEnd(),
    );
  const family = textCodec(37).decode(b, entry + AT.family, entry + AT.family + 1);
  return {
    user: text(AT.user, 10),
    job: jobOf(text(AT.job + 20, 6), text(AT.job + 10, 10), text(AT.job, 10)),
    program: text(AT.program, 10),
    remoteAddress: addressText(b.subarray(entry + AT.address, entry + AT.address + ADDRESS_LENGTH), family),
  };
}

/**
 * Family 4 is text with dots, or the four bytes: which of them is not settled; 6 is 16 bytes; 0 is an entry without an address.
 */
function addressText(bytes: Buffer, family: string): string {
  if (bytes.every((byte) => byte === 0)) return '';
  if (family === '4') {
    const text = textCodec(37).decode(bytes).replaceAll('\u0000', '').trim();
    return /^\d+(\.\d+){3}$/.test(text) ? text : bytes.subarray(0, 4).join('.');
  }
  if (family !== '6') return '';
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

const NOWHERE: QualifiedName = { library: '', name: '' };

/** Where each entry of a reply begins, and where the parts of it lie that are always asked for. */
export class ApiBlock {
  readonly count: number;
  /** Of entries with data behind pointers: each is held for the job until it is given back. */
  readonly handles: readonly number[];
  private readonly starts: Uint32Array;
  private readonly bytes: Buffer;
  /** The last entry, where zeros at its end did not travel: it alone is copied. */
  private readonly tail: Buffer | null = null;

  /** @param asked the one receiver whose entries these are to be; null for any, and their `receiver` is then not known. @throws CodedError ENTRY_FORMAT */
  constructor(
    private readonly asked: QualifiedName | null,
    readonly headers: ApiHeaders,
    { bytes, length }: ApiReply,
    head: ApiHead,
  ) {
    this.bytes = bytes;
    this.count = head.count;
    this.starts = new Uint32Array(head.count);
    const handles: number[] = [];
    for (let row = 0, at = head.first; row < head.count; row++) {
      this.starts[row] = at;
      if (row === head.count - 1 && length > bytes.length) {
        if (at >= bytes.length) throw badEntry('an entry', at, 'ends behind the reply');
        this.tail = padded(bytes, at, length);
        this.starts[row] = 0;
      }
      at += this.check(row, handles);
    }
    this.handles = handles;
  }

  get receiver(): QualifiedName {
    return this.asked ?? NOWHERE;
  }

  entry(row: number): BlockEntry {
    return new ApiEntry(this, this.bytesOf(row), this.starts[row]!);
  }

  private bytesOf(row: number): Buffer {
    return this.tail !== null && row === this.count - 1 ? this.tail : this.bytes;
  }

  /** @returns bytes to the next entry */
  private check(row: number, handles: number[]): number {
    const { count } = this;
    const bytes = this.bytesOf(row);
    const at = this.starts[row]!;
    if (at + ENTRY_LENGTH > bytes.length) throw badEntry('an entry', at, 'ends behind the reply');
    const next = bytes.readUInt32BE(at + AT.next);
    if (row < count - 1 && next < ENTRY_LENGTH) throw badEntry('an entry', at, `next entry at ${next}`);
    const nulls = bytes.readUInt32BE(at + AT.nulls);
    if (nulls > 0 && (at + nulls + 4 > bytes.length || at + nulls + 4 + bytes.readUInt32BE(at + nulls) > bytes.length))
      throw badEntry('null indicators', at, `at ${nulls}`);
    const data = bytes.readUInt32BE(at + AT.data);
    if (data > 0 && at + data + DATA_AT + dataLength(bytes, at + data) > bytes.length)
      throw badEntry('the data of an entry', at, `at ${data}`);
    const receiver = bytes.readUInt32BE(at + AT.receiver);
    if (receiver > 0) this.checkReceiver(bytes, at + receiver, at);
    const handle = bytes.readUInt32BE(at + AT.handle);
    if (handle !== 0) handles.push(handle);
    return next;
  }

  /** One receiver is asked for by name at a time: entries of another would get positions that do not exist. */
  private checkReceiver(bytes: Buffer, from: number, at: number): void {
    const text = (start: number): string =>
      textCodec(37)
        .decode(bytes, start, start + 10)
        .trimEnd();
    if (from + 20 > bytes.length) throw badEntry('the receiver of an entry', at, 'ends behind the reply');
    if (!this.asked) return;
    const { name, library } = this.asked;
    if (text(from) !== name || text(from + 10) !== library)
      throw badEntry(
        'an entry',
        at,
        `receiver ${text(from + 10)}/${text(from)} where ${library}/${name} was asked for`,
      );
  }
}

/** Five EBCDIC digits. NaN, which no bound admits, for anything else. */
function dataLength(b: Buffer, at: number): number {
  let length = 0;
  for (let i = 0; i < DIGITS; i++) {
    const digit = (b[at + i] ?? 0) - 0xf0;
    if (digit < 0 || digit > 9) return Number.POSITIVE_INFINITY;
    length = length * 10 + digit;
  }
  return length;
}

class ApiEntry implements BlockEntry {
  readonly kind: string;
  readonly sequence: bigint;
  readonly ref: ObjectRef;
  readonly commitCycle: bigint;
  slot = -1;
  private knownDoer: Doer | null = null;
  /** Set when the data was read again in full. */
  private whole: Uint8Array | null = null;

  constructor(
    private readonly block: ApiBlock,
    /** Of its block, or its own. */
    private readonly from: Buffer,
    private readonly at: number,
  ) {
    const { headers } = block;
    this.kind = headers.kind(from, at + AT.kind);
    this.sequence = unsigned(from, at + AT.sequence);
    this.ref = headers.object(from, at + AT.object);
    this.commitCycle = unsigned(from, at + AT.cycle);
  }

  get receiver(): QualifiedName {
    return this.block.receiver;
  }
  get code(): string {
    return this.kind.charAt(0);
  }
  get type(): string {
    return this.kind.slice(1);
  }
  get object(): QualifiedName | null {
    return this.ref.file;
  }
  get member(): string {
    return this.ref.member;
  }
  get rrn(): bigint {
    return unsigned(this.from, this.at + AT.rrn);
  }
  get timestamp(): string {
    return this.block.headers.times.at(this.from, this.at + AT.time);
  }
  get flag(): string {
    return this.block.headers.flag(this.from[this.at + AT.flag]!);
  }
  get nulls(): Uint8Array | null {
    const bytes = this.from;
    const section = bytes.readUInt32BE(this.at + AT.nulls);
    if (section === 0) return null;
    const from = this.at + section + 4;
    return trimNulls(bytes, from, from + bytes.readUInt32BE(from - 4));
  }
  get cut(): boolean {
    return this.whole === null && (this.from[this.at + AT.bits]! & INCOMPLETE) !== 0;
  }
  get bytes(): Uint8Array {
    return this.whole ?? this.from;
  }
  get dataOffset(): number {
    return this.whole ? 0 : this.at + this.from.readUInt32BE(this.at + AT.data) + DATA_AT;
  }
  get dataLength(): number {
    if (this.whole) return this.whole.length;
    const section = this.from.readUInt32BE(this.at + AT.data);
    return section === 0 ? -1 : dataLength(this.from, this.at + section);
  }
  get data(): Uint8Array | null {
    const length = this.dataLength;
    return length < 0 ? null : this.bytes.subarray(this.dataOffset, this.dataOffset + length);
  }
  get user(): string {
    return this.doer.user;
  }
  get job(): string {
    return this.doer.job;
  }
  get program(): string {
    return this.doer.program;
  }
  get remoteAddress(): string {
    return this.doer.remoteAddress;
  }
  private get doer(): Doer {
    this.knownDoer ??= this.block.headers.doer(this.from, this.at);
    return this.knownDoer;
  }
  replaceData(data: Uint8Array): void {
    this.whole = data;
  }
  copy(): BlockEntry {
    return holdEntry(this);
  }
}

/** Numbers that fit a small integer cost no more than they must. */
function unsigned(b: Buffer, at: number): bigint {
  const high = b.readUInt32BE(at);
  const low = b.readUInt32BE(at + 4);
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

function badEntry(what: string, at: number, seen: string): CodedError {
  return new CodedError({
    code: 'ENTRY_FORMAT',
    message: `${what} of a reply of QjoRetrieveJournalEntries at ${at} is not laid out as RJNE0200: ${seen}`,
    next: 'set journal.reader: sql; run again with --trace-wire FILE and report the frames',
    facts: { at },
  });
}
