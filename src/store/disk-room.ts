/**
 * A full disk as a state of its own. While there is room a reserve lies beside the state file; when a write finds the disk
 * full, the reserve is given up, so that what receivers have answered can still be recorded, and reading stands still until
 * there is room for it again.
 */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeBytes, isDiskFull, storeFault } from './faults';
import { createPrivate } from './place';
import type { Store } from './store';

/** As large as the log grows before it is carried over, if an eighth of what is free allows it. */
const RESERVE = 16 * 1024 * 1024;
const SHARE = 8;
const LEAST = 64 * 1024;
const LOOK_MS = 500;

export class DiskRoom implements Disposable {
  /** Epoch milliseconds since which the disk is full; null while there is room. */
  fullSince: number | null = null;
  private readonly reserve: string;
  private bytes = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @param changed when the disk is found full, and when there is room again */
  constructor(
    private readonly store: Store,
    private readonly changed: (full: boolean) => void,
  ) {
    this.reserve = `${store.file}.reserve`;
    this.bytes = Math.min(RESERVE, Math.floor(freeBytes(store.file) / SHARE));
    this.keep();
  }

  /** @returns true for an error that says the disk is full: the caller waits for room, or tries again later */
  met(error: unknown): boolean {
    if (!isDiskFull(storeFault(this.store.file, error))) return false;
    if (this.fullSince !== null) return true;
    this.fullSince = Date.now();
    rmSync(this.reserve, { force: true });
    this.carryOver();
    this.store.owner?.recordFull(this.fullSince);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.changed(true);
    return true;
  }

  /** Resolves while there is room, or once there is again, or when `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.fullSince !== null && !signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  [Symbol.dispose](): void {
    if (this.timer) clearInterval(this.timer);
    rmSync(this.reserve, { force: true });
  }

  private look(): void {
    this.carryOver();
    // what was given up is free, too: room is as much again
    if (freeBytes(this.store.file) < 2 * Math.max(this.bytes, LEAST) || !this.keep()) return;
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.fullSince = null;
    this.store.owner?.recordFull(null);
    this.changed(false);
  }

  /** The log begins anew once all of it is in the file: settlements then need no more space than they had. */
  private carryOver(): void {
    try {
      this.store.owner?.carryOver();
    } catch {
      // the file itself would have to grow
    }
  }

  /** @returns false when there was no room for it */
  private keep(): boolean {
    if (this.bytes < LEAST) return true;
    try {
      rmSync(this.reserve, { force: true });
      createPrivate(this.reserve);
      const fd = openSync(this.reserve, 'r+');
      try {
        const block = Buffer.alloc(LEAST, 1);
        for (let at = 0; at < this.bytes; at += block.length) writeSync(fd, block, 0, block.length, at);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      return true;
    } catch {
      rmSync(this.reserve, { force: true });
      return false;
    }
  }
}
