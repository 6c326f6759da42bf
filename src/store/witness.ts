/**
 * The latest life of a state file, remembered outside of its folder: a folder that is written over with an older copy, mark
 * included, says nothing of it. Best effort: where the system empties its temporary folder, as at a boot, it is forgotten.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { besideInode } from './own-folder';

interface Witness {
  readonly identity: string;
  readonly incarnation: string;
  /** Durable transactions of the file when this was written. */
  readonly commits: number;
}

/** Null where nothing is known of the file. */
export function readWitness(file: string): Witness | null {
  try {
    const path = besideInode(file, '.life');
    if (path === null) return null;
    const { identity, incarnation, commits } = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof identity !== 'string' || typeof incarnation !== 'string' || !Number.isSafeInteger(commits)) return null;
    return { identity, incarnation, commits };
  } catch {
    return null;
  }
}

/** What cannot be written is not remembered. */
export function writeWitness(file: string, { identity, incarnation, commits }: Witness): void {
  try {
    const path = besideInode(file, '.life');
    if (path === null) return;
    writeFileSync(`${path}.new`, JSON.stringify({ identity, incarnation, commits }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // a temporary folder that is full must not keep a daemon from its own disk
  }
}
