/**
 * Changes of one table that a stopped daemon has not read yet: rows and keys of which nothing can be said before it has. Kept
 * in a temporary file, as a daemon may have been stopped for days.
 */
import { readReceivers } from '../../catalog/journals';
import { isCoded } from '../../errors/coded-error';
import { readRange } from '../../journal/again/read-range';
import type { JournalOptions } from '../../journal/options';
import { ReceiverChain } from '../../journal/position/chain';
import type { Checkpoint } from '../../journal/position/checkpoint-table';
import { JournalHead } from '../../journal/reader/visible-head';
import type { Change } from '../../model/change';
import { type Position, sameName } from '../../model/position';
import type { HeldKey } from '../../model/rows/row-hold';
import type { RowWatch, WatchedRows } from '../../reconcile/row-judge';
import { openSqlite } from '../../sqlite';
import type { SqlConnection } from '../../transport/transport';

interface UnreadParts {
  /** Of its own: the table is read over another one meanwhile. */
  readonly connection: SqlConnection;
  /** With the one table. */
  readonly options: JournalOptions;
  readonly checkpoint: Checkpoint;
  readonly heldKeys: (change: Change) => readonly HeldKey[];
}

export class UnreadChanges implements RowWatch, Disposable {
  readonly changed = 'unread';
  /** Changes seen so far. */
  count = 0;
  /** The journal can no longer show all of it. */
  lost = false;
  private readonly db = openSqlite('');
  private readonly top: JournalHead;
  private readonly findRow;
  private readonly findKey;
  private readonly addRow;
  private readonly addKey;
  /** Read up to here. */
  private upTo: Position | null = null;

  constructor(private readonly parts: UnreadParts) {
    const { db } = this;
    db.pragma('synchronous = OFF');
    db.exec(
      'CREATE TABLE unread_row (rrn INTEGER PRIMARY KEY); CREATE TABLE unread_key (rule TEXT, key BLOB, PRIMARY KEY (rule, key)) WITHOUT ROWID',
    );
    this.findRow = db.prepare('SELECT 1 FROM unread_row WHERE rrn = ?');
    this.findKey = db.prepare('SELECT 1 FROM unread_key WHERE rule = ? AND key = ?');
    this.addRow = db.prepare('INSERT OR IGNORE INTO unread_row VALUES (?)');
    this.addKey = db.prepare('INSERT OR IGNORE INTO unread_key VALUES (?, ?)');
    this.top = new JournalHead(parts.connection, parts.options.journal);
  }

  head(signal: AbortSignal): Promise<Position | null> {
    return this.top.position(signal);
  }

  note(): WatchedRows {
    return {
      passed: (high, signal) => this.readUpTo(high, signal),
      touched: (rrn) => this.lost || this.findRow.get(rrn) !== undefined,
      end: () => undefined,
    };
  }

  unreadKey(rule: string, key: Uint8Array): boolean {
    return this.lost || this.findKey.get(rule, key) !== undefined;
  }

  async close(): Promise<void> {
    await this.top.close();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.db.close();
  }

  private async readUpTo(high: Position, signal: AbortSignal): Promise<void> {
    const { connection, options, checkpoint } = this.parts;
    const chain = new ReceiverChain(await readReceivers(connection, options.journal));
    let at: Position = this.upTo ?? checkpoint.resume;
    for (;;) {
      const last = sameName(at.receiver, high.receiver);
      if (last && (high.sequence === 0n || (this.upTo !== null && at.sequence >= high.sequence))) break;
      const from = at.sequence === 0n ? null : at.sequence;
      const range = { receiver: at.receiver, from, to: last ? high.sequence : null };
      const read = await readRange(connection, options, range, signal, (change) => this.see(change, chain));
      const receiver = chain.get(at.receiver);
      const crossing = last || receiver === null ? null : chain.after(receiver);
      if (read === null || (!last && crossing?.is !== 'next')) this.lost = true;
      if (last || this.lost || crossing?.is !== 'next') break;
      at = { receiver: crossing.receiver.name, sequence: 0n };
    }
    this.upTo = high;
  }

  private see(change: Change, chain: ReceiverChain): void {
    const { read, openCycles } = this.parts.checkpoint;
    const order = change.position && chain.compare(change.position, read);
    const dealtWith = order !== null && order <= 0;
    if (dealtWith && !openCycles.includes(change.commitCycle)) return;
    this.count++;
    if (change.rrn > 0n) this.addRow.run(change.rrn);
    this.seeKeys({ ...headerOf(change), before: change.before, after: change.after });
    // a key that the update took away
    if (change.before && change.after) this.seeKeys({ ...headerOf(change), before: change.before, after: null });
  }

  private seeKeys(change: Change): void {
    try {
      for (const { of, bytes, keyFrom, keyTo } of this.parts.heldKeys(change))
        this.addKey.run(of.rule, bytes.subarray(keyFrom, keyTo));
    } catch (error) {
      if (!isCoded(error) || error.family !== 'decode') throw error;
    }
  }
}

/** An entry's members are read from its block: they are not copied by themselves. */
function headerOf(c: Change): Change {
  const { op, mode, table, member, journal, position, occasion, timestamp, commitCycle, rrn } = c;
  const { user, job, program, remoteAddress } = c;
  return {
    op,
    mode,
    table,
    member,
    before: null,
    after: null,
    journal,
    position,
    occasion,
    timestamp,
    commitCycle,
    rrn,
    user,
    job,
    program,
    remoteAddress,
  };
}
