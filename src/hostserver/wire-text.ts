/** Text as it travels: bytes with the CCSID they claim (docs/protocol.md#6.4). Conversion is the caller's, who knows the job CCSID. */
import { textCodec } from '../bytes/ccsid/registry';
import { rest, sized, struct, u16, u32, type ValueOf } from '../bytes/struct';

/** u16 ccsid, then characters to the end. */
export const fixedString = struct('fixed string', [
  ['ccsid', u16],
  ['bytes', rest],
]);
/** u16 ccsid, u16 byte length, characters. */
export const variableString = struct('variable string', [
  ['ccsid', u16],
  ['bytes', sized(u16)],
]);
/** u16 ccsid, u32 byte length, characters: statement text, LOB data of a parameter. */
export const extendedString = struct('extended string', [
  ['ccsid', u16],
  ['bytes', sized(u32)],
]);
/** u32 ccsid, then characters to the end: sign-on and start-server parameters. */
export const signonString = struct('sign-on string', [
  ['ccsid', u32],
  ['bytes', rest],
]);

export type WireText = ValueOf<typeof variableString>;

/** Text of a wire string; ccsid 0, 1 and 65535 mean the job's CCSID. */
export function textOf(text: WireText, jobCcsid = 37): string {
  return textCodec(effectiveCcsid(text.ccsid, jobCcsid)).decode(text.bytes);
}

export function wireText(text: string, ccsid = 37): WireText {
  return { ccsid, bytes: textCodec(ccsid).encode(text) };
}

export function effectiveCcsid(ccsid: number, jobCcsid: number): number {
  return ccsid === 0 || ccsid === 1 || ccsid === 65535 ? jobCcsid : ccsid;
}
