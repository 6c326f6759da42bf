/**
 * Does a write-ahead log belong to the file it lies beside? SQLite itself does not ask: it puts whatever pages the log has
 * over the file, so a copy restored over a file whose log was left becomes a mixture. We tie them: `user_version` in the
 * head of the file is a random number, each log says that number in a page it holds, and from time to time the next one.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FRAME_HEAD, LOG_HEAD } from './log-end';

/** Of `user_version` in the first page of the file. */
const VERSION_AT = 60;
/** Of the two salts in the head of the log; each frame repeats them. */
const SALT_AT = 16;

/**
 * `none`: there is no log, or an empty one; `untied`: nothing in it says whose it is; `foreign`: it is of another file.
 * Must not be called while this process has the file open in SQLite: closing a file lets go of its locks.
 */
export function walOf(file: string): 'none' | 'untied' | 'tied' | 'foreign' {
  const log = reading(`${file}-wal`);
  if (log === null) return 'none';
  try {
    const { size } = fstatSync(log);
    if (size < LOG_HEAD + FRAME_HEAD) return 'none';
    const versions = versionsIn(log, size);
    if (versions.size === 0) return 'untied';
    return versions.has(versionOf(file)) ? 'tied' : 'foreign';
  } finally {
    closeSync(log);
  }
}

/** Values of `user_version` in the first pages that the log holds. */
function versionsIn(log: number, size: number): Set<number> {
  const head = Buffer.alloc(LOG_HEAD);
  readSync(log, head, 0, LOG_HEAD, 0);
  const salts = head.subarray(SALT_AT, SALT_AT + 8);
  const bytes = head.readUInt32BE(8);
  const found = new Set<number>();
  const frame = Buffer.alloc(FRAME_HEAD);
  const value = Buffer.alloc(4);
  if (bytes < 512) return found;
  for (let at = LOG_HEAD; at + FRAME_HEAD + bytes <= size; at += FRAME_HEAD + bytes) {
    readSync(log, frame, 0, FRAME_HEAD, at);
    // what an earlier log left behind the end of this one
    if (!frame.subarray(8, 16).equals(salts)) break;
    if (frame.readUInt32BE(0) !== 1) continue;
    readSync(log, value, 0, 4, at + FRAME_HEAD + VERSION_AT);
    found.add(value.readUInt32BE());
  }
  return found;
}

/** The first of the two salts of a log, one more each time SQLite begins it anew. */
export function saltOf(log: string): number {
  const opened = openSync(log, 'r');
  try {
    const salt = Buffer.alloc(4);
    readSync(opened, salt, 0, 4, SALT_AT);
    return salt.readUInt32BE();
  } finally {
    closeSync(opened);
  }
}

/** `user_version` in the head of the file. */
export function versionOf(file: string): number {
  const main = openSync(file, 'r');
  try {
    const value = Buffer.alloc(4);
    readSync(main, value, 0, 4, VERSION_AT);
    return value.readUInt32BE();
  } finally {
    closeSync(main);
  }
}

function reading(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
