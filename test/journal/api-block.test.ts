/** Replies of the retrieve API written here by hand, field by field, from the reference's table of RJNE0200. */
import { ApiBlock, ApiHeaders, type ApiReply, readHead } from '../../src/journal/entry/api-block';
import { ObjectNames } from '../../src/journal/entry/block-entry';
import { captured, LIB } from './world';

const RECEIVER = { library: LIB, name: 'RCV0001' };
/** Letters, digits and a few signs: enough for names. */
function ebcdic(text: string, length = text.length): Buffer {
  return Buffer.from(Array.from(text.padEnd(length), (c) => CODES.get(c)!));
}
const CODES = new Map<string, number>([
  ...Array.from('ABCDEFGHI', (c, i): [string, number] => [c, 0xc1 + i]),
  ...Array.from('JKLMNOPQR', (c, i): [string, number] => [c, 0xd1 + i]),
  ...Array.from('STUVWXYZ', (c, i): [string, number] => [c, 0xe2 + i]),
  ...Array.from('0123456789', (c, i): [string, number] => [c, 0xf0 + i]),
  [' ', 0x40],
  ['.', 0x4b],
  ['*', 0x5c],
]);

interface Spec {
  readonly sequence?: bigint;
  readonly data?: Buffer | null;
  readonly nulls?: string;
  readonly receiver?: string;
  readonly bits?: number;
  readonly handle?: number;
  readonly address?: { readonly family: string; readonly bytes: Buffer };
  readonly dts?: bigint;
}

function entry(spec: Spec): Buffer {
  const head = Buffer.alloc(224);
  const sections: Buffer[] = [head];
  const put = (at: number, section: Buffer): void => {
    head.writeUInt32BE(
      sections.reduce((n, s) => n + s.length, 0),
      at,
    );
    sections.push(Buffer.concat([section, Buffer.alloc((16 - (section.length % 16)) % 16)]));
  };
  if (spec.nulls !== undefined) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(spec.nulls.length);
    put(4, Buffer.concat([count, ebcdic(spec.nulls)]));
  }
  if (spec.data !== null) {
    const data = spec.data ?? Buffer.from('c1c2', 'hex');
    put(8, Buffer.concat([ebcdic(String(data.length).padStart(5, '0')), Buffer.alloc(11), data]));
  }
  if (spec.receiver !== undefined)
    put(20, Buffer.concat([ebcdic(spec.receiver, 10), ebcdic(LIB, 10), Buffer.alloc(12)]));
  head.writeBigUInt64BE(spec.sequence ?? 7n, 24);
  head.writeBigUInt64BE(spec.dts ?? 0x8000000000000000n, 32);
  head.writeBigUInt64BE(42n, 56);
  head.writeBigUInt64BE(5n, 64);
  head.writeUInt32BE(spec.handle ?? 0, 72);
  (spec.address?.bytes ?? Buffer.alloc(0)).copy(head, 82);
  ebcdic('RPT').copy(head, 98);
  ebcdic('ORDENTRY', 10).copy(head, 101);
  ebcdic('ANNA', 10).copy(head, 111);
  ebcdic('123456').copy(head, 121);
  ebcdic('ORD100', 10).copy(head, 127);
  ebcdic('ORDPGM', 10).copy(head, 137);
  ebcdic('STOCK', 10).copy(head, 157);
  ebcdic(LIB, 10).copy(head, 167);
  ebcdic('STOCK', 10).copy(head, 177);
  ebcdic('BERTA', 10).copy(head, 187);
  ebcdic(spec.address?.family ?? '0').copy(head, 207);
  ebcdic('0').copy(head, 216);
  head[218] = spec.bits ?? 0;
  return Buffer.concat(sections);
}

function reply(entries: readonly Buffer[], more?: { readonly sequence: bigint; readonly first?: number }): Buffer {
  for (const [i, e] of entries.entries()) e.writeUInt32BE(i < entries.length - 1 ? e.length : 0, 0);
  const head = Buffer.alloc(64);
  const length = entries.reduce((n, e) => n + e.length, 64);
  head.writeUInt32BE(length, 0);
  head.writeUInt32BE(entries.length === 0 ? 0 : 64, 4);
  head.writeUInt32BE(entries.length, 8);
  ebcdic(more ? '1' : '0').copy(head, 12);
  if (more) ebcdic(String(more.sequence).padStart(20, '0')).copy(head, 33);
  return Buffer.concat([head, ...entries]);
}

const headers = new ApiHeaders(new ObjectNames([captured('STOCK')]));
const all = (bytes: Buffer): ApiReply => ({ bytes, length: bytes.length });
const block = (bytes: Buffer, length = bytes.length): ApiBlock =>
  new ApiBlock(RECEIVER, headers, { bytes, length }, readHead({ bytes, length }));

test('every field of the header, null indicators, data', () => {
  const only = block(
    reply([
      entry({ receiver: 'RCV0001', sequence: 18446744073709551600n, nulls: '019', data: Buffer.from('00ff', 'hex') }),
    ]),
  ).entry(0);
  expect(only).toMatchObject({
    receiver: RECEIVER,
    sequence: 18446744073709551600n,
    timestamp: '2000-01-01T00:00:00.000000',
    kind: 'RPT',
    code: 'R',
    type: 'PT',
    object: { library: LIB, name: 'STOCK' },
    member: 'STOCK',
    rrn: 42n,
    commitCycle: 5n,
    flag: '0',
    user: 'BERTA',
    job: '123456/ANNA/ORDENTRY',
    program: 'ORD100',
    remoteAddress: '',
    cut: false,
  });
  expect(only.ref.table?.file.name).toBe('STOCK');
  expect(Buffer.from(only.nulls!).toString()).toBe('019');
  expect(Buffer.from(only.data!).toString('hex')).toBe('00ff');
  expect(only.copy()).toMatchObject({ sequence: only.sequence, job: only.job, timestamp: only.timestamp });
});

test('entries without data or indicators have none', () => {
  const only = block(reply([entry({ receiver: 'RCV0001', data: null })])).entry(0);
  expect([only.data, only.nulls, only.dataLength]).toEqual([null, null, -1]);
});

test.each([
  // the lower twelve bits only tell entries of one microsecond apart
  [0x8000000000000fffn, '2000-01-01T00:00:00.000000'],
  [0x8000000000001000n, '2000-01-01T00:00:00.000001'],
  [0x7ffffffffffff000n, '1999-12-31T23:59:59.999999'],
  [0x0000000000000000n, '1928-08-23T12:03:06.314752'],
  [0x8000000000000000n + ((847_454_400_123_456n * 4096n) & 0xffffffffffffffffn), '2026-11-08T12:00:00.123456'],
])('*DTS %d is %s', (dts, expected) => {
  expect(block(reply([entry({ receiver: 'RCV0001', dts })])).entry(0).timestamp).toBe(expected);
});

test.each([
  ['4', ebcdic('10.1.1.7', 16), '10.1.1.7'],
  ['4', Buffer.from('0a010107', 'hex'), '10.1.1.7'],
  ['6', Buffer.from('20010db8000000000000000000000001', 'hex'), '2001:db8::1'],
  ['0', Buffer.alloc(16), ''],
])('an address of family %s', (family, bytes, expected) => {
  const only = block(reply([entry({ receiver: 'RCV0001', address: { family, bytes } })])).entry(0);
  expect(only.remoteAddress).toBe(expected);
});

test('several entries; pointer handles and cut data are seen', () => {
  const many = block(
    reply([
      entry({ receiver: 'RCV0001', sequence: 1n }),
      entry({ sequence: 2n, bits: 0x20, handle: 9 }),
      entry({ sequence: 4n, bits: 0x48, data: Buffer.alloc(40_000, 0xc1) }),
    ]),
  );
  expect([0, 1, 2].map((row) => [many.entry(row).sequence, many.entry(row).cut, many.entry(row).dataLength])).toEqual([
    [1n, false, 2],
    [2n, true, 2],
    [4n, false, 40_000],
  ]);
  expect(many.handles).toEqual([9]);
  const second = many.entry(1);
  second.replaceData(Buffer.from('c1c2c3', 'hex'));
  expect([second.cut, second.dataLength]).toEqual([false, 3]);
});

test('zeros at the end of the last entry that did not travel, and entries before it stay where they lie', () => {
  const data = Buffer.from('c1c200000000', 'hex');
  const whole = reply([entry({ receiver: 'RCV0001', sequence: 1n }), entry({ sequence: 2n, data })]);
  const withoutZeros = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
  const cut = withoutZeros(whole);
  expect(whole.length - cut.length).toBeGreaterThan(4);
  const read = block(cut, whole.length);
  expect(Buffer.from(read.entry(1).data!)).toEqual(data);
  expect([read.entry(1).sequence, read.entry(1).timestamp]).toEqual([2n, '2000-01-01T00:00:00.000000']);
  expect(read.entry(0).bytes).toBe(cut);
  // an entry without data ends in the zeros of its header
  const bare = reply([entry({ receiver: 'RCV0001', data: null }), entry({ sequence: 3n, data: null })]);
  expect(block(withoutZeros(bare), bare.length).entry(1)).toMatchObject({ sequence: 3n, dataLength: -1, cut: false });
  const none = reply([entry({ receiver: 'RCV0001' }), Buffer.alloc(240)]);
  expect(() => block(withoutZeros(none), none.length)).toThrow(expect.objectContaining({ code: 'ENTRY_FORMAT' }));
});

test('where to go on, and an entry that finds no room', () => {
  expect(readHead(all(reply([entry({ receiver: 'RCV0001' })], { sequence: 8n })))).toMatchObject({
    count: 1,
    next: 8n,
  });
  expect(readHead(all(reply([], { sequence: 8n })))).toMatchObject({ count: 0, next: 8n });
  expect(readHead(all(reply([entry({ receiver: 'RCV0001' })])))).toMatchObject({ next: null });
});

test.each<[string, (bytes: Buffer) => void]>([
  ['the receiver is another', (b) => void ebcdic('RCV0002', 10).copy(b, 64 + b.readUInt32BE(64 + 20))],
  ['the data lie behind the end', (b) => void b.writeUInt32BE(4000, 64 + 8)],
  [
    'the length of the data is none',
    (b) => void b.fill(0, 64 + b.readUInt32BE(64 + 8), 64 + b.readUInt32BE(64 + 8) + 5),
  ],
  ['the indicators lie behind the end', (b) => void b.writeUInt32BE(4000, 64 + 4)],
  ['the next entry begins inside this one', (b) => void b.writeUInt32BE(10, 64)],
  ['more entries are announced than there are', (b) => void b.writeUInt32BE(3, 8)],
])('%s: refused, never read askew', (_what, spoil) => {
  const bytes = reply([entry({ receiver: 'RCV0001', nulls: '00' }), entry({ sequence: 8n })]);
  spoil(bytes);
  expect(() => block(bytes)).toThrow(expect.objectContaining({ code: 'ENTRY_FORMAT', family: 'protocol' }));
});

test.each([0, 12, 40])('a reply of %d bytes that announces more is refused', (length) => {
  const bytes = reply([entry({ receiver: 'RCV0001' })], { sequence: 8n }).subarray(0, length);
  expect(() => readHead(all(bytes))).toThrow(expect.objectContaining({ code: 'ENTRY_FORMAT' }));
});
