/** Many keys at once against what was last sent: both walked in the byte order of the keys, a page in memory. */
import type { Store } from '../store/store';
import { compareKey, pageStatement, SentPage } from './sent-page';

/** Keys of one rule in ascending byte order, none twice in a row unless two rows share it. */
export interface SortedKeys {
  readonly length: number;
  readonly bytes: Uint8Array;
  /** Key `i` is `bytes[start(i), end(i))`. */
  start(i: number): number;
  end(i: number): number;
}

/** Rows of a page to begin with; pages grow while their rows are of use, and shrink where keys lie far apart. */
const FIRST_PAGE = 32;
const LARGEST_PAGE = 8192;
const SMALLEST_PAGE = 1;

export class SentRows {
  private readonly query;
  private readonly page = new SentPage();

  constructor({ db }: Store) {
    this.query = pageStatement(db, 'rule = ? AND key >= ? ORDER BY key LIMIT ?');
  }

  /** Tells `found` of each key that something was sent of, with the two halves of its hash; of the others it is silent. */
  match(rule: number, keys: SortedKeys, found: (i: number, hashA: number, hashB: number) => void): void {
    const { page } = this;
    const { bytes } = keys;
    page.length = 0;
    let p = 0;
    let used = 0;
    let size = FIRST_PAGE;
    for (let i = 0; i < keys.length; i++) {
      const [from, to] = [keys.start(i), keys.end(i)];
      // of the page's key beside the one that is looked for
      let order = -1;
      for (; p < page.length; p++) {
        order = compareKey(page, p, bytes, from, to);
        if (order >= 0) break;
      }
      if (p === page.length) {
        // keys that nobody asks for are not walked over: the next page begins at the key itself
        if (page.length > 0 && page.length < size) return;
        size = nextSize(size, used, page.length);
        page.fill(this.query.get(rule, Buffer.from(bytes.subarray(from, to)), size) as (string | null)[]);
        p = used = 0;
        if (page.length === 0) return;
        order = compareKey(page, 0, bytes, from, to);
      }
      if (order !== 0) continue;
      used++;
      found(i, page.hashA(p), page.hashB(p));
    }
  }
}

function nextSize(size: number, used: number, of: number): number {
  if (of === 0) return size;
  if (used * 2 >= of) return Math.min(size * 4, LARGEST_PAGE);
  return used * 8 < of ? Math.max(SMALLEST_PAGE, size >> 2) : size;
}
