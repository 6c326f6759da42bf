/** Many keys at once against what was last sent: both walked in the byte order of the keys, a page in memory. */
import type { Store } from '../store/store';

/** Keys of one rule in ascending byte order, none twice in a row unless two rows share it. */
export interface SortedKeys {
  readonly length: number;
  at(i: number): Uint8Array;
  /** Negative where key `i` comes before the other one. */
  compare(i: number, other: Buffer): number;
}

/** Rows of a page to begin with; pages grow while their rows are of use, and shrink where keys lie far apart. */
const FIRST_PAGE = 32;
const LARGEST_PAGE = 2048;
const SMALLEST_PAGE = 1;

type Row = [key: Buffer, sent: Buffer];

export class SentRows {
  private readonly page;

  constructor({ db }: Store) {
    this.page = db.prepare('SELECT key, sent FROM remember_key WHERE rule = ? AND key >= ? ORDER BY key LIMIT ?').raw();
  }

  /** Tells `found` of each key that something was sent of; of the others it is silent. */
  match(rule: number, keys: SortedKeys, found: (i: number, sent: Buffer) => void): void {
    let page: Row[] = [];
    let p = 0;
    let used = 0;
    let size = FIRST_PAGE;
    for (let i = 0; i < keys.length; i++) {
      let order = 1;
      for (; p < page.length; p++) {
        order = keys.compare(i, page[p]![0]);
        if (order <= 0) break;
      }
      if (p === page.length) {
        // keys that nobody asks for are not walked over: the next page begins at the key itself
        if (page.length > 0 && page.length < size) return;
        size = nextSize(size, used, page.length);
        page = this.page.all(rule, keys.at(i), size) as Row[];
        p = used = 0;
        if (page.length === 0) return;
        order = keys.compare(i, page[0]![0]);
      }
      if (order !== 0) continue;
      used++;
      found(i, page[p]![1]);
    }
  }
}

function nextSize(size: number, used: number, of: number): number {
  if (of === 0) return size;
  if (used * 2 >= of) return Math.min(size * 4, LARGEST_PAGE);
  return used * 8 < of ? Math.max(SMALLEST_PAGE, size >> 2) : size;
}
