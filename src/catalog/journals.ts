/**
 * Journals and their receivers as the partition lists them.
 *
 * Sources: QSYS2.JOURNAL_INFO, QSYS2.JOURNAL_RECEIVER_INFO, QSYS2.SYSTEM_STATUS_INFO. LAST_SEQUENCE_NUMBER counts
 * entries that journal caching still hides, so it bounds nothing but detached receivers.
 */
import { formatName, type QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { type Answer, answers, answersIfAvailable, big, integer, markers, text } from './answer';

export interface JournalFacts {
  readonly name: QualifiedName;
  /** `*LOCAL` or `*REMOTE`. */
  readonly type: string;
  readonly state: string;
  readonly cached: boolean;
  /** MINENTDTA for files: `*NONE` is the only one whose images can be decoded without loss. */
  readonly minimized: string;
  readonly receiverMaximum: string;
  /** True for MNGRCV(*SYSTEM). */
  readonly systemManaged: boolean;
  /** True for DLTRCV(*YES): detached receivers vanish whether or not they were read. */
  readonly deletesReceivers: boolean;
  readonly receivers: number | null;
  readonly attached: QualifiedName | null;
  readonly recordsUser: boolean;
}

/** Receiver status words. FREED: entries not readable, object still listed. PARTIAL: not all of its entries are there. */
export type ReceiverStatus = 'ATTACHED' | 'ONLINE' | 'SAVED' | 'FREED' | 'PARTIAL' | 'EMPTY';

export interface ReceiverFacts {
  readonly name: QualifiedName;
  readonly status: ReceiverStatus;
  readonly first: bigint;
  readonly last: bigint;
  readonly entries: bigint | null;
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition. */
  readonly attached: string;
  readonly detached: string | null;
  readonly previous: QualifiedName | null;
  readonly next: QualifiedName | null;
  /** Kilobytes; null when the release does not report it. */
  readonly sizeKb: bigint | null;
}

const JOURNAL_COLUMNS = [
  'JOURNAL_TYPE',
  'JOURNAL_STATE',
  'JOURNAL_CACHE',
  'MINIMIZE_ESD_FOR_FILES',
  'RECEIVER_MAXIMUM_SIZE',
  'MANAGE_RECEIVER_OPTION',
  'DELETE_RECEIVER_OPTION',
  'NUMBER_JOURNAL_RECEIVERS',
  'ATTACHED_JOURNAL_RECEIVER_LIBRARY',
  'ATTACHED_JOURNAL_RECEIVER_NAME',
].join(', ');

/** All asked journals in one statement; journals this profile cannot see are absent from the answer. */
export async function readJournals(
  connection: SqlConnection,
  names: readonly QualifiedName[],
): Promise<JournalFacts[]> {
  if (names.length === 0) return [];
  const libraries = [...new Set(names.map((n) => n.library))];
  const journals = [...new Set(names.map((n) => n.name))];
  const where = `FROM QSYS2.JOURNAL_INFO WHERE JOURNAL_LIBRARY IN (${markers(libraries.length)}) AND JOURNAL_NAME IN (${markers(journals.length)})`;
  const head = `SELECT JOURNAL_LIBRARY, JOURNAL_NAME, ${JOURNAL_COLUMNS}`;
  const params = [...libraries, ...journals];
  const rows =
    (await answersIfAvailable(connection, `${head}, FIXED_LENGTH_DATA_INCLUDES_USER_NAME ${where}`, params)) ??
    (await answers(connection, `${head} ${where}`, params));
  const wanted = new Set(names.map(formatName));
  return rows.map(journalOf).filter((journal) => wanted.has(formatName(journal.name)));
}

function journalOf(row: Answer): JournalFacts {
  const attached = text(row, 'ATTACHED_JOURNAL_RECEIVER_NAME');
  return {
    name: { library: text(row, 'JOURNAL_LIBRARY'), name: text(row, 'JOURNAL_NAME') },
    type: text(row, 'JOURNAL_TYPE'),
    state: text(row, 'JOURNAL_STATE'),
    cached: /^\*?Y/i.test(text(row, 'JOURNAL_CACHE')),
    minimized: starred(text(row, 'MINIMIZE_ESD_FOR_FILES')) || '*NONE',
    receiverMaximum: text(row, 'RECEIVER_MAXIMUM_SIZE'),
    systemManaged: text(row, 'MANAGE_RECEIVER_OPTION').includes('SYSTEM'),
    deletesReceivers: /^\*?Y/i.test(text(row, 'DELETE_RECEIVER_OPTION')),
    receivers: integer(row, 'NUMBER_JOURNAL_RECEIVERS'),
    attached: attached === '' ? null : { library: text(row, 'ATTACHED_JOURNAL_RECEIVER_LIBRARY'), name: attached },
    recordsUser: !/^\*?N/i.test(text(row, 'FIXED_LENGTH_DATA_INCLUDES_USER_NAME')),
  };
}

function starred(value: string): string {
  return value === '' || value.startsWith('*') ? value : `*${value}`;
}

const RECEIVER_COLUMNS = `JOURNAL_RECEIVER_LIBRARY, JOURNAL_RECEIVER_NAME, STATUS, FIRST_SEQUENCE_NUMBER, LAST_SEQUENCE_NUMBER,
 NUMBER_OF_JOURNAL_ENTRIES, ATTACH_TIMESTAMP, DETACH_TIMESTAMP, PREVIOUS_JOURNAL_RECEIVER_LIBRARY, PREVIOUS_JOURNAL_RECEIVER,
 NEXT_JOURNAL_RECEIVER_LIBRARY, NEXT_JOURNAL_RECEIVER`;

/** Every receiver of one journal that this profile can see, oldest attachment first. */
export async function readReceivers(connection: SqlConnection, journal: QualifiedName): Promise<ReceiverFacts[]> {
  const where =
    'FROM QSYS2.JOURNAL_RECEIVER_INFO WHERE JOURNAL_LIBRARY = ? AND JOURNAL_NAME = ? ORDER BY ATTACH_TIMESTAMP';
  const params = [journal.library, journal.name];
  const rows =
    (await answersIfAvailable(connection, `SELECT ${RECEIVER_COLUMNS}, SIZE ${where}`, params)) ??
    (await answers(connection, `SELECT ${RECEIVER_COLUMNS} ${where}`, params));
  return rows.map(receiverOf);
}

function receiverOf(row: Answer): ReceiverFacts {
  return {
    name: { library: text(row, 'JOURNAL_RECEIVER_LIBRARY'), name: text(row, 'JOURNAL_RECEIVER_NAME') },
    status: statusOf(text(row, 'STATUS')),
    first: big(row, 'FIRST_SEQUENCE_NUMBER') ?? 0n,
    last: big(row, 'LAST_SEQUENCE_NUMBER') ?? 0n,
    entries: big(row, 'NUMBER_OF_JOURNAL_ENTRIES'),
    attached: timestamp(text(row, 'ATTACH_TIMESTAMP')),
    detached: timestamp(text(row, 'DETACH_TIMESTAMP')) || null,
    previous: link(row, 'PREVIOUS_JOURNAL_RECEIVER_LIBRARY', 'PREVIOUS_JOURNAL_RECEIVER'),
    next: link(row, 'NEXT_JOURNAL_RECEIVER_LIBRARY', 'NEXT_JOURNAL_RECEIVER'),
    sizeKb: big(row, 'SIZE'),
  };
}

function statusOf(value: string): ReceiverStatus {
  const word = value.replace('*', '').toUpperCase();
  if (word === 'SAVED' || word === 'FREED' || word === 'PARTIAL' || word === 'EMPTY' || word === 'ATTACHED')
    return word;
  return 'ONLINE';
}

/** Db2's own timestamp form and the transport's both become the transport's. */
function timestamp(value: string): string {
  const m = /^(\d{4}-\d\d-\d\d)[-T ](\d\d)[.:](\d\d)[.:](\d\d)(\.\d+)?$/.exec(value);
  return m ? `${m[1]}T${m[2]}:${m[3]}:${m[4]}${m[5] ?? '.000000'}` : '';
}

function link(row: Answer, library: string, name: string): QualifiedName | null {
  const value = text(row, name);
  return value === '' || value.startsWith('*') ? null : { library: text(row, library), name: value };
}

/** Seconds a cached journal entry may stay invisible: JOURNAL_CACHE_WAIT_TIME, default 30. */
export async function readCacheWaitSeconds(connection: SqlConnection): Promise<number> {
  const rows = await answersIfAvailable(connection, 'SELECT JOURNAL_CACHE_WAIT_TIME FROM QSYS2.SYSTEM_STATUS_INFO');
  const first = rows?.[0];
  return (first && integer(first, 'JOURNAL_CACHE_WAIT_TIME')) ?? 30;
}
