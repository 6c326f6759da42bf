/** QjoRetrieveJournalEntries of QSYS/QJOURNAL: as many entries as the receiver variable holds, and where to go on. */
import type { EntryRow } from '../../partition/contract';
import { CpfFailure } from '../../partition/failures';
import { ApiRecord } from '../api-record';
import { formatNotValid } from '../failures';
import { type ParameterList, type Program, type ProgramContext, withErrorCode } from '../program';
import { EntryWriter, HANDLE_AT } from './entry-format';
import { EntryImages } from './entry-image';
import type { EntryForm } from './entry-sections';
import { qualifiedJournal } from './names';
import { type EntrySelection, readSelection } from './selection';
import { TEXT_HANDLE_AT, textEntryBytes } from './text-format';

/** Bytes returned, offset, entries, continuation, next receiver, library, sequence, reserved. */
const HEADER = 64;
/** Bytes of an entry, before the first is seen. */
const FIRST_GUESS = 500;
/** The least receiver variable: up to and with the continuation indicator. */
const LEAST = 13;

/** 0 receiver, 1 its length, 2 journal, 3 format, 4 selection (omissible), 5 error code. */
export const retrieveJournalEntries: Program = (context, parameters) =>
  withErrorCode(parameters, 5, () => {
    const length = Math.min(parameters.number(1), parameters.room(0));
    if (length < LEAST) throw new CpfFailure('CPF3C19', 'Error occurred with receiver variable specified.');
    parameters.write(0, retrieve(context, parameters, length));
  });

/** How an entry is laid out, and where its pointer handle lies. */
interface Format {
  readonly bytes: (entry: EntryRow, form: EntryForm) => Buffer;
  readonly handleAt: number;
}

const FORMATS: Readonly<Record<string, () => Format>> = {
  RJNE0100: () => ({ bytes: textEntryBytes, handleAt: TEXT_HANDLE_AT }),
  RJNE0200: () => {
    const writer = new EntryWriter();
    return { bytes: (entry, form) => writer.bytes(entry, form), handleAt: HANDLE_AT };
  },
};

function retrieve(context: ProgramContext, parameters: ParameterList, length: number): Buffer {
  const format = FORMATS[parameters.text(3)]?.();
  if (!format) throw formatNotValid(parameters.text(3));
  const journal = qualifiedJournal(context.partition, parameters, 2);
  const selection = readSelection(parameters.bytes(4), journal);
  const filled = fill(context, selection, format, length);
  context.job.load.charge('entry', filled.entries.length, bytesIn(filled.entries));
  // nothing at all was selected: an escape message, not an empty structure
  if (filled.entries.length === 0 && filled.next === null)
    throw new CpfFailure('CPF7062', 'No entries converted or received from journal.');
  return structure(filled, length);
}

interface Filled {
  readonly entries: readonly Buffer[];
  /** The first entry that found no room. */
  readonly next: EntryRow | null;
}

function fill(
  { partition, job, handles }: ProgramContext,
  selection: EntrySelection,
  format: Format,
  length: number,
): Filled {
  const { limit, nullLength, request } = selection;
  const images = new EntryImages(partition, selection.formatMinimized);
  const entries: Buffer[] = [];
  let used = HEADER;
  let receiver: EntryRow['receiver'] | null = null;
  const room = (): number => {
    const each = entries.length === 0 ? FIRST_GUESS : used / entries.length;
    return Math.min(limit - entries.length, Math.ceil((length - used) / each)) + 1;
  };
  for (const chunk of partition.retrieveEntries(job.currentUser, { ...request, room })) {
    for (const entry of chunk) {
      if (entries.length >= limit) return { entries, next: null };
      const image = images.of(entry);
      const withReceiver = entry.receiver !== receiver;
      const bytes = format.bytes(entry, { image, handle: 0, nullLength, withReceiver });
      if (used + bytes.length > length) return { entries, next: entry };
      // held only for what is returned
      if (image.incomplete) bytes.writeUInt32BE(handles.allocate(), format.handleAt);
      entries.push(bytes);
      used += bytes.length;
      receiver = entry.receiver;
    }
  }
  return { entries, next: null };
}

function structure({ entries, next }: Filled, length: number): Buffer {
  for (const [i, entry] of entries.entries()) if (i < entries.length - 1) entry.writeUInt32BE(entry.length, 0);
  const header = new ApiRecord(HEADER);
  const used = HEADER + bytesIn(entries);
  header
    .int(0, used)
    .int(4, entries.length === 0 ? 0 : HEADER)
    .int(8, entries.length);
  header
    .text(12, 1, next ? '1' : '0')
    .text(13, 10, next?.receiver.name ?? '')
    .text(23, 10, next?.receiver.library ?? '');
  if (next) header.digits(33, 20, next.sequence);
  else header.text(33, 20, '');
  return Buffer.concat([header.bytes, ...entries]).subarray(0, length);
}

function bytesIn(entries: readonly Buffer[]): number {
  return entries.reduce((sum, entry) => sum + entry.length, 0);
}
