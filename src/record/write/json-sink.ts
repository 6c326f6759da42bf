/** One growing buffer of JSON bytes; a caller fills it with the rows of a journal block and hands out views into it. */
export class JsonSink {
  bytes: Buffer;
  view: DataView;
  /** Where the next byte goes. */
  at = 0;

  private image: Uint8Array | null = null;
  private imageView: DataView | null = null;
  private otherImage: Uint8Array | null = null;
  private otherView: DataView | null = null;

  constructor(capacity = 1 << 16) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. Views taken before stay valid but belong to the old buffer. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** The image buffer by words; made once a block. The last two asked for are kept until `rewind`: images before and after take turns. */
  wordsOf(image: Uint8Array): DataView {
    if (image !== this.image) {
      const view = image === this.otherImage ? this.otherView : null;
      this.otherImage = this.image;
      this.otherView = this.imageView;
      this.image = image;
      this.imageView = view ?? new DataView(image.buffer, image.byteOffset, image.byteLength);
    }
    return this.imageView!;
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
    this.imageView = null;
    this.otherImage = null;
    this.otherView = null;
  }
}
