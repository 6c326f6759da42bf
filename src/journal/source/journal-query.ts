/**
 * The journal asked through one connection: windows as entries block by block, single entries in full, heads of commit
 * cycles. Statements are prepared once and kept; the transport asks for the next block while this one is consumed.
 */
import type { Position, QualifiedName } from '../../model/position';
import type { PreparedStatement, SqlConnection, SqlValue } from '../../transport/transport';
import type { ObjectNames } from '../entry/block-entry';
import {
  cycleSql,
  type ServerFilter,
  wholeEntryParams,
  wholeEntrySql,
  windowParams,
  windowSql,
} from '../entry/display-journal';
import { HeaderReader, RawEntry, RowEntry } from '../entry/header-reader';
import { type JournalFailure, journalFailureOf } from '../entry/host-error';
import type { CycleRange, EntryBlock, EntrySource, ReadOptions, WindowRange } from './entry-source';

interface Kept {
  readonly statement: PreparedStatement;
  /** One per statement: its columns and look-up tables outlive a single run. */
  reader: HeaderReader | null;
}

export class JournalQuery implements EntrySource {
  readonly kind = 'sql';
  private readonly kept = new Map<string, Promise<Kept>>();

  constructor(
    private readonly connection: SqlConnection,
    private readonly journal: QualifiedName,
    private readonly names: ObjectNames,
    private readonly dataBytes: number,
  ) {}

  async *window(range: WindowRange, filter: ServerFilter | null, options: ReadOptions): AsyncGenerator<EntryBlock> {
    const sql = windowSql({
      dataBytes: this.dataBytes,
      from: range.from === null ? 'first' : 'sequence',
      to: range.to === null ? 'last' : 'sequence',
      filter,
    });
    yield* this.blocks(sql, windowParams(this.journal, range.receiver, range.from, range.to), range.receiver, options);
  }

  async *cycle(range: CycleRange, cycle: bigint, options: ReadOptions): AsyncGenerator<EntryBlock> {
    const params = [...windowParams(this.journal, range.receiver, range.from, range.to), cycle.toString()];
    yield* this.blocks(cycleSql(this.dataBytes), params, range.receiver, options);
  }

  private async *blocks(
    sql: string,
    params: readonly SqlValue[],
    receiver: QualifiedName,
    options: ReadOptions,
  ): AsyncGenerator<EntryBlock> {
    const kept = await this.prepare(sql);
    const { statement } = kept;
    if (statement.queryRaw) {
      const result = await statement.queryRaw(params, options);
      try {
        kept.reader ??= new HeaderReader(result.columns, this.names, this.dataBytes);
        const { reader } = kept;
        for await (const block of result.blocks())
          yield { count: block.rowCount, entry: (row) => new RawEntry(receiver, reader, block, row) };
      } finally {
        await result.close();
      }
      return;
    }
    const result = await statement.query(params, options);
    try {
      for await (const rows of result.blocks())
        yield { count: rows.length, entry: (row) => new RowEntry(receiver, this.names, rows[row]!, this.dataBytes) };
    } finally {
      await result.close();
    }
  }

  async probe(receiver: QualifiedName, signal: AbortSignal): Promise<JournalFailure | null> {
    try {
      for await (const _ of this.window({ receiver, from: null, to: null }, null, { signal, blockBytes: 4096 })) break;
      return null;
    } catch (error) {
      const failure = journalFailureOf(error);
      if (failure === 'other') throw error;
      return failure;
    }
  }

  async wholeData(at: Position): Promise<Uint8Array | null> {
    const { statement } = await this.prepare(wholeEntrySql());
    const result = await statement.query(wholeEntryParams(this.journal, at));
    try {
      for await (const rows of result.blocks()) {
        const value = rows[0]?.[0];
        if (value instanceof Uint8Array) return value;
      }
      return null;
    } finally {
      await result.close();
    }
  }

  private prepare(sql: string): Promise<Kept> {
    const known = this.kept.get(sql);
    if (known) return known;
    const kept = this.connection.prepare(sql).then((statement) => ({ statement, reader: null }));
    kept.catch(() => this.kept.delete(sql));
    this.kept.set(sql, kept);
    return kept;
  }

  async close(): Promise<void> {
    const statements = await Promise.allSettled(this.kept.values());
    this.kept.clear();
    for (const kept of statements) if (kept.status === 'fulfilled') await kept.value.statement.close().catch(() => {});
  }
}
