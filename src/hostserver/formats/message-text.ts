/** A message inside CP 112B of sign-on replies and CPs 1106 and 1107 of remote-command replies (docs/protocol.md#3.4). */
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

/**
 * The same as servers of datastream level 11 send it: every field behind its own length, in the order in which QMHRCVPM returns
 * them. Numbers are 4 bytes long; texts are in the CCSID of `textCcsid`, everything else in that of the job.
 */
export const detailedMessage = struct('detailed message', [
  ['severity', sized(u32)],
  ['id', sized(u32)],
  ['type', sized(u32)],
  ['key', sized(u32)],
  ['file', sized(u32)],
  ['librarySpecified', sized(u32)],
  ['library', sized(u32)],
  ['sendingJob', sized(u32)],
  ['sendingUser', sized(u32)],
  ['sendingNumber', sized(u32)],
  ['sendingProgram', sized(u32)],
  ['sendingInstruction', sized(u32)],
  ['date', sized(u32)],
  ['time', sized(u32)],
  ['receivingProgram', sized(u32)],
  ['receivingInstruction', sized(u32)],
  ['sendingType', sized(u32)],
  ['receivingType', sized(u32)],
  ['textConversion', sized(u32)],
  ['dataConversion', sized(u32)],
  ['alert', sized(u32)],
  ['textCcsid', sized(u32)],
  ['substitutionCcsid', sized(u32)],
  ['substitution', sized(u32)],
  ['text', sized(u32)],
  ['help', sized(u32)],
]);
export type DetailedMessage = ValueOf<typeof detailedMessage>;
