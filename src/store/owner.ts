/** What the daemon that owns the state file does for it: begins a life, leaves its mark, ties the log, sees that the file is still there. */

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { notOpened } from './faults';
import { beginLife, type FormerLife, type Found, fileMark, formerLives, lastLife, markClean } from './life';
import { LogEnd, type LogPlace } from './log/log-end';
import { Mark, readMark, thingOf } from './mark';
import { Presence } from './presence';
import { writeWitness } from './witness';

/** The log is carried over at least so often while there are transactions: what a lost log costs in repeats. */
const INTO_FILE_MS = 10_000;
const FRESH = 16;
/** And when it has grown by so many frames, pages of 16 KB. */
const INTO_FILE_FRAMES = 1024;
/** Transactions in a row that need not be durable, before one that is: only behind that one is the log carried over. */
const LAZY = 32;

/** What the owner needs of its store. */
interface Owned {
  readonly db: Database;
  readonly file: string;
  transaction<T>(work: () => T): T;
}

export class Owner {
  /** Of this life; empty before {@link begin}. */
  incarnation = '';
  /** Last position of the file when this life began. */
  position = 0;
  private readonly identity: string;
  private commits: number;
  private presence: Presence | null = null;
  private mark: Mark | null = null;
  private log: number | null = null;
  private logEnd: LogEnd | null = null;
  private place: LogPlace = { salt: '', frames: 0 };
  /** Salt of the log that was tied to the file. */
  private tied = '';
  /** What the head of the file says once all of the log is in it. */
  private tieNext = 0;
  /** Frames of the log when it was last carried over. */
  private carried = 0;
  private lazy = 0;
  private fullSince: number | null = null;
  private intoFileAt = 0;
  /** First transactions of a life, among them the places from which its journals and windows are read. */
  private fresh = FRESH;
  private thing = '';

  constructor(
    private readonly store: Owned,
    /** How the file was found. */
    readonly found: Found,
  ) {
    const { identity, commits } = fileMark(store.db);
    this.identity = identity;
    this.commits = commits;
  }

  /**
   * A new life begins.
   * @param position of the last event the file has
   * @throws CodedError family store
   */
  begin(position: number, now = Date.now()): void {
    const { db, file } = this.store;
    this.mark = openMark(file);
    this.position = position;
    this.thing = thingOf(file);
    // SQLite would carry over what no process has remembered
    db.pragma('wal_autocheckpoint = 0');
    // first, so that no log of this life is ever without its tie
    this.tie();
    this.incarnation = this.store.transaction(() => beginLife(db, this.found, position, now));
    this.log = openSync(`${file}-wal`, 'r');
    this.logEnd = new LogEnd(this.log);
    this.place = this.logEnd.look();
    this.tied = this.place.salt;
    this.presence = new Presence(file);
    this.leaveMark(true);
    this.intoFile();
    this.updateWitness();
  }

  /** @throws CodedError `STATE_DELETED`, `STATE_REPLACED` */
  check(): void {
    this.presence?.check();
  }

  /** After each durable transaction, which has happened whatever becomes of this: never throws. */
  committed(): void {
    this.commits++;
    if (this.logEnd === null) return;
    this.lazy = 0;
    try {
      this.place = this.logEnd.look();
      if (this.tied !== this.place.salt) this.tie();
      this.leaveMark();
      this.fresh--;
      const grown = this.place.frames - this.carried > INTO_FILE_FRAMES;
      if (this.fresh > 0 || grown || performance.now() - this.intoFileAt > INTO_FILE_MS) this.intoFile();
    } catch {
      // no room, or the disk fails: after the next transaction again, which reports it where it cannot be written itself
    }
  }

  /** After each transaction that may be lost with the power. */
  committedLazily(): void {
    this.lazy++;
  }

  /** The next transaction should be durable, or the log grows for ever. */
  get wantsDurable(): boolean {
    return this.lazy >= LAZY;
  }

  /**
   * From the log into the file itself: without its log it still says that it was used, and from where its journals are read.
   * The mark has said before how far the log goes: one that ends earlier must not be put over the file.
   */
  private intoFile(): void {
    this.store.db.pragma('wal_checkpoint(PASSIVE)');
    this.intoFileAt = performance.now();
    this.carried = this.place.frames;
  }

  /** On a full disk, where nothing waits for a transaction that is durable. */
  carryOver(): void {
    if (this.log === null || this.logEnd === null) return;
    fsyncSync(this.log);
    this.place = this.logEnd.look();
    this.leaveMark();
    this.intoFile();
  }

  /** Remembered outside of the file, as a full disk does not let us write into it. */
  recordFull(since: number | null): void {
    this.fullSince = since;
    this.leaveMark();
  }

  former(): FormerLife[] {
    return formerLives(this.store.db);
  }

  /** Of the last event when the first life on record began; null before it. */
  firstPosition(): number | null {
    const first = this.store.db.prepare('SELECT position FROM store_life ORDER BY no LIMIT 1').pluck();
    return (first.get() as number | undefined) ?? null;
  }

  /** Before the file is closed in good order. */
  end(): void {
    if (this.incarnation === '') return;
    try {
      this.presence?.check();
      markClean(this.store.db);
      if (this.logEnd !== null) this.place = this.logEnd.look();
      this.leaveMark();
      this.updateWitness();
    } catch {
      // deleted, replaced or full: the next start sees it for itself
    }
  }

  close(): void {
    this.mark?.close();
    if (this.log !== null) closeSync(this.log);
    this.mark = this.log = this.logEnd = null;
  }

  private leaveMark(durable = false): void {
    const { identity, incarnation, thing, commits, fullSince, place, tieNext } = this;
    try {
      this.mark?.write({ identity, incarnation, thing, commits, fullSince, log: { ...place, tie: tieNext } }, durable);
    } catch {
      // a mark that lags behind says less, never something wrong
    }
  }

  private updateWitness(): void {
    const { identity, incarnation, commits } = this;
    writeWitness(this.store.file, { identity, incarnation, commits });
  }

  /** The log says the number in the head of the file, and then the one that comes next: see wal.ts. */
  private tie(): void {
    const { db } = this.store;
    db.pragma('synchronous = NORMAL');
    try {
      db.pragma(`user_version = ${db.pragma('user_version', { simple: true }) as number}`);
      this.tieNext = randomBytes(4).readUInt32BE() >>> 1;
      db.pragma(`user_version = ${this.tieNext}`);
      this.carried = 0;
      this.tied = this.place.salt;
    } finally {
      db.pragma('synchronous = FULL');
    }
  }
}

function openMark(file: string): Mark {
  try {
    return new Mark(file);
  } catch (cause) {
    throw notOpened(file, cause);
  }
}

/** For those who look at the file beside its daemon. */
interface StateFacts {
  readonly identity: string;
  readonly incarnation: string | null;
  readonly openedAt: number | null;
  readonly found: Found | null;
  /** Epoch milliseconds; null while there is room. */
  readonly fullSince: number | null;
}

export function stateFacts(db: Database, file: string): StateFacts {
  const last = lastLife(db);
  const mark = readMark(file);
  return {
    identity: fileMark(db).identity,
    incarnation: last?.incarnation ?? null,
    openedAt: last?.openedAt ?? null,
    found: last?.found ?? null,
    fullSince: mark?.fullSince ?? null,
  };
}
