/** Transactions that may be lost with the power, but never with the process. */
import type { Store } from '../../store/store';

/**
 * Runs `work` in a transaction that does not wait for the disk. In WAL mode the next FULL commit makes it durable too.
 * Only for what a restart does again: a settlement that is lost makes an event repeat, never skip.
 */
export function lazily<T>(store: Store, work: () => T): T {
  const { db } = store;
  if (db.inTransaction || store.owner?.wantsDurable) return store.transaction(work);
  db.exec('PRAGMA synchronous = NORMAL');
  try {
    return store.transaction(work, false);
  } finally {
    db.exec('PRAGMA synchronous = FULL');
  }
}
