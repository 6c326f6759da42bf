/** When to try again: the schedule's pause, stretched by jitter, or what the receiver asked for. */
import type { RetryOptions } from '../options';

/**
 * Pause before the attempt after `charged` attempts, in milliseconds; null when the schedule is used up.
 * @param random 0..1; jitter only lengthens, so that a receiver is never asked earlier than the schedule says
 */
export function pauseAfter(charged: number, options: RetryOptions, random: number): number | null {
  const pause = options.schedule[charged];
  if (pause === undefined) return null;
  return Math.min(options.cap, Math.round(pause * (1 + options.jitter * random)));
}
