/** Text in one CCSID, both ways. The rest of the code knows this interface and no code page. */
export interface TextCodec {
  readonly ccsid: number;
  /** Bytes [start, end) to text. Undefined code points become U+FFFD (or the page's own substitute) and are counted by `lastReplacements`. */
  decode(bytes: Uint8Array, start?: number, end?: number): string;
  /** Text to bytes; a character the page lacks becomes its substitution character (X'6F' for SBCS EBCDIC is `?`; the page's SUB X'3F' is used). */
  encode(text: string): Buffer;
}
