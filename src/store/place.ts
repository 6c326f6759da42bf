/** Where a state file really is, and that no other user may read it or what lies beside it. */
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** What SQLite and we put beside a state file. */
const BESIDE = ['-wal', '-shm', '-journal', '.lock', '.mark', '.reserve', '.new'] as const;

/** Owner only: a state file holds the rows of a month. */
const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** As many links as Linux follows. */
const LINKS = 40;

/**
 * The one path of the file, whatever name led to it: links of the folder and of the file are followed, also to a file
 * that does not exist yet. Makes the folder where there is none.
 */
export function placeOf(file: string): string {
  let path = resolve(file);
  for (let links = 0; links < LINKS; links++) {
    mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    path = join(realpathSync(dirname(path)), basename(path));
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
    path = resolve(dirname(path), readlinkSync(path));
  }
  throw new Error(`${file} is a link that leads in a circle`);
}

/** An empty file that only its owner may read or write, whatever the umask. @throws EEXIST */
export function createPrivate(path: string): void {
  closeSync(openSync(path, 'wx', PRIVATE));
  chmodSync(path, PRIVATE);
}

/** The same for a file that is kept if it is there: its rights are narrowed. */
export function keepPrivate(path: string): void {
  try {
    createPrivate(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    narrow(path);
  }
}

/** Takes from group and others what an older version left them, here and beside. */
export function narrowAll(file: string): void {
  narrow(file);
  for (const end of BESIDE) narrow(file + end);
}

function narrow(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || (found.mode & 0o077) === 0) return;
  try {
    chmodSync(path, found.mode & 0o700);
  } catch {
    // another user's file: opening it says whether that matters
  }
}

const MOUNTS = '/proc/self/mountinfo';
/** Of a line there: where it is mounted. */
const MOUNT_POINT = 4;

/**
 * True for a file that is mounted by itself, as `docker run -v FILE:FILE` and a Kubernetes `subPath` do: what lies beside it is in
 * another folder, and goes with the container. Only Linux says so.
 * @param file links followed
 */
export function isMountedAlone(file: string, mounts = mountTable()): boolean {
  return mounts.split('\n').some((line) => unescaped(line.split(' ')[MOUNT_POINT] ?? '') === file);
}

function mountTable(): string {
  try {
    return readFileSync(MOUNTS, 'utf8');
  } catch {
    return '';
  }
}

/** Blanks and backslashes of a path are written as three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
