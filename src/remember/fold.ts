/** Folding the log into the table: oldest records first, of each key only the last one, in key order. */
import { latin1 } from '../bytes/latin1';
import type { Store } from '../store/store';
import { HEAD, KIND, SENT_BYTES } from './record';

/** The last word of a slice about one key. */
interface Last {
  readonly rule: number;
  readonly key: Buffer;
  generation: number;
  /** Null: nothing new was sent. */
  sent: Buffer | null;
  gone: boolean;
}

interface Row {
  readonly no: number;
  readonly generation: number;
  readonly records: Buffer;
}

export class Fold {
  /** Bytes of log not folded yet. */
  waiting: number;
  private readonly next;
  private readonly drop;
  private readonly put;
  private readonly touch;
  private readonly remove;

  constructor({ db }: Store) {
    this.next = db.prepare('SELECT no, generation, records FROM remember_log ORDER BY no LIMIT 64');
    this.drop = db.prepare('DELETE FROM remember_log WHERE no <= ?');
    this.put = db.prepare(
      `INSERT INTO remember_key VALUES (?, ?, ?, ?)
       ON CONFLICT (rule, key) DO UPDATE SET generation = excluded.generation, sent = excluded.sent`,
    );
    this.touch = db.prepare('UPDATE remember_key SET generation = ? WHERE rule = ? AND key = ?');
    this.remove = db.prepare('DELETE FROM remember_key WHERE rule = ? AND key = ?');
    this.waiting = db.prepare('SELECT coalesce(sum(length(records)), 0) FROM remember_log').pluck().get() as number;
  }

  added(bytes: number): void {
    this.waiting += bytes;
  }

  /** Folds about so many bytes of log; inside a transaction. @returns true while there is more */
  slice(bytes: number): boolean {
    const last = new Map<string, Last>();
    let taken = 0;
    for (;;) {
      const rows = this.next.all() as Row[];
      for (const row of rows) {
        read(row, last);
        taken += row.records.length;
        this.drop.run(row.no);
        if (taken >= bytes) break;
      }
      if (rows.length === 0) this.waiting = taken;
      if (rows.length === 0 || taken >= bytes) break;
    }
    this.write(last);
    // a transaction that was rolled back, or another hand, may have left the figure too high
    this.waiting = Math.max(0, this.waiting - taken);
    return taken >= bytes;
  }

  /** Inside a transaction. */
  all(): void {
    while (this.slice(1 << 20));
    this.waiting = 0;
  }

  /** Neighbours share a page of the file. */
  private write(last: Map<string, Last>): void {
    const sorted = [...last.keys()].sort();
    for (const id of sorted) {
      const { rule, key, generation, sent, gone } = last.get(id)!;
      if (gone) this.remove.run(rule, key);
      else if (sent) this.put.run(rule, key, generation, sent);
      else this.touch.run(generation, rule, key);
    }
  }
}

function read({ generation, records }: Row, last: Map<string, Last>): void {
  for (let p = 0; p < records.length; ) {
    const kind = records[p]!;
    const keyEnd = p + HEAD + records.readUInt16LE(p + 5);
    const end = keyEnd + SENT_BYTES[kind]!;
    // rule and key as they stand are the name of the row
    const id = latin1(records, p + 1, p + 5) + latin1(records, p + HEAD, keyEnd);
    let one = last.get(id);
    if (!one) {
      one = {
        rule: records.readUInt32LE(p + 1),
        key: records.subarray(p + HEAD, keyEnd),
        generation,
        sent: null,
        gone: false,
      };
      last.set(id, one);
    }
    one.generation = generation;
    if (kind === KIND.gone) {
      one.gone = true;
      one.sent = null;
    } else if (kind !== KIND.met) {
      one.gone = false;
      one.sent = records.subarray(keyEnd, end);
    }
    p = end;
  }
}
