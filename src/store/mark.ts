/**
 * What is remembered of a state file outside of it, in `FILE.mark`: which life it was in, how far it had come, and that
 * the disk is full, which a full disk does not let us write anywhere else. One line of JSON of a fixed length, written over in
 * place: it needs no space, and it never says more than is durable in the file.
 */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import type { LogPlace } from './log/log-end';
import { keepPrivate } from './place';

export interface RememberedFile {
  /** Of the file, for as long as it exists; a copy has the same. */
  readonly identity: string;
  /** Of the life that wrote this. */
  readonly incarnation: string;
  /** Which thing on the disk the file is: a copy is another one. */
  readonly thing: string;
  /** Durable transactions of the file when this was written. */
  readonly commits: number;
  /** Epoch milliseconds since which the disk is full; null when it is not. */
  readonly fullSince: number | null;
  /** How far the log beside the file went before some of it was carried over; null where an older version did not say. */
  readonly log: RememberedLog | null;
}

interface RememberedLog extends LogPlace {
  /** `user_version` of the file once all of this log is in it; absent where an older version did not say. */
  readonly tie?: number;
}

/** Enough for the largest numbers there are: a line that is cut says nothing at all. */
const BYTES = 512;

export function markPath(file: string): string {
  return `${file}.mark`;
}

/** Null where there is none, or none that can be read. */
export function readMark(file: string): RememberedFile | null {
  try {
    const { identity, incarnation, thing, commits, fullSince, log } = JSON.parse(readFileSync(markPath(file), 'utf8'));
    if (typeof identity !== 'string' || typeof incarnation !== 'string' || !Number.isSafeInteger(commits)) return null;
    return {
      identity,
      incarnation,
      thing: String(thing),
      commits,
      fullSince: Number.isSafeInteger(fullSince) ? fullSince : null,
      log: typeof log?.salt === 'string' && Number.isSafeInteger(log.frames) ? log : null,
    };
  } catch {
    return null;
  }
}

export function forgetMark(file: string): void {
  rmSync(markPath(file), { force: true });
}

/** Writes the mark of one life. */
export class Mark {
  private readonly line = Buffer.alloc(BYTES, ' ');
  private readonly fd: number;

  /** @throws what the file system says */
  constructor(file: string) {
    const path = markPath(file);
    keepPrivate(path);
    this.fd = openSync(path, 'r+');
  }

  write(what: RememberedFile, durable = false): void {
    this.line.fill(' ');
    this.line.write(JSON.stringify(what));
    this.line[BYTES - 1] = 0x0a;
    writeSync(this.fd, this.line, 0, BYTES, 0);
    if (durable) fsyncSync(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * Inode and time of birth, as the number of a file that was removed is given out again. The birth is not known, and left out,
 * where the system shows the last change instead, and within the tick in which the file was made.
 */
export function thingOf(file: string): string {
  const { ino, birthtimeNs, ctimeNs } = statSync(file, { bigint: true });
  return birthtimeNs === ctimeNs ? `${ino}` : `${ino}-${birthtimeNs}`;
}

/** Whether two of {@link thingOf} are one: a birth that one of them does not know says nothing against it. */
export function isSameThing(a: string, b: string): boolean {
  const [inode, birth] = a.split('-');
  const [otherInode, otherBirth] = b.split('-');
  return inode === otherInode && (birth === undefined || otherBirth === undefined || birth === otherBirth);
}
