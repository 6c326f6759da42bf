/** The one reply of the database server, 2800: parts in any order, unknown ones are skipped (sections 6.2, 6.3). */
import { rest, sized, struct, u8, u16, u32 } from '../../../bytes/struct';
import { dbReplyTemplate } from '../../db-frame';
import { columnDescriptors } from '../../formats/column-descriptors';
import { dataFormat } from '../../formats/data-format';
import { extendedFormat } from '../../formats/extended-format';
import { originalFormat } from '../../formats/original-format';
import { extendedData, originalData } from '../../formats/result-data';
import { serverAttributes } from '../../formats/server-attributes';
import { sqlca } from '../../formats/sqlca';
import { message } from '../../message';
import { fixedString, variableString } from '../../wire-text';

/** LOB bytes with their CCSID; the length counts characters of graphic data (docs/protocol.md#9.6). */
const lobData = struct('LOB data', [
  ['ccsid', u16],
  ['length', u32],
  ['bytes', rest],
]);

/** u16 size 0, 4 or 8, then the number. */
const lobLength = struct('LOB length', [['number', sized(u16)]]);

/** Cursor attributes, CP 3814 (docs/protocol.md#8.5); clients read 8 bytes. */
export const cursorAttributes = struct('cursor attributes', [
  ['holdable', u8],
  ['scrollable', u8],
  ['updatable', u8],
  ['insensitive', u8],
  ['isolation', u8],
  ['reserved', rest],
]);

export const dbReply = message('reply', 0x2800, dbReplyTemplate, {
  messageId: [0x3801, fixedString],
  firstLevelText: [0x3802, variableString],
  secondLevelText: [0x3803, variableString],
  serverAttributes: [0x3804, serverAttributes],
  originalFormat: [0x3805, originalFormat],
  originalData: [0x3806, originalData],
  sqlca: [0x3807, sqlca],
  originalParameterFormat: [0x3808, originalFormat],
  packageInformation: [0x380b, rest],
  extendedFormat: [0x380c, extendedFormat],
  extendedParameterFormat: [0x380d, extendedFormat],
  resultData: [0x380e, extendedData],
  lobData: [0x380f, lobData],
  lobLength: [0x3810, lobLength],
  columnDescriptors: [0x3811, columnDescriptors],
  dataFormat: [0x3812, dataFormat],
  parameterFormat: [0x3813, dataFormat],
  cursorAttributes: [0x3814, cursorAttributes],
  alternateServer: [0x3846, variableString],
  arrayData: [0x3901, rest],
});

export type DbReply = ReturnType<typeof dbReply.decode>;
export type DbReplyParts = DbReply['parameters'];

/** The number of {@link lobLength}, or null when it has size 0. */
export function lobLengthOf(value: { readonly number: Buffer }): bigint | null {
  if (value.number.length === 8) return value.number.readBigUInt64BE(0);
  return value.number.length === 4 ? BigInt(value.number.readUInt32BE(0)) : null;
}
