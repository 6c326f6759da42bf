/** Sign-on server: exchange attributes, 7003 -> F003 (docs/protocol.md#3.1). */
import { bytes, struct, u8, u16, u32 } from '../../bytes/struct';
import { message } from '../message';
import { signonString } from '../wire-text';

export const noTemplate = struct('empty template', []);
export const returnCodeTemplate = struct('template', [['returnCode', u32]]);

export const exchangeAttributesRequest = message('exchange attributes request', 0x7003, noTemplate, {
  version: [0x1101, u32],
  level: [0x1102, u16],
  seed: [0x1103, bytes(8)],
});

/** `version` must be first and `level` second: clients read both at fixed offsets. */
export const exchangeAttributesReply = message('exchange attributes reply', 0xf003, returnCodeTemplate, {
  /** 00VVRRMM, see {@link versionText}. */
  version: [0x1101, u32],
  level: [0x1102, u16],
  seed: [0x1103, bytes(8)],
  /** QPWDLVL 0..4; absent means 0. */
  passwordLevel: [0x1119, u8],
  /** `number/user/name`. */
  jobName: [0x111f, signonString],
  /** 1: the server wants an additional authentication factor. */
  additionalFactor: [0x112e, u8],
});

/** X'00070400' -> `V7R4M0`. */
export function versionText(version: number): string {
  return `V${(version >>> 16) & 0xff}R${(version >>> 8) & 0xff}M${version & 0xff}`;
}

/** `V7R4M0` -> X'00070400'. */
export function versionNumber(text: string): number {
  const match = /^V(\d+)R(\d+)M(\d+)$/.exec(text);
  if (!match) throw new RangeError(`not a version: ${text}`);
  return (Number(match[1]) << 16) | (Number(match[2]) << 8) | Number(match[3]);
}
