/**
 * Last known rows of a window table: what an update is compared with, and what the event of a delete carries. A row is kept as the
 * record image it was read as, deflated where that helps and sealed where the state file is encrypted; LOB data beyond
 * 16 KB a row are not kept, so a row costs 48 KB at most and mostly less than its record.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { RecordImage } from '../model/change';
import type { RecordFormat } from '../model/record-format';
import { computeLayout } from '../record/layout/layout';
import type { Store } from '../store/store';
import { withoutLobs } from './row-images';

/** Encryption at rest; `about` is authenticated with the bytes. `open` throws where the key is another one. */
export interface RowSeal {
  close(plain: Buffer, about: string): Buffer;
  open(sealed: Buffer, about: string): Buffer;
}

const DEFLATED = 1;
const SEALED = 2;
/** Flags, number of the format. */
const HEAD = 5;
/** Shorter rows are not worth the time. */
const WORTH_DEFLATING = 160;
const MAX_LOBS = 16 * 1024;

export class KeptRows {
  private readonly formatOf: Database.Statement;
  private readonly numberOf: Database.Statement;
  private readonly learn: Database.Statement;
  private readonly texts = new WeakMap<RecordFormat, string>();
  private readonly formats = new Map<string, RecordFormat>();

  /** @param table `LIB/FILE`. @param seal null writes plain */
  constructor(
    { db }: Store,
    private readonly table: string,
    private readonly seal: RowSeal | null,
  ) {
    this.formatOf = db.prepare('SELECT format FROM window_format WHERE no = ? AND tbl = ?').pluck();
    this.numberOf = db.prepare('SELECT no FROM window_format WHERE tbl = ? AND format = ?').pluck();
    this.learn = db.prepare('INSERT INTO window_format (tbl, format) VALUES (?, ?)');
  }

  /** Inside the transaction that writes the row. @param image with its format. */
  pack(image: RecordImage): Buffer {
    const { bytes, offset, length, nulls, format } = bounded(image);
    const record = Buffer.alloc(2 + (nulls?.length ?? 0) + length);
    const at = record.writeUInt16BE(nulls?.length ?? 0);
    if (nulls) record.set(nulls, at);
    record.set(bytes.subarray(offset, offset + length), at + (nulls?.length ?? 0));
    const deflated = record.length < WORTH_DEFLATING ? record : deflateRawSync(record, { level: 1 });
    const smaller = deflated.length < record.length;
    const body = smaller ? deflated : record;
    const head = Buffer.alloc(HEAD);
    head.writeUInt8((smaller ? DEFLATED : 0) + (this.seal ? SEALED : 0));
    head.writeUInt32BE(this.number(format!), 1);
    return Buffer.concat([head, this.seal ? this.seal.close(body, this.table) : body]);
  }

  /** Null where it cannot be had any more: sealed with another key, or laid out by a format that was not recorded. */
  unpack(kept: Buffer): RecordImage | null {
    const flags = kept.readUInt8();
    const format = this.format(kept.readUInt32BE(1));
    const body = flags & SEALED ? this.opened(kept.subarray(HEAD)) : kept.subarray(HEAD);
    if (!format || !body) return null;
    const record = flags & DEFLATED ? inflateRawSync(body) : body;
    const marks = record.readUInt16BE();
    const bytes = record.subarray(2 + marks);
    const nulls = marks === 0 ? null : record.subarray(2, 2 + marks);
    return { bytes, offset: 0, length: bytes.length, nulls, format };
  }

  private opened(sealed: Buffer): Buffer | null {
    try {
      return this.seal?.open(sealed, this.table) ?? null;
    } catch {
      return null;
    }
  }

  /** Asked for each time: a number learnt in a transaction that is rolled back goes with it. */
  private number(format: RecordFormat): number {
    let text = this.texts.get(format);
    if (text === undefined) {
      text = JSON.stringify(format);
      this.texts.set(format, text);
    }
    return Number(this.numberOf.get(this.table, text) ?? this.learn.run(this.table, text).lastInsertRowid);
  }

  private format(no: number): RecordFormat | null {
    const text = this.formatOf.get(no, this.table) as string | undefined;
    if (text === undefined) return null;
    let format = this.formats.get(text);
    if (!format) {
      format = JSON.parse(text) as RecordFormat;
      this.formats.set(text, format);
    }
    return format;
  }
}

function bounded(image: RecordImage): RecordImage {
  const { lobs, length } = computeLayout(image.format!);
  return lobs.length > 0 && image.length - length > MAX_LOBS ? withoutLobs(image) : image;
}
