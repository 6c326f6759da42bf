/**
 * Changes that wait for others of their key, in the state file: written in the transaction that moves the checkpoint past
 * their entries, so that a crash neither forgets nor doubles them. Sealed where payloads are.
 */
import type Database from 'better-sqlite3';
import type { Config } from '../../config/config';
import type { Held, HeldStore } from '../../map/order/held';
import { heldBytes, heldOf } from '../../map/order/held-text';
import { aesSeal, noKey, parseSealKey, type Seal } from '../../outbox/pages/seal';
import type { Schema, Store } from '../../store/store';

export const HELD_SCHEMA: Schema = {
  name: 'held_change',
  steps: ['CREATE TABLE held_change (no INTEGER PRIMARY KEY, sealed INTEGER NOT NULL, content BLOB NOT NULL)'],
};

interface Row {
  readonly no: number;
  readonly sealed: number;
  readonly content: Buffer;
}

export class HeldTable implements HeldStore {
  private readonly upsert: Database.Statement;
  private readonly drop: Database.Statement;

  /**
   * @param seal null: as it is
   * @param table of the state file: the stream's, or that of a replay
   */
  constructor(
    private readonly store: Store,
    private readonly seal: Seal | null,
    private readonly table: 'held_change' | 'replay_held' = 'held_change',
  ) {
    this.upsert = store.db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`);
    this.drop = store.db.prepare(`DELETE FROM ${table} WHERE no = ?`);
  }

  /** Oldest first. @throws CodedError `OUTBOX_SEALED` when the key is missing or another one */
  load(): readonly Held[] {
    const rows = this.store.db.prepare(`SELECT * FROM ${this.table} ORDER BY no`).all() as Row[];
    return rows.map(({ no, sealed, content }) => heldOf(sealed === 1 ? this.open(content, no) : content, no));
  }

  write(items: readonly Held[], removed: readonly number[]): void {
    for (const no of removed) this.drop.run(no);
    for (const item of items) {
      const bytes = heldBytes(item);
      this.upsert.run(item.no, this.seal ? 1 : 0, this.seal?.close(bytes, nameOf(item.no)) ?? bytes);
    }
  }

  private open(content: Buffer, no: number): Buffer {
    if (this.seal === null) throw noKey(nameOf(no));
    return this.seal.open(content, nameOf(no));
  }
}

export function heldTable(store: Store, { encryption }: Config, table?: 'replay_held'): HeldTable {
  return new HeldTable(store, encryption ? aesSeal(parseSealKey(encryption.key.reveal())) : null, table);
}

function nameOf(no: number): string {
  return `held-${no}`;
}
