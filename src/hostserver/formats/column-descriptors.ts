/** Extended column descriptors, CP 3811 of a reply: base table, label, key and identity marks (docs/protocol.md#8.4). */
import { ByteReader } from '../../bytes/reader';
import { bytes, type Codec, struct, u8, u16, u32, type ValueOf } from '../../bytes/struct';
import { ByteWriter } from '../../bytes/writer';
import { readParameters, writeParameter } from '../message';
import { textOf, type WireText } from '../wire-text';

const HEAD = struct('column descriptors', [
  ['count', u32],
  ['reserved', bytes(6)],
]);
const COLUMN = struct('column', [
  ['updatable', u8], // EBCDIC digit
  ['searchable', u8],
  ['attributes', u16], // COLUMN_ATTRIBUTE
  ['offset', u32], // counted from the parameter's LL
  ['length', u32],
  ['reserved', u32],
]);
/** LL and CP in front of the data, which the offsets count too. */
const LL_CP = 6;
const HEAD_LENGTH = 10;
const COLUMN_LENGTH = 16;

/** Variable information; a label alone begins with its ccsid. */
export const COLUMN_INFORMATION = { baseColumn: 0x3900, baseTable: 0x3901, label: 0x3902, schema: 0x3904 } as const;

interface ColumnInformation {
  readonly cp: number;
  readonly bytes: Buffer;
}
type ColumnDescriptorBlock = Omit<ValueOf<typeof COLUMN>, 'offset' | 'length'> & {
  readonly information: readonly ColumnInformation[];
};
export interface ColumnDescriptors {
  readonly reserved: Buffer;
  readonly columns: readonly ColumnDescriptorBlock[];
}

export const columnDescriptors: Codec<ColumnDescriptors> = { shape: 'column descriptors', read, write };

function read(reader: ByteReader): ColumnDescriptors {
  const start = reader.position;
  const { count, reserved } = HEAD.read(reader);
  const columns: ColumnDescriptorBlock[] = [];
  for (let i = 0; i < count; i++) {
    const { offset, length, ...column } = COLUMN.read(reader);
    columns.push({ ...column, information: readInformation(reader, start, offset, length) });
  }
  return { reserved, columns };
}

function readInformation(reader: ByteReader, start: number, offset: number, length: number): ColumnInformation[] {
  if (length === 0 || offset < LL_CP) return [];
  const scan = new ByteReader(reader.bytes, `${reader.what}.information`, start, reader.end);
  scan.take(offset - LL_CP);
  return [...readParameters(scan.part(length, 'entries'))].map(({ cp, data }) => ({ cp, bytes: data.rest() }));
}

function write(writer: ByteWriter, value: ColumnDescriptors): void {
  HEAD.write(writer, { count: value.columns.length, reserved: value.reserved });
  const information = new ByteWriter();
  const informationStart = LL_CP + HEAD_LENGTH + value.columns.length * COLUMN_LENGTH;
  for (const column of value.columns) {
    const from = information.length;
    for (const { cp, bytes: data } of column.information) writeParameter(information, cp, (w) => w.raw(data));
    COLUMN.write(writer, { ...column, offset: informationStart + from, length: information.length - from });
  }
  writer.raw(information.bytes());
}

/** The label's text with its ccsid. */
function labelOf(information: ColumnInformation): WireText {
  return { ccsid: information.bytes.readUInt16BE(0), bytes: information.bytes.subarray(2) };
}

/** Where a result column comes from; null for what the server did not say, as of an expression. */
export interface ColumnBase {
  readonly library: string | null;
  readonly table: string | null;
  readonly column: string | null;
  readonly label: string | null;
}

export function columnBase(column: ColumnDescriptorBlock, jobCcsid: number): ColumnBase {
  const find = (cp: number): ColumnInformation | undefined => column.information.find((part) => part.cp === cp);
  const name = (cp: number): string | null => {
    const part = find(cp);
    return part ? textOf({ ccsid: jobCcsid, bytes: part.bytes }).trim() : null;
  };
  const label = find(COLUMN_INFORMATION.label);
  return {
    library: name(COLUMN_INFORMATION.schema),
    table: name(COLUMN_INFORMATION.baseTable),
    column: name(COLUMN_INFORMATION.baseColumn),
    label: label && label.bytes.length >= 2 ? textOf(labelOf(label), jobCcsid).trim() : null,
  };
}
