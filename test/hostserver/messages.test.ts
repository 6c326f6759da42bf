/** What a reader of the tables may rely on when the sender is not JTOpen: order, unknown parts, empty parts, offsets. */

import { ByteReader } from '../../src/bytes/reader';
import { ByteWriter } from '../../src/bytes/writer';
import { dbReplyTemplate } from '../../src/hostserver/db-frame';
import { columnBase, columnDescriptors } from '../../src/hostserver/formats/column-descriptors';
import { dataFormat, fieldName, formatField, formatOf } from '../../src/hostserver/formats/data-format';
import { packTokens, readTokens } from '../../src/hostserver/formats/sqlca';
import { frameHeader } from '../../src/hostserver/frame';
import { readParameters, writeParameter } from '../../src/hostserver/message';
import { dbReply } from '../../src/hostserver/messages/database/db-reply';
import { versionNumber, versionText } from '../../src/hostserver/messages/exchange-attributes';
import { decodePortReply, encodePortReply } from '../../src/hostserver/messages/port-mapper';
import { wireText } from '../../src/hostserver/wire-text';
import { loadTrace } from './support/traces';

function described(): Buffer {
  return loadTrace('09').frames.filter((f) => f.from === 'server' && f.service === 'database')[3]!.bytes;
}

test('parts in reverse order and an unknown one in front are the same message', () => {
  const frame = described();
  const whole = dbReply.decode(frame);
  const parts = [...readParameters(new ByteReader(frame, 'reply', 40))].map(({ cp, data }) => ({
    cp,
    data: data.rest(),
  }));
  const writer = new ByteWriter();
  writer.raw(frame.subarray(0, 40));
  writeParameter(writer, 0x3fff, (w) => w.raw(Buffer.from('new')));
  for (const { cp, data } of parts.reverse()) writeParameter(writer, cp, (w) => w.raw(data));
  const turned = dbReply.decode(writer.setU32(0, writer.length).bytes());
  expect(turned.parameters).toEqual(whole.parameters);
  expect(turned.unknown).toEqual([{ cp: 0x3fff, data: Buffer.from('new') }]);
});

test('a present but empty part is null, an absent one undefined', () => {
  const template = { ors: 0, flags: 0, returnOrs: 0, function: 0, dataFunction: 0, returnClass: 0, returnCode: 0 };
  const frame = dbReply.encode({ serverId: 0xe004 }, template, { sqlca: null });
  expect(frame.toString('hex', 40)).toBe('000000063807');
  const { parameters } = dbReply.decode(frame);
  expect(parameters.sqlca).toBeNull();
  expect(parameters.dataFormat).toBeUndefined();
});

test('names are found wherever their offsets point', () => {
  const bytes = formatBytes(['FIRST', 'SECOND']);
  // Swap the two names behind the blocks and turn the offsets around.
  const first = bytes.subarray(16 + 96, 16 + 96 + 8 + 5);
  const second = bytes.subarray(16 + 96 + 13);
  const turned = Buffer.concat([bytes.subarray(0, 112), second, first]);
  turned.writeUInt32BE(96 + second.length, 16 + 32);
  turned.writeUInt32BE(48, 64 + 32);
  const format = dataFormat.read(new ByteReader(turned, 'format'));
  expect(format.fields.map((field) => fieldName(field, 37))).toEqual(['FIRST', 'SECOND']);
});

function formatBytes(names: readonly string[]): Buffer {
  const writer = new ByteWriter();
  dataFormat.write(writer, formatOf(names.map((name) => formatField({ type: 496, length: 4, name }))));
  return Buffer.from(writer.bytes());
}

test('an offset beyond the part is a coded error that names the place', () => {
  const bytes = formatBytes(['A']);
  bytes.writeUInt32BE(5000, 16 + 32);
  expect(() => dataFormat.read(new ByteReader(bytes, 'format'))).toThrow(
    expect.objectContaining({
      code: 'BYTES_SHORT',
      message: expect.stringContaining('format.variable information at 0x10'),
    }),
  );
});

test('column descriptors: offsets count from the LL, a label has its ccsid', () => {
  const label = Buffer.concat([Buffer.from([0x01, 0x11]), wireText('Größe', 273).bytes]);
  const value = {
    reserved: Buffer.alloc(6),
    columns: [
      {
        updatable: 0xf1,
        searchable: 0xf1,
        attributes: 0,
        reserved: 0,
        information: [
          { cp: 0x3902, bytes: label },
          { cp: 0x3901, bytes: wireText('ITMMAS').bytes },
        ],
      },
      { updatable: 0xf0, searchable: 0xf0, attributes: 0x0400, reserved: 0, information: [] },
    ],
  };
  const writer = new ByteWriter();
  columnDescriptors.write(writer, value);
  const bytes = writer.bytes();
  // First information right behind head and columns, counted with the 6 bytes of LL and CP.
  expect(bytes.readUInt32BE(10 + 4)).toBe(6 + 10 + 32);
  const back = columnDescriptors.read(new ByteReader(bytes, 'columns'));
  expect(columnBase(back.columns[0]!, 37)).toEqual({ library: null, table: 'ITMMAS', column: null, label: 'Größe' });
  expect(columnBase(back.columns[1]!, 37)).toEqual({ library: null, table: null, column: null, label: null });
});

test('SQLCA tokens: whole ones as far as they fit', () => {
  const tokens = ['NOPE', 'ORDLIB', '*FILE'].map((t) => wireText(t).bytes);
  const packed = packTokens(tokens);
  expect(packed.tokens).toHaveLength(70);
  const area = {
    ...packed,
    eyecatcher: Buffer.alloc(8),
    byteCount: 136,
    sqlCode: -204,
    product: Buffer.alloc(8),
    errd: { d1: 0, d2: 0, d3: 0, d4: 0, d5: 0, d6: 0 },
    warnings: Buffer.alloc(11),
    sqlState: Buffer.alloc(5),
    extra: undefined,
  };
  expect(readTokens(area)).toEqual(tokens);
  expect(packTokens([Buffer.alloc(69)]).tokenLength).toBe(0);
  expect(readTokens({ ...area, tokenLength: 3 })).toEqual([]);
});

test('a header is 20 bytes, a database template 20 more', () => {
  expect(
    frameHeader.encode({
      length: 0,
      headerId: 0,
      serverId: 0xe004,
      instance: 0,
      correlation: 0,
      templateLength: 20,
      id: 0x2800,
    }),
  ).toHaveLength(20);
  expect(
    dbReplyTemplate.encode({
      ors: 0,
      flags: 0,
      returnOrs: 0,
      function: 0,
      dataFunction: 0,
      returnClass: 0,
      returnCode: -204,
    }),
  ).toHaveLength(20);
});

test.each([
  [0x00070400, 'V7R4M0'],
  [0x00070501, 'V7R5M1'],
])('version %i is %s', (number, text) => {
  expect(versionText(number)).toBe(text);
  expect(versionNumber(text)).toBe(number);
});

test('port mapper replies', () => {
  expect(encodePortReply(8476).toString('hex')).toBe('2b0000211c');
  expect(decodePortReply(encodePortReply(8476))).toBe(8476);
  expect(decodePortReply(encodePortReply(null))).toBeNull();
  expect(decodePortReply(Buffer.from('ff00002000', 'hex'))).toBeNull();
});
