/** Priorities that keep the order of a lane. */
import type { Database } from 'better-sqlite3';
import type { PriorityClass } from '../../model/delivery';
import { isNoticeKey, NOTICE_MARK } from '../../model/event';
import type { Destination } from '../destinations';
import type { LaneKind } from '../options';
import { checkRow, rowSum, summedColumns } from '../pages/row-sum';
import type { Ready } from './ready-bitmap';

/** From which place on lanes of a destination are on record: what was queued before has no lane on record. */
interface Scope {
  readonly kind: LaneKind;
  /** Of lanes by trace key: those of notices only. */
  readonly since: number;
  /** Of lanes by trace key: those of rows. Null where they are not on record. */
  readonly rows: number | null;
  /** 1 where what was queued before was queued in lanes of another kind: in any class then, else in the normal one. */
  readonly mixed: 0 | 1;
}

/** The last place of a lane. */
interface Last {
  cls: PriorityClass;
  pos: number;
  changed: boolean;
}

interface Lanes {
  scope: Scope;
  readonly last: Map<string, Last>;
}

/**
 * Which class a delivery is queued in. A lane with anything pending stays in its class until it is empty, so an urgent event
 * never overtakes an earlier one of the same key. That needs the last place of each lane that holds anything urgent: lanes of
 * tables are few, and so are those of notices; lanes of rows by trace key are put on record from the first event on that is
 * not of normal priority, and cost nothing without one.
 */
export class LaneClasses {
  private readonly getScope;
  private readonly setScope;
  private readonly usesClasses;
  private readonly get;
  private readonly set;
  private readonly isParked;
  /** Of the transaction under way, by number of the destination. */
  private readonly open = new Map<number, Lanes>();
  /** Destinations that were asked, once in the life of this process, whether rows by trace key still use priorities. */
  private readonly asked = new Set<number>();
  /** By destination: a place before which nothing is left. */
  private readonly past = new Map<number, number>();

  constructor(
    db: Database,
    private readonly ready: Ready,
  ) {
    this.getScope = db
      .prepare(`SELECT ${summedColumns('outbox_lane_scope')} FROM outbox_lane_scope WHERE destination = ?`)
      .raw();
    this.setScope = db.prepare(
      `INSERT OR REPLACE INTO outbox_lane_scope (${summedColumns('outbox_lane_scope')}) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.usesClasses = db
      .prepare(
        `SELECT 1 FROM outbox_lane
         WHERE destination = ? AND class <> 1 AND substr(lane, 1, 1) <> '${NOTICE_MARK}' LIMIT 1`,
      )
      .pluck();
    this.get = db
      .prepare(`SELECT ${summedColumns('outbox_lane')} FROM outbox_lane WHERE destination = ? AND lane = ?`)
      .raw();
    this.set = db.prepare(
      `INSERT INTO outbox_lane (${summedColumns('outbox_lane')}) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (destination, lane) DO UPDATE SET class = excluded.class, pos = excluded.pos, sum = excluded.sum`,
    );
    this.isParked = db.prepare('SELECT 1 FROM outbox_parked WHERE destination = ? AND lane = ? LIMIT 1').pluck();
  }

  /** Call at the beginning of each transaction: the one before may have been rolled back. */
  begin(): void {
    this.open.clear();
  }

  /** Writes down what was changed; at the end of the transaction. */
  end(): void {
    for (const [no, { last }] of this.open) {
      for (const [lane, { cls, pos, changed }] of last) if (changed) this.put(no, lane, cls, pos);
    }
    this.open.clear();
  }

  /** @param pos later than every place of the destination that was given out before */
  place(destination: Destination, lane: string, pos: number, wanted: PriorityClass): PriorityClass {
    const { no } = destination;
    const lanes = this.open.get(no) ?? this.lanesOf(destination, pos);
    const isOfRows = lanes.scope.kind === 'key' && !isNoticeKey(lane);
    if (isOfRows && lanes.scope.rows === null) {
      if (wanted === 1) return 1;
      this.asked.add(no);
      this.record(no, lanes, { ...lanes.scope, rows: pos });
    }
    const since = isOfRows ? lanes.scope.rows! : lanes.scope.since;
    const last = this.lastOf(no, lane, lanes);
    const isKnown = last !== null && last.pos >= since;
    const cls = isKnown ? this.behind(no, lane, last, wanted) : this.behindOlder(no, since, lanes.scope.mixed, wanted);
    if (last === null) lanes.last.set(lane, { cls, pos, changed: true });
    else Object.assign(last, { cls, pos, changed: true });
    return cls;
  }

  private lanesOf({ no, lanes: kind }: Destination, pos: number): Lanes {
    const known = this.scopeOf(no);
    const same = known?.kind === kind;
    const isFirst = known === undefined;
    const scope: Scope = same ? known : { kind, since: pos, rows: isFirst ? null : pos, mixed: isFirst ? 0 : 1 };
    const lanes: Lanes = { scope, last: new Map() };
    this.open.set(no, lanes);
    if (!same) this.record(no, lanes, scope);
    else if (scope.rows !== null && kind === 'key' && !this.asked.has(no)) this.narrow(no, lanes);
    return lanes;
  }

  /** Where each row waits in the normal class, or not at all, none can be overtaken before the next that is urgent. */
  private narrow(no: number, lanes: Lanes): void {
    this.asked.add(no);
    const { since, rows, mixed } = lanes.scope;
    if (this.usesClasses.get(no) !== undefined) return;
    if (mixed === 1 && this.olderClass(no, Math.max(since, rows!), mixed) !== null) return;
    this.record(no, lanes, { ...lanes.scope, rows: null, mixed: 0 });
  }

  private record(no: number, lanes: Lanes, scope: Scope): void {
    lanes.scope = scope;
    const row = [no, scope.kind, scope.since, scope.rows, scope.mixed];
    this.setScope.run(...row, rowSum(row));
  }

  private scopeOf(no: number): Scope | undefined {
    const row = this.getScope.get(no) as
      | [no: number, kind: LaneKind, since: number, rows: number | null, mixed: 0 | 1, sum: number | null]
      | undefined;
    if (row === undefined) return undefined;
    checkRow('outbox_lane_scope', row);
    const [, kind, since, rows, mixed] = row;
    return { kind, since, rows, mixed };
  }

  private put(no: number, lane: string, cls: PriorityClass, pos: number): void {
    const row = [no, lane, cls, pos];
    this.set.run(...row, rowSum(row));
  }

  private lastOf(no: number, lane: string, { last }: Lanes): Last | null {
    const known = last.get(lane);
    if (known !== undefined) return known;
    const row = this.get.get(no, lane) as
      | [no: number, lane: string, cls: PriorityClass, pos: number, sum: number | null]
      | undefined;
    if (row === undefined) return null;
    checkRow('outbox_lane', row);
    const found = { cls: row[2], pos: row[3], changed: false };
    last.set(lane, found);
    return found;
  }

  private behind(no: number, lane: string, { cls, pos }: Last, wanted: PriorityClass): PriorityClass {
    return this.ready.has(no, cls, pos) || this.isParked.get(no, lane) !== undefined ? cls : wanted;
  }

  /**
   * A lane that is not on record may have something among what was queued before `since`: it is not overtaken. Where lanes were of
   * another kind then, what waits of a lane now may stand in several classes, and the first place is given by none: one that has
   * older places is taken.
   */
  private behindOlder(no: number, since: number, mixed: 0 | 1, wanted: PriorityClass): PriorityClass {
    if ((this.past.get(no) ?? -1) >= since) return wanted;
    const cls = this.olderClass(no, since, mixed);
    if (cls !== null) return cls;
    this.past.set(no, since);
    return wanted;
  }

  private olderClass(no: number, since: number, mixed: 0 | 1): PriorityClass | null {
    this.ready.flush();
    for (const cls of mixed === 1 ? ([1, 2, 0] as const) : ([1] as const)) {
      const oldest = this.ready.first(no, cls);
      if (oldest !== null && oldest < since) return cls;
    }
    return null;
  }
}
