/** Masks: what is left of a value before anything is stored. Null stays null. */
import { createHmac } from 'node:crypto';
import type { MaskOptions } from '../options';

/** A masked value is text whatever the column was; undefined means that the member is left out. */
export type Mask = (value: string) => string | undefined;

export function compileMask(mask: MaskOptions): Mask {
  switch (mask.is) {
    case 'drop':
      return () => undefined;
    case 'redact':
      return () => '***';
    case 'last':
      return (value) => lastOf(value, mask.keep);
    case 'truncate':
      return (value) => [...value].slice(0, mask.keep).join('');
    case 'hash': {
      // the key is looked up once: hashes of one run must agree with each other
      const key = mask.key.reveal();
      return (value) => createHmac('sha256', key).update(value, 'utf8').digest('hex').slice(0, mask.length);
    }
  }
}

/** `****1234`; a value no longer than what would be kept is starred whole. */
function lastOf(value: string, keep: number): string {
  const characters = [...value];
  if (characters.length <= keep) return '*'.repeat(characters.length);
  return `****${characters.slice(-keep).join('')}`;
}
