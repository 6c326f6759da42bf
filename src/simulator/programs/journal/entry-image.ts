/** What of an entry's data an API call returns: the record image; LOB bytes stay behind pointers, minimized data as asked for. */
import type { EntryRow } from '../../partition/contract';
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
  private readonly layouts = new Map<string, RecordLayout | null>();

  constructor(
    private readonly partition: Partition,
    private readonly formatMinimized: boolean,
  ) {}

  of(entry: EntryRow): EntryImage {
    const { data, nulls, code } = entry;
    if (data === null || code !== 'R') return { data, nulls, incomplete: false };
    const layout = this.layoutOf(entry);
    if (entry.minimizedOnField && !this.formatMinimized) return { ...internalForm(entry, layout), incomplete: false };
    const image = withoutLobs(data, layout);
    return { data: image, nulls, incomplete: image !== data };
  }

  /** The format the file has now, which need not be the entry's. */
  private layoutOf({ object }: EntryRow): RecordLayout | null {
    const identifier = Buffer.from(object.journalIdentifier ?? []).toString('hex');
    const known = this.layouts.get(identifier);
    if (known !== undefined) return known;
    const file = this.partition
      .files()
      .find((f) => f.journalIdentifier && Buffer.from(f.journalIdentifier).toString('hex') === identifier);
    const layout = file?.layout ?? null;
    this.layouts.set(identifier, layout);
    return layout;
  }
}

/** The image ends where the first separator begins; an older format than today's is known by that alone. */
function withoutLobs(data: Buffer, layout: RecordLayout | null): Buffer {
  if (layout && data.length === layout.length) return data;
  const separatorAt = (at: number): boolean => data.subarray(at, at + SEPARATOR.length).equals(SEPARATOR);
  if (layout && separatorAt(layout.length)) return data.subarray(0, layout.length);
  const at = data.indexOf(SEPARATOR);
  return at < 0 ? data : data.subarray(0, at);
}

/** FMTMINDTA(*NO): only the recorded fields, one after the other. The true internal form is not published. */
function internalForm({ data, nulls }: EntryRow, layout: RecordLayout | null): Pick<EntryImage, 'data' | 'nulls'> {
  if (!layout || !nulls || data?.length !== layout.length) return { data, nulls };
  const kept = layout.slots.filter((slot) => nulls[slot.ordinal] !== NOT_RECORDED);
  return { data: Buffer.concat(kept.map((s) => data.subarray(s.offset, s.offset + s.width))), nulls: null };
}
