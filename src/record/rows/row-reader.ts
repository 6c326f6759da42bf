/**
 * Values of single columns, for keys, filters and expressions. What a plan writes as JSON text, this hands out as values; both
 * go through the same field writers, so they cannot disagree.
 */
import type { RecordFormat } from '../../model/record-format';
import { errorNumber, FieldErrors, type FieldPolicy } from '../field-errors';
import { blank, checkImage, computeLayout, type Field, type Layout } from '../layout/layout';
import { MEANS_NULL } from '../legacy/legacy-field';
import { filled } from '../legacy/sentinels';
import { LobSlices } from '../lobs';
import { type FieldWriter, fieldWriter, pairWriter } from '../plan/field-writer';
import { fieldNamed, type JsonOutput, meaningOf } from '../plan/outputs';
import { RowPass, wordsOf } from '../write/row-pass';
import { readFloat, readInt, shortestReal } from '../write/write-numbers';

/**
 * Text, exact decimals, BIGINT, DECFLOAT, dates, times and timestamps as strings; SMALLINT, INTEGER, REAL, DOUBLE as numbers
 * (non-finite ones as strings); BOOLEAN; binary as a view into the image. `undefined`: not recorded in this image.
 */
export type RowValue = string | number | boolean | Uint8Array | null | undefined;

export type RowColumn = Omit<JsonOutput, 'name' | 'binary' | 'decimal'>;

export interface RowReader {
  readonly layout: Layout;
  /** Errors of the last image read. */
  readonly errors: FieldErrors;
  /**
   * The wanted columns, in the order asked for; the array is new each time.
   * @throws CodedError family `decode`, `LAYOUT_*`: the image does not fit the format
   */
  read(image: Uint8Array, imageOffset: number, nulls: Uint8Array | null, imageEnd?: number): RowValue[];
}

/** Of the image at `o` in the reader's pass. */
type Extract = (pass: RowPass, o: number, start: number, end: number) => RowValue | typeof FAILED;

const FAILED = Symbol('field error');
const DATA_MAPPING = errorNumber('DATA_MAPPING');
const TOO_LONG = errorNumber('VARYING_LENGTH');

/** @throws CodedError family `decode`: `FORMAT_*`, `CCSID_*` */
export function compileRowReader(format: RecordFormat, columns: readonly RowColumn[]): RowReader {
  return new CompiledReader(computeLayout(format), columns);
}

interface Column {
  readonly field: Field;
  readonly policy: FieldPolicy;
  readonly extract: Extract;
  readonly lob: number;
  readonly time: Field | null;
  readonly writer: FieldWriter | null;
}

class CompiledReader implements RowReader {
  readonly errors = new FieldErrors();
  private readonly columns: readonly Column[];
  private readonly lobs: LobSlices;
  /** Its writers read the image by words. */
  private readonly hasText: boolean;
  private readonly pass = new RowPass();
  private scratch: Buffer = Buffer.alloc(1024);
  /** Why the last extraction failed, and of which field. */
  private problem = 0;
  private culprit: Field | null = null;

  constructor(
    readonly layout: Layout,
    columns: readonly RowColumn[],
  ) {
    this.lobs = new LobSlices(layout);
    this.columns = columns.map((c) => this.compile(c));
    this.hasText = this.columns.some((c) => c.field.kind === 'text');
    this.writeInto(this.scratch);
  }

  read(image: Uint8Array, imageOffset: number, nulls: Uint8Array | null, imageEnd = image.length): RowValue[] {
    checkImage(this.layout, imageEnd - imageOffset, nulls);
    const map = nulls !== null && blank(nulls) ? null : nulls;
    if (this.layout.lobs.length > 0) this.lobs.split(image, imageOffset, imageEnd, map);
    this.errors.clear();
    const { pass } = this;
    pass.image = image;
    if (this.hasText) pass.words = wordsOf(image);
    const values = this.columns.map((c) => this.value(c, imageOffset, map));
    pass.forgetImage();
    return values;
  }

  private value(c: Column, o: number, map: Uint8Array | null): RowValue {
    const { pass } = this;
    const b = pass.image;
    const mark = map === null ? 0 : map[c.field.index]! & 15 || (c.time === null ? 0 : map[c.time.index]! & 15);
    if (mark === 9) return undefined;
    if (mark === 1) return null;
    const { field } = c;
    if (mark === 2) return this.unreadable(c, map!);
    let start = o + field.offset;
    let end = start + field.width;
    const slot = field.storage === 'lob' ? end - 29 : start;
    let found: RowValue | typeof FAILED = FAILED;
    this.culprit = field;
    if (field.storage === 'varying') {
      const length = ((b[start]! << 8) | b[start + 1]!) * field.unit;
      start += 2;
      this.problem = TOO_LONG;
      if (length <= field.capacity) {
        end = start + length;
        found = c.extract(pass, o, start, end);
      }
    } else if (field.storage === 'lob') {
      start = this.lobs.starts[c.lob]!;
      this.problem = start;
      if (start >= 0) {
        end = this.lobs.ends[c.lob]!;
        found = c.extract(pass, o, start, end);
      }
    } else found = c.extract(pass, o, start, end);
    return found === FAILED ? this.substitute(c, o, slot, start, end) : found;
  }

  private unreadable(c: Column, map: Uint8Array): null {
    const culprit = (map[c.field.index]! & 15) === 2 ? c.field : c.time!;
    this.errors.add(culprit.column.name, DATA_MAPPING, 0, 0, c.policy);
    return null;
  }

  private substitute(c: Column, o: number, slot: number, start: number, end: number): RowValue {
    const b = this.pass.image;
    const culprit = this.culprit!;
    // data of a LOB stands apart from its slot, behind other columns
    const own = c.lob >= 0 && start >= 0 ? start : slot;
    const first = culprit === c.field ? own : o + culprit.offset;
    const last = culprit === c.field ? end : first + culprit.width;
    this.errors.add(culprit.column.name, this.problem, first, last, c.policy);
    if (c.policy === 'raw') return Buffer.from(b.buffer, b.byteOffset + first, last - first).toString('hex');
    if (
      c.policy === 'zero-if-blank' &&
      (c.field.kind === 'packed' || c.field.kind === 'zoned') &&
      filled(b, start, end, 0x40)
    )
      return c.field.column.scale > 0 ? `0.${'0'.repeat(c.field.column.scale)}` : '0';
    if (c.policy === 'replace' && c.field.kind === 'text' && c.writer?.lenient && start >= 0)
      return this.text(c.writer.bound, (pass) => c.writer!.lenient!(pass, start, end, 0));
    return null;
  }

  private compile(column: RowColumn): Column {
    const field = fieldNamed(this.layout, column.column);
    const output: JsonOutput = { ...column, name: column.column };
    const base = { field, policy: column.onError ?? 'null', lob: this.layout.lobs.indexOf(field), time: null };
    if (column.time !== undefined) return { ...base, ...this.pair(field, output) };
    const writer = fieldWriter(this.layout, field, output);
    const extract = this.extractor(field, writer);
    const { sentinels } = meaningOf(field, column.as) ?? {};
    return { ...base, writer, extract: sentinels?.length ? this.unlessNull(writer, extract) : extract };
  }

  /** Numbers and bytes are taken as they are; whether they mean null the writer knows. */
  private unlessNull(writer: FieldWriter, extract: Extract): Extract {
    return (pass, o, start, end) => {
      this.room(Math.max(writer.bound, (end - start) * 6) + 64);
      const p = writer.write(pass, start, end, 0);
      this.writeInto(this.scratch);
      return p === MEANS_NULL ? null : extract(pass, o, start, end);
    };
  }

  private pair(field: Field, output: JsonOutput): Pick<Column, 'time' | 'writer' | 'extract'> {
    const pair = pairWriter(this.layout, field, output);
    const time = pair.timeField;
    const extract: Extract = (pass, o, start, end) => {
      const p = pair.write(pass, start, end, o + time.offset, 0);
      if (pair.timeFailed) this.culprit = time;
      return this.finish(p, (n) => this.scratch.toString('latin1', 0, n));
    };
    return { time, writer: null, extract };
  }

  private finish(p: number, value: (end: number) => RowValue): RowValue | typeof FAILED {
    if (p >= 0) return value(p);
    if (p === MEANS_NULL) return null;
    this.problem = p;
    return FAILED;
  }

  private extractor(field: Field, writer: FieldWriter): Extract {
    const { kind, width, column } = field;
    if (kind === 'bytes' && writer.binary === true) return (pass, _o, start, end) => pass.image.subarray(start, end);
    const text = kind === 'text' || writer.quoted;
    if (kind === 'text' || kind === 'bytes') return this.textExtractor(field, writer);
    if (kind === 'float' && !text)
      return (pass, _o, start) => {
        const value = readFloat(pass.image, start, width);
        if (!Number.isFinite(value)) return String(value);
        // JSON has one zero, and so have values.
        if (value === 0) return 0;
        return width === 4 ? shortestReal(value) : value;
      };
    if (kind === 'integer' && width < 8 && column.scale === 0 && !text)
      return ({ image: b }, _o, start) =>
        width === 4 ? readInt(b, start) : (((b[start]! << 8) | b[start + 1]!) << 16) >> 16;
    return (pass, _o, start, end) => {
      const p = writer.write(pass, start, end, 0);
      return this.finish(p, (n) => {
        const value = this.scratch.toString('latin1', 0, n);
        return kind === 'boolean' ? value === 'true' : value;
      });
    };
  }

  /** JSON escapes are undone by the parser that knows them. */
  private textExtractor(field: Field, writer: FieldWriter): Extract {
    const bound = field.storage === 'lob' ? 0 : writer.bound;
    return (_pass, _o, start, end) => {
      let p = 0;
      const value = this.text(Math.max(bound, (end - start) * 6 + 64), (pass) => {
        p = writer.write(pass, start, end, 0);
        return p;
      });
      return this.finish(p, () => value);
    };
  }

  private text(bound: number, write: (pass: RowPass) => number): string | null {
    const { pass } = this;
    const w = this.room(bound + 2);
    const n = write(pass);
    this.writeInto(this.scratch);
    if (n < 0) return null;
    const raw = w.toString('utf8', 0, n);
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
  }

  /** What the pass writes into from now on. Scratch of the usual size is kept; that of a large LOB is not. */
  private room(bytes: number): Buffer {
    if (bytes <= this.scratch.length) return this.scratch;
    const room = Buffer.allocUnsafe(bytes);
    if (bytes <= 1 << 18) this.scratch = room;
    this.writeInto(room);
    return room;
  }

  private writeInto(room: Buffer): void {
    if (this.pass.bytes === room) return;
    this.pass.bytes = room;
    this.pass.view = wordsOf(room);
  }
}
