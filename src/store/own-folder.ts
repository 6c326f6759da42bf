/** A folder of this user beside every state file: for what must not be copied, moved or mounted together with one. */
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path there, named after device and inode of the file; null where the file, or such a folder, is not there. */
export function besideInode(file: string, end: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  const folder = found && ownFolder();
  return folder ? join(folder, `${found.dev}-${found.ino}${end}`) : null;
}

/** A folder that no other user can have prepared. */
function ownFolder(): string | null {
  const user = process.getuid?.();
  if (user === undefined) return null;
  const folder = join(tmpdir(), `ibmi-cdc-locks-${user}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== user) return null;
    chmodSync(folder, 0o700);
    return folder;
  } catch {
    return null;
  }
}
