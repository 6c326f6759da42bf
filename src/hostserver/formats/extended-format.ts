/** Extended data format: replies 380C and 380D, request parameter 381E (docs/protocol.md#8.2). Names are at most 30 bytes, in place. */
import type { ByteReader } from '../../bytes/reader';
import { bytes, type Codec, i16, struct, u8, u16, u32, type ValueOf } from '../../bytes/struct';
import type { ByteWriter } from '../../bytes/writer';

const HEAD = struct('extended format', [
  ['consistencyToken', u32],
  ['fieldCount', u32],
  ['reserved', u32],
  ['recordSize', u32],
]);

/** 64 bytes. In 381E everything but length, type, scale, precision and ccsid may be leftovers of earlier frames. */
const FIELD = struct('field', [
  ['blockLength', u16], // 64
  ['type', i16],
  ['length', u32],
  ['scale', i16],
  ['precision', i16],
  ['ccsid', u16],
  ['parameterType', u8],
  ['reserved1', u16],
  ['lobLocator', u32],
  ['reserved2', bytes(5)],
  ['lobMaxSize', u32],
  ['nameLength', u16],
  ['nameCcsid', u16],
  ['name', bytes(30)],
]);
const NO_RESERVED = Buffer.alloc(5);
const NO_NAME = Buffer.alloc(30);

type ExtendedField = ValueOf<typeof FIELD>;
export type ExtendedFormat = Omit<ValueOf<typeof HEAD>, 'fieldCount'> & { readonly fields: readonly ExtendedField[] };

export const extendedFormat: Codec<ExtendedFormat> = { shape: 'extended format', read: readFormat, write: writeFormat };

function readFormat(reader: ByteReader): ExtendedFormat {
  const { fieldCount, ...head } = HEAD.read(reader);
  const fields: ExtendedField[] = [];
  for (let i = 0; i < fieldCount; i++) fields.push(FIELD.read(reader));
  return { ...head, fields };
}

function writeFormat(writer: ByteWriter, format: ExtendedFormat): void {
  HEAD.write(writer, { ...format, fieldCount: format.fields.length });
  for (const field of format.fields) FIELD.write(writer, field);
}

/** A field with everything that is usually 0 filled in. */
export function extendedField(field: Partial<ExtendedField> & Pick<ExtendedField, 'type' | 'length'>): ExtendedField {
  return {
    blockLength: 64,
    scale: 0,
    precision: 0,
    ccsid: 0,
    parameterType: 0,
    reserved1: 0,
    lobLocator: 0,
    reserved2: NO_RESERVED,
    lobMaxSize: 0,
    nameLength: 0,
    nameCcsid: 0,
    name: NO_NAME,
    ...field,
  };
}

export function extendedFormatOf(fields: readonly ExtendedField[]): ExtendedFormat {
  return { consistencyToken: 1, reserved: 0, recordSize: fields.reduce((sum, f) => sum + f.length, 0), fields };
}
