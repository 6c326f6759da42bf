/** Parameter markers of one statement: their layout, the descriptor the server gets, and the data of one execution. */
import type { DataFormat } from '../formats/data-format';
import { PARAMETER_TYPE } from '../formats/data-format';
import { type ExtendedFormat, extendedField, extendedFormatOf } from '../formats/extended-format';
import type { ExtendedData } from '../formats/result-data';
import type { EncodableValue } from '../rows/encode';
import { type RowEncoder, rowEncoder } from '../rows/encode';
import { type FieldLayout, rowLayout, type TextOptions, type WireField } from '../rows/layout';

export interface Markers {
  readonly count: number;
  readonly fields: readonly FieldLayout[];
  /** True when a CALL may write to a marker. */
  readonly hasOutput: boolean;
  /** LOB markers that take a locator: their index and the handle the server set aside. */
  readonly locators: readonly { readonly index: number; readonly handle: number }[];
  readonly format: ExtendedFormat;
  /** Values in the order of the markers; null for output-only ones. */
  encode(values: readonly EncodableValue[]): ExtendedData;
}

export function markersOf(format: DataFormat | null | undefined, text: TextOptions): Markers | null {
  if (!format || format.fields.length === 0) return null;
  // Every marker may be null: the descriptor allows it, whatever the server described.
  const wire = format.fields.map((field) => ({ ...field, type: field.type | 1 }));
  const layout = rowLayout(wire, text);
  const encoder: RowEncoder = rowEncoder(layout);
  return {
    count: wire.length,
    fields: layout.fields,
    hasOutput: wire.some(
      (field) => field.parameterType === PARAMETER_TYPE.out || field.parameterType === PARAMETER_TYPE.inOut,
    ),
    locators: wire.flatMap((field, index) =>
      layout.fields[index]!.shape === 'locator' ? [{ index, handle: field.lobLocator }] : [],
    ),
    format: extendedFormatOf(wire.map((field, i) => descriptorField(field, layout.fields[i]!))),
    encode: (values) => encoder.encode([values]),
  };
}

function descriptorField(field: WireField, layout: FieldLayout): ReturnType<typeof extendedField> {
  return extendedField({
    type: field.type,
    length: field.length,
    scale: layout.type === 'TIMESTAMP' ? Math.max(0, field.length - 20) : field.scale,
    precision: descriptorPrecision(field, layout),
    ccsid: field.ccsid,
  });
}

/** Precision the way JTOpen derives it: digits of numbers, characters or bytes of the rest. */
function descriptorPrecision(field: WireField, layout: FieldLayout): number {
  switch (layout.type) {
    case 'SMALLINT':
      return 5;
    case 'INTEGER':
      return 10;
    case 'BIGINT':
      return 19;
    case 'REAL':
      return 24;
    case 'DOUBLE':
      return 53;
    case 'DECIMAL':
    case 'NUMERIC':
    case 'DECFLOAT':
      return field.precision;
    default:
      // The field is an i16; JTOpen writes the low 16 bits of longer ones.
      return ((layout.shape === 'locator' ? layout.lobMaxSize : layout.capacity / layout.unit) << 16) >> 16;
  }
}
