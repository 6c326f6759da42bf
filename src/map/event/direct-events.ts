/**
 * Events written straight into the sink from ready blocks of bytes: no object and no text for each event. Made for the usual
 * change, an image out of a journal without field errors; anything else it leaves to `RuleMapper`, which writes the same bytes.
 */
import { ContentHash } from '../../bytes/content-hash';
import type { Change, ChangeOp } from '../../model/change';
import { type Position, type QualifiedName, sameName } from '../../model/position';
import type { JsonSink } from '../../record/write/json-sink';
import type { RowObject, RowView } from '../plan/row-object';
import type { ReadErrors } from '../plan/row-values';
import type { RulePlan } from '../plan/rule-plan';
import { Block, copyBytes, Digits } from './blocks';
import { DirectDraft, type DraftFacts } from './direct-draft';
import { DirectKey } from './direct-key';
import type { Frame } from './envelope';
import type { EventIdMaker } from './event-id';
import { doerText, placeText, receiverText } from './meta';
import { TimeText } from './time-text';

const COMMA = 0x2c;
const QUOTE = 0x22;
/** `1,"decodeErrors":[]}` */
const ATTEMPT = '1,"decodeErrors":[]}';
/** Everything around the blocks: two sequences, a cycle and a record number of 20 digits each, a time, and their names. */
const LOOSE = 256;
const MAX_DOERS = 1024;
const NONE: readonly number[] = [];
const MAX_TYPES = 256;

const AFTER = new Block(',"after":');
const NO_AFTER = new Block(',"after":null,"before":');
const NO_ROWS = new Block('null,"changed":[');
const BEFORE = new Block(',"before":');
const NO_BEFORE = new Block(',"before":null,"changed":[');
const CHANGED = new Block(',"changed":[');
const TIME = new Block('","time":"');
const CYCLE = new Block('","commitCycle":"');
const NO_CYCLE = new Block('","commitCycle":null');
const RRN = new Block(',"rrn":"');
const NO_RRN = new Block(',"rrn":null');

interface Doer {
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
  /** From the comma behind the record number to the end of the body. */
  readonly block: Block;
}

/** Values of members that cannot be copied, asked for only where a row has such members. */
export interface DirectValues {
  readonly errors: ReadErrors;
  view(which: 'current' | 'before'): RowView;
  /** Indexes of computed members whose values differ; null where there are none or nothing to compare with. */
  readonly changed: (() => readonly number[]) | null;
}

interface DirectParts {
  readonly plan: RulePlan;
  readonly frame: Frame;
  readonly facts: DraftFacts;
  readonly ids: EventIdMaker;
  readonly clock: { toUtc(local: string): string };
  readonly sink: JsonSink;
  /** Bytes a body may have. */
  readonly maxBytes: number;
  /** Whether events show the row as it was. */
  readonly withBefore: boolean;
}

export class DirectEvents {
  private readonly sink: JsonSink;
  private readonly digits = new Digits();
  private readonly hash = new ContentHash();
  /** The row with all that a receiver gets of it. */
  private readonly whole: RowObject;
  private readonly key: DirectKey;
  private readonly time: TimeText;
  private readonly heads: Readonly<Record<ChangeOp, Block>>;
  private readonly changed: readonly { readonly block: Block; readonly sources: readonly number[] }[];
  /** Names of computed members, each with its comma. */
  private readonly computed: readonly Block[];
  private readonly attemptFromEnd: number;
  private readonly idAt: number;
  private readonly types = new Map<string, Block>();
  /** By job: few users and programs work in one. */
  private readonly doers = new Map<string, Doer[]>();
  private doerCount = 0;
  private doer: Doer | null = null;
  /** Where the sequence number stands in the id of the event at hand. */
  private digitsAt = 0;
  private typeText = '';
  private type = new Block('');
  private open = new Block('');
  private place = new Block('');
  private placeMode = '';
  private table: QualifiedName | null = null;
  private journal: QualifiedName | null = null;
  private receiver: QualifiedName | null = null;
  /** Bytes of the names of all members. */
  private readonly namesLength: number;

  constructor(private readonly parts: DirectParts) {
    const { plan, frame, sink, clock } = parts;
    this.sink = sink;
    this.whole = plan.full();
    this.key = new DirectKey(plan.columns, plan.keyIndexes(), this.digits);
    this.time = new TimeText(clock);
    const head = (op: ChangeOp): Block => new Block(`${frame.tail}${frame.data}"op":"${op}","key":`);
    this.heads = { insert: head('insert'), update: head('update'), delete: head('delete'), read: head('read') };
    this.changed = plan.members.map((m) => ({ block: new Block(`${m.json},`), sources: m.sources }));
    this.computed = plan.computed.map((m) => new Block(`${m.json},`));
    const names = [...this.changed.map((m) => m.block), ...this.computed];
    this.namesLength = names.reduce((sum, block) => sum + block.length, 0);
    this.attemptFromEnd = ATTEMPT.length + frame.close.length;
    this.idAt = Buffer.byteLength(frame.open);
  }

  /**
   * Appends one event. Null: nothing was written, the change is not of the usual kind.
   * @param object form of its rows
   * @param flags 1 for each column that changed; null where there is nothing to compare with
   * @param values null if the rows are plain
   * @throws CodedError family decode, `LAYOUT_*`
   */
  write(
    change: Change,
    type: string,
    object: RowObject,
    flags: Uint8Array | null,
    values: DirectValues | null,
  ): DirectDraft | null {
    const { journal, position } = change;
    const source = change.after ?? change.before;
    if (journal === null || position === null || source?.is !== 'image') return null;
    if (!this.key.read(source.image, change)) return null;
    const { sink } = this;
    const draft = new DirectDraft(this.parts.facts, type, change.op, journal, position);
    draft.start = sink.at;
    if (
      this.writeHead(draft, change) &&
      this.writeRows(draft, change, object, values) &&
      this.writeTail(draft, change, flags, values)
    )
      return draft;
    sink.at = draft.start;
    return null;
  }

  /** Up to the key of the row. False where the clock's own text must be taken. */
  private writeHead(draft: DirectDraft, change: Change): boolean {
    const { sink, key, digits } = this;
    const { journal, position } = draft;
    const { timestamp } = change;
    if (journal !== this.journal || position.receiver !== this.receiver) this.moveTo(journal, position);
    if (change.table !== this.table || change.mode !== this.placeMode) this.relocate(change, position);
    if (draft.type !== this.typeText) this.retype(draft.type);
    const head = this.heads[change.op];
    sink.reserve(this.open.length + this.type.length + head.length + key.subjectEnd * 2 + timestamp.length + LOOSE);
    const { bytes: w, view } = sink;
    draft.idStart = draft.start + this.idAt;
    this.digitsAt = this.open.write(view, draft.start);
    digits.load(position.sequence);
    draft.idEnd = digits.write(w, this.digitsAt);
    draft.keyStart = this.type.write(view, draft.idEnd);
    draft.keyEnd = copyBytes(key.bytes, key.subjectStart, key.subjectEnd, w, draft.keyStart);
    draft.timeStart = TIME.write(view, draft.keyEnd);
    draft.timeEnd = this.time.write(w, view, draft.timeStart, timestamp);
    if (draft.timeEnd < 0) return false;
    sink.at = copyBytes(key.bytes, 0, key.jsonEnd, w, head.write(view, draft.timeEnd));
    return true;
  }

  /** From behind the key to behind `"changed":[`. False where a field cannot be decoded. */
  private writeRows(draft: DirectDraft, change: Change, object: RowObject, values: DirectValues | null): boolean {
    const { sink, hash } = this;
    const { facts, withBefore } = this.parts;
    const hasAfter = change.after !== null;
    // room for this, and for all the loose ends that follow, has been made with the head
    sink.at = (hasAfter ? AFTER : NO_AFTER).write(sink.view, sink.at);
    hash.a = hash.b = 0;
    if (hasAfter) {
      const from = sink.at;
      if (!this.row(change, 'current', object, values)) return false;
      if (facts.keyed !== null && object === this.whole) hash.of(sink.bytes, from, sink.at, sink.view);
    }
    draft.hashA = hash.a;
    draft.hashB = hash.b;
    if (change.before === null || !withBefore) {
      (hasAfter ? NO_BEFORE : NO_ROWS).append(sink);
      return true;
    }
    if (hasAfter) BEFORE.append(sink);
    if (!this.row(change, 'before', object, values)) return false;
    CHANGED.append(sink);
    return true;
  }

  /** From behind `"changed":[` to the end. False where a member cannot be computed, or the body is too long. */
  private writeTail(
    draft: DirectDraft,
    change: Change,
    flags: Uint8Array | null,
    values: DirectValues | null,
  ): boolean {
    const { sink } = this;
    const computed = values?.changed?.() ?? NONE;
    if (values !== null && values.errors.errors.length > 0) return false;
    const doer = this.doerOf(change);
    sink.reserve(this.namesLength + this.place.length + doer.length + LOOSE);
    const w = sink.bytes;
    let p = this.place.write(sink.view, flags === null ? sink.at : this.writeChanged(flags, computed, w));
    p = this.writeRow(change, w, copyBytes(w, this.digitsAt, draft.idEnd, w, p));
    const end = doer.write(sink.view, p);
    const length = end - draft.start;
    if (length > this.parts.maxBytes) return false;
    sink.at = end;
    draft.chunk = w;
    draft.end = end;
    draft.attemptOffset = length - this.attemptFromEnd;
    return true;
  }

  private row(change: Change, which: 'current' | 'before', object: RowObject, values: DirectValues | null): boolean {
    const source = which === 'before' ? change.before : change.after;
    if (source?.is !== 'image') return false;
    if (values === null) return object.writeImage(source.image, this.sink) === 0;
    object.write(source, this.sink, values.errors, () => values.view(which));
    return values.errors.errors.length === 0;
  }

  private writeChanged(flags: Uint8Array, computed: readonly number[], w: Uint8Array): number {
    const { at } = this.sink;
    let p = at;
    for (const { block, sources } of this.changed) {
      for (let i = 0; i < sources.length; i++) {
        if (flags[sources[i]!] === 0) continue;
        p = block.write(this.sink.view, p);
        break;
      }
    }
    for (let i = 0; i < computed.length; i++) p = this.computed[computed[i]!]!.write(this.sink.view, p);
    return p > at && w[p - 1] === COMMA ? p - 1 : p;
  }

  /** Commit cycle and record number. */
  private writeRow(change: Change, w: Uint8Array, at: number): number {
    const { digits, sink } = this;
    let p = at;
    if (digits.load(change.commitCycle)) {
      p = digits.write(w, CYCLE.write(sink.view, p));
      w[p++] = QUOTE;
    } else p = NO_CYCLE.write(sink.view, p);
    if (!digits.load(change.rrn)) return NO_RRN.write(sink.view, p);
    p = digits.write(w, RRN.write(sink.view, p));
    w[p++] = QUOTE;
    return p;
  }

  /** Another journal or receiver, or only other objects of the same names. */
  private moveTo(journal: QualifiedName, position: Position): void {
    const { receiver } = position;
    const known = this.journal !== null && this.receiver !== null;
    const same = known && sameName(journal, this.journal!) && sameName(receiver, this.receiver!);
    this.journal = journal;
    this.receiver = receiver;
    if (same) return;
    this.open = new Block(`${this.parts.frame.open}${this.parts.ids.prefixOf(journal, receiver)}-`);
    this.table = null;
  }

  private relocate(change: Change, position: Position): void {
    const same = this.table !== null && change.mode === this.placeMode && sameName(change.table, this.table);
    this.table = change.table;
    if (same) return;
    this.placeMode = change.mode;
    this.place = new Block(`],"meta":{${placeText(change)}${receiverText(position.receiver)}`);
  }

  private retype(type: string): void {
    let block = this.types.get(type);
    if (!block) {
      if (this.types.size >= MAX_TYPES) this.types.clear();
      block = new Block(`","type":"${type}","source":${this.parts.frame.source},"subject":"`);
      this.types.set(type, block);
    }
    this.typeText = type;
    this.type = block;
  }

  /** Jobs take turns in a journal, and programs within a job. */
  private doerOf(c: Change): Block {
    const { user, job, program, remoteAddress } = c;
    const last = this.doer;
    if (
      last !== null &&
      job === last.job &&
      user === last.user &&
      program === last.program &&
      remoteAddress === last.remoteAddress
    )
      return last.block;
    const sameJob = this.doers.get(job);
    let doer = sameJob?.find((d) => d.program === program && d.user === user && d.remoteAddress === remoteAddress);
    if (!doer) {
      const block = new Block(`,${doerText(c)},"attempt":${ATTEMPT}${this.parts.frame.close}`);
      doer = { user, job, program, remoteAddress, block };
      this.remember(doer, sameJob ?? []);
    }
    this.doer = doer;
    return doer.block;
  }

  private remember(doer: Doer, sameJob: Doer[]): void {
    if (this.doerCount >= MAX_DOERS) {
      this.doers.clear();
      this.doerCount = 0;
      sameJob.length = 0;
    }
    sameJob.push(doer);
    this.doers.set(doer.job, sameJob);
    this.doerCount++;
  }
}
