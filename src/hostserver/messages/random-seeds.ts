/** First frames on every socket but the sign-on server's: exchange random seeds, 7001 -> F001 (docs/protocol.md#4.1). */
import { bytes, struct, u8, u32 } from '../../bytes/struct';
import { message } from '../message';

/** Header byte 4 of 7001. */
export const CLIENT_ATTRIBUTE = {
  /** Understands SHA-1 substitutes. */
  sha1: 0x01,
  /** Also level 4 and additional factors. */
  sha512: 0x03,
} as const;

/** The client attribute is the high byte of `headerId`. */
export const randomSeedsRequest = message(
  'exchange random seeds request',
  0x7001,
  struct('template', [['seed', bytes(8)]]),
  {},
);

/** The server's password level is the low byte of `headerId`; it counts only when sign-on was skipped. */
export const randomSeedsReply = message(
  'exchange random seeds reply',
  0xf001,
  struct('template', [
    ['returnCode', u32],
    ['seed', bytes(8)],
  ]),
  { additionalFactor: [0x112e, u8] },
);
