/** Copies of changes that outlive the block they were read in. */
import type { Change, RowSource } from '../../model/change';

/** A plain copy: readers hand out objects and images that do not outlive the next entry. */
export function kept(c: Change): Change {
  return { ...headerOf(c), before: keptRow(c.before), after: keptRow(c.after) };
}

/** The bytes of an image in a buffer of their own. */
function keptRow(source: RowSource | null): RowSource | null {
  if (source === null) return null;
  const { bytes, offset, length, nulls, format } = source.image;
  const copy = Buffer.from(bytes.subarray(offset, offset + length));
  const image = { bytes: copy, offset: 0, length, nulls: nulls && Buffer.from(nulls) };
  return { is: 'image', image: format ? { ...image, format } : image };
}

/** A change without its images. */
export function headerOf(c: Change): Change {
  return {
    op: c.op,
    mode: c.mode,
    table: c.table,
    member: c.member,
    before: null,
    after: null,
    journal: c.journal,
    position: c.position,
    occasion: c.occasion,
    timestamp: c.timestamp,
    commitCycle: c.commitCycle,
    rrn: c.rrn,
    user: c.user,
    job: c.job,
    program: c.program,
    remoteAddress: c.remoteAddress,
  };
}

/** The partition's clock has no zone: read as UTC it is good for differences. Milliseconds. */
export function momentOf(change: Change): number {
  return Date.parse(`${change.timestamp.slice(0, 23)}Z`) || 0;
}
