/** What SQLite and the file system say, in words: each kind of failure of the state file has a code and a next step. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError, isCoded } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';

/** Less than this free on the disk of the state file means: the failed write failed for want of space. */
const NOTHING_FREE = 64 * 1024;

interface Words {
  readonly code: ErrorCode;
  readonly says: string;
  readonly next: string;
}

const FULL: Words = {
  code: 'STORE_FULL',
  says: 'cannot be written: the disk is full',
  next: 'make room on the disk of `state:` (or raise the quota), or move the folder to a larger one while the daemon is stopped; nothing that was captured is lost',
};

const NOT_OPENED: Words = {
  code: 'STORE_OPEN',
  says: 'cannot be opened',
  next: 'check that the folder of `state:` exists or can be made, and that this user may write there',
};

/** By the beginning of SQLite's result code; the first that fits. */
const BY_RESULT: readonly (readonly [prefix: string, words: Words])[] = [
  ['SQLITE_FULL', FULL],
  // shared memory is the first thing that has to grow
  ['SQLITE_IOERR_SHMSIZE', FULL],
  [
    'SQLITE_BUSY',
    {
      code: 'STORE_BUSY',
      says: 'is held by another process for longer than five seconds',
      next: 'end the program that holds it open (`fuser -v` on the file names it), then start again',
    },
  ],
  [
    'SQLITE_READONLY',
    {
      code: 'STORE_READONLY',
      says: 'cannot be written by this user',
      next: 'give the file and the files beside it (-wal, -shm) to the user of the daemon, and see that the disk is not mounted read-only',
    },
  ],
  ['SQLITE_CANTOPEN', NOT_OPENED],
  [
    'SQLITE_NOTADB',
    {
      code: 'STORE_NOT_A_DATABASE',
      says: 'is no state file: it does not begin as one',
      next: 'check `state:`; if the file was overwritten, restore it: docs/backup.md',
    },
  ],
  [
    'SQLITE_CORRUPT',
    {
      code: 'STORE_CORRUPT',
      says: 'is damaged',
      next: 'stop the daemon, keep the file and what is beside it for a look, and restore a backup: docs/backup.md; look after the disk',
    },
  ],
  [
    'SQLITE_IOERR',
    {
      code: 'STORE_IO',
      says: 'cannot be read or written: the disk reports an error',
      next: 'see the log of the system (dmesg) for the disk; when it is sound again start the daemon, which goes on where it was',
    },
  ],
];

/**
 * The error in words, or as it was where it says nothing of the file: a mistake in a statement stays a bug.
 * @param file path of the state file, for the message
 */
export function storeFault(file: string, cause: unknown): unknown {
  if (isCoded(cause)) return cause;
  const result = resultOf(cause);
  if (result === null) return cause;
  const found = BY_RESULT.find(([prefix]) => result.startsWith(prefix))?.[1];
  if (!found) return cause;
  const wantsSpace = /^SQLITE_(CANTOPEN|IOERR)/.test(result) && freeBytes(file) < NOTHING_FREE;
  return faultOf(wantsSpace ? FULL : found, file, cause, result);
}

/** For whatever keeps the file from being opened. Error `STORE_OPEN` where no better code is known; family store. */
export function notOpened(file: string, cause: unknown): CodedError {
  if (errnoOf(cause) === 'ENOSPC') return faultOf(FULL, file, cause, 'ENOSPC');
  const fault = storeFault(file, cause);
  if (isCoded(fault)) return fault;
  return faultOf(NOT_OPENED, file, cause, cause instanceof Error ? cause.message : String(cause));
}

/** True for an error of {@link storeFault} that ends by itself once there is room. */
export function isDiskFull(error: unknown): boolean {
  return isCoded(error) && error.code === FULL.code;
}

/** Bytes this user may still write on the disk of the file; Infinity where it is not known. */
export function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function faultOf({ code, says, next }: Words, file: string, cause: unknown, detail: string): CodedError {
  const message = `the state file ${file} ${says} (${detail})`;
  return new CodedError({ code, message, next, facts: { file }, cause });
}

function resultOf(cause: unknown): string | null {
  const code = errnoOf(cause);
  return code?.startsWith('SQLITE_') ? code : null;
}

function errnoOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException | null)?.code;
}
