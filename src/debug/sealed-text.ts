/** Texts beside payloads, sealed as payloads are. */
interface Seal {
  close(text: Uint8Array, about: string): Buffer;
  open(bytes: Buffer, about: string): Buffer;
}

/** Nothing else that is kept begins so: it is JSON. */
const MARK = 'sealed:';
const ABOUT = 'debug';

/** @param seal null: as it is */
export function sealedText(seal: Seal | null) {
  return {
    close: (text: string): string =>
      seal === null ? text : `${MARK}${seal.close(Buffer.from(text), ABOUT).toString('base64')}`,
    /** Null for one that was sealed with another key. */
    open(text: string): string | null {
      if (!text.startsWith(MARK)) return text;
      try {
        return seal === null ? null : seal.open(Buffer.from(text.slice(MARK.length), 'base64'), ABOUT).toString();
      } catch {
        return null;
      }
    },
  };
}
