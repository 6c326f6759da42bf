/** Parameters of the SQL requests; one code point means the same in all of them (docs/protocol.md#7.2). */
import { i32, optional, struct, u8, u16, u32 } from '../../../bytes/struct';
import { extendedData, originalData } from '../../formats/result-data';
import { extendedString, variableString } from '../../wire-text';

export const STATEMENT_TYPE = {
  undetermined: 0,
  other: 1,
  select: 2,
  call: 3,
  commit: 4,
  rollback: 5,
  connect: 6,
  blockInsert: 7,
} as const;

/** Bits of open attributes, CP 3809; JTOpen sends 80 for plain SELECT and CALL, F0 otherwise. */
export const OPEN = { read: 0x80, write: 0x40, update: 0x20, delete: 0x10, full: 0x01 } as const;

/** Code of the fetch option, with a row number for relative and absolute. */
const fetchOption = struct('fetch option', [
  ['option', u16],
  ['row', optional(i32)],
]);
export const FETCH = {
  next: 0,
  previous: 1,
  first: 2,
  last: 3,
  beforeFirst: 4,
  afterLast: 5,
  current: 6,
  relative: 7,
  absolute: 8,
} as const;

export const SCROLL = {
  forwardAsensitive: 0,
  asensitive: 1,
  insensitive: 2,
  sensitive: 3,
  forwardSensitive: 4,
  forwardInsensitive: 5,
} as const;

/** Close reuse indicator, CP 3810. */
export const REUSE = { no: 0xf0, yes: 0xf1, nextResultSet: 0xf2 } as const;

export const statementParameters = {
  packageLibrary: [0x3801, variableString],
  packageName: [0x3804, variableString],
  statementName: [0x3806, variableString],
  /** Before V5R4. */
  oldStatementText: [0x3807, variableString],
  /** 1: keep the statement in the package. */
  prepareOption: [0x3808, u8],
  openAttributes: [0x3809, u8],
  /** D5 long names, D3 labels, E2 system names. */
  describeOption: [0x380a, u8],
  cursorName: [0x380b, variableString],
  /** Wanted rows of a block. */
  blockingFactor: [0x380c, u32],
  scrollable: [0x380d, u16],
  fetchOption: [0x380e, fetchOption],
  /** Commit and rollback: 1 keeps cursors. */
  hold: [0x380f, u8],
  reuse: [0x3810, u8],
  oldParameterData: [0x3811, originalData],
  /** {@link STATEMENT_TYPE}; it decides whether JTOpen treats a statement as a query. */
  statementType: [0x3812, u16],
  parameterBlock: [0x3814, u16],
  /** Seconds. */
  queryTimeout: [0x3817, i32],
  parameterData: [0x381f, extendedData],
  /** F1: describe base tables and labels. */
  extendedColumns: [0x3829, u8],
  /** E8 hold over commit, D5 close. */
  holdability: [0x3830, u8],
  text: [0x3831, extendedString],
  /** E8: rows may come with their varying fields cut to length. */
  variableFields: [0x3833, u8],
  /** Bytes of a block; replaces the blocking factor. */
  bufferSize: [0x3834, u32],
} as const;
