/**
 * What one evaluation may cost. A row can make an expression expensive that was cheap for every row before it, and the
 * journal waits meanwhile: beyond the limit the entry is set aside. Counted, not timed, so that one entry always has one fate.
 */
import type { ErrorCode } from '../../errors/codes';

/** Units of about ten nanoseconds: characters walked through, pairs of digits multiplied. */
const LIMIT = 2_000_000;

let left = LIMIT;

/** The expression asked for more work than one row may cause. Its message holds no value. */
export class EffortExceeded extends Error {
  /** Code of the entry that is set aside. */
  readonly code = 'EXPRESSION_EFFORT' satisfies ErrorCode;

  constructor() {
    super('an expression would have taken too long over this row');
    this.name = 'EffortExceeded';
  }
}

/** Call before the outermost expression; evaluation is synchronous and never nested. */
export function beginEffort(): void {
  left = LIMIT;
}

/** @throws EffortExceeded */
export function spend(units: number): void {
  left -= units;
  if (left < 0) throw new EffortExceeded();
}
