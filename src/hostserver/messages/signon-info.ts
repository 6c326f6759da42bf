/** Sign-on server: retrieve signon information, 7004 -> F004, and end job 7006 (sections 2, 3.2). */
import { bytes, optional, rest, struct, u8, u16, u32, type ValueOf } from '../../bytes/struct';
import { hostMessage } from '../formats/message-text';
import { message } from '../message';
import { signonString } from '../wire-text';
import { noTemplate, returnCodeTemplate } from './exchange-attributes';

/** Authentication form byte of 7004 and 7002. */
const AUTHENTICATION = {
  /** 8-byte DES substitute, password levels 0 and 1. */
  des: 0x01,
  profileToken: 0x02,
  /** 20-byte SHA-1 substitute, levels 2 and 3. */
  sha1: 0x03,
  kerberos: 0x05,
  identityToken: 0x06,
  /** Any other substitute length: 64-byte SHA-512, level 4. */
  other: 0x07,
} as const;

/** The form byte that goes with a substitute of this length. */
export function authenticationForm(substituteLength: number): number {
  if (substituteLength === 8) return AUTHENTICATION.des;
  return substituteLength === 20 ? AUTHENTICATION.sha1 : AUTHENTICATION.other;
}

/** u16 year, month, day, hour, minute, second; an eighth byte is harmless. */
const signonDate = struct('date', [
  ['year', u16],
  ['month', u8],
  ['day', u8],
  ['hour', u8],
  ['minute', u8],
  ['second', u8],
  ['filler', optional(u8)],
]);
export type SignonDate = ValueOf<typeof signonDate>;

export const signonInfoRequest = message('retrieve signon info request', 0x7004, struct('template', [['form', u8]]), {
  clientCcsid: [0x1113, u32],
  substitute: [0x1105, rest],
  token: [0x1115, rest],
  /** 10 EBCDIC bytes, blank-padded, no ccsid before them. */
  userId: [0x1104, bytes(10)],
  /** Only when the server level is 5 or more. */
  returnMessages: [0x1128, u8],
  additionalFactor: [0x112f, signonString],
});

export const signonInfoReply = message('retrieve signon info reply', 0xf004, returnCodeTemplate, {
  currentDate: [0x1106, signonDate],
  previousDate: [0x1107, signonDate],
  /** Absent: never expires. */
  passwordExpires: [0x1108, signonDate],
  expirationWarningDays: [0x112c, u32],
  /** Required: without it JTOpen fails. */
  serverCcsid: [0x1114, u32],
  userId: [0x1104, signonString],
  messageCount: [0x112a, u16],
  messages: [0x112b, hostMessage, 'many'],
});

/** No reply; the socket closes. */
export const signonEndJob = message('end signon job', 0x7006, noTemplate, {});
