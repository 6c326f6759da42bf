/** Remote command and program call server, E008 (docs/protocol.md#11). Return codes are u16 here. */
import { bytes, rest, struct, u8, u16, u32 } from '../../bytes/struct';
import { detailedMessage, hostMessage } from '../formats/message-text';
import { message } from '../message';
import { signonString } from '../wire-text';
import { noTemplate } from './exchange-attributes';

export const commandAttributesRequest = message(
  'exchange attributes request',
  0x1001,
  struct('template', [
    ['clientCcsid', u32],
    ['nlv', bytes(4)],
    ['clientVersion', u32],
    ['reserved', u16],
  ]),
  {},
);

export const commandAttributesReply = message(
  'exchange attributes reply',
  0x8001,
  struct('template', [
    ['returnCode', u16],
    ['jobCcsid', u32],
    ['nlv', bytes(4)],
    ['version', u32],
    ['level', u16],
  ]),
  {},
);

export const runCommandRequest = message('run command', 0x1002, struct('template', [['messageOption', u8]]), {
  /** Level 10 and up, CCSID 1200. */
  command: [0x1104, signonString],
  /** Older servers, in the job CCSID. */
  commandInJobCcsid: [0x1101, rest],
});

const replyTemplate = struct('template', [
  ['returnCode', u16],
  ['count', u16],
]);

export const runCommandReply = message('run command reply', 0x8002, replyTemplate, {
  messages: [0x1106, hostMessage, 'many'],
  detailedMessages: [0x1107, detailedMessage, 'many'],
});

/** What a parameter is for, and how its data travel. */
export const USAGE = {
  input: 11,
  inOut: 13,
  inputCompressed: 21,
  output: 22,
  inOutCompressed: 23,
  /** In-out to servers of level 5 and up. */
  inOutNew: 33,
  /** A null pointer; level 6 and up. */
  nothing: 255,
} as const;

/** Trailing X'00' bytes of `data` are cut off; the receiver pads to the maximum length. */
const programParameter = struct('program parameter', [
  ['maximumLength', u32],
  ['usage', u16],
  ['data', rest],
]);

export const callProgramRequest = message(
  'call program',
  0x1003,
  struct('template', [
    ['program', bytes(10)],
    ['library', bytes(10)],
    ['messageOption', u8],
    ['parameterCount', u16],
  ]),
  { parameters: [0x1103, programParameter, 'many'] },
);

/** Output parameters on success, messages on failure. */
export const callProgramReply = message('call program reply', 0x8003, replyTemplate, {
  parameters: [0x1103, programParameter, 'many'],
  messages: [0x1106, hostMessage, 'many'],
  detailedMessages: [0x1107, detailedMessage, 'many'],
});

export const commandEndJob = message('end command job', 0x1004, noTemplate, {});
