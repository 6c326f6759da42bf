/** Names inside entry specific data are EBCDIC, blank padded. */
import { textCodec } from '../../../bytes/ccsid/registry';

const CODEC = textCodec(37);

/** `ORDRCV0001` + `ORDLIB` -> 20 bytes of CCSID 37. */
export function ebcdicNames(...names: readonly string[]): Buffer {
  return CODEC.encode(names.map((n) => n.padEnd(10).slice(0, 10)).join(''));
}

export function ebcdicText(text: string): Buffer {
  return CODEC.encode(text);
}
