/**
 * Super-extended data format: CP 3812 describes columns, CP 3813 parameter markers (docs/protocol.md#8.1).
 *
 *     head 16 | 48 bytes per field | variable information: LL/CP with ccsid and characters
 *
 * A field's variable information is found by an offset counted from the start of that field's own block.
 */
import { ByteReader } from '../../bytes/reader';
import { bytes, type Codec, i16, struct, u8, u16, u32, type ValueOf } from '../../bytes/struct';
import { ByteWriter } from '../../bytes/writer';
import { readParameters, writeParameter } from '../message';
import { fixedString, textOf, type WireText, wireText } from '../wire-text';

const HEAD = struct('data format', [
  ['consistencyToken', u32],
  ['fieldCount', u32],
  ['dateFormat', u8],
  ['timeFormat', u8],
  ['dateSeparator', u8],
  ['timeSeparator', u8],
  ['recordSize', u32], // sum of the field lengths = stride of a row
]);
const HEAD_LENGTH = 16;

const FIELD = struct('field', [
  ['blockLength', u16], // 48
  ['type', i16], // odd = nullable
  ['length', u32], // bytes in the row, length prefix included
  ['scale', i16],
  ['precision', i16],
  ['ccsid', u16],
  ['parameterType', u8], // F0 in, F1 out, F2 in/out
  ['joinReference', u16],
  ['lobLocator', u32],
  ['flags', u8], // 40 array, 08 XML double byte
  ['arrayCardinality', u32],
  ['lobMaxSize', u32],
  ['reserved', u16],
  ['variableOffset', u32], // from the start of this block
  ['variableLength', u32],
  ['reserved2', bytes(8)],
]);
const FIELD_LENGTH = 48;
const NO_BYTES = Buffer.alloc(8);

/** Kinds of variable information. */
export const VARIABLE = { fieldName: 0x3840, typeName: 0x3841 } as const;

interface VariableInformation {
  readonly cp: number;
  readonly text: WireText;
}

type FieldBlock = Omit<ValueOf<typeof FIELD>, 'variableOffset' | 'variableLength'>;
export type FormatField = FieldBlock & {
  /** The field name comes first. A parameter without a name has an empty one. */
  readonly variable: readonly VariableInformation[];
};
export type DataFormat = Omit<ValueOf<typeof HEAD>, 'fieldCount'> & { readonly fields: readonly FormatField[] };

export const PARAMETER_TYPE = { in: 0xf0, out: 0xf1, inOut: 0xf2 } as const;

export const dataFormat: Codec<DataFormat> = { shape: 'data format', read: readFormat, write: writeFormat };

function readFormat(reader: ByteReader): DataFormat {
  const { fieldCount, ...head } = HEAD.read(reader);
  const fields: FormatField[] = [];
  for (let i = 0; i < fieldCount; i++) {
    const block = reader.position;
    const { variableOffset, variableLength, ...field } = FIELD.read(reader);
    fields.push({ ...field, variable: readVariable(reader, block, variableOffset, variableLength) });
  }
  return { ...head, fields };
}

function readVariable(reader: ByteReader, block: number, offset: number, length: number): VariableInformation[] {
  if (length === 0) return [];
  const scan = new ByteReader(reader.bytes, `${reader.what}.variable information`, block, reader.end);
  scan.take(offset);
  return [...readParameters(scan.part(length, 'entries'))].map(({ cp, data }) => ({
    cp,
    text: fixedString.read(data),
  }));
}

function writeFormat(writer: ByteWriter, format: DataFormat): void {
  HEAD.write(writer, { ...format, fieldCount: format.fields.length });
  const variable = new ByteWriter();
  const variableStart = HEAD_LENGTH + format.fields.length * FIELD_LENGTH;
  format.fields.forEach((field, i) => {
    const from = variable.length;
    for (const { cp, text } of field.variable) writeParameter(variable, cp, (w) => fixedString.write(w, text));
    const variableOffset = variableStart + from - (HEAD_LENGTH + i * FIELD_LENGTH);
    FIELD.write(writer, { ...field, variableOffset, variableLength: variable.length - from });
  });
  writer.raw(variable.bytes());
}

/** A format of these fields; the record size follows from them. Date and time codes as in the server attributes. */
export function formatOf(
  fields: readonly FormatField[],
  options: Partial<Omit<DataFormat, 'fields' | 'recordSize'>> = {},
): DataFormat {
  return {
    consistencyToken: options.consistencyToken ?? 1,
    dateFormat: options.dateFormat ?? 5,
    timeFormat: options.timeFormat ?? 2,
    dateSeparator: options.dateSeparator ?? 1,
    timeSeparator: options.timeSeparator ?? 1,
    recordSize: fields.reduce((sum, field) => sum + field.length, 0),
    fields,
  };
}

/** A field block with everything that is usually 0 filled in. */
export function formatField(
  field: Partial<FormatField> &
    Pick<FormatField, 'type' | 'length'> & { readonly name?: string; readonly nameCcsid?: number },
): FormatField {
  const { name, nameCcsid, ...given } = field;
  return {
    blockLength: FIELD_LENGTH,
    scale: 0,
    precision: 0,
    ccsid: 0,
    parameterType: 0,
    joinReference: 0,
    lobLocator: 0,
    flags: 0,
    arrayCardinality: 0,
    lobMaxSize: 0,
    reserved: 0,
    reserved2: NO_BYTES,
    variable: [{ cp: VARIABLE.fieldName, text: wireText(name ?? '', nameCcsid ?? 37) }],
    ...given,
  };
}

/** The field's name; empty when it has none. */
export function fieldName(field: FormatField, jobCcsid: number): string {
  const entry = field.variable.find((v) => v.cp === VARIABLE.fieldName);
  return entry ? textOf(entry.text, jobCcsid) : '';
}
