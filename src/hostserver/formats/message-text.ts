/** A message inside CP 112B of sign-on replies and CP 1106 of remote-command replies (docs/protocol.md#3.4). */
import { sized, struct, u16, u32, type ValueOf } from '../../bytes/struct';

/** Lengths count only the data that follows them; texts are in `textCcsid`, ids in EBCDIC. */
export const hostMessage = struct('message', [
  ['textCcsid', u32],
  ['substitutionCcsid', u32],
  ['severity', u16],
  ['type', sized(u32)], // two EBCDIC digits
  ['id', sized(u32)], // 7 characters
  ['file', sized(u32)],
  ['library', sized(u32)],
  ['text', sized(u32)],
  ['substitution', sized(u32)],
  ['help', sized(u32)],
]);
export type HostMessage = ValueOf<typeof hostMessage>;
