/** Encryption of texts beside payloads: what a receiver answered may repeat what it was sent. */
import type { Seal } from './seal';

export interface TextSeal {
  close(text: string): string;
  /** Of a text that was written plain: itself. One that cannot be opened becomes a text that reports it: the rest of its row is still worth reading. */
  open(text: string): string;
}

/** No reply begins so: it is text, and this is no character of any. */
const MARK = '\u0000aes:';
/** Authenticated with each text, where a payload has the event id. */
const ABOUT = 'reply';

/** @param seal null writes plain */
export function textSeal(seal: Seal | null): TextSeal {
  return {
    close: (text) => (seal === null ? text : `${MARK}${seal.close(Buffer.from(text), ABOUT).toString('base64')}`),
    open(text) {
      if (!text.startsWith(MARK)) return text;
      try {
        return seal === null ? UNREADABLE : seal.open(Buffer.from(text.slice(MARK.length), 'base64'), ABOUT).toString();
      } catch {
        return UNREADABLE;
      }
    },
  };
}

const UNREADABLE = '(encrypted with another key)';
