/**
 * How far the heap of a daemon may grow between two collections. By itself V8 waits until it is four times what was alive
 * after the last one, with a first limit that follows the memory of the machine; a daemon that runs for months beside
 * other programs has more use for the memory than for the few percent of processor time this costs at full load.
 */
import { setFlagsFromString } from 'node:v8';

/** The old generation may grow by six tenths of what was alive. V8 reads it at each collection, so it may be set at any time. */
export const HEAP_GROWTH = '--heap-growing-percent=60';

/** Concerns the whole process: for commands that run until they are stopped. */
export function keepHeapModest(): void {
  setFlagsFromString(HEAP_GROWTH);
}
