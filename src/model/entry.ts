/** One journal entry, as a reader hands it to the rest of the product. */
import type { QualifiedName } from './position';

/**
 * Field values of the journal entry header plus the entry specific data.
 * `data` and `nulls` are views into the block they were read with: copy what must outlive the block.
 * Source: QSYS2.DISPLAY_JOURNAL result columns; timestamps are the partition's local clock, no zone.
 */
export interface JournalEntry {
  readonly receiver: QualifiedName;
  /** 1..18446744073709551600; unique only inside `receiver`. */
  readonly sequence: bigint;
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local time of the partition; may go backwards. */
  readonly timestamp: string;
  /** Journal code: R record, C commitment control, F member, D file, J journal... */
  readonly code: string;
  /** Two characters: PT, UP, DL, CM... */
  readonly type: string;
  /** The file, or null for entries without an object. */
  readonly object: QualifiedName | null;
  readonly member: string;
  /** Relative record number for R entries, a count for others. */
  readonly rrn: bigint;
  /** Commit cycle id = sequence number of its C SC entry; 0 outside commitment control. */
  readonly commitCycle: bigint;
  readonly flag: string;
  /** One character a field: 0 value, 1 null, 9 not recorded; null where the journal recorded none. */
  readonly nulls: Uint8Array | null;
  /** Record image for R entries (LOB data appended), other entry specific data otherwise; null if none. */
  readonly data: Uint8Array | null;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
}
