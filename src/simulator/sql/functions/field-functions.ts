/** INTERPRET and HEX over stored fields: values to the bytes of a column of that type, and back. */
import type { SqlTypeName } from '../../../model/record-format';
import type { Comparable } from '../../partition/files/comparable';
import { type ColumnDef, column } from '../../partition/files/definitions';
import { decodeField, encodeField, INVALID } from '../../partition/files/record-image';
import { layoutOf } from '../../partition/files/record-layout';
import { arithmeticError } from '../failures';
import type { Raw } from '../types/exact-form';
import type { ScalarFunction } from './exact-functions';

function fieldOf(type: Raw, length: Raw, scale: Raw, ccsid: Raw): ColumnDef {
  return column('F', String(type) as SqlTypeName, Number(length), {
    scale: Number(scale),
    ccsid: Number(ccsid) < 0 ? null : Number(ccsid),
  });
}

export const FIELD_FUNCTIONS: Record<string, ScalarFunction> = {
  /** Where `unit` is not 0, a length of so many bytes each stands before the value. */
  hex_stored: (image, offset, width, unit) => {
    const field = (image as Buffer).subarray(Number(offset), Number(offset) + Number(width));
    const data = Number(unit) === 0 ? field : field.subarray(2, 2 + field.readUInt16BE(0) * Number(unit));
    return data.toString('hex').toUpperCase();
  },
  hash_of: (text) => {
    const bytes = Buffer.from(String(text).replace(/^,*$/, ''));
    let hash = 0;
    for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) >>> 0;
    return BigInt(hash % 1024);
  },
  hex_field: (x, type, length, scale) => {
    const layout = layoutOf([fieldOf(type!, length!, scale!, -1n)]);
    const image = Buffer.alloc(layout.length);
    encodeField(image, layout.slots[0]!, x as Comparable);
    return image.toString('hex').toUpperCase();
  },
  interpret: (bytes, type, length, scale, ccsid) => {
    const layout = layoutOf([fieldOf(type!, length!, scale!, ccsid!)]);
    const image = Buffer.alloc(layout.length);
    (bytes as Buffer).copy(image);
    const value = decodeField(image, layout.slots[0]!);
    if (value === INVALID) throw arithmeticError('invalid numeric data');
    return value;
  },
};
