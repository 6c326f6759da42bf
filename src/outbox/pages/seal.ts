/** Encryption at rest of payload columns: AES-256-GCM, stored as nonce (12), tag (16), cipher text; the event id is authenticated. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CodedError } from '../../errors/coded-error';

const NONCE = 12;
const TAG = 16;

export interface Seal {
  close(plain: Buffer, id: string): Buffer;
  /** @throws CodedError family `store` when the key is another one or the bytes were changed. */
  open(sealed: Buffer, id: string): Buffer;
}

/** @param key 32 bytes; {@link parseSealKey} makes one of a configured text. */
export function aesSeal(key: Buffer): Seal {
  return {
    close(plain, id) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id));
      const body = cipher.update(plain);
      cipher.final();
      return Buffer.concat([nonce, cipher.getAuthTag(), body], NONCE + TAG + body.length);
    },
    open(sealed, id) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE)).setAAD(Buffer.from(id));
        decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
      } catch (cause) {
        throw wrongKey(id, cause);
      }
    },
  };
}

/** For payloads that were written encrypted when no key is configured now. */
export function noKey(id: string): CodedError {
  return wrongKey(id, undefined);
}

function wrongKey(id: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'OUTBOX_SEALED',
    message: `the stored payload of event ${id} cannot be opened: the encryption key is missing or not the one it was written with`,
    next: 'configure the key the state file was written with; payloads written under a lost key can only be replayed from the journal',
    facts: { id },
    cause,
  });
}

/** 32 bytes given as 64 hex digits or as base64. @throws CodedError family `config`; the text itself is never shown. */
export function parseSealKey(text: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.length === 32) return key;
  throw new CodedError({
    code: 'OUTBOX_KEY',
    message: `the encryption key has ${key.length} bytes, expected 32 (64 hex digits or base64)`,
    next: 'make one with `openssl rand -hex 32` and keep it in a file or an environment variable',
  });
}
