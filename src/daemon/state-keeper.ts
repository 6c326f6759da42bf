/** The daemon's hold on its state file: the lock, the life that begins, room on its disk, and that it is still there. */

import { DiskRoom } from '../store/disk-room';
import { storeFault } from '../store/faults';
import { InstanceLock } from '../store/instance-lock';
import { type Schema, Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';

/** An idle daemon sees within this that its state file was deleted or replaced. */
const LOOK_MS = 1_000;

interface StateKeeperParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The file is not what it was any more. */
  readonly fail: (error: unknown) => void;
}

export class StateKeeper implements Disposable {
  readonly store: Store;
  private readonly lock: InstanceLock;
  private diskRoom: DiskRoom | null = null;
  private timer: NodeJS.Timeout | null = null;

  /** @throws CodedError family store, or positionLost for a file that is not whole */
  constructor(
    file: string,
    schemas: readonly Schema[],
    private readonly parts: StateKeeperParts,
  ) {
    this.lock = InstanceLock.acquire(file);
    try {
      this.store = Store.open(file, schemas, { owner: true });
    } catch (error) {
      this.lock[Symbol.dispose]();
      throw error;
    }
    this.lock.fileExists();
  }

  /** After {@link begin}. */
  get room(): DiskRoom {
    if (!this.diskRoom) throw new TypeError('the life of the state file has not begun');
    return this.diskRoom;
  }

  /** @param position of the last event of the file */
  begin(position: number): void {
    const { owner, file } = this.store;
    if (!owner) return;
    owner.begin(position);
    const { log, metrics, fail } = this.parts;
    this.diskRoom = new DiskRoom(this.store, (full) => this.report(full));
    metrics.stateFull.set(0);
    this.timer = setInterval(() => {
      try {
        owner.check();
      } catch (error) {
        fail(error);
      }
    }, LOOK_MS);
    this.timer.unref();
    if (owner.found !== 'restored' && owner.found !== 'accepted') return;
    const message =
      'the state file is a copy or was restored: what was captured and delivered since it was made is read and sent again, under the same event ids';
    log.warn({ file, found: owner.found, incarnation: owner.incarnation }, message);
  }

  /** The error in words where SQLite said it. */
  inWords(error: unknown): unknown {
    return storeFault(this.store.file, error);
  }

  [Symbol.dispose](): void {
    if (this.timer) clearInterval(this.timer);
    this.diskRoom?.[Symbol.dispose]();
    this.store.close();
    this.lock[Symbol.dispose]();
  }

  private report(full: boolean): void {
    const { log, metrics } = this.parts;
    const { file } = this.store;
    metrics.stateFull.set(full ? 1 : 0);
    const next = 'make room on its disk; the daemon then goes on by itself';
    if (full)
      log.error(
        { file, next },
        'the disk of the state file is full: reading stands still, delivery goes on as far as it can be recorded',
      );
    else log.info({ file }, 'the disk of the state file has room again: reading goes on');
  }
}
