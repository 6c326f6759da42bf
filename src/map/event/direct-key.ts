/** The key of an event straight from the record image: its JSON object, and the text that is the event's subject. */
import type { Change, RecordImage } from '../../model/change';
import { computeLayout } from '../../record/layout/layout';
import { compileJsonPlan, type JsonPlan } from '../../record/plan/json-plan';
import { JsonSink } from '../../record/write/json-sink';
import { writeAscii } from '../../record/write/write-numbers';
import type { RuleColumns } from '../plan/columns';
import { copyBytes, type Digits } from './blocks';

interface Member {
  readonly plan: JsonPlan;
  /** Where the value stands in what the plan writes. */
  readonly value: number;
  /** Values of this column are JSON numbers for the row reader too. */
  readonly bare: boolean;
}

const QUOTE = 0x22;
const SLASH = 0x2f;
/** More digits than these might be rounded on the way through a number. */
const SAFE_DIGITS = 15;

export class DirectKey {
  /** The JSON object is [0, jsonEnd) of `bytes`, the subject [subjectStart, subjectEnd); good until the next `read`. */
  jsonEnd = 0;
  subjectStart = 0;
  subjectEnd = 0;
  private readonly sink = new JsonSink(1 << 10);
  private readonly members: readonly Member[];
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;

  /** @param indexes key columns; none: the record number is the key */
  constructor(
    columns: RuleColumns,
    indexes: readonly number[],
    private readonly digits: Digits,
  ) {
    const { fields } = computeLayout(columns.format);
    this.members = indexes.map((index) => {
      const { decimal: _, ...output } = columns.output(index);
      const field = fields[index]!;
      return {
        plan: compileJsonPlan(columns.format, [output]),
        value: Buffer.byteLength(JSON.stringify(output.name)) + 2,
        bare: field.kind === 'integer' && field.width < 8 && field.column.scale === 0,
      };
    });
    this.starts = new Int32Array(indexes.length);
    this.ends = new Int32Array(indexes.length);
  }

  get bytes(): Buffer {
    return this.sink.bytes;
  }

  /**
   * False where the bytes alone do not settle the texts (nulls, field errors, characters with an escape): the values must be read.
   * @throws CodedError family decode, `LAYOUT_*`
   */
  read(image: RecordImage, change: Change): boolean {
    const { sink, members, starts, ends } = this;
    sink.at = 0;
    if (members.length === 0) return this.readNumber(change.rrn);
    for (let i = 0; i < members.length; i++) {
      // the brace that closes one member's object becomes the comma before the next
      const from = i === 0 ? 0 : sink.at - 1;
      sink.at = from;
      const { plan, value, bare } = members[i]!;
      if (plan.write(image.bytes, image.offset, image.nulls, sink, image.offset + image.length) > 0) return false;
      if (i > 0) sink.bytes[from] = 0x2c;
      starts[i] = from + value;
      ends[i] = sink.at - 1;
      if (!this.settled(i, bare)) return false;
    }
    this.jsonEnd = sink.at;
    this.joinSubject();
    return true;
  }

  /** Narrows member `i` to its text without quotes. */
  private settled(i: number, bare: boolean): boolean {
    const { bytes } = this.sink;
    let start = this.starts[i]!;
    let end = this.ends[i]!;
    if (end <= start) return false;
    if (bytes[start] !== QUOTE) return bare && end - start <= SAFE_DIGITS && isInteger(bytes, start, end);
    this.starts[i] = ++start;
    this.ends[i] = --end;
    for (let p = start; p < end; p++) {
      const c = bytes[p]!;
      // `/` and `%` are escaped in a subject, the backslash begins an escape in JSON
      if (c < 0x20 || c > 0x7e || c === SLASH || c === 0x25 || c === 0x5c) return false;
    }
    return true;
  }

  private joinSubject(): void {
    const { sink, starts, ends } = this;
    if (starts.length === 1) {
      this.subjectStart = starts[0]!;
      this.subjectEnd = ends[0]!;
      return;
    }
    sink.reserve(sink.at);
    let p = sink.at;
    this.subjectStart = p;
    for (let i = 0; i < starts.length; i++) {
      if (i > 0) sink.bytes[p++] = SLASH;
      p = copyBytes(sink.bytes, starts[i]!, ends[i]!, sink.bytes, p);
    }
    this.subjectEnd = p;
  }

  private readNumber(rrn: bigint): boolean {
    const { bytes } = this.sink;
    this.digits.load(rrn);
    const end = this.digits.write(bytes, writeAscii(bytes, 0, '{"rrn":"'));
    this.jsonEnd = writeAscii(bytes, end, '"}');
    this.subjectStart = this.jsonEnd;
    this.subjectEnd = this.digits.write(bytes, writeAscii(bytes, this.jsonEnd, 'rrn:'));
    return true;
  }
}

function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  for (let p = start; p < end; p++) {
    const c = bytes[p]!;
    if ((c < 0x30 || c > 0x39) && (c !== 0x2d || p > start)) return false;
  }
  return true;
}
