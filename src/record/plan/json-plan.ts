/**
 * A record format compiled to code that writes JSON bytes straight from record images: no object per row, no allocation per
 * field. Plans are kept by format; see `PlanCache`.
 */

import { SingleByteCodec } from '../../bytes/ccsid/single-byte';
import type { RecordFormat } from '../../model/record-format';
import { FieldErrors as Errors, errorNumber, type FieldErrors, type FieldPolicy } from '../field-errors';
import { blank, checkImage, computeLayout, type Field, type Layout, LOB_DESCRIPTOR } from '../layout/layout';
import { MEANS_NULL } from '../legacy/legacy-field';
import { legacyParts } from '../legacy/legacy-parts';
import { filled } from '../legacy/sentinels';
import { LobSlices } from '../lobs';
import { UNROLLED_PACKED, UNROLLED_ZONED } from '../write/decimal-source';
import type { JsonSink } from '../write/json-sink';
import type { Step, StepSource } from '../write/plan-step';
import { RowPass } from '../write/row-pass';
import { writeTimestamp } from '../write/write-dates';
import { packedProblem, writeAscii, writeHex, writeInt, writeSmallint, zonedProblem } from '../write/write-numbers';
import { SingleText, TEXT_GROWTH, writeSingle } from '../write/write-text';
import { columnCodec, type FieldWriter, fieldWriter, type PairWriter, pairWriter, type Write } from './field-writer';
import { allColumns, fieldNamed, type JsonOutput, meaningOf } from './outputs';
import { stepSource } from './plan-source';

export interface JsonPlan {
  readonly layout: Layout;
  readonly outputs: readonly JsonOutput[];
  /** Errors of the last image written. `errors.disposition` says what the policies ask for. */
  readonly errors: FieldErrors;
  /** How many columns of the last image were not recorded (`9` in the null map) and so left out. */
  readonly notRecorded: number;
  /**
   * Appends one JSON object.
   * @param image buffer that holds the image; it ends at `imageEnd`, by default with the buffer
   * @param nulls null map of the row: `0` value, `1` null, `2` unreadable (an error), `9` not recorded (left out); null or
   *   blank: no nulls
   * @returns the number of field errors
   * @throws CodedError family `decode`, `LAYOUT_*`: the image does not fit the format; nothing is written then
   */
  write(image: Uint8Array, imageOffset: number, nulls: Uint8Array | null, sink: JsonSink, imageEnd?: number): number;
}

/** Writes some members of the image at `o`, with nulls `n`, from `p` on; returns the position behind them. */
type Chunk = (r: RowPass, o: number, n: Uint8Array | null, p: number) => number;

const DATA_MAPPING = errorNumber('DATA_MAPPING');

/** Outputs per generated function: V8 gives up optimising very long ones. */
const CHUNK = 12;

/**
 * @param outputs members in order; all columns by default
 * @throws CodedError family `decode`: `FORMAT_*`, `CCSID_*`
 */
export function compileJsonPlan(
  format: RecordFormat,
  outputs: readonly JsonOutput[] = allColumns(format.columns),
): JsonPlan {
  return new CompiledPlan(computeLayout(format), outputs);
}

class CompiledPlan implements JsonPlan {
  readonly errors = new Errors();
  notRecorded = 0;
  /** Of the row being written. */
  private pass = new RowPass();
  private readonly members: readonly Member[];
  private readonly bound: number;
  private readonly lobs: LobSlices;
  private readonly plain: readonly Chunk[];
  private withNulls: readonly Chunk[] | null = null;

  constructor(
    readonly layout: Layout,
    readonly outputs: readonly JsonOutput[],
  ) {
    this.lobs = new LobSlices(layout);
    this.members = outputs.map((output, k) => member(layout, output, k));
    this.bound = this.members.reduce((sum, m) => sum + m.bound, 32);
    this.plain = this.generate(false);
  }

  write(
    image: Uint8Array,
    imageOffset: number,
    nulls: Uint8Array | null,
    sink: JsonSink,
    imageEnd = image.length,
  ): number {
    const layout = this.layout;
    if (imageEnd - imageOffset !== layout.length || nulls !== null || layout.lobs.length > 0)
      checkImage(layout, imageEnd - imageOffset, nulls);
    const map = nulls !== null && blank(nulls) ? null : nulls;
    let extra = 0;
    if (layout.lobs.length > 0) {
      this.lobs.split(image, imageOffset, imageEnd, map);
      extra = this.lobs.total * TEXT_GROWTH;
    }
    const errors = this.errors;
    errors.clear();
    sink.reserve(this.bound + extra);
    const start = sink.at;
    const pass = sink.passFor(image);
    // nearly always the same: asking is cheaper than telling the garbage collector of a store
    if (pass !== this.pass) this.pass = pass;
    const w = sink.bytes;
    w[start] = 0x7b;
    let p = start + 1;
    if (map === null) {
      const chunks = this.plain;
      for (let i = 0; i < chunks.length; i++) p = chunks[i]!(pass, imageOffset, null, p);
      this.notRecorded = 0;
    } else {
      this.withNulls ??= this.generate(true);
      for (const chunk of this.withNulls) p = chunk(pass, imageOffset, map, p);
      this.notRecorded = missing(map);
    }
    // Every member ends with a comma: the last one becomes the brace.
    if (p === start + 1) p++;
    w[p - 1] = 0x7d;
    sink.at = p;
    return errors.count;
  }

  private generate(withNulls: boolean): Chunk[] {
    const chunks: Chunk[] = [];
    for (let from = 0; from < this.members.length; from += CHUNK) {
      const members = this.members.slice(from, from + CHUNK);
      const runtime = this.runtime(members);
      const names = Object.keys(runtime);
      const body = members.map((m) => stepSource(m.source, withNulls)).join('');
      const source = `"use strict";return function(r,o,n,p){const b=r.image,z=r.words,w=r.bytes,v=r.view;let q=0,s=0,e=0,x=0,y=0;\n${body}return p;}`;
      chunks.push(new Function(...names, source)(...names.map((name) => runtime[name])) as Chunk);
    }
    return chunks;
  }

  /** Everything the generated code of these members refers to by name. */
  private runtime(members: readonly Member[]): Record<string, unknown> {
    const runtime: Record<string, unknown> = {
      ...TABLES,
      TOO_LONG: errorNumber('VARYING_LENGTH'),
      MINUS: (1 << 11) | (1 << 13),
      packedProblem,
      zonedProblem,
      smallint: writeSmallint,
      int: writeInt,
      timestamp: writeTimestamp,
      single: writeSingle,
      ls: this.lobs.starts,
      le: this.lobs.ends,
      bad: this.bad,
      badPair: this.badPair,
      unreadable: this.unreadable,
    };
    for (const m of members) {
      runtime[`c${m.k}`] = m.pair ?? m.writer.write;
      if (m.text === null) continue;
      runtime[`t${m.k}`] = m.text;
    }
    return runtime;
  }

  private readonly bad = (k: number, result: number, start: number, end: number, p: number): number => {
    if (result === MEANS_NULL) return this.writeNull(p);
    const m = this.members[k]!;
    this.errors.add(m.field.column.name, result, start, end, m.policy);
    return this.substitute(m, start, end, p);
  };

  private readonly badPair = (k: number, result: number, start: number, timeStart: number, p: number): number => {
    const { field, policy, pair } = this.members[k]!;
    const { timeField, timeFailed } = pair!;
    if (!timeFailed) return this.bad(k, result, start, start + field.width, p);
    const timeEnd = timeStart + timeField.width;
    this.errors.add(timeField.column.name, result, timeStart, timeEnd, policy);
    return policy === 'raw' ? writeRaw(this.pass.image, timeStart, timeEnd, this.pass.bytes, p) : this.writeNull(p);
  };

  /** A field that came without its bytes. */
  private readonly unreadable = (k: number, n: Uint8Array, p: number): number => {
    const m = this.members[k]!;
    const culprit = (n[m.field.index]! & 15) === 2 ? m.field : m.pair!.timeField;
    this.errors.add(culprit.column.name, DATA_MAPPING, 0, 0, m.policy);
    return this.writeNull(p);
  };

  private writeNull(p: number): number {
    return writeAscii(this.pass.bytes, p, 'null,');
  }

  private substitute(m: Member, start: number, end: number, p: number): number {
    const { image: b, bytes: w } = this.pass;
    const data = m.field.storage === 'varying' ? start + 2 : start;
    if (m.policy === 'raw') return writeRaw(b, start, end, w, p);
    if (m.policy === 'zero-if-blank' && numeric(m.field) && filled(b, data, end, 0x40)) {
      const zero = m.field.column.scale > 0 ? `0.${'0'.repeat(m.field.column.scale)}` : '0';
      return writeAscii(w, p, m.writer.quoted ? `"${zero}",` : `${zero},`);
    }
    // the slot of a LOB whose data cannot be had is no text
    const slot = m.field.storage === 'lob' && this.errors.code(this.errors.count - 1).startsWith('LOB_');
    if (m.policy === 'replace' && m.writer.lenient && !slot) {
      w[p] = 0x22;
      const q = m.writer.lenient(this.pass, data, end, p + 1);
      if (q >= 0) return writeAscii(w, q, '",');
    }
    return this.writeNull(p);
  }
}

/** The bytes as hex text, and the comma behind it. */
function writeRaw(b: Uint8Array, start: number, end: number, w: Uint8Array, p: number): number {
  w[p] = 0x22;
  return writeAscii(w, writeHex(b, start, Math.min(end, b.length), w, p + 1), '",');
}

function numeric(field: Field): boolean {
  return field.kind === 'packed' || field.kind === 'zoned';
}

function missing(nulls: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < nulls.length; i++) if ((nulls[i]! & 15) === 9) count++;
  return count;
}

interface Member {
  readonly k: number;
  readonly field: Field;
  readonly writer: FieldWriter;
  readonly pair: PairWriter | null;
  readonly text: SingleText | null;
  readonly policy: FieldPolicy;
  readonly bound: number;
  readonly source: StepSource;
}

function member(layout: Layout, output: JsonOutput, k: number): Member {
  const field = fieldNamed(layout, output.column);
  const key = Buffer.from(`${JSON.stringify(output.name)}:`, 'utf8');
  const policy = output.onError ?? 'null';
  const pair = output.time === undefined ? null : pairWriter(layout, field, output);
  const writer = pair === null ? fieldWriter(layout, field, output) : PAIR;
  const text = pair === null ? singleText(layout, field, output) : null;
  const step = pair === null ? stepOf(field, output, text) : ({ is: 'pair' } as const);
  const time = pair === null ? {} : { time: timePlace(pair.timeField) };
  const widest = Math.max(field.storage === 'lob' ? LOB_DESCRIPTOR : field.width, pair?.timeField.width ?? 0);
  return {
    k,
    field,
    writer,
    pair,
    text,
    policy,
    // Slack of 16 for stores that run over; raw hex must fit as well.
    bound: key.length + Math.max(field.storage === 'lob' ? 64 : writer.bound, widest * 2) + 80,
    source: {
      step,
      field,
      k,
      key,
      quoted: writer.quoted,
      words: field.offset + field.width + 8 <= layout.length,
      lob: layout.lobs.indexOf(field),
      ...time,
    },
  };
}

const PAIR: FieldWriter = { write: (() => MEANS_NULL) as Write, quoted: true, bound: 48 };

function timePlace(field: Field): NonNullable<StepSource['time']> {
  return { index: field.index, offset: field.offset };
}

function singleText(layout: Layout, field: Field, output: JsonOutput): SingleText | null {
  if (field.kind !== 'text' || field.storage === 'lob' || meaningOf(field, output.as) !== null) return null;
  const codec = columnCodec(layout, field);
  return codec instanceof SingleByteCodec ? new SingleText(codec, output.trim ?? true, false) : null;
}

function stepOf(field: Field, output: JsonOutput, text: SingleText | null): Step {
  const { scale } = field.column;
  if (text !== null) return { is: 'single' };
  const meaning = meaningOf(field, output.as);
  if (meaning !== null) {
    const parts = legacyParts(field, meaning);
    return parts === null ? { is: 'call' } : { is: 'legacy', parts };
  }
  if (field.kind === 'packed' && field.width <= UNROLLED_PACKED) return { is: 'packed', scale };
  if (field.kind === 'zoned' && field.width <= UNROLLED_ZONED) return { is: 'zoned', scale };
  if (field.kind === 'integer' && scale === 0 && field.width < 8) return { is: field.width === 2 ? 'smallint' : 'int' };
  if (field.kind === 'timestamp' && output.zone === undefined) return { is: 'timestamp' };
  return { is: 'call' };
}

/** 1 where a byte cannot stand: packed digits, last packed byte, zoned digit, last zoned byte. */
const TABLES = {
  PD: Uint8Array.from({ length: 256 }, (_, x) => (x >> 4 > 9 || (x & 15) > 9 ? 1 : 0)),
  PL: Uint8Array.from({ length: 256 }, (_, x) => (x >> 4 > 9 || (x & 15) < 10 ? 1 : 0)),
  ZD: Uint8Array.from({ length: 256 }, (_, x) => ((x & 15) > 9 ? 1 : 0)),
  ZL: Uint8Array.from({ length: 256 }, (_, x) => ((x & 15) > 9 || x >> 4 < 10 ? 1 : 0)),
};
