/** A data format turned into places: where each field lies in a row and what its bytes mean. Computed once per format. */
import { CodedError } from '../../errors/coded-error';
import type { DateFormat, SqlTypeName, TimeFormat } from '../../model/record-format';
import { effectiveCcsid } from '../wire-text';
import { isNullable, type WireShape, wireTypeOf } from './sql-types';

/** The part of a field block that 3812, 3813, 380C, 380D and 381E have in common. */
export interface WireField {
  readonly type: number;
  readonly length: number;
  readonly scale: number;
  readonly precision: number;
  readonly ccsid: number;
  readonly lobLocator?: number;
  readonly lobMaxSize?: number;
  readonly parameterType?: number;
}

export interface FieldLayout {
  readonly code: number;
  readonly type: SqlTypeName;
  readonly shape: WireShape;
  readonly nullable: boolean;
  /** Offset in a fixed-stride row. */
  readonly offset: number;
  /** Bytes in a fixed-stride row, length prefix included. */
  readonly length: number;
  /** Bytes of the length prefix. */
  readonly prefix: 0 | 2 | 4;
  /** Largest value in bytes, without prefix. */
  readonly capacity: number;
  readonly precision: number;
  readonly scale: number;
  /** Of the text; null where the value is not text. */
  readonly ccsid: number | null;
  /** Bytes per unit of the length prefix. */
  readonly unit: 1 | 2;
  readonly lobMaxSize: number;
}

export interface RowLayout {
  readonly fields: readonly FieldLayout[];
  /** Stride of a row. */
  readonly rowSize: number;
  readonly text: TextOptions;
}

/** How the job writes dates and times, and the CCSID of text that claims none. */
export interface TextOptions {
  readonly jobCcsid: number;
  readonly dateFormat: DateFormat;
  readonly timeFormat: TimeFormat;
}

export const ISO_TEXT: TextOptions = { jobCcsid: 37, dateFormat: 'ISO', timeFormat: 'ISO' };

const BINARY_CCSID = 65535;
const PREFIX: Record<WireShape, 0 | 2 | 4> = {
  fixed: 0,
  varying: 2,
  varyingGraphic: 2,
  lob: 4,
  lobGraphic: 4,
  locator: 0,
};
const TEXT_TYPES: readonly SqlTypeName[] = [
  'CHAR',
  'VARCHAR',
  'GRAPHIC',
  'VARGRAPHIC',
  'CLOB',
  'DBCLOB',
  'DATALINK',
  'XML',
];
const CHARACTER_DATES: readonly SqlTypeName[] = ['DATE', 'TIME', 'TIMESTAMP'];

/** @throws CodedError TYPE_UNKNOWN, FIELD_LENGTH: a format this client cannot read */
export function rowLayout(fields: readonly WireField[], text: TextOptions = ISO_TEXT): RowLayout {
  let offset = 0;
  const laidOut = fields.map((field, index) => {
    const layout = fieldLayout(field, index, offset, text.jobCcsid);
    offset += field.length;
    return layout;
  });
  return { fields: laidOut, rowSize: offset, text };
}

function fieldLayout(field: WireField, index: number, offset: number, jobCcsid: number): FieldLayout {
  const wire = wireTypeOf(field.type);
  if (!wire) throw unknownType(field, index);
  const prefix = PREFIX[wire.shape];
  const type = field.type >> 1 === 240 && field.length === 4 ? 'REAL' : wire.name;
  const layout: FieldLayout = {
    code: wire.code,
    type,
    shape: wire.shape,
    nullable: isNullable(field.type),
    offset,
    length: field.length,
    prefix,
    capacity: field.length - prefix,
    precision: field.precision,
    scale: field.scale,
    ccsid: textCcsid(type, field.ccsid, jobCcsid),
    unit: wire.shape === 'varyingGraphic' || wire.shape === 'lobGraphic' ? 2 : 1,
    lobMaxSize: field.lobMaxSize ?? 0,
  };
  if (field.length < smallest(layout)) throw badLength(layout, index);
  return layout;
}

function textCcsid(type: SqlTypeName, ccsid: number, jobCcsid: number): number | null {
  if (CHARACTER_DATES.includes(type)) return effectiveCcsid(ccsid, jobCcsid);
  if (!TEXT_TYPES.includes(type) || ccsid === BINARY_CCSID) return null;
  return effectiveCcsid(ccsid, jobCcsid);
}

/** Bytes below which a field cannot hold its type; keeps every decoder inside its row. */
function smallest(layout: FieldLayout): number {
  switch (layout.type) {
    case 'DECIMAL':
      return (layout.precision >> 1) + 1;
    case 'NUMERIC':
      return Math.max(1, layout.precision);
    case 'BIGINT':
    case 'DOUBLE':
    case 'DECFLOAT':
      return 8;
    case 'INTEGER':
    case 'REAL':
      return 4;
    case 'SMALLINT':
      return 2;
    case 'BOOLEAN':
      return 1;
    case 'DATE':
      return 6;
    case 'TIME':
      return 8;
    case 'TIMESTAMP':
      return 19;
    default:
      return layout.shape === 'locator' ? 4 : layout.prefix;
  }
}

function unknownType(field: WireField, index: number): CodedError {
  return new CodedError({
    code: 'TYPE_UNKNOWN',
    message: `column ${index + 1} of the result has SQL type ${field.type}, which this client does not know`,
    next: 'CAST the column to a type listed in docs, for example CAST(COL AS VARCHAR(100))',
    facts: { column: index + 1, type: field.type, length: field.length },
  });
}

function badLength(layout: FieldLayout, index: number): CodedError {
  return new CodedError({
    code: 'FIELD_LENGTH',
    message: `column ${index + 1} of the result is ${layout.type} with ${layout.length} bytes; ${smallest(layout)} are the least`,
    next: 'the format contradicts itself; run again with --trace-wire FILE and report the frame',
    facts: { column: index + 1, type: layout.type, length: layout.length, precision: layout.precision },
  });
}
