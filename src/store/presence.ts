/** Is the path of an open state file still the file that is open? One that was deleted or replaced goes on working, without use. */
import { statSync } from 'node:fs';
import { CodedError } from '../errors/coded-error';

/** Looked at again no sooner than this. */
const EVERY_MS = 100;

interface Seen {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

export class Presence {
  private readonly seen: Seen[] = [];
  private lookedAt = Number.NEGATIVE_INFINITY;
  private fault: CodedError | null = null;

  constructor(private readonly file: string) {
    // the log and its index as well: another process would begin others, and write into the same file beside us
    for (const path of [file, `${file}-wal`, `${file}-shm`]) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found) this.seen.push({ path, dev: found.dev, ino: found.ino });
    }
  }

  /** Cheap: looks ten times a second at most. @throws CodedError `STATE_DELETED`, `STATE_REPLACED`, family store; for good */
  check(): void {
    if (this.fault) throw this.fault;
    const now = performance.now();
    if (now - this.lookedAt < EVERY_MS) return;
    this.lookedAt = now;
    this.fault = this.look();
    if (this.fault) throw this.fault;
  }

  private look(): CodedError | null {
    for (const { path, dev, ino } of this.seen) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found && found.dev === dev && found.ino === ino) continue;
      return this.faultOf(path, found ? 'replaced' : 'deleted');
    }
    return null;
  }

  private faultOf(path: string, what: 'replaced' | 'deleted'): CodedError {
    return new CodedError({
      code: what === 'deleted' ? 'STATE_DELETED' : 'STATE_REPLACED',
      message: `${path} was ${what} while the daemon had it open; what is written now would be lost`,
      next: `put the state file back, or restore a backup with the daemon stopped (docs/backup.md), then start it again`,
      facts: { file: this.file, path },
    });
  }
}
