/** The user of this process, by the operating system. */
import { userInfo } from 'node:os';
import type { Actor } from './operator-log';

export function osUser(): Actor {
  return { who: userName(), via: 'cli', from: null };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a user without a name, as in many containers
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
