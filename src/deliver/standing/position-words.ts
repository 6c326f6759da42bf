/**
 * Positions that a receiver keeps for a state file (Kafka, exactly once), and the operator's decision on one that belongs to a
 * later life of the file than this one: a copy that was restored knows nothing of what the life after it has sent.
 */
import type { FormerLife } from '../../store/life';
import type { Schema, Store } from '../../store/store';

export const POSITION_WORD_SCHEMA: Schema = {
  name: 'deliver_position',
  steps: [
    `
-- what the operator said, until the next start has done it
CREATE TABLE deliver_position_word (destination TEXT PRIMARY KEY, word TEXT NOT NULL) WITHOUT ROWID;
-- lives before this one are not asked about the destination any more
CREATE TABLE deliver_position_cut (destination TEXT PRIMARY KEY, incarnation TEXT NOT NULL) WITHOUT ROWID;
`,
  ],
};

/** `repeat`: send what waits in the file. `skip`: take it as sent, as the later life sent all of it. */
export type PositionWord = 'repeat' | 'skip';

/** What a sink that keeps positions must know of the file they are positions of. */
export interface PositionLife {
  /** Of the present life. */
  readonly incarnation: string;
  /** The latest first: positions beyond its limit were never this file's. */
  readonly former: readonly FormerLife[];
  /** Every life the file knows, the present one and those before a cut among them. */
  readonly known: readonly string[];
  /** Last position of the file when the present life began. */
  readonly limit: number;
  /** Last position of the file when its first life began: what versions without lives had reached. */
  readonly before: number;
  word(): PositionWord | null;
  /** The word was heeded: from now on only this life and later ones are asked. */
  cut(): void;
}

export class PositionWords {
  constructor(private readonly store: Store) {}

  /** The operator's decision for the next start. */
  say(destination: string, word: PositionWord): void {
    this.store.transaction(() => {
      this.store.db.prepare('INSERT OR REPLACE INTO deliver_position_word VALUES (?, ?)').run(destination, word);
    });
  }

  /** For the daemon, once its life has begun. */
  lifeOf(destination: string): PositionLife | null {
    const { owner, db } = this.store;
    if (!owner || owner.incarnation === '') return null;
    const { incarnation } = owner;
    const all = owner.former();
    const until = db.prepare('SELECT incarnation FROM deliver_position_cut WHERE destination = ?').pluck();
    const end = all.findIndex((life) => life.incarnation === until.get(destination));
    return {
      incarnation,
      former: end < 0 ? all : all.slice(0, end + 1),
      known: [incarnation, ...all.map((life) => life.incarnation)],
      limit: owner.position,
      before: end < 0 ? (owner.firstPosition() ?? 0) : 0,
      word: () => this.wordOf(destination),
      cut: () => this.cut(destination, incarnation),
    };
  }

  private wordOf(destination: string): PositionWord | null {
    const word = this.store.db.prepare('SELECT word FROM deliver_position_word WHERE destination = ?').pluck();
    return (word.get(destination) as PositionWord | undefined) ?? null;
  }

  private cut(destination: string, incarnation: string): void {
    const { db } = this.store;
    this.store.transaction(() => {
      db.prepare('INSERT OR REPLACE INTO deliver_position_cut VALUES (?, ?)').run(destination, incarnation);
      db.prepare('DELETE FROM deliver_position_word WHERE destination = ?').run(destination);
    });
  }
}
