/** Bytes taken four at a time. */

/** The view of one buffer after the other; made once a buffer. */
export class Words {
  private bytes: Uint8Array | null = null;
  private view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
  }
}

/** Copies `length` bytes; up to three behind the copy are overwritten. */
export function copyWords(from: DataView, start: number, length: number, to: DataView, at: number): void {
  const whole = Math.min(length, from.byteLength - start - 3);
  let i = 0;
  for (; i < whole; i += 4) to.setInt32(at + i, from.getInt32(start + i));
  for (; i < length; i++) to.setUint8(at + i, from.getUint8(start + i));
}
