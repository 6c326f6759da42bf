import type { CommitLevel } from '../../sql-session';
import { tokenNotValid } from '../failures';

export type LockResolution = 'wait' | 'committed' | 'skip';

/** What a statement says of isolation. */
export interface Isolation {
  /** NC, UR, CS, RS, RR or a synonym. */
  readonly level: string;
  readonly resolution: LockResolution;
}

const LEVELS: Record<string, CommitLevel> = {
  'NO COMMIT': 0,
  NC: 0,
  'READ UNCOMMITTED': 2,
  UR: 2,
  'READ COMMITTED': 1,
  CS: 1,
  'REPEATABLE READ': 4,
  RR: 4,
  RS: 3,
  SERIALIZABLE: 4,
};

/** Of SET TRANSACTION. @throws SqlFailure -104 */
export function isolationLevel(words: readonly string[]): CommitLevel {
  const level = LEVELS[words.slice(0, 2).join(' ')] ?? LEVELS[words[0] ?? ''];
  if (level === undefined) throw tokenNotValid(words[0] ?? '<END-OF-STATEMENT>');
  return level;
}
