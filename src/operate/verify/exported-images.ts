/**
 * Record images out of a file of exported entries, in place of the journal itself: of each row the newest one in the file. JSON
 * lines as `sample --entries` takes them, of any number; where an image stands in the journal must be said, as what was written
 * since decides whether the row can still be compared.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CodedError } from '../../errors/coded-error';
import { badEntry, parseEntry, type RecordedEntry } from '../../map/simulate-mapping';
import { type Position, parseName } from '../../model/position';
import type { NewestImage } from './newest-images';

interface ExportedImages {
  /** Newest last. */
  readonly images: readonly NewestImage[];
  /** Of the table's last entry in the file; null: it has none. */
  readonly last: Position | null;
}

/** Entries of record operations that have the row as it is from then on. */
const AFTER = new Set(['PT', 'PX', 'UP', 'UR']);
/** Bytes of images held at most; older ones are given up. */
const MOST_BYTES = 64 << 20;

/**
 * @param file in the order of the journal. @param names `LIB/FILE` the entries may call the table. @param rows images wanted
 * @throws CodedError `ENTRIES_READ`, `ENTRIES_LINE`
 */
export async function exportedImages(file: string, names: ReadonlySet<string>, rows: number): Promise<ExportedImages> {
  const newest = new Newest(rows);
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      const entry = parseEntry(text, line);
      const name = parseName(entry.table)!;
      if (names.has(`${name.library}/${name.name}`)) newest.take(entry, line);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!['ENOENT', 'EACCES', 'EISDIR'].includes(String(code))) throw cause;
    throw new CodedError({
      code: 'ENTRIES_READ',
      message: `cannot read the entries ${file} (${code})`,
      next: 'name a file of JSON lines',
      facts: { file },
      cause,
    });
  }
  return newest.found();
}

class Newest {
  /** Null: the row went, or its image is not whole. In the order of the last entry of each. */
  private readonly rows = new Map<string, NewestImage | null>();
  private bytes = 0;
  private last: Position | null = null;

  constructor(private readonly wanted: number) {}

  take(entry: RecordedEntry, line: number): void {
    const { rrn, receiver, sequence } = entry;
    if (rrn === undefined || receiver === undefined || sequence === undefined)
      throw badEntry(line, 'expected rrn, receiver and sequence: they say whether the row is still as it was');
    this.last = { receiver: parseName(receiver)!, sequence: BigInt(sequence) };
    const row = String(rrn);
    this.put(row, AFTER.has(entry.type) ? imageOf(entry) : null);
    if (this.rows.size > 2 * this.wanted || this.bytes > MOST_BYTES) this.shrink();
  }

  found(): ExportedImages {
    const images = [...this.rows.values()].filter((i): i is NewestImage => i !== null);
    return { images: images.slice(-this.wanted), last: this.last };
  }

  /** A later entry of the row, whatever it holds, takes the place of an earlier one. */
  private put(row: string, image: NewestImage | null): void {
    this.bytes += (image?.bytes.length ?? 0) - (this.rows.get(row)?.bytes.length ?? 0);
    this.rows.delete(row);
    this.rows.set(row, image);
  }

  /** The oldest ones go until half of what is too much is left. */
  private shrink(): void {
    for (const [row, image] of this.rows) {
      if (this.rows.size <= this.wanted && this.bytes <= MOST_BYTES / 2) return;
      this.bytes -= image?.bytes.length ?? 0;
      this.rows.delete(row);
    }
  }
}

/** Null where columns of it were not recorded. */
function imageOf({ hex, nullMap, rrn }: RecordedEntry): NewestImage | null {
  const map = nullMap?.trimEnd() ?? '';
  if (map.includes('9')) return null;
  return { rrn: BigInt(rrn!), bytes: Buffer.from(hex, 'hex'), nulls: map === '' ? null : Buffer.from(map, 'latin1') };
}
