/** A look at a state file before SQLite touches it: is there anything here that must not be taken for new, or mixed? */
import { existsSync, statSync } from 'node:fs';
import { CodedError } from '../errors/coded-error';
import { InstanceLock } from './instance-lock';
import { cut, ways } from './life';
import { readableLog } from './log/log-end';
import { saltOf, versionOf, walOf } from './log/wal';
import { markPath, readMark } from './mark';
import { isMountedAlone } from './place';

/** What one opens the file for. */
export interface Purpose {
  /** True for the daemon, which holds the lock: the file is compared with what is remembered of it. */
  readonly owner?: boolean;
  /** True for one who holds the lock in the daemon's place, and is no daemon. */
  readonly locked?: boolean;
  /** True for one who would have nothing to do with a new file. */
  readonly mustExist?: boolean;
}

/** A daemon makes its file within this, milliseconds, once it has the lock; one that reads tables first takes longer. */
const MAKING_MS = 5_000;
const LOOK_MS = 10;

/**
 * True when the file is there. Beside a daemon that is just making it: once it is there, or false after five seconds.
 * Stops the process meanwhile.
 */
export function stateThere(file: string): boolean {
  for (const until = Date.now() + MAKING_MS; ; pause(LOOK_MS)) {
    if (existsSync(file)) return true;
    if (Date.now() > until || !InstanceLock.isHeld(file)) return existsSync(file);
  }
}

/**
 * Beside a daemon nothing is judged: it has judged for itself, and what it writes changes between one look and the next.
 * Must not be called while this process has the file open in SQLite: closing a file lets go of its locks.
 * @param place the file, links followed
 * @returns whether a log lies beside the file
 * @throws CodedError `STATE_GONE`, `STATE_EMPTY`, `STATE_FOREIGN_LOG`, `STATE_CUT`, family positionLost; `STATE_MOUNTED`, family
 *   store; `STATE_MISSING`, family config
 */
export function look(place: string, purpose: Purpose): boolean {
  if (purpose.owner || purpose.locked) return judged(place, purpose);
  if (InstanceLock.isHeld(place)) return made(place);
  try {
    return judged(place, purpose);
  } catch {
    // a daemon that began or ended meanwhile: what was seen was its work
    pause(LOOK_MS);
    return InstanceLock.isHeld(place) ? made(place) : judged(place, purpose);
  }
}

/** Only the daemon makes the file that it is about to use. */
function made(place: string): true {
  if (stateThere(place)) return true;
  throw new CodedError({
    code: 'STATE_MISSING',
    message: `there is no state file ${place} yet: the daemon that holds its lock has not made it`,
    next: 'run the command again once the daemon reads; its log says what it waits for',
    facts: { file: place },
  });
}

function judged(place: string, { owner = false, mustExist = false }: Purpose): boolean {
  const found = statSync(place, { throwIfNoEntry: false });
  if (owner && found?.isFile() && isMountedAlone(place)) throw mountedAlone(place);
  const log = statSync(`${place}-wal`, { throwIfNoEntry: false });
  if (!found) {
    const used = existsSync(markPath(place)) || (log?.size ?? 0) > 0;
    // whoever comes first: a new file beside what is left of another would hide that from the daemon
    if (mustExist || used) throw gone(place);
    return false;
  }
  if (found.isFile() && found.size === 0) throw stateEmpty(place, 'is empty');
  if (!found.isFile()) return true;
  const kind = walOf(place);
  if (kind === 'foreign' || (kind === 'untied' && isOfAnother(place))) throw foreignLog(place);
  if (kind !== 'none' && isShort(place)) throw shortLog(place);
  return kind !== 'none';
}

/** Of what was carried over into the file from this log, some is missing in the log. */
function isShort(place: string): boolean {
  const then = readMark(place)?.log;
  if (!then) return false;
  const now = readableLog(`${place}-wal`);
  return now !== null && now.salt === then.salt && now.frames < then.frames;
}

/**
 * The log was begun after all of the former one had come into the file, and nothing in it says whose it is yet. The mark knows
 * the former one, whose first salt is one less, and what the head of the file must say since.
 */
function isOfAnother(place: string): boolean {
  const then = readMark(place)?.log;
  if (then?.tie === undefined) return false;
  const follows = (saltOf(`${place}-wal`) - Number.parseInt(then.salt.slice(0, 8), 16)) >>> 0 <= 1;
  return follows && versionOf(place) !== then.tie;
}

function shortLog(place: string): CodedError {
  return cut(place, 'the log beside it ends before what the file already has of it', readMark(place));
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function mountedAlone(file: string): CodedError {
  return new CodedError({
    code: 'STATE_MOUNTED',
    message: `the state file ${file} is mounted by itself: its log (-wal) and its mark lie in the folder around it, which is another one, and are lost with the container`,
    next: `mount the folder of the state file instead of the file, with all that lies in it (docs/failures.md)`,
    facts: { file },
  });
}

function gone(file: string): CodedError {
  return new CodedError({
    code: 'STATE_GONE',
    message: `the state file ${file} is gone: what lies beside it says that it was in use`,
    next: `put it back or restore a backup (docs/backup.md); or begin anew, which skips what was changed since: ibmi-cdc resume --state accept`,
    facts: { file },
  });
}

export function stateEmpty(file: string, what: string): CodedError {
  return new CodedError({
    code: 'STATE_EMPTY',
    message: `the state file ${file} ${what}; it is not taken for a new one`,
    next: `restore a backup (docs/backup.md); or begin anew, which skips what was changed since: ibmi-cdc resume --state accept`,
    facts: { file },
  });
}

function foreignLog(file: string): CodedError {
  return new CodedError({
    code: 'STATE_FOREIGN_LOG',
    message: `${file}-wal does not belong to ${file}: together they would be a mixture`,
    next: `if ${file} was restored over another one, the log is a leftover: ${ways(file).split('; or ')[1]}, which sets the log aside; otherwise put back the file that the log belongs to`,
    facts: { file },
  });
}
