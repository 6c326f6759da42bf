/** Start server: hands the connection to a server job, 7002 -> F002 (docs/protocol.md#4.2). */
import { bytes, rest, struct, u8 } from '../../bytes/struct';
import { message } from '../message';
import { signonString } from '../wire-text';
import { returnCodeTemplate } from './exchange-attributes';

/** Header byte 4 of 7002: "can receive job info". */
export const CAN_RECEIVE_JOB_INFO = 0x02;

export const startServerRequest = message(
  'start server request',
  0x7002,
  struct('template', [
    ['form', u8],
    ['sendReply', u8], // 1
  ]),
  {
    /** Computed with this connection's seeds. */
    substitute: [0x1105, rest],
    token: [0x1115, rest],
    userId: [0x1104, bytes(10)],
    additionalFactor: [0x112f, signonString],
    verificationId: [0x1130, signonString],
    clientAddress: [0x1131, signonString],
  },
);

export const startServerReply = message('start server reply', 0xf002, returnCodeTemplate, {
  userId: [0x1104, signonString],
  /** `nnnnnn/USER/JOB`. */
  jobName: [0x111f, signonString],
});
