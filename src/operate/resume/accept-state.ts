/** `resume --state accept`: the operator takes a state file as it is, although it lacks what it once had. */
import { renameSync, rmSync } from 'node:fs';
import { CodedError, isCoded } from '../../errors/coded-error';
import { InstanceLock } from '../../store/instance-lock';
import { accept } from '../../store/life';
import { forgetMark } from '../../store/mark';
import { placeOf } from '../../store/place';
import { Store } from '../../store/store';

/** What the next start of the daemon will do. */
export interface AcceptedState {
  readonly state: string;
  readonly next: 'begins anew' | 'goes on with the file';
  /** Where the log went that did not belong to the file, or only part of which was left; null where there was none. */
  readonly setAside: string | null;
}

/** @throws CodedError family store, also when a daemon is running */
export function acceptState(stateFile: string): AcceptedState {
  using _lock = InstanceLock.acquire(stateFile);
  const file = placeOf(stateFile);
  let left = asItIs(file);
  const setAside = left === 'STATE_FOREIGN_LOG' || left === 'STATE_CUT' ? setLogAside(file) : null;
  if (setAside !== null) {
    left = asItIs(file);
    if (left === null) mustHoldTogether(file);
  }
  if (left === null) return { state: file, next: 'goes on with the file', setAside };
  // nothing in it: what is left of it must not be taken for a file that was in use
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  forgetMark(file);
  return { state: file, next: 'begins anew', setAside };
}

/** Marks the file as taken. @returns the code that keeps it from being opened, null when it was marked */
function asItIs(file: string): string | null {
  try {
    using store = Store.open(file, [], { mustExist: true, locked: true });
    accept(store.db);
    return null;
  } catch (error) {
    if (isCoded(error) && ['STATE_EMPTY', 'STATE_GONE', 'STATE_FOREIGN_LOG', 'STATE_CUT'].includes(error.code))
      return error.code;
    throw error;
  }
}

/** A daemon may have ended while it carried the log over, half of which is then in the file. */
function mustHoldTogether(file: string): void {
  using store = Store.open(file, [], { mustExist: true, locked: true });
  if (store.db.pragma('quick_check(1)', { simple: true }) === 'ok') return;
  throw new CodedError({
    code: 'STORE_CORRUPT',
    message: `the state file ${file} is damaged: without its log it does not hold together`,
    next: 'keep the file and what is beside it for a look, and restore a backup: docs/backup.md',
    facts: { file },
  });
}

function setLogAside(file: string): string {
  const to = `${file}-wal.${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(`${file}-wal`, to);
  rmSync(`${file}-shm`, { force: true });
  return to;
}
