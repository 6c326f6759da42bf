import { decodeStored, encodeStored } from '../../stored-text';

/** Text to stored bytes in a CCSID; 65535 keeps what a Latin page can carry. */
export function encodeText(text: string, ccsid: number): Buffer {
  return ccsid === 65535 ? Buffer.from(text, 'latin1') : encodeStored(ccsid, text);
}

export function decodeText(bytes: Uint8Array, ccsid: number): string {
  return ccsid === 65535 ? Buffer.from(bytes).toString('latin1') : decodeStored(ccsid, bytes);
}
