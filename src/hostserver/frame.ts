/**
 * The frame every host server speaks: a 20-byte header, a template of fixed fields, then LL/CP parameters.
 * Big-endian; lengths in bytes. Source: docs/protocol.md#s 2 and 6.
 */
import { struct, u16, u32, type ValueOf } from '../bytes/struct';

export const HEADER_LENGTH = 20;

/** Header of every frame (docs/protocol.md#2). */
export const frameHeader = struct('frame header', [
  ['length', u32], // whole frame, these 4 bytes included
  ['headerId', u16], // 0, except two flag bytes in 7001, 7002 and F001
  ['serverId', u16], // which host server; only the high byte E0 is checked in replies
  ['instance', u32], // 0
  ['correlation', u32], // chosen by the client, echoed by the server; 0 in the handshake
  ['templateLength', u16], // bytes between header and first LL/CP
  ['id', u16], // request or reply id
]);
export type FrameHeader = ValueOf<typeof frameHeader>;

/** Server ids (docs/protocol.md#1). */
export const SERVER = {
  central: 0xe000,
  file: 0xe002,
  print: 0xe003,
  sql: 0xe004,
  nativeDatabase: 0xe005,
  objectInformation: 0xe006,
  dataQueue: 0xe007,
  remoteCommand: 0xe008,
  signon: 0xe009,
  hostConnection: 0xe00b,
} as const;

export type ServiceName = 'as-signon' | 'as-database' | 'as-rmtcmd' | 'as-central';

/** Fixed ports (docs/protocol.md#1); the port mapper may say otherwise. */
export const PORTS = {
  portMapper: 449,
  signon: 8476,
  signonTls: 9476,
  database: 8471,
  databaseTls: 9471,
  remoteCommand: 8475,
  remoteCommandTls: 9475,
} as const;
