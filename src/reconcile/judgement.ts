/** What is found of one chunk, written down in one transaction: figures, differences, and the events that make them good. */
import type { BackfillRequest } from '../backfill/options';
import type { Change, ChangeOp } from '../model/change';
import type { RowFates } from '../model/rows/row-fates';
import type { SqlValue } from '../transport/transport';
import { type Again, type Chunk, VERDICT, type Verdict } from './chunk';
import { contentVerdict, differingMembers } from './content';
import type { Difference, Figures } from './options';
import type { ReconcileJobs } from './reconcile-jobs';
import type { RowJudge, RowWatch, WindowedRows } from './row-judge';
import type { JudgedRule, SentSource } from './sources';

/** A unit of rows for the publisher; see `RowUnit`. */
export interface RowsUnit {
  /** Rows dealt with. */
  readonly rows: number;
  items(): Iterable<Change>;
  /** Rules that are to tell of the change. */
  rulesOf(change: Change): ReadonlySet<string> | null;
  commit(fates: RowFates): void;
  /** After the transaction, or instead of it. */
  end(): void;
}

interface JudgementParts {
  readonly request: BackfillRequest;
  readonly jobs: ReconcileJobs;
  readonly jobId: number;
  readonly judge: RowJudge;
  readonly rules: readonly JudgedRule[];
  readonly source: SentSource;
  readonly watch: RowWatch | null;
  readonly windows: WindowedRows | null;
  /** What needs no second look. */
  readonly settled: Pick<Figures, 'rows' | 'matching' | 'filtered'>;
  readonly place: { readonly after: readonly SqlValue[]; readonly met: number; readonly now: () => number };
  /** Null: nothing differs. */
  readonly again: Again | null;
}

type Counts = { -readonly [name in keyof Figures]?: number };

export class Judgement implements RowsUnit {
  private counts: Counts = {};
  private differences: Difference[] = [];
  private asked = new Map<Change, ReadonlySet<string>>();
  private tried = 0;

  constructor(private readonly parts: JudgementParts) {}

  get rows(): number {
    return this.parts.settled.rows;
  }

  rulesOf(change: Change): ReadonlySet<string> | null {
    return this.asked.get(change) ?? null;
  }

  *items(): Iterable<Change> {
    const { settled, again, source } = this.parts;
    this.counts = { ...settled };
    this.differences = [];
    this.asked = new Map();
    this.tried = 0;
    if (again === null) return;
    source.refresh(true);
    again.chunk.compare(source);
    for (let row = 0; row < again.chunk.rows; row++) yield* this.row(again, row);
    // what the second reading did not find has gone, or changed its key, since the first one
    const left = again.suspects - again.chunk.rows;
    this.count(again.unreached ? 'unjudged' : 'matching', left);
  }

  commit(fates: RowFates): void {
    const { jobs, jobId, place } = this.parts;
    const repaired = this.tried - fates.filtered - fates.quarantined;
    jobs.chunk(jobId, place.after, place.met, { ...this.counts, repaired }, place.now());
    if (this.wish.list) jobs.differ(jobId, this.differences);
  }

  end(): void {
    this.parts.again?.watched?.end();
  }

  private get wish() {
    return this.parts.jobs.get(this.parts.jobId)!.wish;
  }

  private count(name: keyof Figures, n = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + n;
  }

  private *row(again: Again, row: number): Iterable<Change> {
    const { chunk, watched } = again;
    const { judge, watch, rules } = this.parts;
    const touched = watched?.touched(BigInt(chunk.rrns[row]!)) ?? false;
    const verdicts = rules.map((_, r) => this.verdictOf(chunk, r, row));
    let verdict = this.overall(chunk, row, verdicts);
    const waits = rules.some(({ index }, r) => judge.waits(index, chunk.key(r, row)));
    if (verdict > VERDICT.unjudged && verdict !== VERDICT.quarantined) {
      if (waits || (touched && watch!.changed === 'told')) verdict = VERDICT.matching;
      else if (touched || this.isMoving(chunk, row)) verdict = VERDICT.unjudged;
    }
    this.count(NAMES[verdict]!);
    if (verdict === VERDICT.quarantined) return this.quarantined(chunk, row);
    if (verdict !== VERDICT.different && verdict !== VERDICT.missing) return;
    if (this.wish.list) this.list(chunk, row, verdicts, verdict);
    if (this.wish.repair) yield* this.repair(again, row, verdicts);
  }

  /** A table read in windows: a look may find the row's change, or has found one since the run began. */
  private isMoving(chunk: Chunk, row: number): boolean {
    const { windows, source, rules } = this.parts;
    if (windows === null) return false;
    const told = rules.some((rule, r) => source.toldSince({ rule, bytes: chunk.key(r, row) }));
    return told || windows.moving({ is: 'image', image: chunk.images.get(row)! });
  }

  private overall(chunk: Chunk, row: number, verdicts: readonly Verdict[]): Verdict {
    if (chunk.refusals.has(row)) return VERDICT.quarantined;
    if (this.parts.source.any && verdicts.includes(VERDICT.matching)) return VERDICT.matching;
    return Math.max(VERDICT.filtered, ...verdicts) as Verdict;
  }

  /** What the hash leaves open the event may tell, if it is still stored. */
  private verdictOf(chunk: Chunk, r: number, row: number): Verdict {
    const { rules } = this.parts;
    const verdict = chunk.verdictOf(r, row);
    const { scope } = rules[r]!;
    if (verdict !== VERDICT.unjudged || scope.content === 'no') return verdict;
    const key = chunk.key(r, row);
    const now = chunk.text(r, row);
    const then = this.content(rules[r]!, key);
    return now === null || then === null ? verdict : contentVerdict(now, then, scope.watched);
  }

  /** What the receiver says it has, or was last told. */
  private content(rule: JudgedRule, key: Buffer): string | null {
    const { source, judge } = this.parts;
    const said = source.contentOf(rule, key);
    if (said !== null) return said;
    const id = source.idOf(rule, key);
    return id === null ? null : judge.stored(id);
  }

  private quarantined(chunk: Chunk, row: number): void {
    const { code } = chunk.refusals.get(row)!;
    const { judge, rules } = this.parts;
    const { scope, index } = rules[0]!;
    const key = chunk.key(0, row);
    const named = key.length > 0 ? judge.keyJson(index, key) : JSON.stringify({ rrn: String(chunk.rrns[row]) });
    this.differences.push({ kind: 'quarantined', key: named, rule: scope.rule, columns: null, code });
  }

  private list(chunk: Chunk, row: number, verdicts: readonly Verdict[], verdict: Verdict): void {
    const { rules, judge } = this.parts;
    const r = verdicts.indexOf(verdict);
    const { scope, index } = rules[r]!;
    const key = chunk.key(r, row);
    const now = chunk.text(r, row);
    const then = this.content(rules[r]!, key);
    const known = verdict === VERDICT.different && now !== null && then !== null;
    this.differences.push({
      kind: verdict === VERDICT.different ? 'different' : 'missing',
      key: judge.keyJson(index, key),
      rule: scope.rule,
      columns: known ? differingMembers(now, then) : null,
      code: null,
    });
  }

  /** A change for each operation the rules that differ take it as. */
  private *repair({ chunk, reading }: Again, row: number, verdicts: readonly Verdict[]): Iterable<Change> {
    const image = chunk.images.get(row);
    if (!image) return;
    const byOp = new Map<ChangeOp, Set<string>>();
    for (const [r, verdict] of verdicts.entries()) {
      if (verdict !== VERDICT.different && verdict !== VERDICT.missing) continue;
      const { scope } = this.parts.rules[r]!;
      const op = scope.reads ? 'read' : verdict === VERDICT.missing ? 'insert' : 'update';
      byOp.set(op, (byOp.get(op) ?? new Set()).add(scope.rule));
    }
    const base = repairChange(this.parts.request, chunk.rrns[row]!, reading);
    let first = true;
    for (const [op, rules] of byOp) {
      const change: Change = { ...base, op, after: { is: 'image', image } };
      this.asked.set(change, rules);
      if (first) this.tried++;
      first = false;
      yield change;
    }
  }
}

const NAMES: readonly (keyof Figures)[] = ['filtered', 'matching', 'unjudged', 'different', 'missing', 'quarantined'];

function repairChange({ table }: BackfillRequest, rrn: number, { occasion, timestamp }: Again['reading']): Change {
  return {
    op: 'read',
    mode: 'reconcile',
    table,
    member: '',
    before: null,
    after: null,
    journal: null,
    position: null,
    occasion,
    timestamp,
    commitCycle: 0n,
    rrn: BigInt(rrn),
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}
