/** What rows are compared with: what is remembered of them, or what a receiver says it holds. */
import type { RuleScope } from '../map/event/row-digest';
import type { KeyedRule } from '../model/rows/row-hold';
import { HeldKeys } from '../remember/held-keys';
import { SentPage } from '../remember/sent-page';
import { SentRows } from '../remember/sent-rows';
import type { Store } from '../store/store';
import type { ChunkDigests } from './chunk-digests';

/** What was sent of a row, beside what would be sent now. */
export const ABSENT = 0;
export const SAME = 1;
export const OTHER = 2;
/** Something was sent; whether it is the same cannot be said by what is remembered. */
export const UNKNOWN = 3;

/** A rule whose rows can be compared. */
export interface JudgedRule {
  /** Place among the table's rules. */
  readonly index: number;
  readonly scope: RuleScope & { readonly keyed: KeyedRule };
}

/** A key the table may not have any more. */
export interface SentKey {
  readonly rule: JudgedRule;
  readonly bytes: Buffer;
}

export interface KeyPage {
  readonly keys: readonly SentKey[];
  /** Where the next page begins; null after the last one. */
  readonly next: { readonly rule: number; readonly after: string | null } | null;
}

/** Whether key `bytes[from, to)` of a rule was not met; false too where another pass says it. */
export type KeyTest = (rule: number, bytes: Uint8Array, from: number, to: number) => boolean;

export interface SentSource {
  /** A row that agrees under one rule agrees: the receiver need not have all of them. */
  readonly any: boolean;
  /** The JSON of each row is asked for. */
  readonly wantsRows: boolean;
  /** Takes in what was sent meanwhile. @param all true inside a transaction */
  refresh(all: boolean): void;
  /** Writes ABSENT, SAME, OTHER or UNKNOWN for each row. @param rows JSON of each, where it is wanted */
  judge(rule: JudgedRule, digests: ChunkDigests, rows: readonly (string | null)[], out: Uint8Array): void;
  /** The next keys that may be extra: neither met nor told of since the run began. */
  page(from: KeyPage['next'], unmet: KeyTest): KeyPage;
  /** Those of the keys nobody told of since the run began. Inside a transaction. */
  stillThere(keys: readonly SentKey[]): readonly SentKey[];
  /** Something was told of the key since the run began. Inside a transaction. */
  toldSince(key: SentKey): boolean;
  /** They were told, or nobody is to be told. Inside a transaction. */
  forget(keys: readonly SentKey[]): void;
  /** Id of the event the row was last told by; null where nothing is known. */
  idOf(rule: JudgedRule, key: Buffer): string | null;
  /** The content the receiver says it has, as a JSON object; null where it does not. */
  contentOf(rule: JudgedRule, key: Buffer): string | null;
}

const PAGE = 8192;

export class Remembered implements SentSource {
  readonly any = false;
  readonly wantsRows = false;
  private readonly held: HeldKeys;
  private readonly sent: SentRows;
  private readonly found = new SentPage();
  private numbers = new Map<string, number>();

  /** @param generation of the run: keys told of since have it, or a higher one */
  constructor(
    store: Store,
    private readonly rules: readonly JudgedRule[],
    private readonly generation: number,
    table: { readonly library: string; readonly name: string },
  ) {
    this.held = new HeldKeys(store, table);
    this.sent = new SentRows(store);
    this.number();
  }

  private number(): void {
    this.numbers = new Map(this.held.rules().map(({ no, rule }) => [rule, no]));
  }

  private noOf({ scope }: JudgedRule): number {
    return this.numbers.get(scope.rule) ?? -1;
  }

  refresh(all: boolean): void {
    if (all) this.held.foldAll();
    else this.held.foldSome();
    this.number();
  }

  judge(rule: JudgedRule, digests: ChunkDigests, _rows: readonly (string | null)[], out: Uint8Array): void {
    out.fill(ABSENT, 0, digests.length);
    const order = digests.order();
    this.sent.match(this.noOf(rule), digests.sorted(order), (i, a, b) => {
      const row = order[i]!;
      if (a === 0 && b === 0) out[row] = UNKNOWN;
      else out[row] = a === digests.hashA[row] && b === digests.hashB[row] ? SAME : OTHER;
    });
  }

  page(from: KeyPage['next'], unmet: KeyTest): KeyPage {
    const at = this.rules.findIndex((r) => r.index === (from?.rule ?? this.rules[0]?.index));
    const rule = this.rules[at];
    if (!rule) return { keys: [], next: null };
    const after = from?.after ? Buffer.from(from.after, 'hex') : null;
    const { found } = this;
    this.held.older(this.noOf(rule), after, this.generation, PAGE, found);
    const keys: SentKey[] = [];
    for (let i = 0; i < found.length; i++)
      if (unmet(rule.index, found.bytes, found.starts[i]!, found.starts[i + 1]!))
        keys.push({ rule, bytes: found.key(i) });
    if (found.length === PAGE) return { keys, next: { rule: rule.index, after: found.key(PAGE - 1).toString('hex') } };
    const following = this.rules[at + 1];
    return { keys, next: following ? { rule: following.index, after: null } : null };
  }

  stillThere(keys: readonly SentKey[]): readonly SentKey[] {
    return this.byRule(keys, (no, bytes) => new Set(this.held.stillOlder(no, bytes, this.generation)));
  }

  toldSince({ rule, bytes }: SentKey): boolean {
    const generation = this.held.generationOf(this.noOf(rule), bytes);
    return generation !== null && generation >= this.generation;
  }

  private byRule(
    keys: readonly SentKey[],
    those: (no: number, bytes: readonly Buffer[]) => ReadonlySet<Buffer>,
  ): SentKey[] {
    return this.rules.flatMap((rule) => {
      const ours = keys.filter((k) => k.rule === rule);
      if (ours.length === 0) return [];
      const left = those(
        this.noOf(rule),
        ours.map((k) => k.bytes),
      );
      return ours.filter((k) => left.has(k.bytes));
    });
  }

  forget(keys: readonly SentKey[]): void {
    for (const { rule, bytes } of keys) this.held.drop(this.noOf(rule), [bytes]);
  }

  idOf(rule: JudgedRule, key: Buffer): string | null {
    return this.held.lastSent(this.noOf(rule), key)?.id ?? null;
  }

  contentOf(): null {
    return null;
  }
}
