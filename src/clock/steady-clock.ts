// looked up once: every request asks for the time several times
const ORIGIN = performance.timeOrigin;

/**
 * Epoch milliseconds that never jump: pauses of a running process are measured on it, so that a wall clock set back by an
 * hour delays nothing. It says the time of the wall at the start of the process and drifts from it afterwards; what is
 * written down or shown to people is wall time.
 */
export function steadyNow(): number {
  return ORIGIN + performance.now();
}

/**
 * What is left of a pause that was written down, in milliseconds.
 * @param dueAt wall clock, epoch milliseconds
 * @param pause as long as it was when it began; null for one of an older release, which had none written down
 * @returns never more than the pause itself: the wall clock may have been set back since
 */
export function remaining(dueAt: number, pause: number | null, wallNow: number): number {
  return Math.max(0, Math.min(dueAt - wallNow, pause ?? Number.POSITIVE_INFINITY));
}
