/** How a row is named to what is remembered of it, and how its deletion is reported when nothing but that name is left. */
import { ContentHash } from '../../bytes/content-hash';
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import type { ColumnFormat } from '../../model/record-format';
import { type HeldKey, type KeyedRule, NULL_MEMBER, type RowHold } from '../../model/rows/row-hold';
import type { JsonSink } from '../../record/write/json-sink';
import { textOf } from '../expression/value';
import type { RuleOptions } from '../options';
import type { TypeChoice } from '../plan/naming';
import type { RulePlan } from '../plan/rule-plan';
import type { MaskedScalar } from '../plan/rule-values';
import type { EnvelopeWriter } from './envelope';
import type { EventIdMaker } from './event-id';
import type { MapContext } from './map-context';
import { quoted } from './meta';

/** `/` joins key members, so it is escaped inside them, and `%` with it. */
export function escapeKey(value: MaskedScalar): string {
  const text = value == null ? '' : String(value);
  return text.includes('/') || text.includes('%') ? text.replaceAll('%', '%25').replaceAll('/', '%2F') : text;
}

/** @param masked values by slot of the row as it is, or of the one that goes */
export function heldKey(of: KeyedRule, plan: RulePlan, masked: readonly MaskedScalar[]): HeldKey {
  const texts = plan.key.map((k) => (masked[k.slot] === null ? NULL_MEMBER : escapeKey(masked[k.slot])));
  const bytes = Buffer.from(texts.join('/'));
  return { of, bytes, keyFrom: 0, keyTo: bytes.length };
}

/** How a row without a key is called in events. */
export const NUMBER_KEY: readonly string[] = ['rrn'];
/** What stands before the number in a subject. */
export const NUMBER_PREFIX = 'rrn:';

/** Null where the number is not known. */
export function numberKey(of: KeyedRule, rrn: bigint): HeldKey | null {
  if (rrn === 0n) return null;
  const bytes = Buffer.from(rrn.toString());
  return { of, bytes, keyFrom: 0, keyTo: bytes.length };
}

/** The subject of a row by what is remembered of its key. */
export function subjectOf({ byNumber }: KeyedRule, members: readonly (string | null)[]): string {
  return byNumber ? `${NUMBER_PREFIX}${members[0]}` : members.map((m) => escapeKey(m)).join('/');
}

const hash = new ContentHash();

/** Hashes what `write` appends, as soon as it is there: an envelope may pour it into another shape. */
export class HashedRow {
  a = 0;
  b = 0;

  constructor(private readonly write: (sink: JsonSink) => void) {}

  append(sink: JsonSink): void {
    const from = sink.at;
    this.write(sink);
    hash.of(sink.bytes, from, sink.at, sink.view);
    this.a = hash.a;
    this.b = hash.b;
  }
}

interface GoneParts {
  readonly rule: RuleOptions;
  readonly plan: RulePlan;
  readonly keyed: KeyedRule;
  readonly ids: EventIdMaker;
  readonly write: EnvelopeWriter;
  readonly contentType: string;
  readonly context: MapContext;
}

/**
 * The event of a row that is gone and was not seen going: the key alone, under the rule's `onDelete`. The rule's filters are
 * not asked, as the receiver has the row, whatever they would say of it.
 * @param members texts of the key members as the receiver has them. @param change op delete, without images
 * @param type what deletions, or the updates that stand for them, are called
 */
export function goneEvent(
  parts: GoneParts,
  members: readonly (string | null)[],
  change: Change,
  type: TypeChoice,
): EventDraft {
  const { rule, plan, keyed, context } = parts;
  const { sink } = context;
  const start = sink.at;
  const pairs = keyPairs(plan, keyed, members);
  const subject = subjectOf(keyed, members);
  const traceKey = traceKeyOf(plan, members) ?? subject;
  const set = rule.onDelete.is === 'update' ? rule.onDelete.set : null;
  const after = set && [...pairs, ...Object.entries(set).map(([n, v]) => `${JSON.stringify(n)}:${JSON.stringify(v)}`)];
  const key = heldKeyOf(keyed, members);
  const id = parts.ids.ofRow(change, key.bytes.toString('utf8'), '');
  const time = context.clock.toUtc(change.timestamp);
  const attempt = parts.write(sink, {
    id,
    type: type.type,
    time,
    subject,
    traceKey,
    recordUrl: null,
    op: set ? 'update' : 'delete',
    change: keyed.byNumber ? { ...change, rrn: BigInt(members[0]!) } : change,
    changed: JSON.stringify(set ? Object.keys(set) : []),
    thinned: false,
    position: null,
    sequence: '',
    keyJson: `{${pairs.join(',')}}`,
    writeAfter: after && ((s) => s.text(`{${after.join(',')}}`)),
    writeBefore: null,
    raw: null,
    decodeErrors: () => [],
  });
  return {
    id,
    type: type.type,
    version: rule.version,
    table: keyed.table,
    rule: rule.name,
    key: subject,
    traceKey,
    destinations: rule.to,
    priority: rule.priority,
    body: sink.since(start),
    attemptOffset: attempt < 0 ? -1 : attempt - start,
    contentType: parts.contentType,
    time,
    journal: null,
    position: null,
    tombstone: set === null,
    recordUrl: null,
    decodeErrors: 0,
    holds: { ...key, gone: true, hashA: 0, hashB: 0 } satisfies RowHold,
  };
}

/** Members of the key object, `"name":value` each, as the row's own events have them. */
export function keyPairs(plan: RulePlan, { key, byNumber }: KeyedRule, members: readonly (string | null)[]): string[] {
  if (byNumber) return [`${JSON.stringify(key[0])}:${quoted(String(members[0]))}`];
  const columns = plan.keyIndexes().map((i) => plan.columns.format.columns[i]!);
  const texts = members.map((m, i) => memberJson(m, columns[i]!, plan.masks[plan.key[i]!.slot] !== null));
  return key.map((name, i) => `${JSON.stringify(name)}:${texts[i]}`);
}

/** The lane of the row's own events; null where more than the key decides it, or the key alone is it. */
function traceKeyOf({ traceKey, key }: RulePlan, members: readonly (string | null)[]): string | null {
  if (traceKey === null) return null;
  const texts = new Map(key.map(({ slot }, i) => [slot, members[i] ?? '']));
  if (![...traceKey.slots.values()].every((slot) => texts.has(slot))) return null;
  return traceKey.template.render((name) => textOf(texts.get(traceKey.slots.get(name)!)!));
}

function heldKeyOf(of: KeyedRule, members: readonly (string | null)[]): HeldKey & { readonly bytes: Buffer } {
  const bytes = Buffer.from(members.map((m) => (m === null ? NULL_MEMBER : escapeKey(m))).join('/'));
  return { of, bytes, keyFrom: 0, keyTo: bytes.length };
}

/** The value as the row's own events had it in their key. */
function memberJson(text: string | null, { type, scale, as }: ColumnFormat, masked: boolean): string {
  if (text === null) return 'null';
  const whole = type === 'SMALLINT' || type === 'INTEGER';
  const bare = type === 'BOOLEAN' || type === 'REAL' || type === 'DOUBLE' || (whole && scale === 0);
  return bare && !as && !masked && /^(true|false|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(text) ? text : quoted(text);
}
