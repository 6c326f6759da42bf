/** Events whose texts are put together member by member: what the direct way (see direct-events.ts) leaves over. */
import type { Change, ChangeOp, RowSource } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { formatName } from '../../model/position';
import type { KeyedRule, RowHold } from '../../model/rows/row-hold';
import type { JsonSink } from '../../record/write/json-sink';
import type { RuleOptions } from '../options';
import { rowView } from '../plan/computed-members';
import type { TypeChoice } from '../plan/naming';
import type { RowObject } from '../plan/row-object';
import type { ReadErrors } from '../plan/row-values';
import type { RulePlan } from '../plan/rule-plan';
import type { ChangeValues, MaskedScalar } from '../plan/rule-values';
import { compileEnvelope, contentTypeOf, type EnvelopeFacts, type EnvelopeWriter, type EventContent } from './envelope';
import type { EventIdMaker } from './event-id';
import { goneEvent, HashedRow, heldKey, numberKey } from './held-row';
import type { MapContext } from './map-context';
import { digitsOf } from './meta';
import { hasNoRow, type RowKeys } from './row-keys';

/** A row, and which of its members are written. */
interface EventRow {
  readonly source: RowSource;
  readonly object: RowObject;
}

/** The change as one event reports it. */
export interface EventOutline {
  readonly type: string;
  readonly op: ChangeOp;
  readonly after: EventRow | null;
  readonly before: EventRow | null;
  /** Names of members as a JSON array. */
  readonly changed: () => string;
  readonly thinned?: boolean;
}

interface ComposedEventsParts {
  readonly rule: RuleOptions;
  readonly plan: RulePlan;
  readonly keys: RowKeys;
  /** Null where nothing is remembered. */
  readonly keyed: KeyedRule | null;
  readonly context: MapContext;
  readonly facts: EnvelopeFacts;
}

export class ComposedEvents {
  readonly contentType: string;
  private readonly write: EnvelopeWriter;
  /** `LIB/FILE`. */
  private readonly table: string;

  constructor(private readonly parts: ComposedEventsParts) {
    const { rule, facts } = parts;
    this.write = compileEnvelope(rule.envelope, facts);
    this.contentType = contentTypeOf(rule.envelope);
    this.table = formatName({ library: facts.library, name: facts.file });
  }

  /** An event larger than its destinations take is written again with the key alone; `recordUrl` leads to the rest. */
  fitting(change: Change, values: ChangeValues, outline: EventOutline, ids: EventIdMaker): EventDraft {
    const { rule, plan, context } = this.parts;
    const start = context.sink.at;
    const draft = this.event(change, values, outline, ids);
    if (draft.body.length <= rule.maxBytes) return draft;
    context.sink.at = start;
    const after = outline.after && { ...outline.after, object: plan.keyOnly() };
    return this.event(change, values, { ...outline, after, before: null, thinned: true }, ids);
  }

  /** See {@link goneEvent}. Only for rules that remember rows. */
  gone(ids: EventIdMaker, members: readonly (string | null)[], change: Change, type: TypeChoice): EventDraft {
    const { rule, plan, context } = this.parts;
    const { write, contentType } = this;
    return goneEvent({ rule, plan, keyed: this.parts.keyed!, ids, write, contentType, context }, members, change, type);
  }

  private event(change: Change, values: ChangeValues, outline: EventOutline, ids: EventIdMaker): EventDraft {
    const { rule, keys, context } = this.parts;
    const { sink, clock } = context;
    const start = sink.at;
    const masked = values.masked('current') ?? [];
    const key = keys.text(masked, change);
    const { position, journal } = change;
    const sequence = position ? digitsOf(position.sequence) : '';
    const id =
      position && journal
        ? ids.ofEntry(journal, position.receiver, sequence)
        : ids.ofRow(change, key, contentOf(change));
    const traceKey = keys.traceKey(masked, key);
    const recordUrl = keys.recordUrl(masked);
    const time = clock.toUtc(change.timestamp);
    const row = outline.after && new HashedRow(this.rowWriter(outline.after, 'current', values));
    const content: EventContent = {
      id,
      type: outline.type,
      time,
      subject: key,
      traceKey,
      recordUrl,
      op: outline.op,
      change,
      get changed(): string {
        return outline.changed();
      },
      thinned: outline.thinned ?? false,
      position,
      sequence,
      keyJson: keys.json(masked, change),
      writeAfter: null,
      writeBefore: outline.before && this.rowWriter(outline.before, 'before', values),
      raw: outline.thinned ? null : this.raw(change),
      decodeErrors: () => this.visibleErrors(values.errors),
    };
    const attempt = this.write(sink, { ...content, writeAfter: row && ((s) => row.append(s)) });
    return {
      id,
      type: outline.type,
      version: rule.version,
      table: this.table,
      rule: rule.name,
      key,
      traceKey,
      destinations: rule.to,
      priority: rule.priority,
      body: sink.since(start),
      attemptOffset: attempt < 0 ? -1 : attempt - start,
      contentType: this.contentType,
      time,
      journal,
      position,
      tombstone: outline.op === 'delete',
      recordUrl,
      decodeErrors: values.errors.errors.length,
      holds: this.holds(change, masked, outline, row),
    };
  }

  private holds(
    change: Change,
    masked: readonly MaskedScalar[],
    outline: EventOutline,
    row: HashedRow | null,
  ): RowHold | null {
    const { keyed, plan } = this.parts;
    if (keyed === null || (hasNoRow(change) && !keyed.byNumber)) return null;
    const whole = row !== null && outline.after?.object === plan.full();
    const key = keyed.byNumber ? numberKey(keyed, change.rrn) : heldKey(keyed, plan, masked);
    return key && { ...key, gone: change.op === 'delete', hashA: whole ? row.a : 0, hashB: whole ? row.b : 0 };
  }

  private rowWriter(row: EventRow, which: 'current' | 'before', values: ChangeValues): (sink: JsonSink) => void {
    return (sink) => row.object.write(row.source, sink, values.errors, () => rowView(this.parts.plan, which, values));
  }

  private raw(change: Change): string | null {
    const { rule } = this.parts;
    const source = change.after ?? change.before;
    // a row read by SQL has no image of the file's own
    if (rule.rawImage === 'off' || source === null || source.image.format) return null;
    const { bytes, offset, length } = source.image;
    return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString(rule.rawImage);
  }

  /** The bytes of a masked field would show what the mask hides. */
  private visibleErrors(read: ReadErrors): ReadErrors['errors'] {
    if (read.errors.length === 0) return read.errors;
    return read.errors.map((e) => (this.parts.plan.hides(e.column) ? { ...e, raw: '' } : e));
  }
}

/** The whole row, whatever the rule selects: a later state of the row must be another event. */
function contentOf(change: Change): Uint8Array | string {
  const source = change.after ?? change.before;
  if (source === null) return '';
  const { bytes, offset, length, nulls } = source.image;
  const image = bytes.subarray(offset, offset + length);
  return nulls === null ? image : Buffer.concat([image, nulls]);
}
