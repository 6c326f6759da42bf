/**
 * Tables of one journal whose rows changed without entries: kept until a backfill of the whole table or the operator's decision
 * settles it, and shown until then by status, plan, doctor, /readyz and a metric.
 */
import type { BackfillJobs, BackfillWish } from '../../backfill/backfill-jobs';
import type { CapturedTable } from '../../journal/options';
import { gapMending, gapText } from '../../journal/position/gap-advice';
import { type GapTable, NOT_CAPTURED, type TableGap } from '../../journal/position/gap-table';
import type { Change, TableNotice } from '../../model/change';
import { formatName, formatPosition, type Position, parseName, type QualifiedName } from '../../model/position';
import type { TableHolds } from '../../outbox/queue/table-holds';
import type { UnitLog } from './committed-log';

/** `alert`: reported and shown. `pause`: events of the table are held, too. `backfill`: the table is read as soon as it is journaled. */
export type UnseenChangesPolicy = 'alert' | 'pause' | 'backfill';

interface TableGapsParts {
  readonly gaps: GapTable;
  readonly holds: TableHolds;
  readonly jobs: BackfillJobs;
  /** Of one journal. */
  readonly tables: readonly CapturedTable[];
  readonly policy: UnseenChangesPolicy;
  /** Up to where the journal was read when this daemon began; null before the first. */
  readonly read: Position | null;
  readonly log: UnitLog;
  readonly now?: () => number;
}

const CHUNK_ROWS = 1000;

export class TableGaps {
  private readonly tables: ReadonlyMap<string, CapturedTable>;
  /** As of the last {@link refresh}: a unit may be rolled back and walked again. */
  private open: ReadonlySet<string> = new Set();

  constructor(private readonly parts: TableGapsParts) {
    this.tables = new Map(parts.tables.map((t) => [formatName(t.file), t]));
    this.refresh();
    for (const gap of this.mine()) {
      // left out by the daemon before this one, and captured now
      if (gap.until === null && gap.kind === NOT_CAPTURED && parts.read)
        this.ends(this.tables.get(gap.table)!, parts.read);
      else this.report(gap);
    }
  }

  /** Files of which nothing is seen now: their record format may be another one when entries come again. */
  stale(): QualifiedName[] {
    return this.parts.gaps.open().flatMap((table) => this.tables.get(table)?.file ?? []);
  }

  /** Call before a unit is walked, inside its transaction. */
  refresh(): void {
    const open = this.parts.gaps.open();
    if (open.length > 0 || this.open.size > 0) this.open = new Set(open);
  }

  /** Inside the transaction of the unit, after the notice's own event. */
  heed(notice: TableNotice): void {
    const gap = notice.facts['gap'];
    const captured = this.tables.get(formatName(notice.table));
    if (gap === undefined || !captured) return;
    if (gap === 'ends') {
      this.ends(captured, notice.position);
      return;
    }
    // where every member is captured one that goes, or gets another name, hides nothing
    if (notice.kind.startsWith('member.') && captured.member === null) return;
    const { kind, journal, position: at } = notice;
    const table = formatName(captured.file);
    const known = this.parts.gaps.find(table);
    const from = positionOf(notice.facts['from']) ?? at;
    if (gap === 'opens') this.parts.gaps.opens({ table, journal, kind, at }, this.now());
    else this.parts.gaps.here({ table, journal, kind, at: from, until: at }, this.now());
    this.refresh();
    const now = this.parts.gaps.find(table)!;
    if (known?.kind !== now.kind || known.until !== now.until) this.report(now);
    if (this.parts.policy === 'pause') this.hold(table, notice);
    if (gap === 'here') this.mayBackfill(table, kind === 'position.lost' && notice.facts['policy'] === 'backfill');
  }

  /** A change of a table of which nothing was to be seen: a file was given its name, or journaling went on unannounced. */
  sawChange(change: Change): void {
    if (this.open.size === 0 || !this.open.has(formatName(change.table)) || !change.position) return;
    this.ends(this.tables.get(formatName(change.table))!, change.position);
  }

  private ends({ file }: CapturedTable, at: Position): void {
    const table = formatName(file);
    if (!this.open.has(table) || !this.parts.gaps.ends(table, at, this.now())) return;
    this.refresh();
    const gap = this.parts.gaps.find(table);
    if (gap) this.report(gap);
    this.mayBackfill(table, false);
  }

  private hold(table: string, { kind, position }: TableNotice): void {
    const { holds, log } = this.parts;
    const reason = {
      table,
      reason: kind,
      receiver: formatName(position.receiver),
      sequence: position.sequence.toString(),
    };
    if (holds.hold(reason))
      log.error(
        { table, next: `ibmi-cdc resume --table ${table}` },
        `table paused by ${kind} at ${formatPosition(position)}: its events are kept, not delivered`,
      );
  }

  /** One job for a table is enough, be it the operator's or ours. */
  private mayBackfill(table: string, always: boolean): void {
    const { jobs, policy, log } = this.parts;
    if (!always && policy !== 'backfill') return;
    const wish: BackfillWish = { table, range: null, where: null, chunkRows: CHUNK_ROWS, rowsPerSecond: null };
    if (jobs.unfinished(wish)?.state === 'waiting') return;
    const job = jobs.add(wish, this.now());
    log.info({ table, backfill: job.id }, 'backfill of the whole table asked for');
  }

  private mine(): TableGap[] {
    return this.parts.gaps.list().filter((gap) => this.tables.has(gap.table));
  }

  private report(gap: TableGap): void {
    const { table } = gap;
    this.parts.log.error({ table, next: gapMending(gap).join('; then ') }, `changes not seen: ${gapText(gap)}`);
  }

  private now(): number {
    return (this.parts.now ?? Date.now)();
  }
}

/** `LIB/RECEIVER:SEQUENCE` of a lost position. */
function positionOf(fact: unknown): Position | null {
  const m = /^([^:]+):(\d+)$/.exec(String(fact ?? ''));
  const receiver = m && parseName(m[1]!);
  return receiver ? { receiver, sequence: BigInt(m[2]!) } : null;
}
