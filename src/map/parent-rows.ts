/**
 * Rows of parents that events carry. Mapping never waits: what is missing is noted, fetched by whoever can ask the partition, and the
 * unit is mapped again. An answer is good for the unit that asked for it: the next event reads anew.
 */
import type { RowSource } from '../model/change';
import type { Position, QualifiedName } from '../model/position';

/** One row by its key. */
export interface ParentQuestion {
  /** System name of the parent's file. */
  readonly table: QualifiedName;
  /** Columns of the parent and their values as events have them. */
  readonly key: readonly (readonly [column: string, value: string])[];
}

export interface ParentAnswer {
  /** `several`: the key names more than one row. */
  readonly state: 'read' | 'missing' | 'several';
  readonly row: RowSource | null;
  readonly rrn: bigint;
  /** Where the parent's journal ended just before the row was read: it has every change up to there. Null without a journal. */
  readonly at: Position | null;
}

/** @returns one answer a question, in their order */
export type ParentLoader = (questions: readonly ParentQuestion[]) => Promise<readonly ParentAnswer[]>;

export class ParentRows {
  private readonly answers = new Map<string, ParentAnswer>();
  private readonly wanted = new Map<string, ParentQuestion>();

  /** Null: asked for, and not there yet. */
  get(question: ParentQuestion): ParentAnswer | null {
    const id = JSON.stringify([question.table, question.key]);
    const known = this.answers.get(id);
    if (known) return known;
    this.wanted.set(id, question);
    return null;
  }

  missing(): ParentQuestion[] {
    return [...this.wanted.values()];
  }

  async load(loader: ParentLoader): Promise<void> {
    const asked = [...this.wanted];
    if (asked.length === 0) return;
    const answers = await loader(asked.map(([, question]) => question));
    for (const [i, [id]] of asked.entries()) {
      this.answers.set(id, answers[i]!);
      this.wanted.delete(id);
    }
  }

  forget(): void {
    this.answers.clear();
    this.wanted.clear();
  }
}
