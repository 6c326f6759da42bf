/** Names for occasions: see `Change.occasion`. */
import { randomBytes } from 'node:crypto';

/** 24 hex digits that nothing else has: a restored state file, which remembers less than was sent, cannot bring one back. */
export function newOccasion(): string {
  return randomBytes(12).toString('hex');
}
