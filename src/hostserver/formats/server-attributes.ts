/** CP 3804 of the reply to 1F80: what the server job is (docs/protocol.md#7.1). Character fields are EBCDIC of `ccsid`. */
import { bytes, i16, optional, rest, struct, u8, u16, type ValueOf } from '../../bytes/struct';

export const serverAttributes = struct('server attributes', [
  ['textCcsid', u16],
  ['dateFormat', i16],
  ['dateSeparator', i16],
  ['timeFormat', i16],
  ['timeSeparator', i16],
  ['decimalSeparator', i16],
  ['naming', i16],
  ['ignoreDecimalErrors', i16],
  ['commitmentLevel', i16],
  ['drdaPackageSize', i16],
  ['translationIndicator', u8],
  ['ccsid', u16], // of the job: converter for names, messages, SQLSTATE
  ['nlss', i16],
  ['languageId', bytes(3)],
  ['languageTable', bytes(10)],
  ['languageLibrary', bytes(10)],
  ['languageFeature', bytes(4)],
  ['functionalLevel', bytes(10)], // V7R4M00016
  ['rdbName', bytes(18)],
  ['defaultLibrary', bytes(10)],
  ['jobName', bytes(10)],
  ['jobUser', bytes(10)],
  ['jobNumber', bytes(6)],
  ['schemaLength', optional(u16)],
  ['schema', optional(rest)],
]);
export type ServerAttributes = ValueOf<typeof serverAttributes>;

/** Codes of dateFormat, in order. */
export const DATE_FORMATS = ['JUL', 'MDY', 'DMY', 'YMD', 'USA', 'ISO', 'EUR', 'JIS'] as const;

/** Codes of timeFormat, in order. */
export const TIME_FORMATS = ['HMS', 'USA', 'ISO', 'EUR', 'JIS'] as const;
