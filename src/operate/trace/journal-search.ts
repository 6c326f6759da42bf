/**
 * Changes of one key, looked for in the journal itself. The ledger knows what became of every sequence number but no key,
 * so the stretches in which it has entries of ours are read again, newest first, as far back as asked.
 */

import type { TableMapping } from '../../capture/tables/table-mapping';
import type { TableFacts } from '../../catalog/table-facts';
import { isCoded } from '../../errors/coded-error';
import { type ReadRange, readRange } from '../../journal/again/read-range';
import type { JournalChange } from '../../journal/cycle/journal-change';
import type { LedgerTable } from '../../journal/ledger/table';
import { ledgerWindows } from '../../journal/ledger/windows';
import type { JournalOptions } from '../../journal/options';
import type { ReceiverChain } from '../../journal/position/chain';
import type { WrittenCheckpoint } from '../../journal/position/checkpoint-table';
import type { PartitionClock } from '../../map/event/clock';
import { formatName, type Position, type QualifiedName, sameName } from '../../model/position';
import type { FormatHistory } from '../../record/layout/format-history';
import type { SqlConnection } from '../../transport/transport';

interface SearchParts {
  readonly connection: SqlConnection;
  /** Of one journal; `tables` are those looked at. */
  readonly options: JournalOptions;
  readonly facts: readonly TableFacts[];
  readonly chain: ReceiverChain;
  readonly checkpoint: WrittenCheckpoint | null;
  readonly ledger: LedgerTable;
  readonly mapping: TableMapping;
  readonly formats: FormatHistory;
  readonly clock: PartitionClock;
  readonly signal: AbortSignal;
}

export interface SearchWish {
  readonly key: string;
  /** Epoch milliseconds of the journal entry; null is no bound. */
  readonly since: number | null;
  readonly until: number | null;
  readonly receiver: QualifiedName | null;
  readonly fromSequence: bigint | null;
  readonly toSequence: bigint | null;
  /** Journal entries looked at, by their numbers. */
  readonly depth: bigint;
  /** Newest changes kept. */
  readonly limit: number;
}

/** An image whose key cannot be determined. */
interface UnreadableChange {
  readonly table: string;
  readonly position: Position;
  readonly code: string;
}

export interface SearchResult {
  /** In the order of the journal; each owns its bytes. */
  readonly changes: readonly JournalChange[];
  readonly unreadable: readonly UnreadableChange[];
  /** First and last entry looked at; null when there was none. */
  readonly from: Position | null;
  readonly to: Position | null;
  readonly entries: number;
  /** Why it went no further back. */
  readonly ended: 'since' | 'depth' | 'limit' | 'beginning';
  /** Receivers the partition no longer shows. */
  readonly gone: readonly string[];
}

/** Positions of unreadable images that are shown. */
const MOST_UNREADABLE = 20;

export class JournalSearch {
  private readonly found: JournalChange[][] = [];
  private readonly unreadable: UnreadableChange[] = [];
  private readonly gone: string[] = [];
  private readonly current = new Map<string, string>();
  private from: Position | null = null;
  private to: Position | null = null;
  private entries = 0;
  private left: bigint;
  private older = false;

  constructor(
    private readonly parts: SearchParts,
    private readonly wish: SearchWish,
  ) {
    this.left = wish.depth;
  }

  /** @throws CodedError transport or host, when the partition cannot be asked to the end */
  async run(): Promise<SearchResult> {
    await this.unread();
    const ended = await this.dealtWith();
    const changes = this.found.reverse().flat();
    return {
      changes: changes.slice(Math.max(0, changes.length - this.wish.limit)),
      unreadable: this.unreadable,
      from: this.from,
      to: this.to,
      entries: this.entries,
      ended,
      gone: this.gone,
    };
  }

  /** The format the image of a change was written with becomes that of the mapping. */
  useFormatOf(change: JournalChange): void {
    const { formats, mapping, facts } = this.parts;
    const table = formatName(change.table);
    const range = formats.at(table, change.position);
    if (!range || this.current.get(table) === range.id) return;
    const fact = facts.find((f) => sameName(f.file, change.table));
    if (fact) mapping.useFormat(fact, range.format);
    this.current.set(table, range.id);
  }

  /** What the daemon has not read yet. */
  private async unread(): Promise<void> {
    const { checkpoint, chain } = this.parts;
    const { receiver, fromSequence, toSequence } = this.wish;
    if (!checkpoint) return;
    const parts: JournalChange[][] = [];
    const readable = chain.readableChain();
    const start = readable.findIndex((r) => sameName(r.name, checkpoint.read.receiver));
    for (const r of start < 0 ? [] : readable.slice(start)) {
      if (receiver && !sameName(receiver, r.name)) continue;
      const here = sameName(r.name, checkpoint.read.receiver);
      // the entry read last exists, so it is a place to begin at
      const from = here && checkpoint.read.sequence > 0n ? checkpoint.read.sequence : null;
      const end = later(from ?? r.first, r.last);
      const most = later(from ?? r.first, 0n) + this.left;
      const to = toSequence !== null && toSequence < most ? toSequence : end > most ? most : null;
      if (this.left <= 0n || (from !== null && to !== null && to < from)) break;
      const after = later(here ? checkpoint.read.sequence : 0n, (fromSequence ?? 0n) - 1n);
      parts.push((await this.read({ receiver: r.name, from, to }, after, null)).changes);
    }
    // written newest first, as everything here
    for (const part of parts.reverse()) this.found.push(part);
    this.older = false;
  }

  private async dealtWith(): Promise<SearchResult['ended']> {
    const { checkpoint, chain, ledger, options } = this.parts;
    const { receiver, fromSequence, toSequence, limit } = this.wish;
    if (!checkpoint) return 'beginning';
    const readable = chain.readableChain();
    const last = readable.findIndex((r) => sameName(r.name, checkpoint.read.receiver));
    for (const r of readable.slice(0, last + 1).reverse()) {
      if (receiver && !sameName(receiver, r.name)) continue;
      const here = sameName(r.name, checkpoint.read.receiver);
      const end = here ? checkpoint.read.sequence : r.last;
      const range = { from: fromSequence ?? 0n, to: toSequence !== null && toSequence < end ? toSequence : end };
      const { windows, rest } = ledgerWindows(ledger, options.journal, r.name, range, this.left);
      for (const window of windows) {
        const { changes } = await this.read({ receiver: r.name, ...window }, window.from - 1n, window.to);
        this.found.push(changes);
        if (this.count() >= limit) return 'limit';
        if (this.older) return 'since';
      }
      if (rest !== null) return 'depth';
    }
    return 'beginning';
  }

  private count(): number {
    return this.found.reduce((sum, part) => sum + part.length, 0);
  }

  /** @param after exclusive. @param upTo inclusive, null for all that came */
  private async read(range: ReadRange, after: bigint, upTo: bigint | null): Promise<{ changes: JournalChange[] }> {
    const { connection, options, signal, clock } = this.parts;
    const changes: JournalChange[] = [];
    const seen = await readRange(connection, options, range, signal, (change) => {
      const { sequence } = change.entry;
      if (sequence <= after || (upTo !== null && sequence > upTo)) return;
      if (this.inTime(change) && this.isSought(change)) changes.push(change);
    });
    if (!seen) {
      this.note(formatName(range.receiver));
      return { changes };
    }
    this.entries += seen.entries;
    const { since } = this.wish;
    this.older = since !== null && seen.oldest !== null && Date.parse(clock.toUtc(seen.oldest)) < since;
    const first = range.from ?? 1n;
    const last = seen.last ?? first;
    this.left -= last - first + 1n;
    this.spans(
      { receiver: range.receiver, sequence: first },
      { receiver: range.receiver, sequence: last },
      upTo === null,
    );
    return { changes };
  }

  /** @param forwards what was not read yet is looked at in order, the rest backwards */
  private spans(from: Position, to: Position, forwards: boolean): void {
    this.from = forwards ? (this.from ?? from) : from;
    this.to = forwards ? to : (this.to ?? to);
  }

  private note(receiver: string): void {
    if (!this.gone.includes(receiver)) this.gone.push(receiver);
  }

  private inTime(change: JournalChange): boolean {
    const { since, until } = this.wish;
    if (since === null && until === null) return true;
    const at = Date.parse(this.parts.clock.toUtc(change.timestamp));
    return (since === null || at >= since) && (until === null || at < until);
  }

  private isSought(change: JournalChange): boolean {
    this.useFormatOf(change);
    try {
      return this.parts.mapping.keysOf(change).has(this.wish.key);
    } catch (error) {
      if (!isCoded(error) || error.family !== 'decode') throw error;
      if (this.unreadable.length < MOST_UNREADABLE) {
        this.unreadable.push({ table: formatName(change.table), position: change.position, code: error.code });
      }
      return false;
    }
  }
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
