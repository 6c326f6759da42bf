/**
 * Updates of one row within a short span become one event, from the first before image to the last after image (A45).
 * Works inside one unit of reading: nothing waits longer than that, because what waits in memory would not survive a
 * crash. Any other operation on the row is told after what was held, so its order is kept.
 */
import type { Change, RowSource } from '../model/change';
import type { EventDraft } from '../model/event';
import type { RuleMapper } from './rule-mapper';

interface Held {
  readonly first: Change;
  last: Change;
  /** Events of the last change alone: told if the merged change turns out to be none. */
  events: readonly EventDraft[];
  count: number;
}

/** More rows than this are told early: an event more, never one too few. */
const MAX_HELD = 10_000;

export class UpdateCoalescer {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly mapper: RuleMapper,
    private readonly windowMs: number,
  ) {}

  /** Takes what one change became; hands back what is to be told now. */
  take(change: Change, events: readonly EventDraft[]): readonly EventDraft[] {
    const key = events[0]?.key;
    if (key === undefined) return events;
    const held = this.held.get(key);
    if (change.op !== 'update' || events.length > 1) {
      this.held.delete(key);
      return held ? [...this.tell(held), ...events] : events;
    }
    if (held && within(held.first.timestamp, change.timestamp, this.windowMs)) {
      held.last = kept(change);
      held.events = events;
      held.count++;
      return [];
    }
    const copy = kept(change);
    this.held.delete(key);
    this.held.set(key, { first: copy, last: copy, events, count: 1 });
    const earlier = held ? this.tell(held) : [];
    return this.held.size > MAX_HELD ? [...earlier, ...this.flush()] : earlier;
  }

  flush(): EventDraft[] {
    const events = [...this.held.values()].flatMap((h) => [...this.tell(h)]);
    this.held.clear();
    return events;
  }

  clear(): void {
    this.held.clear();
  }

  private tell(held: Held): readonly EventDraft[] {
    if (held.count === 1) return held.events;
    try {
      const merged = this.mapper.map({ ...held.last, before: held.first.before });
      return merged.is === 'mapped' ? merged.events : held.events;
    } catch {
      // two images that a rule cannot take together, though each alone: the last change is told as it was
      return held.events;
    }
  }
}

/** True if the second local timestamp is at most `windowMs` after the first. */
export function within(first: string, last: string, windowMs: number): boolean {
  const span = Date.parse(`${last.slice(0, 23)}Z`) - Date.parse(`${first.slice(0, 23)}Z`);
  return span >= 0 && span <= windowMs;
}

/** A plain copy: readers hand out objects and images that do not outlive the next entry. */
export function kept(c: Change): Change {
  return { ...headerOf(c), before: keptRow(c.before), after: keptRow(c.after) };
}

function keptRow(source: RowSource | null): RowSource | null {
  if (source?.is !== 'image') return source;
  const { bytes, offset, length, nulls } = source.image;
  const copy = Buffer.from(bytes.subarray(offset, offset + length));
  return { is: 'image', image: { bytes: copy, offset: 0, length, nulls: nulls && Buffer.from(nulls) } };
}

/** A change without its images. */
export function headerOf(c: Change): Change {
  return {
    op: c.op,
    mode: c.mode,
    table: c.table,
    member: c.member,
    before: null,
    after: null,
    journal: c.journal,
    position: c.position,
    occasion: c.occasion,
    timestamp: c.timestamp,
    commitCycle: c.commitCycle,
    rrn: c.rrn,
    user: c.user,
    job: c.job,
    program: c.program,
    remoteAddress: c.remoteAddress,
  };
}
