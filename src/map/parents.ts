/**
 * Child-to-parent events (N11): what happens to ORDLIN inside one commit cycle becomes one `order.updated`.
 * The event carries the position of the last child change, so its id is as deterministic as any other. Of rows read by SQL
 * it carries the occasion: a parent is told once in a run of a backfill, however many chunks its children are spread over.
 */
import type { Change } from '../model/change';
import type { EventDraft } from '../model/event';
import { formatName, type QualifiedName } from '../model/position';
import { headerOf, within } from './coalesce';
import { compileEnvelope, contentTypeOf, type EnvelopeWriter } from './envelope';
import { EventIds } from './event-id';
import { digitsOf } from './meta';
import type { ParentOptions, RuleOptions } from './options';
import type { MapContext } from './rule-mapper';

/** A child change, as its parent hears of it. */
export interface ParentNews {
  readonly key: readonly (readonly [name: string, value: string | number | boolean | null])[];
  readonly text: string;
  /** True for the parent a moved child has left: the same entry, another event. */
  readonly moved: boolean;
  readonly change: Change;
}

/** Header of a change without its images, which die with the block. */
type Kept = Omit<ParentNews, 'change'> & { readonly change: Change };

/** More parents than this in one cycle are told early: an event more, never one too few. */
const MAX_PARENTS = 10_000;

export class ParentCoalescer {
  private readonly waiting = new Map<string, Kept>();
  private cycle = 0n;
  /** Timestamp of the first news waiting. */
  private since = '';
  private readonly write: EnvelopeWriter;
  private readonly ids: EventIds;
  private readonly movedIds: EventIds;
  private readonly parent: ParentOptions;
  private readonly source: QualifiedName;

  constructor(
    private readonly rule: RuleOptions,
    child: QualifiedName,
    private readonly context: MapContext,
  ) {
    this.parent = rule.parent!;
    this.source = this.parent.table ?? child;
    this.write = compileEnvelope(rule.envelope, {
      partition: context.partition,
      library: this.source.library,
      file: this.source.name,
      rule: rule.name,
      version: rule.version,
      product: context.product,
    });
    this.ids = new EventIds(context.partition, formatName(child), rule.name, '');
    this.movedIds = new EventIds(context.partition, formatName(child), rule.name, 'moved');
  }

  /** Takes the news of one change; hands back the events of the cycle that ended before it. */
  take(news: readonly ParentNews[], change: Change): EventDraft[] {
    const ended = this.endedBy(change) ? this.flush() : [];
    this.cycle = change.commitCycle;
    for (const n of news) {
      // the last change of a parent stands for all of them: it must also be the last in order
      this.waiting.delete(n.text);
      this.waiting.set(n.text, { ...n, change: headerOf(n.change) });
    }
    return this.waiting.size > MAX_PARENTS ? [...ended, ...this.flush()] : ended;
  }

  /** A commit cycle ends with the next one, and every change outside commitment control is one; a span ends with its time. */
  private endedBy(change: Change): boolean {
    if (this.waiting.size === 0) {
      this.since = change.timestamp;
      return false;
    }
    const { debounce } = this.parent;
    // rows read by SQL have no commit cycle: what one reading finds of a parent is one event
    if (change.position === null && debounce === 'commit') return false;
    if (debounce === 'commit') return change.commitCycle === 0n || change.commitCycle !== this.cycle;
    if (within(this.since, change.timestamp, debounce)) return false;
    this.since = change.timestamp;
    return true;
  }

  /** Events of everything taken so far. Call at the end of a unit: what waits in memory would not survive a crash. */
  flush(): EventDraft[] {
    const events = [...this.waiting.values()].map((n) => this.event(n));
    this.waiting.clear();
    return events;
  }

  clear(): void {
    this.waiting.clear();
  }

  private event(news: Kept): EventDraft {
    const { sink, clock } = this.context;
    const { change, text } = news;
    const start = sink.at;
    const sequence = change.position ? digitsOf(change.position.sequence) : '';
    const ids = news.moved ? this.movedIds : this.ids;
    const id =
      change.position && change.journal
        ? ids.ofEntry(change.journal, change.position.receiver, sequence)
        : ids.ofRow({ ...change, rrn: 0n, op: 'update' }, text, '');
    const type = this.rule.event.is === 'entity' ? this.rule.event.updated : `${this.parent.event}.updated`;
    const time = clock.toUtc(change.timestamp);
    const key = Object.fromEntries(news.key);
    const attempt = this.write(sink, {
      id,
      type,
      time,
      subject: text,
      traceKey: text,
      recordUrl: null,
      op: 'update',
      change,
      changed: JSON.stringify([this.parent.changed]),
      thinned: false,
      position: change.position,
      sequence,
      keyJson: JSON.stringify(key),
      writeAfter: null,
      writeBefore: null,
      raw: null,
      decodeErrors: () => [],
    });
    return {
      id,
      type,
      version: this.rule.version,
      table: formatName(this.source),
      rule: this.rule.name,
      key: text,
      traceKey: text,
      destinations: this.rule.to,
      priority: this.rule.priority,
      body: sink.since(start),
      attemptOffset: attempt < 0 ? -1 : attempt - start,
      contentType: contentTypeOf(this.rule.envelope),
      time,
      journal: change.journal,
      position: change.position,
      tombstone: false,
      recordUrl: null,
      decodeErrors: 0,
    };
  }
}
