/**
 * Keys that were sent and that the reading of the table did not meet. A key is judged when the stream has passed the position
 * at which the last row was read, and again in the transaction that writes it down: whatever was told of it since the run
 * began is newer than the run, and then it is none of its business.
 */
import type { BackfillRequest } from '../backfill/options';
import type { Change } from '../model/change';
import type { Position } from '../model/position';
import { keyMembers } from '../remember/held-keys';
import type { MetKeys } from './met-keys';
import type { Difference } from './options';
import type { ReconcileJobs, Swept } from './reconcile-jobs';
import type { RowJudge, RowWatch, WindowedRows } from './row-judge';
import type { JudgedRule, KeyPage, SentKey, SentSource } from './sources';

/** See `GoneUnit`. */
export interface ExtraUnit {
  gone(): Iterable<{ readonly rule: string; readonly members: readonly (string | null)[]; readonly change: Change }>;
  commit(fates: { readonly published: number }): void;
}

interface ExtraParts {
  readonly request: BackfillRequest;
  readonly jobs: ReconcileJobs;
  readonly jobId: number;
  readonly judge: RowJudge;
  readonly source: SentSource;
  readonly watch: RowWatch | null;
  readonly windows: WindowedRows | null;
  readonly met: MetKeys;
  readonly extras: { readonly within: ((rule: JudgedRule, key: Uint8Array) => boolean) | null };
  readonly clock: () => Promise<string>;
  readonly now?: () => number;
}

export class Extras {
  constructor(private readonly parts: ExtraParts) {}

  /** @param head the journal's position after the last row was read; null without a journal */
  async *units(head: Position | null, signal: AbortSignal): AsyncGenerator<ExtraUnit> {
    const { met, source, jobs, jobId } = this.parts;
    await this.streamIsPast(head, signal);
    for (let pass = 0; pass < met.passes && !signal.aborted; pass++) {
      const keys = met.pass(pass);
      const begun = jobs.get(jobId)!.swept;
      if (begun && begun.pass > pass) continue;
      let from: KeyPage['next'] = begun?.pass === pass ? { rule: begun.rule, after: begun.after } : null;
      for (;;) {
        if (signal.aborted) return;
        const page: KeyPage = source.page(from, (...key) => keys.has(...key) === false);
        const inside = page.keys.filter(({ rule, bytes }) => this.parts.extras.within?.(rule, bytes) ?? true);
        if (inside.length > 0)
          yield this.unit(
            inside,
            page.next ? { pass, ...page.next } : { pass: pass + 1, rule: -1, after: null },
            await this.header(),
          );
        if (page.next === null) break;
        from = page.next;
        await breath();
      }
    }
  }

  private async streamIsPast(head: Position | null, signal: AbortSignal): Promise<void> {
    const { watch, source } = this.parts;
    if (head && watch) {
      const watched = watch.note(head);
      try {
        await watched.passed(head, signal);
      } finally {
        watched.end();
      }
    }
    source.refresh(false);
  }

  private unit(keys: readonly SentKey[], place: Swept, change: Change): ExtraUnit {
    const { source, jobs, jobId, watch, judge, windows } = this.parts;
    const { wish } = jobs.get(jobId)!;
    const now = this.parts.now ?? Date.now;
    let found: SentKey[] = [];
    let unjudged = 0;
    return {
      *gone() {
        found = [];
        unjudged = 0;
        source.refresh(true);
        for (const key of source.stillThere(keys)) {
          const { scope } = key.rule;
          if (judge.waits(key.rule.index, key.bytes)) continue;
          if (windows?.findsDeletes || watch?.unreadKey(scope.rule, key.bytes)) unjudged++;
          else {
            found.push(key);
            if (wish.repair) yield { rule: scope.rule, members: keyMembers(key.bytes), change };
          }
        }
      },
      commit() {
        if (wish.repair) source.forget(found);
        const extra = found.length;
        jobs.sweep(jobId, place, { extra, repaired: wish.repair ? extra : 0, keysUnjudged: unjudged }, now());
        if (wish.list)
          jobs.differ(
            jobId,
            found.map((key) => differenceOf(judge, key)),
          );
      },
    };
  }

  private async header(): Promise<Change> {
    const { request, jobs, jobId, clock } = this.parts;
    return {
      op: 'delete',
      mode: 'reconcile',
      table: request.table,
      member: '',
      before: null,
      after: null,
      journal: null,
      position: null,
      occasion: jobs.get(jobId)!.run,
      timestamp: await clock(),
      commitCycle: 0n,
      rrn: 0n,
      user: '',
      job: '',
      program: '',
      remoteAddress: '',
    };
  }
}

function differenceOf(judge: RowJudge, { rule, bytes }: SentKey): Difference {
  const { scope, index } = rule;
  return { kind: 'extra', key: judge.keyJson(index, bytes), rule: scope.rule, columns: null, code: null };
}

/** Lets the stream go on between two pages. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
