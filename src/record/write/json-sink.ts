import { RowPass, wordsOf } from './row-pass';

/** One growing buffer of JSON bytes; a caller fills it with the rows of a journal block and hands out views into it. */
export class JsonSink {
  bytes!: Buffer;
  view!: DataView;
  /** Where the next byte goes. */
  at = 0;

  private readonly pass = new RowPass();
  private image: Uint8Array | null = null;
  private otherImage: Uint8Array | null = null;
  private otherWords: DataView | null = null;

  constructor(capacity = 1 << 16) {
    this.writeInto(Buffer.allocUnsafeSlow(capacity));
  }

  private writeInto(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.pass.bytes = bytes;
    this.pass.view = this.view;
  }

  /** Goes on at the beginning of other memory: what was written stays where it is, for those who hold it. */
  leave(capacity: number): void {
    this.writeInto(Buffer.allocUnsafeSlow(capacity));
    this.at = 0;
  }

  /** Makes room for `count` more bytes. Views taken before stay valid but belong to the old buffer. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(grown, 0, 0, this.at);
    this.writeInto(grown);
  }

  /**
   * For writing a row of `image` here; good until more room is made. The image by words is made once a block, and the last two
   * are kept until `rewind`: images before and after take turns.
   */
  passFor(image: Uint8Array): RowPass {
    const { pass } = this;
    if (image !== this.image) {
      const words = image === this.otherImage ? this.otherWords : null;
      this.otherImage = this.image;
      this.otherWords = pass.words;
      this.image = image;
      pass.image = image;
      pass.words = words ?? wordsOf(image);
    }
    return pass;
  }

  /** Appends ready JSON text. */
  text(json: string): void {
    this.reserve(json.length * 3);
    this.at += this.bytes.write(json, this.at, 'utf8');
  }

  /** Appends ready JSON bytes. */
  raw(json: Uint8Array): void {
    this.reserve(json.length);
    this.bytes.set(json, this.at);
    this.at += json.length;
  }

  /** A view from `start` to here; valid until the sink is rewound. */
  since(start: number): Buffer {
    return this.bytes.subarray(start, this.at);
  }

  /** Forgets everything but the buffer of its own. */
  rewind(): void {
    this.at = 0;
    this.image = null;
    this.otherImage = null;
    this.otherWords = null;
    this.pass.forgetImage();
  }
}
