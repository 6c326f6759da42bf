export type LockResolution = 'wait' | 'committed' | 'skip';

/** What a statement says of isolation. */
export interface Isolation {
  /** NC, UR, CS, RS, RR or a synonym. */
  readonly level: string;
  readonly resolution: LockResolution;
}
