/** Which columns differ between two images of one row: bytes are compared, nothing is decoded. */
import { Words } from '../../bytes/words';
import type { RecordImage } from '../../model/change';
import { checkImage, type Field, type Layout } from '../../record/layout/layout';
import { LobSlices } from '../../record/lobs';

const NULL = 1;
/** A value that cannot be read. */
const UNREADABLE = 2;
const NOT_RECORDED = 9;

export class FieldComparer {
  private readonly starts: Int32Array;
  /** The field each byte of the image belongs to; -1 where none does. */
  private readonly fieldAt: Int16Array;
  private readonly widths: Int32Array;
  private readonly found: Uint8Array;
  /** No LOBs: equal bytes of a slot mean an equal value. */
  private readonly simple: boolean;
  private readonly slicesBefore: LobSlices;
  private readonly slicesAfter: LobSlices;

  private readonly wordsBefore = new Words();
  private readonly wordsAfter = new Words();

  constructor(private readonly layout: Layout) {
    this.fieldAt = new Int16Array(layout.length).fill(-1);
    for (const f of layout.fields) this.fieldAt.fill(f.index, f.offset, f.offset + f.width);
    this.starts = Int32Array.from(layout.fields, (f) => f.offset);
    this.widths = Int32Array.from(layout.fields, (f) => f.width);
    this.found = new Uint8Array(layout.fields.length);
    this.simple = layout.lobs.length === 0;
    this.slicesBefore = new LobSlices(layout);
    this.slicesAfter = new LobSlices(layout);
  }

  /**
   * 1 for every column that differs, by its place in the record format. The array is reused by the next call.
   * @throws CodedError family decode, `LAYOUT_*`: comparing images of another layout would say nothing
   */
  flags(before: RecordImage, after: RecordImage): Uint8Array {
    checkImage(this.layout, before.length, before.nulls);
    checkImage(this.layout, after.length, after.nulls);
    const { found, layout } = this;
    if (before.nulls !== null || after.nulls !== null || !this.simple) {
      for (let i = 0; i < found.length; i++) found[i] = this.differs(i, before, after) ? 1 : 0;
      return found;
    }
    found.fill(0);
    this.markUnequal(before, after);
    for (let f = 0; f < found.length; f++) {
      if (found[f] === 1 && layout.fields[f]!.storage !== 'fixed' && !this.differs(f, before, after)) found[f] = 0;
    }
    return found;
  }

  /** Most of two images is equal: it is passed over by words. */
  private markUnequal(before: RecordImage, after: RecordImage): void {
    const { length } = this.layout;
    const a = this.wordsBefore.of(before.bytes);
    const b = this.wordsAfter.of(after.bytes);
    let p = 0;
    for (; p + 4 <= length; p += 4) {
      if (a.getInt32(before.offset + p) !== b.getInt32(after.offset + p)) this.markBytes(before, after, p, p + 4);
    }
    this.markBytes(before, after, p, length);
  }

  private markBytes(before: RecordImage, after: RecordImage, start: number, end: number): void {
    for (let p = start; p < end; p++) {
      if (before.bytes[before.offset + p] === after.bytes[after.offset + p]) continue;
      const field = this.fieldAt[p]!;
      if (field >= 0) this.found[field] = 1;
    }
  }

  /** @param index of the column in the record format */
  private differs(index: number, before: RecordImage, after: RecordImage): boolean {
    const nullBefore = indicator(before, index);
    const nullAfter = indicator(after, index);
    // an update entry minimized on field boundaries leaves out what did not change; of a remembered row it is not known
    if (nullAfter === NOT_RECORDED || nullBefore === NOT_RECORDED) return before.format !== undefined;
    if (nullBefore === NULL || nullAfter === NULL) return nullBefore !== nullAfter;
    if (nullBefore === UNREADABLE || nullAfter === UNREADABLE) return nullBefore !== nullAfter;
    const field = this.layout.fields[index]!;
    if (field.storage === 'fixed') return this.bytesDiffer(index, before, after, this.widths[index]!);
    return field.storage === 'varying'
      ? this.varyingDiffers(field, before, after)
      : this.lobDiffers(field, before, after);
  }

  private bytesDiffer(index: number, before: RecordImage, after: RecordImage, count: number): boolean {
    const a = before.bytes;
    const b = after.bytes;
    let i = before.offset + this.starts[index]!;
    let j = after.offset + this.starts[index]!;
    for (const end = i + count; i < end; i++, j++) if (a[i] !== b[j]) return true;
    return false;
  }

  /** What follows the current length is filler and means nothing. */
  private varyingDiffers(field: Field, before: RecordImage, after: RecordImage): boolean {
    const at = before.offset + field.offset;
    const units = (before.bytes[at]! << 8) | before.bytes[at + 1]!;
    return this.bytesDiffer(field.index, before, after, Math.min(field.width, 2 + units * field.unit));
  }

  /** The slot holds a pointer, which means nothing: the data behind the image is compared. */
  private lobDiffers(field: Field, before: RecordImage, after: RecordImage): boolean {
    const i = this.layout.lobs.indexOf(field);
    const a = this.lobData(this.slicesBefore, i, before);
    const b = this.lobData(this.slicesAfter, i, after);
    return a === null || b === null || !a.equals(b);
  }

  /** Null where the data did not come with the image: that counts as changed, so that nothing is missed. */
  private lobData(slices: LobSlices, i: number, image: RecordImage): Buffer | null {
    slices.split(image.bytes, image.offset, image.offset + image.length, image.nulls);
    const start = slices.starts[i]!;
    return start < 0 ? null : Buffer.from(image.bytes.buffer, image.bytes.byteOffset + start, slices.ends[i]! - start);
  }
}

/** The low nibble of an indicator character, the same in EBCDIC and ASCII: 0 value, 1 null, 9 not recorded. */
function indicator(image: RecordImage, index: number): number {
  return image.nulls === null ? 0 : (image.nulls[index] ?? 0) & 15;
}
