/** SQL communication area, CP 3807: 136 bytes (docs/protocol.md#10). Character fields are EBCDIC. */
import { bytes, i16, i32, optional, rest, struct, type ValueOf } from '../../bytes/struct';
import { ByteWriter } from '../../bytes/writer';

const ERRORS_SHAPE = struct('SQLERRD', [
  ['d1', i32], // return value of a procedure
  ['d2', i32], // number of result sets after CALL
  ['d3', i32], // update count; row estimate after open
  ['d4', i32],
  ['d5', i32], // position of a syntax error
  ['d6', i32], // 1: the error belongs to the fetch part of 180E
]);

export const sqlca = struct('SQLCA', [
  ['eyecatcher', bytes(8)], // `SQLCA   `; bit 02 of byte 6: a commit happened on return
  ['byteCount', i32], // 136
  ['sqlCode', i32],
  ['tokenLength', i16], // used bytes of tokens
  ['tokens', bytes(70)], // each i16 length + characters
  ['product', bytes(8)],
  ['errd', ERRORS_SHAPE],
  ['warnings', bytes(11)],
  ['sqlState', bytes(5)],
  ['extra', optional(rest)],
]);
export type Sqlca = ValueOf<typeof sqlca>;

const EBCDIC_BLANK = 0x40;
const TOKEN_BYTES = 70;

/** Tokens as bytes of the job CCSID. */
export function readTokens(area: Sqlca): Buffer[] {
  const tokens: Buffer[] = [];
  const end = Math.min(Math.max(0, area.tokenLength), TOKEN_BYTES);
  let at = 0;
  while (at + 2 <= end) {
    const length = area.tokens.readUInt16BE(at);
    if (at + 2 + length > end) break;
    tokens.push(area.tokens.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return tokens;
}

/** As many whole tokens as fit in 70 bytes, blank-padded, with their used length. */
export function packTokens(tokens: readonly Buffer[]): { tokenLength: number; tokens: Buffer } {
  const writer = new ByteWriter(TOKEN_BYTES);
  for (const token of tokens) {
    if (writer.length + 2 + token.length > TOKEN_BYTES) break;
    writer.i16(token.length).raw(token);
  }
  const tokenLength = writer.length;
  writer.fill(TOKEN_BYTES - tokenLength, EBCDIC_BLANK);
  return { tokenLength, tokens: writer.bytes() };
}
