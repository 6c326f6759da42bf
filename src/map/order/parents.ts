/**
 * Events of parents: what happened to their children, sent as an update of the parent. The event carries the
 * position of the last child change, so its id is as deterministic as any other. Of rows read by SQL it carries the
 * occasion: a parent is reported once in a run of a backfill, however many chunks its children are spread over.
 */
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { formatName, type QualifiedName } from '../../model/position';
import type { FieldError } from '../../model/record-format';
import { compileEnvelope, contentTypeOf, type EnvelopeWriter } from '../event/envelope';
import { EventIdMaker } from '../event/event-id';
import { escapeKey } from '../event/held-row';
import type { MapContext } from '../event/map-context';
import { digitsOf } from '../event/meta';
import type { ParentOptions, RuleOptions } from '../options';
import type { RulePlan } from '../plan/rule-plan';
import type { ChangeValues } from '../plan/rule-values';
import { headerOf, momentOf } from './change-copy';
import type { Held } from './held';

/** A child change, as its parent sees it. */
export interface ParentNews {
  readonly key: readonly (readonly [name: string, value: string | number | boolean | null])[];
  readonly text: string;
  /** True for the parent a moved child has left: the same entry, another event. */
  readonly moved: boolean;
  readonly change: Change;
}

/** Parents before and after: a child that moves from one order to another is news for both. */
export function parentNews(plan: RulePlan, change: Change, values: ChangeValues): ParentNews[] {
  const news = new Map<string, ParentNews>();
  for (const which of ['current', 'before'] as const) {
    const masked = values.masked(which);
    if (!masked) continue;
    const key = plan.parentKey.map((k) => [k.name, masked[k.slot] ?? null] as const);
    const text = key.map(([, v]) => escapeKey(v)).join('/');
    if (!news.has(text)) news.set(text, { key, text, moved: which === 'before' && news.size > 0, change });
  }
  return [...news.values()];
}

/** The row of a parent as its events have it. */
export interface ParentRowText {
  /** Null where there is none to show. */
  readonly json: string | null;
  readonly errors: readonly FieldError[];
  /** JSON: how the reading went, and as of when. */
  readonly meta: string;
}

export class ParentEvents {
  /** `LIB/FILE` of the events. */
  readonly table: string;
  private readonly write: EnvelopeWriter;
  private readonly ids: EventIdMaker;
  private readonly movedIds: EventIdMaker;
  private readonly parent: ParentOptions;
  private readonly source: QualifiedName;
  private readonly child: string;
  /** Rules of several tables that report to one parent the same way make one event of their news. */
  private readonly group: string;

  constructor(
    private readonly rule: RuleOptions,
    child: QualifiedName,
    private readonly context: MapContext,
  ) {
    this.parent = rule.parent!;
    this.source = this.parent.table ?? child;
    this.table = formatName(this.source);
    this.child = formatName(child);
    this.write = compileEnvelope(rule.envelope, {
      partition: context.partition,
      library: this.source.library,
      file: this.source.name,
      rule: rule.name,
      version: rule.version,
      product: context.product,
    });
    this.ids = new EventIdMaker(context.partition, this.child, rule.name, '');
    this.movedIds = new EventIdMaker(context.partition, this.child, rule.name, 'moved');
    const { version, priority, envelope, to } = rule;
    const { debounce, fetch } = this.parent;
    this.group = JSON.stringify([this.table, this.type, version, priority, envelope, [...to].sort(), debounce, fetch]);
  }

  private get type(): string {
    return this.rule.event.is === 'entity' ? this.rule.event.updated : `${this.parent.event}.updated`;
  }

  /** @param now milliseconds since 1970 */
  held(news: ParentNews, turn: number, now: number): Held {
    const { debounce, changed } = this.parent;
    const { key, text, moved, change } = news;
    return {
      slot: `${this.group}\n${text}`,
      no: 0,
      table: this.table,
      key: text,
      owner: this.child,
      rule: this.rule.name,
      destinations: this.rule.to,
      windowMs: debounce === 'commit' ? null : debounce,
      since: now,
      startedMs: momentOf(change),
      last: headerOf(change),
      before: null,
      count: 1,
      news: { key, moved, changed: [changed] },
      turn,
      keeps: change.mode === 'stream',
    };
  }

  /** Whether its events carry the row of the parent. */
  get fetches(): boolean {
    return this.parent.fetch;
  }

  /** Entity of the parent: its table's rule of the same one shows the row. */
  get entity(): string {
    return this.parent.event;
  }

  private idOf({ last: change, key, news }: Held, sequence: string): string {
    const ids = news!.moved ? this.movedIds : this.ids;
    return change.position && change.journal
      ? ids.ofEntry(change.journal, change.position.receiver, sequence)
      : ids.ofRow({ ...change, rrn: 0n, op: 'update' }, key, '');
  }

  /** @param item with news. @param row of the parent, where it is to be carried */
  event(item: Held, row: ParentRowText | null = null): EventDraft {
    const { sink, clock } = this.context;
    const { last: change, key: text } = item;
    const { key: members, changed } = item.news!;
    const start = sink.at;
    const sequence = change.position ? digitsOf(change.position.sequence) : '';
    const id = this.idOf(item, sequence);
    const { type } = this;
    const time = clock.toUtc(change.timestamp);
    const key = Object.fromEntries(members);
    const attempt = this.write(sink, {
      id,
      type,
      time,
      subject: text,
      traceKey: text,
      recordUrl: null,
      op: 'update',
      change,
      changed: JSON.stringify(changed),
      thinned: false,
      position: change.position,
      sequence,
      keyJson: JSON.stringify(key),
      writeAfter: row?.json ? (to) => to.text(row.json!) : null,
      writeBefore: null,
      raw: null,
      parentRow: row?.meta ?? null,
      decodeErrors: () => row?.errors ?? [],
    });
    if (row?.json && sink.at - start > this.rule.maxBytes) {
      sink.at = start;
      return this.event(item, { json: null, errors: [], meta: row.meta.replace('"read"', '"too large"') });
    }
    return {
      id,
      type,
      version: this.rule.version,
      table: this.table,
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
      decodeErrors: row?.errors.length ?? 0,
      // its body holds no column but the key, or a row that is another one by now
      composed: changed.length > 1 || this.parent.fetch,
    };
  }
}
