/**
 * What is remembered of a row once it is sent as it is now: its key and the hash of its content under one rule. For comparing
 * many rows with what was last sent of them, so no event is written for it.
 */
import { ContentHash } from '../../bytes/content-hash';
import type { ErrorCode } from '../../errors/codes';
import type { Change } from '../../model/change';
import type { KeyedRule } from '../../model/rows/row-hold';
import { JsonSink } from '../../record/write/json-sink';
import type { Expression } from '../expression/parse';
import { parseExpression, partsOf } from '../expression/parse';
import { truth } from '../expression/value';
import type { RuleOptions } from '../options';
import { eventType } from '../plan/naming';
import type { RowView } from '../plan/row-object';
import type { RulePlan } from '../plan/rule-plan';
import { ChangeValues, type ValueTools } from '../plan/rule-values';
import { Digits } from './blocks';
import { DirectKey } from './direct-key';
import { heldKey, NUMBER_PREFIX } from './held-row';

/** Good until the next row. */
export interface RowDigest {
  /** `filtered`: the rule does not report the row as it is; `refused`: it cannot be determined, see `code`. */
  is: 'told' | 'filtered' | 'refused';
  /** Key text as `HeldKey` has it; empty where it could not be read. */
  bytes: Uint8Array;
  keyFrom: number;
  keyTo: number;
  /** Never both 0 for a row that is reported. */
  hashA: number;
  hashB: number;
  code: ErrorCode | null;
  column: string | null;
}

/** What can be said of a rule's rows by comparing them with what was last sent. */
export interface RuleScope {
  readonly rule: string;
  /** Null: nothing is remembered of its rows; `unjudged` says why. */
  readonly keyed: KeyedRule | null;
  /** A row that was never sent is a difference. */
  readonly missing: boolean;
  /** Other content is a difference. `stored`: only where the stored event says so, in the members `watched`. */
  readonly content: 'hash' | 'stored' | 'no';
  /** Members by which other content is judged where `content` is `stored`; null takes all. */
  readonly watched: readonly string[] | null;
  /** The rule looks at rows that are read: a repair is reported as a read. */
  readonly reads: boolean;
  /** What cannot be judged, in words; null where everything can. */
  readonly unjudged: string | null;
}

interface DigestParts {
  readonly rule: RuleOptions;
  readonly plan: RulePlan;
  readonly keyed: KeyedRule;
  readonly tools: ValueTools;
}

const NO_BYTES = new Uint8Array(0);

export class RowDigester {
  readonly digest: RowDigest = {
    is: 'told',
    bytes: NO_BYTES,
    keyFrom: 0,
    keyTo: 0,
    hashA: 0,
    hashB: 0,
    code: null,
    column: null,
  };
  private readonly sink = new JsonSink(1 << 14);
  private readonly hash = new ContentHash();
  /** Null where key and content cannot be taken straight from the image. */
  private readonly key: DirectKey | null;
  /** Bytes of a subject before the key as it is remembered. */
  private readonly prefix: number;

  constructor(private readonly parts: DigestParts) {
    const { plan, rule, keyed } = parts;
    this.prefix = keyed.byNumber ? NUMBER_PREFIX.length : 0;
    const direct = plan.full().plain && !plan.when && rule.event.is === 'entity';
    const open = plan.key.every((k) => plan.masks[k.slot] === null);
    this.key = direct && open ? new DirectKey(plan.columns, plan.keyIndexes(), new Digits()) : null;
  }

  /** JSON of the row last digested, unless it was filtered. */
  json(): string {
    return this.sink.bytes.toString('utf8', 0, this.sink.at);
  }

  /** @throws CodedError family decode, `LAYOUT_*`; whatever a rule fails with */
  of(change: Change): RowDigest {
    return this.direct(change) ? this.digest : this.byValues(change);
  }

  private direct(change: Change): boolean {
    const { key, sink, digest, hash } = this;
    const image = change.after!.image;
    if (key === null || !key.read(image, change)) return false;
    sink.at = 0;
    if (this.parts.plan.full().writeImage(image, sink) > 0) return false;
    hash.of(sink.bytes, 0, sink.at, sink.view);
    digest.is = 'told';
    digest.bytes = key.bytes;
    digest.keyFrom = key.subjectStart + this.prefix;
    digest.keyTo = key.subjectEnd;
    digest.hashA = hash.a;
    digest.hashB = hash.b;
    return true;
  }

  private byValues(change: Change): RowDigest {
    const { digest, sink, hash } = this;
    const { plan, keyed, tools } = this.parts;
    const values = new ChangeValues(change, tools, { errors: [], disposition: 'emit' });
    digest.is = 'told';
    digest.code = null;
    const bytes = keyed.byNumber
      ? Buffer.from(change.rrn.toString())
      : heldKey(keyed, plan, values.masked('current')!).bytes;
    digest.bytes = bytes;
    digest.keyFrom = 0;
    digest.keyTo = bytes.length;
    if (!this.isReported(values)) {
      digest.is = 'filtered';
      return digest;
    }
    // as an event writes it: values that met an error half way are not used again
    const fresh = new ChangeValues(change, tools, { errors: [], disposition: 'emit' });
    const view = (): RowView => this.view(fresh);
    sink.at = 0;
    plan.full().write(change.after!, sink, fresh.errors, view);
    hash.of(sink.bytes, 0, sink.at, sink.view);
    digest.hashA = hash.a;
    digest.hashB = hash.b;
    if (fresh.errors.disposition !== 'emit') {
      const last = fresh.errors.errors.at(-1);
      digest.is = 'refused';
      digest.code = last?.code ?? null;
      digest.column = last?.column ?? null;
    }
    return digest;
  }

  private isReported(values: ChangeValues): boolean {
    const { plan, rule } = this.parts;
    if (plan.when && !truth(plan.when(values.filterScope()))) return false;
    if (rule.event.is === 'entity') return true;
    const { discriminator } = plan;
    const value = discriminator === null ? null : (values.scalars('current')?.[discriminator] ?? null);
    return eventType(rule.event, 'read', value === null ? null : String(value)) !== null;
  }

  private view(values: ChangeValues): RowView {
    const { plan } = this.parts;
    const scope = values.outputScope('current');
    return {
      masked: values.masked('current') ?? [],
      computed: (i) => {
        values.computed.current[i] ??= plan.computedText(i, plan.computed[i]!.run(scope));
        return values.computed.current[i]!;
      },
    };
  }
}

/** What a comparison can say of a rule. @param keyed null: nothing is remembered */
export function scopeOf(rule: RuleOptions, plan: RulePlan, keyed: KeyedRule | null, remember: boolean): RuleScope {
  const say = (unjudged: string | null, content: RuleScope['content'], missing: boolean): RuleScope => {
    const watched = plan.whenChanged?.map((i) => plan.columns.outputName(i)) ?? null;
    return { rule: rule.name, keyed, missing, content, watched, reads: rule.actions.includes('read'), unjudged };
  };
  if (rule.parent) return say('its events are about a parent: nothing is remembered of them', 'no', false);
  if (!remember || keyed === null) return say('`remember: false`: nothing is remembered', 'no', false);
  if (['when', 'expressions'].some((p) => dependsOnChange(rule, p as 'when' | 'expressions')))
    return say('an expression asks for more than the row: contents are not compared', 'no', rule.when === null);
  const wants = (op: 'insert' | 'update'): boolean => rule.actions.includes(op);
  const { ignore } = rule;
  if (ignore.jobs.length + ignore.users.length + ignore.programs.length > 0)
    return say('`ignore`: who made a change is not to be seen in the row, so only extra keys are judged', 'no', false);
  if (!wants('update')) return say('`actions` has no update: contents are not compared', 'no', wants('insert'));
  if (rule.payload.is === 'changed')
    return say('`payload: changed`: only members the stored event has are compared', 'stored', wants('insert'));
  if (plan.whenChanged !== null)
    return say(
      '`whenChanged`: other contents are judged by these columns, where the event is still stored',
      'stored',
      wants('insert'),
    );
  return say(
    wants('insert') ? null : '`actions` has no insert: rows never sent are not judged',
    'hash',
    wants('insert'),
  );
}

/** Whether an expression sees more than the row: the operation, who did it, or the image before. */
function dependsOnChange(rule: RuleOptions, part: 'when' | 'expressions'): boolean {
  const texts =
    part === 'when' ? (rule.when === null ? [] : [rule.when]) : Object.values(rule.expressions).map((e) => e.value);
  return texts.some((text) => seesChange(parseExpression(text)));
}

function seesChange(e: Expression): boolean {
  if (e.is === 'op' || e.is === 'changed' || (e.is === 'column' && e.side === 'before')) return true;
  if (e.is === 'meta' && e.name !== 'table' && e.name !== 'member') return true;
  return partsOf(e).some(seesChange);
}
