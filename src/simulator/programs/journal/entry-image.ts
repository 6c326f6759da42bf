/** What of an entry's data an API call returns: the record image; LOB bytes stay behind pointers, minimized data as asked for. */
import type { EntryRow } from '../../partition/contract';
import type { PhysicalFile } from '../../partition/files/physical-file';
import type { RecordLayout } from '../../partition/files/record-layout';
import type { Partition } from '../../partition/partition';

/** Before the bytes of each LOB where DISPLAY_JOURNAL appends them. */
const SEPARATOR = Buffer.alloc(16, 0xd8);
const NOT_RECORDED = '9';

export interface EntryImage {
  readonly data: Buffer | null;
  /** One character a field, or null. */
  readonly nulls: string | null;
  /** Part of the data is behind a pointer, which is of use inside the job alone. */
  readonly incomplete: boolean;
}

/** One call's view of the files whose entries it meets. */
export class EntryImages {
  private readonly files = new Map<string, PhysicalFile | null>();

  constructor(
    private readonly partition: Partition,
    private readonly formatMinimized: boolean,
  ) {}

  of(entry: EntryRow): EntryImage {
    const { data, nulls, code } = entry;
    if (data === null || code !== 'R') return { data, nulls, incomplete: false };
    const file = this.fileOf(entry);
    if (entry.minimizedOnField && !this.formatMinimized)
      return { ...internalForm(entry, file?.layout ?? null), incomplete: false };
    const image = withoutLobs(data, file);
    return { data: image, nulls, incomplete: image !== data };
  }

  private fileOf({ object }: EntryRow): PhysicalFile | null {
    const identifier = hex(object.journalIdentifier);
    const known = this.files.get(identifier);
    if (known !== undefined) return known;
    const file = this.partition.files().find((f) => hex(f.journalIdentifier) === identifier) ?? null;
    this.files.set(identifier, file);
    return file;
  }
}

function hex(identifier: Uint8Array | null): string {
  return identifier === null ? '-' : Buffer.from(identifier).toString('hex');
}

/** An image is as long as a record of the format it was written in; behind one with LOBs a separator follows. */
function withoutLobs(data: Buffer, file: PhysicalFile | null): Buffer {
  const lengths = file ? [file.layout.length, ...file.formerLengths] : [];
  if (lengths.includes(data.length)) return data;
  const length = lengths.find((at) => data.subarray(at, at + SEPARATOR.length).equals(SEPARATOR));
  return length === undefined ? data : data.subarray(0, length);
}

/** FMTMINDTA(*NO): only the recorded fields, one after the other. The true internal form is not published. */
function internalForm({ data, nulls }: EntryRow, layout: RecordLayout | null): Pick<EntryImage, 'data' | 'nulls'> {
  if (!layout || !nulls || data?.length !== layout.length) return { data, nulls };
  const kept = layout.slots.filter((slot) => nulls[slot.ordinal] !== NOT_RECORDED);
  return { data: Buffer.concat(kept.map((s) => data.subarray(s.offset, s.offset + s.width))), nulls: null };
}
