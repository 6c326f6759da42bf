/** Rows of one chunk as their digests, and what is found of them. */
import type { RecordImage } from '../model/change';
import { imageCopy } from '../record/rows/row-image';
import type { SqlValue } from '../transport/transport';
import { ChunkDigests, FILTERED, REFUSED, TOLD, UNREAD } from './chunk-digests';
import type { MetKeys } from './met-keys';
import type { ReadChange } from './read-change';
import type { RowJudge, WatchedRows } from './row-judge';
import { ABSENT, type JudgedRule, OTHER, SAME, type SentSource } from './sources';

/** What is found of a row, the graver the higher. */
export const VERDICT = { filtered: 0, matching: 1, unjudged: 2, different: 3, missing: 4, quarantined: 5 } as const;
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

/** One reading of a chunk. */
export interface Reading {
  readonly rows: number;
  readonly last: readonly SqlValue[];
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition. */
  readonly timestamp: string;
  readonly occasion: string;
}

/** Rows that differ, read once more. */
export interface Again {
  readonly chunk: Chunk;
  readonly suspects: number;
  /** The reading did not reach the end of the chunk. */
  readonly unreached: boolean;
  readonly reading: Reading;
  readonly watched: WatchedRows | null;
}

/** Why a row is quarantined. */
interface Refusal {
  readonly code: string;
  readonly column: string | null;
}

export class Chunk {
  rows = 0;
  readonly rrns: number[] = [];
  readonly refusals = new Map<number, Refusal>();
  readonly digests: readonly ChunkDigests[];
  /** JSON of each row by rule, where it is asked for. */
  private readonly texts: (string | null)[][];
  /** What was sent of each row, by rule. */
  readonly found: readonly Uint8Array[];
  private founds: Uint8Array[];
  /** Copies of the rows' images, by number in the chunk. */
  readonly images = new Map<number, RecordImage>();

  constructor(
    private readonly rules: readonly JudgedRule[],
    private readonly judge: RowJudge,
    private readonly keepTexts: boolean,
  ) {
    this.digests = rules.map(() => new ChunkDigests());
    this.texts = rules.map(() => []);
    this.founds = rules.map(() => new Uint8Array(0));
    this.found = this.founds;
  }

  clear(): void {
    this.rows = 0;
    this.rrns.length = 0;
    this.refusals.clear();
    this.images.clear();
    for (const d of this.digests) d.clear();
    for (const t of this.texts) t.length = 0;
  }

  /** @param keep the image is copied */
  add(change: ReadChange, keep: boolean): void {
    const row = this.rows++;
    this.rrns.push(change.number);
    const digests = this.judge.digest(change);
    for (let r = 0; r < this.rules.length; r++) {
      const { index } = this.rules[r]!;
      const digest = typeof digests === 'string' ? null : digests[index];
      const into = this.digests[r]!;
      if (!digest) {
        this.refusals.set(row, { code: digests as string, column: null });
        into.add(UNREAD, NO_KEY);
        continue;
      }
      const { is } = digest;
      if (is === 'refused') this.refusals.set(row, { code: digest.code ?? 'MAP_FAILED', column: digest.column });
      into.add(is === 'told' ? TOLD : is === 'filtered' ? FILTERED : REFUSED, digest);
      if (this.keepTexts || keep) this.texts[r]![row] = is === 'told' ? this.judge.json(index) : null;
    }
    if (keep) this.images.set(row, imageCopy(change.after.image));
  }

  /** The keys of its rows are there. */
  meet(met: MetKeys): void {
    for (const [r, { index }] of this.rules.entries())
      this.digests[r]!.meet((bytes, from, to) => met.add(index, bytes, from, to));
  }

  compare(source: SentSource): void {
    for (const [r, rule] of this.rules.entries()) {
      const digests = this.digests[r]!;
      if (this.founds[r]!.length < digests.length) this.founds[r] = new Uint8Array(digests.length * 2);
      source.judge(rule, digests, this.texts[r]!, this.founds[r]!);
    }
  }

  text(r: number, row: number): string | null {
    return this.texts[r]![row] ?? null;
  }

  key(r: number, row: number): Buffer {
    return this.digests[r]!.key(row);
  }

  /** Of one rule. `unjudged` where only the content of the event that was sent could tell. */
  verdictOf(r: number, row: number): Verdict {
    const { scope } = this.rules[r]!;
    const state = this.digests[r]!.states[row];
    if (state === REFUSED || state === UNREAD) return VERDICT.quarantined;
    if (state === FILTERED) return VERDICT.filtered;
    switch (this.founds[r]![row]) {
      case SAME:
        return VERDICT.matching;
      case ABSENT:
        return scope.missing ? VERDICT.missing : VERDICT.unjudged;
      case OTHER:
        return scope.content === 'hash' ? VERDICT.different : VERDICT.unjudged;
      default:
        return VERDICT.unjudged;
    }
  }

  /** Of the row under all rules. */
  verdict(row: number, any: boolean): Verdict {
    if (this.refusals.size > 0 && this.refusals.has(row)) return VERDICT.quarantined;
    let worst: Verdict = VERDICT.filtered;
    for (let r = 0; r < this.rules.length; r++) {
      const one = this.verdictOf(r, row);
      if (any && one === VERDICT.matching) return one;
      if (one > worst) worst = one;
    }
    return worst;
  }
}

const NO_KEY = { bytes: new Uint8Array(0), keyFrom: 0, keyTo: 0, hashA: 0, hashB: 0 };
