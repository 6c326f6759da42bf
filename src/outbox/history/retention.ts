/** Purging what is settled, by age and by size, a little at a time. What is pending is never purged. */
import type { Store } from '../../store/store';
import { RETENTION_DEFAULTS, type RetentionOptions } from '../options';
import type { EventIds } from '../pages/event-ids';
import { PageReader } from '../pages/event-page';
import { lazily } from '../queue/commit-without-fsync';
import type { Counters } from '../queue/counters';
import type { DeliveryLog } from '../queue/delivery-log';
import type { Ready } from '../queue/ready-bitmap';

const DAY_MS = 86_400_000;
/** Pages of events looked at in one transaction: about a millisecond of work. */
const PAGES = 32;
/** More than any page has. */
const MOST_EVENTS = 100_000;
/** Dead letters, rows of the delivery log. */
const ROWS = 500;

export interface PurgeResult {
  readonly events: number;
  /** Rows of the delivery log: each holds the attempts of one commit. */
  readonly logRows: number;
  /** Given up for good: not retried or dropped in time. */
  readonly deadLetters: number;
  /** True when the step limit stopped it and there is more to do now. */
  readonly more: boolean;
}

interface RetentionParts {
  readonly store: Store;
  readonly counters: Counters;
  readonly ids: EventIds;
  readonly ready: Ready;
  readonly log: DeliveryLog;
  readonly options: RetentionOptions;
  readonly now: () => number;
}

type Row = [first: number, last: number, appendedAt: number, bytes: number];

export class Retention {
  private readonly limits: Required<RetentionOptions>;
  private readonly following;
  private readonly data;
  private readonly remove;
  private readonly needed;
  private readonly firstDead;
  private readonly removeDead;
  private readonly removeLanes;
  /** Pages up to here have been looked at in this round and are still needed. */
  private cursor = 0;

  constructor(private readonly parts: RetentionParts) {
    this.limits = { ...RETENTION_DEFAULTS, ...parts.options };
    const { db } = parts.store;
    this.following = db
      .prepare('SELECT first, last, appended_at, bytes FROM outbox_page WHERE first > ? ORDER BY first LIMIT ?')
      .raw();
    this.data = db.prepare('SELECT data FROM outbox_page WHERE first = ?').pluck();
    this.remove = db.prepare('DELETE FROM outbox_page WHERE first = ?');
    this.needed = db
      .prepare(
        `SELECT event FROM outbox_parked WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_held WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_dead WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_again WHERE event BETWEEN @from AND @to`,
      )
      .pluck();
    this.firstDead = db.prepare('SELECT dead_at FROM outbox_dead ORDER BY no LIMIT 1').pluck();
    this.removeDead = db.prepare(
      'DELETE FROM outbox_dead WHERE no IN (SELECT no FROM outbox_dead WHERE dead_at < ? ORDER BY no LIMIT ?)',
    );
    this.removeLanes = db.prepare(
      `DELETE FROM outbox_lane WHERE pos < (SELECT min(first) FROM outbox_page) AND NOT EXISTS
         (SELECT 1 FROM outbox_parked p WHERE p.destination = outbox_lane.destination AND p.lane = outbox_lane.lane)`,
    );
  }

  /** One small step; call again soon while `more`. */
  purge(): PurgeResult {
    const { log, now } = this.parts;
    return lazily(this.parts.store, () => {
      const events = this.purgeEvents();
      const { logDays, logMaxBytes } = this.limits;
      const rows = log.purge(now() - logDays * DAY_MS, logMaxBytes, ROWS);
      const deadLetters = this.purgeDead();
      const more = events.more || rows.more || deadLetters === ROWS;
      return { events: events.removed, logRows: rows.removed, deadLetters, more };
    });
  }

  /** A page goes when none of its events is needed any more. */
  private purgeEvents(): { removed: number; more: boolean } {
    const { counters, now } = this.parts;
    let over = counters.get('bytes') - this.limits.maxBytes;
    const cutoff = now() - this.limits.days * DAY_MS;
    const rows = this.following.all(this.cursor, PAGES) as Row[];
    const due: Row[] = [];
    for (const row of rows) {
      if (over <= 0 && row[2] >= cutoff) break;
      due.push(row);
      over -= row[3];
    }
    const gone = this.unneeded(due);
    this.removePages(gone);
    const more = due.length === PAGES;
    // what was passed over as still needed is looked at again next time
    this.cursor = more ? due.at(-1)![0] : 0;
    const removed = gone.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    if (removed > 0) {
      counters.add('bytes', -gone.reduce((sum, row) => sum + row[3], 0));
      counters.add('events', -removed);
      if (!more) this.removeLanes.run();
    }
    return { removed, more };
  }

  private unneeded(pages: readonly Row[]): Row[] {
    if (pages.length === 0) return [];
    const { ready } = this.parts;
    const needed = this.needed.all({ from: pages[0]![0], to: pages.at(-1)![1] }) as number[];
    const from = ready.placesBetween(pages[0]![0], pages.at(-1)![1]);
    const kept = [...needed, ...from];
    return pages.filter(([first, last]) => !kept.some((event) => first <= event && event <= last));
  }

  private removePages(pages: readonly Row[]): void {
    const { ids } = this.parts;
    if (pages.length === 0) return;
    const isGone = (event: number): boolean => pages.some(([first, last]) => first <= event && event <= last);
    ids.begin();
    ids.drop(this.idsOf(pages), isGone);
    ids.end();
    for (const [first] of pages) this.remove.run(first);
  }

  private *idsOf(pages: readonly Row[]): Generator<string> {
    for (const [first] of pages) {
      yield* readableIds(this.data.get(first) as Buffer);
    }
  }

  private purgeDead(): number {
    const oldest = this.firstDead.get() as number | undefined;
    const cutoff = this.parts.now() - this.limits.deadLetterDays * DAY_MS;
    return oldest !== undefined && oldest < cutoff ? this.removeDead.run(cutoff, ROWS).changes : 0;
  }
}

/** A page that was altered on the disk may say anything: what cannot be read of it stays in the list of ids. */
function readableIds(page: Buffer): string[] {
  try {
    const reader = new PageReader(page);
    return Array.from({ length: Math.min(reader.events, MOST_EVENTS) }, (_, index) => reader.idOf(index));
  } catch {
    return [];
  }
}
