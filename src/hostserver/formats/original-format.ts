/** Original data format, before V4R4: replies 3805 and 3808, CP 3801 of 1E00 (docs/protocol.md#8.3). */
import type { ByteReader } from '../../bytes/reader';
import { bytes, type Codec, i16, struct, u8, u16, u32, type ValueOf } from '../../bytes/struct';
import type { ByteWriter } from '../../bytes/writer';

const HEAD = struct('original format', [
  ['consistencyToken', u32],
  ['fieldCount', u16],
  ['recordSize', u16],
]);

/** 54 bytes. */
const FIELD = struct('field', [
  ['blockLength', u16],
  ['type', i16],
  ['length', u16],
  ['scale', i16],
  ['precision', i16],
  ['ccsid', u16],
  ['parameterType', u8],
  ['reserved', bytes(7)],
  ['nameLength', u16],
  ['nameCcsid', u16],
  ['name', bytes(30)],
]);

type OriginalField = ValueOf<typeof FIELD>;
type OriginalFormat = Omit<ValueOf<typeof HEAD>, 'fieldCount'> & { readonly fields: readonly OriginalField[] };

export const originalFormat: Codec<OriginalFormat> = { shape: 'original format', read: readFormat, write: writeFormat };

function readFormat(reader: ByteReader): OriginalFormat {
  const { fieldCount, ...head } = HEAD.read(reader);
  const fields: OriginalField[] = [];
  for (let i = 0; i < fieldCount; i++) fields.push(FIELD.read(reader));
  return { ...head, fields };
}

function writeFormat(writer: ByteWriter, format: OriginalFormat): void {
  HEAD.write(writer, { ...format, fieldCount: format.fields.length });
  for (const field of format.fields) FIELD.write(writer, field);
}
