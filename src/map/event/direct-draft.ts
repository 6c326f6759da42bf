/** An event whose texts are read out of its body when someone asks. */
import { latin1 } from '../../bytes/latin1';
import type { ChangeOp } from '../../model/change';
import type { EventDraft, Priority } from '../../model/event';
import type { Position, QualifiedName } from '../../model/position';
import type { KeyedRule, RowHold } from '../../model/rows/row-hold';
import { NUMBER_PREFIX } from './held-row';

const ZERO = 0x30;
const NOT_YET = Buffer.alloc(0);

/** What all events of a rule have in common. */
export interface DraftFacts {
  readonly version: string;
  readonly table: string;
  readonly rule: string;
  readonly destinations: readonly string[];
  readonly priority: Priority;
  readonly contentType: string;
  /** Null where nothing is remembered of the rule's rows. */
  readonly keyed: KeyedRule | null;
}

export class DirectDraft implements EventDraft, RowHold {
  readonly recordUrl = null;
  readonly decodeErrors = 0;
  /** Holds the body. Never written again once the event is complete; the places in it are set while it is written. */
  chunk: Buffer = NOT_YET;
  start = 0;
  end = 0;
  idStart = 0;
  idEnd = 0;
  keyStart = 0;
  keyEnd = 0;
  timeStart = 0;
  timeEnd = 0;
  attemptOffset = 0;
  hashA = 0;
  hashB = 0;
  private idText: string | null = null;
  private keyText: string | null = null;
  private view: Buffer | null = null;

  constructor(
    private readonly facts: DraftFacts,
    readonly type: string,
    private readonly op: ChangeOp,
    readonly journal: QualifiedName,
    readonly position: Position,
  ) {}

  /** The draft itself: it knows where its key stands, and nothing is made for asking. */
  get holds(): RowHold | null {
    const { keyed } = this.facts;
    if (keyed === null) return null;
    // a number that begins with 0 is that of no row
    return keyed.byNumber && this.chunk[this.keyFrom] === ZERO ? null : this;
  }

  get of(): KeyedRule {
    return this.facts.keyed!;
  }

  get gone(): boolean {
    return this.op === 'delete';
  }

  get bytes(): Uint8Array {
    return this.chunk;
  }

  get keyFrom(): number {
    return this.facts.keyed?.byNumber ? this.keyStart + NUMBER_PREFIX.length : this.keyStart;
  }

  get keyTo(): number {
    return this.keyEnd;
  }

  get id(): string {
    this.idText ??= latin1(this.chunk, this.idStart, this.idEnd);
    return this.idText;
  }

  get key(): string {
    this.keyText ??= latin1(this.chunk, this.keyStart, this.keyEnd);
    return this.keyText;
  }

  get traceKey(): string {
    return this.key;
  }

  get time(): string {
    return latin1(this.chunk, this.timeStart, this.timeEnd);
  }

  get body(): Buffer {
    this.view ??= this.chunk.subarray(this.start, this.end);
    return this.view;
  }

  get tombstone(): boolean {
    return this.op === 'delete';
  }

  get version(): string {
    return this.facts.version;
  }

  get table(): string {
    return this.facts.table;
  }

  get rule(): string {
    return this.facts.rule;
  }

  get destinations(): readonly string[] {
    return this.facts.destinations;
  }

  get priority(): Priority {
    return this.facts.priority;
  }

  get contentType(): string {
    return this.facts.contentType;
  }
}
