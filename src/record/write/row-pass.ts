/** What one row is written from and to: set once a row, so that the writers of its fields need to be told only the places. */
export class RowPass {
  /** Holds the image of the row, perhaps with those of others. */
  image: Uint8Array = NOTHING;
  /** The same by words. */
  words: DataView = NO_WORDS;
  /** Where the JSON goes. */
  bytes: Uint8Array = NOTHING;
  /** The same by words. */
  view: DataView = NO_WORDS;

  /** A pass outlives its rows, and would keep the whole block of the last one. */
  forgetImage(): void {
    this.image = NOTHING;
    this.words = NO_WORDS;
  }
}

const NOTHING = new Uint8Array(0);
const NO_WORDS = wordsOf(NOTHING);

/** A view of the same bytes. */
export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
