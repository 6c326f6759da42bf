/** SQL type codes of the wire and their names (docs/protocol.md#9.4). The odd code is the nullable one. */
import type { SqlTypeName } from '../../model/record-format';

/** How the bytes of a value lie in its field. */
export type WireShape =
  | 'fixed' // the whole field
  | 'varying' // u16 length in bytes, data
  | 'varyingGraphic' // u16 length in characters, data
  | 'lob' // u32 length in bytes, data
  | 'lobGraphic' // u32 length in characters, data
  | 'locator'; // u32 handle

interface WireType {
  /** Even code. */
  readonly code: number;
  readonly name: SqlTypeName;
  readonly shape: WireShape;
}

const WIRE_TYPES: readonly WireType[] = [
  { code: 384, name: 'DATE', shape: 'fixed' },
  { code: 388, name: 'TIME', shape: 'fixed' },
  { code: 392, name: 'TIMESTAMP', shape: 'fixed' },
  { code: 396, name: 'DATALINK', shape: 'varying' },
  { code: 404, name: 'BLOB', shape: 'lob' },
  { code: 408, name: 'CLOB', shape: 'lob' },
  { code: 412, name: 'DBCLOB', shape: 'lobGraphic' },
  { code: 448, name: 'VARCHAR', shape: 'varying' },
  { code: 452, name: 'CHAR', shape: 'fixed' },
  { code: 456, name: 'VARCHAR', shape: 'varying' },
  { code: 464, name: 'VARGRAPHIC', shape: 'varyingGraphic' },
  { code: 468, name: 'GRAPHIC', shape: 'fixed' },
  { code: 472, name: 'VARGRAPHIC', shape: 'varyingGraphic' },
  { code: 480, name: 'DOUBLE', shape: 'fixed' }, // REAL when the field is 4 bytes long
  { code: 484, name: 'DECIMAL', shape: 'fixed' },
  { code: 488, name: 'NUMERIC', shape: 'fixed' },
  { code: 492, name: 'BIGINT', shape: 'fixed' },
  { code: 496, name: 'INTEGER', shape: 'fixed' },
  { code: 500, name: 'SMALLINT', shape: 'fixed' },
  { code: 904, name: 'ROWID', shape: 'varying' },
  { code: 908, name: 'VARBINARY', shape: 'varying' },
  { code: 912, name: 'BINARY', shape: 'fixed' },
  { code: 960, name: 'BLOB', shape: 'locator' },
  { code: 964, name: 'CLOB', shape: 'locator' },
  { code: 968, name: 'DBCLOB', shape: 'locator' },
  { code: 988, name: 'XML', shape: 'locator' },
  { code: 996, name: 'DECFLOAT', shape: 'fixed' },
  { code: 2436, name: 'BOOLEAN', shape: 'fixed' },
  { code: 2452, name: 'XML', shape: 'locator' },
];

const BY_CODE = new Map(WIRE_TYPES.map((type) => [type.code, type]));

/** The type of a code with or without the nullable bit; null when there is none. */
export function wireTypeOf(code: number): WireType | null {
  return BY_CODE.get(code & ~1) ?? null;
}

export function isNullable(code: number): boolean {
  return (code & 1) === 1;
}

/** The even code under which a column of this type travels; LOBs inline or as locator. */
export function wireCodeOf(name: SqlTypeName, lobInline = false): number {
  if (name === 'REAL') return 480;
  if (name === 'XML') return 2452;
  const shape: readonly WireShape[] = lobInline ? ['lob', 'lobGraphic'] : ['locator'];
  const isLob = name === 'BLOB' || name === 'CLOB' || name === 'DBCLOB';
  return WIRE_TYPES.find((type) => type.name === name && (!isLob || shape.includes(type.shape)))!.code;
}
