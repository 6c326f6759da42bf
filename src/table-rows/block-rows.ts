/**
 * The rows of a result one after the other as record images, without an object a row. Where a row lies in its block as it does in
 * a record image, the image is a view of it; where varying fields are cut to length, runs of columns are copied. Planned once
 * a result; a row of which a value is missing by a mapping error, and LOBs, go the long way.
 */
import type { RecordImage } from '../model/change';
import type { RecordFormat } from '../model/record-format';
import { computeLayout, type Field, type Layout } from '../record/layout/layout';
import type { ColumnDescriptor, RawBlock } from '../transport/transport';

const VALUE = 0x30;
const NULL = 0x31;

/** Columns that stand side by side both in a block and in an image. */
interface Run {
  /** The first of them. */
  readonly column: number;
  readonly offset: number;
  /** Of the whole run, a length prefix included; of a varying field as long as it can be. */
  readonly length: number;
  readonly varying: Field | null;
}

/** Of the row at hand: written anew for each. */
class BlockImage implements RecordImage {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  nulls: Uint8Array | null = null;

  constructor(
    readonly length: number,
    readonly format: RecordFormat,
  ) {}
}

export class BlockRows {
  readonly image: BlockImage;
  private readonly layout: Layout;
  private readonly runs: readonly Run[];
  private readonly varying: readonly Field[];
  private readonly made: Buffer;
  private readonly nulls: Buffer;
  /** Of the block at hand: its rows are images as they lie there. */
  private lying = false;
  private firstAt = 0;

  private constructor(
    layout: Layout,
    private readonly lead: number,
  ) {
    this.layout = layout;
    this.image = new BlockImage(layout.length, layout.format);
    this.varying = layout.fields.filter((f) => f.storage === 'varying');
    this.runs = runsOf(layout.fields);
    this.made = Buffer.alloc(layout.length);
    this.nulls = Buffer.alloc(layout.fields.length, VALUE);
  }

  /** Null where rows cannot be taken as they come. @param lead columns before those of the format */
  static of(format: RecordFormat, columns: readonly ColumnDescriptor[], lead: number): BlockRows | null {
    const layout = computeLayout(format);
    const same = layout.fields.every(({ column, storage }, i) => {
      const d = columns[lead + i]!;
      return storage !== 'lob' && d.type === column.type && d.type !== 'ROWID' && d.type !== 'DATALINK';
    });
    return same ? new BlockRows(layout, lead) : null;
  }

  /** @returns false where the widths are not those of the format */
  begin(block: RawBlock): boolean {
    if (block.rowCount === 0) return false;
    const { fields } = this.layout;
    if (!fields.every((f, c) => f.storage === 'varying' || block.byteLength(0, this.lead + c) === f.width))
      return false;
    this.firstAt = this.placeOf(block, 0, 0);
    this.lying = block.stride > 0 && fields.every((f, c) => this.placeOf(block, 0, c) - this.firstAt === f.offset);
    this.image.nulls = null;
    return true;
  }

  /** The row as `image`, good until the next one. @returns false where it must go the long way */
  read(block: RawBlock, row: number): boolean {
    const { image, varying, lying } = this;
    if (!block.complete && !this.readNulls(block, row)) return false;
    if (!lying) return this.assemble(block, row);
    const offset = this.firstAt + row * block.stride;
    for (let i = 0; i < varying.length; i++) {
      const { offset: at, capacity, unit } = varying[i]!;
      const { buffer } = block;
      const length = ((buffer[offset + at]! << 8) | buffer[offset + at + 1]!) * unit;
      if (length > capacity) return false;
    }
    image.bytes = block.buffer;
    image.offset = offset;
    return true;
  }

  /** Where a value begins, its length prefix included. */
  private placeOf(block: RawBlock, row: number, column: number): number {
    const prefix = this.layout.fields[column]!.storage === 'varying' ? 2 : 0;
    return block.offset(row, this.lead + column) - prefix;
  }

  /** False where a value could not be mapped. */
  private readNulls(block: RawBlock, row: number): boolean {
    const { nulls, lead } = this;
    let some = false;
    for (let c = 0; c < nulls.length; c++) {
      nulls[c] = VALUE;
      if (!block.isNull(row, lead + c)) continue;
      if (block.isMappingError(row, lead + c)) return false;
      nulls[c] = NULL;
      some = true;
    }
    this.image.nulls = some ? nulls : null;
    return true;
  }

  private assemble(block: RawBlock, row: number): boolean {
    const { made, image, runs, lead } = this;
    const { buffer } = block;
    for (let i = 0; i < runs.length; i++) {
      const { column, offset, length, varying } = runs[i]!;
      let from = block.offset(row, lead + column);
      let size = length;
      if (varying) {
        size = block.byteLength(row, lead + column) + 2;
        if (size > length) return false;
        from -= 2;
      }
      copyRun(buffer, from, size, made, offset);
    }
    image.bytes = made;
    image.offset = 0;
    return true;
  }
}

function runsOf(fields: readonly Field[]): Run[] {
  const runs: { -readonly [name in keyof Run]: Run[name] }[] = [];
  for (const f of fields) {
    const last = runs.at(-1);
    if (f.storage === 'varying') runs.push({ column: f.index, offset: f.offset, length: f.width, varying: f });
    else if (last && last.varying === null) last.length += f.width;
    else runs.push({ column: f.index, offset: f.offset, length: f.width, varying: null });
  }
  return runs;
}

/** Runs up to here are copied byte by byte: a call costs more. */
const SHORT = 64;

function copyRun(from: Buffer, start: number, length: number, to: Buffer, at: number): void {
  if (length > SHORT) from.copy(to, at, start, start + length);
  else for (let p = start, w = at, end = start + length; p < end; p++, w++) to[w] = from[p]!;
}
