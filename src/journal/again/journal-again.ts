/** A journal looked at before a stretch of it is read again: where the range lies, where formats changed, where it ends now. */
import { readReceivers } from '../../catalog/journals';
import type { Position, QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import { ObjectNames } from '../entry/block-entry';
import { FATE } from '../ledger/ledger';
import type { LedgerTable } from '../ledger/table';
import type { JournalOptions } from '../options';
import { ReceiverChain } from '../position/chain';
import { lastVisible } from '../reader/visible-head';
import { JournalQuery } from '../source/journal-query';
import { type AlteredFormat, alteredFormats, hasRecordBefore, type Part } from './altered-formats';
import { type RangeScope, type ScopeParts, scopeOf, type Wanted } from './scope';

export type { Wanted } from './scope';

/** Fates of entries that say something about a table that was followed then. */
const DEALT_WITH: ReadonlySet<number> = new Set([FATE.notice, FATE.held, FATE.published]);

export class JournalAgain implements AsyncDisposable {
  private readonly query: JournalQuery;

  private constructor(
    connection: SqlConnection,
    private readonly options: JournalOptions,
    readonly chain: ReceiverChain,
    private readonly signal: AbortSignal,
  ) {
    this.query = new JournalQuery(connection, options.journal, new ObjectNames(options.tables), 1);
  }

  /** @param options of one journal; its `tables` are those looked for. @throws SqlError */
  static async open(connection: SqlConnection, options: JournalOptions, signal: AbortSignal): Promise<JournalAgain> {
    return new JournalAgain(
      connection,
      options,
      new ReceiverChain(await readReceivers(connection, options.journal)),
      signal,
    );
  }

  /** The last entry that can be read now; null where no attached receiver is visible. @throws SqlError */
  async head(): Promise<Position | null> {
    const attached = this.chain.attached();
    return attached && (await lastVisible(this.query, attached, this.signal));
  }

  /** @throws SqlError */
  scope(wanted: Wanted, parts: Pick<ScopeParts, 'ceiling' | 'utc' | 'seen'>): Promise<RangeScope> {
    return scopeOf({ ...parts, query: this.query, chain: this.chain }, wanted, this.signal);
  }

  /**
   * Files that were altered within a part, before this state file followed them, and have records before that.
   * @param isKnown whether the history of formats says something of the place
   * @throws SqlError
   */
  async unknownFormats(
    part: Part,
    ledger: LedgerTable,
    isKnown: (file: QualifiedName, at: Position) => boolean,
  ): Promise<AlteredFormat[]> {
    const { query, chain, signal } = this;
    const unknown: AlteredFormat[] = [];
    for (const altered of await alteredFormats(query, chain, part, signal)) {
      const { file, at } = altered;
      if (isKnown(file, at) || DEALT_WITH.has(ledger.fateAt(this.options.journal, at) ?? -1)) continue;
      if (await hasRecordBefore(query, chain, part, altered, signal)) unknown.push(altered);
    }
    return unknown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.query.close();
  }
}
