/** LOB locators: read 1816, write 1817, free 1819 (docs/protocol.md#9.6). Sizes of a DBCLOB count characters, others bytes. */
import { u8, u32 } from '../../../bytes/struct';
import { dbRequest } from '../../db-frame';
import { extendedString } from '../../wire-text';

const parameters = {
  /** F0: truncate the LOB after what is written. */
  truncate: [0x3822, u8],
  handle: [0x3818, u32],
  size: [0x3819, u32],
  offset: [0x381a, u32],
  /** F0 no, F1 yes. */
  compression: [0x381b, u8],
  /** F1: the reply carries the current length. */
  returnLength: [0x3821, u8],
  /** 1-based; not for parameters. */
  column: [0x3828, u32],
  /** ccsid X'FFFF'. */
  data: [0x381d, extendedString],
} as const;

export const retrieveLob = dbRequest('retrieve LOB data', 0x1816, parameters);
export const writeLob = dbRequest('write LOB data', 0x1817, parameters);
export const freeLob = dbRequest('free LOB locator', 0x1819, parameters);
