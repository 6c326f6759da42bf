/** TABLE(QSYS2.DISPLAY_JOURNAL(..)): entries as the partition reads them, column by column. */
import type { EntryRow, ReadRequest } from '../../partition/contract';
import type { JobLoad } from '../../partition/jobs/job-load';
import type { RowContext, VirtualRelation } from '../compile/virtual';
import type { Cell } from '../types/values';
import { columnsOf, parametersOf } from './relation';

const PARAMETERS = parametersOf(
  `JOURNAL_LIBRARY VARCHAR(10), JOURNAL_NAME VARCHAR(10), STARTING_RECEIVER_LIBRARY VARCHAR(10),
   STARTING_RECEIVER_NAME VARCHAR(10), STARTING_TIMESTAMP TIMESTAMP, STARTING_SEQUENCE DECIMAL(21,0),
   JOURNAL_CODES VARCHAR(1000), JOURNAL_ENTRY_TYPES VARCHAR(1000), OBJECT_LIBRARY VARCHAR(10), OBJECT_NAME VARCHAR(3300),
   OBJECT_OBJTYPE VARCHAR(10), OBJECT_MEMBER VARCHAR(10), USER VARCHAR(10), JOB VARCHAR(26), PROGRAM VARCHAR(10),
   ENDING_RECEIVER_LIBRARY VARCHAR(10), ENDING_RECEIVER_NAME VARCHAR(10), ENDING_TIMESTAMP TIMESTAMP,
   ENDING_SEQUENCE DECIMAL(21,0), GENERATE_SYSLOG VARCHAR(7), EOF_DELAY INTEGER, COMMIT_CYCLE DECIMAL(21,0),
   INCLUDE_INTERNAL VARCHAR(3)`,
  {
    STARTING_RECEIVER_LIBRARY: null,
    STARTING_RECEIVER_NAME: null,
    STARTING_TIMESTAMP: null,
    STARTING_SEQUENCE: null,
    JOURNAL_CODES: null,
    JOURNAL_ENTRY_TYPES: null,
    OBJECT_LIBRARY: null,
    OBJECT_NAME: null,
    OBJECT_OBJTYPE: null,
    OBJECT_MEMBER: null,
    USER: null,
    JOB: null,
    PROGRAM: null,
    ENDING_RECEIVER_LIBRARY: null,
    ENDING_RECEIVER_NAME: null,
    ENDING_TIMESTAMP: null,
    ENDING_SEQUENCE: null,
    GENERATE_SYSLOG: null,
    EOF_DELAY: null,
    COMMIT_CYCLE: null,
    INCLUDE_INTERNAL: null,
  },
);
const AT = Object.fromEntries(PARAMETERS.map((p, i) => [p.name, i])) as Readonly<Record<string, number>>;

type Reader = (e: EntryRow) => Cell;

const flag = (on: boolean) => (on ? '1' : '0');

/** Column definition and where its value comes from. */
const COLUMNS: readonly (readonly [string, Reader])[] = [
  ['ENTRY_TIMESTAMP TIMESTAMP NOT NULL', (e) => e.timestamp],
  ['SEQUENCE_NUMBER DECIMAL(21,0) NOT NULL', (e) => e.sequence],
  ['JOURNAL_CODE CHAR(1) NOT NULL', (e) => e.code],
  ['JOURNAL_ENTRY_TYPE CHAR(2) NOT NULL', (e) => e.type],
  ['COUNT_OR_RRN BIGINT', (e) => e.rrn],
  ['ENTRY_DATA BLOB(2G)', (e) => e.data],
  ['NULL_VALUE_INDICATORS VARCHAR(8000)', (e) => e.nulls ?? ''],
  ['OBJECT CHAR(30)', (e) => e.object.object30],
  ['OBJECT_TYPE CHAR(10)', (e) => e.object.objectType],
  ['OBJECT_TYPE_INDICATOR CHAR(1)', (e) => (e.object.objectType === '' ? ' ' : '0')],
  ['FILE_TYPE_INDICATOR CHAR(1)', () => '0'],
  ['JOURNAL_IDENTIFIER CHAR(10) FOR BIT DATA', (e) => e.object.journalIdentifier],
  ['CURRENT_USER VARCHAR(10)', (e) => e.origin.userName],
  ['USER_NAME VARCHAR(10)', (e) => e.origin.userName],
  ['JOB_NAME VARCHAR(10)', (e) => e.origin.jobName],
  ['JOB_USER VARCHAR(10)', (e) => e.origin.jobUser],
  ['JOB_NUMBER VARCHAR(6)', (e) => e.origin.jobNumber],
  ['THREAD BIGINT', (e) => (e.origin.thread === '' ? null : BigInt(`0x${e.origin.thread}`))],
  ['PROGRAM_NAME VARCHAR(10)', (e) => e.origin.program],
  ['PROGRAM_LIBRARY VARCHAR(10)', (e) => e.origin.programLibrary],
  ['PROGRAM_LIBRARY_ASP_DEVICE_NAME VARCHAR(10)', () => '*OMITTED'],
  ['PROGRAM_LIBRARY_ASP_NUMBER INTEGER', () => 0],
  ['COMMIT_CYCLE DECIMAL(21,0)', (e) => e.commitCycle],
  ['NESTED_COMMIT_LEVEL DECIMAL(21,0)', (e) => e.nestedCommitLevel],
  ['XID VARCHAR(140) FOR BIT DATA', () => null],
  ['LUW VARCHAR(39)', () => null],
  ['REMOTE_PORT INTEGER', (e) => e.origin.remotePort],
  ['REMOTE_ADDRESS VARCHAR(46)', (e) => (e.origin.remoteAddress === '' ? null : e.origin.remoteAddress)],
  ['SYSTEM_NAME VARCHAR(8)', (e) => e.origin.systemName],
  ['SYSTEM_SEQUENCE_NUMBER DECIMAL(21,0)', () => 0],
  ['REFERENTIAL_CONSTRAINT CHAR(1)', (e) => flag(e.referential)],
  ['TRIGGER CHAR(1)', (e) => flag(e.trigger)],
  ['IGNORE_ON_APPLY CHAR(1)', (e) => flag(e.ignoreOnApply)],
  ['MINIMIZED_ENTRY_DATA CHAR(1)', (e) => flag(e.minimized)],
  ['MINIMIZED_ON_FIELD_BOUNDARY CHAR(1)', (e) => flag(e.minimizedOnField)],
  ['INDICATOR_FLAG CHAR(1)', (e) => e.flag],
  ['RECEIVER_NAME VARCHAR(10)', (e) => e.receiver.name],
  ['RECEIVER_LIBRARY VARCHAR(10)', (e) => e.receiver.library],
  ['RECEIVER_ASP_DEVICE_NAME VARCHAR(10)', () => '*SYSBAS'],
  ['RECEIVER_ASP_NUMBER INTEGER', () => 1],
  ['ARM_NUMBER INTEGER', () => 1],
  ['OBJECT_ASP_DEVICE_NAME VARCHAR(10)', () => '*SYSBAS'],
  ['OBJECT_ASP_NUMBER INTEGER', () => 1],
  ['PARENT_FILE_ID BINARY(16)', () => null],
  ['OBJECT_FILE_ID BINARY(16)', () => null],
  ['RELATIVE_DIRECTORY_FILE_ID BINARY(16)', () => null],
  ['OBJECT_FILE_NAME VARCHAR(2002) CCSID 1208', () => null],
  ['PATH_NAME VARCHAR(5000) CCSID 1208', () => null],
  ['DLO_NAME VARCHAR(12)', () => null],
  ['FOLDER_PATH VARCHAR(63)', () => null],
  ['SYSLOG_EVENT VARCHAR(2048) CCSID 1208', () => null],
  ['SYSLOG_FACILITY INTEGER', () => null],
  ['SYSLOG_SEVERITY INTEGER', () => null],
  ['SYSLOG_PRIORITY INTEGER', () => null],
];

const READERS = COLUMNS.map(([, read]) => read);

export const DISPLAY_JOURNAL: VirtualRelation = {
  library: 'QSYS2',
  name: 'DISPLAY_JOURNAL',
  columns: columnsOf(COLUMNS.map(([definition]) => definition).join(', ')),
  parameters: PARAMETERS,
  rows(context) {
    // Called here, not in the generator: a wrong range fails when the cursor opens.
    const chunks = context.partition.readJournal(context.job.currentUser, requestOf(context));
    return cells(chunks, [...context.used], context.job.load);
  },
};

function* cells(
  chunks: Iterable<readonly EntryRow[]>,
  used: readonly number[],
  load: JobLoad,
): Generator<readonly Cell[]> {
  for (const chunk of chunks) {
    load.charge('journalRow', chunk.length, bytesOf(chunk));
    for (const entry of chunk) {
      const row = new Array<Cell>(READERS.length).fill(null);
      for (const i of used) row[i] = READERS[i]!(entry);
      yield row;
    }
  }
}

function bytesOf(chunk: readonly EntryRow[]): number {
  return chunk.reduce((sum, entry) => sum + (entry.data?.length ?? 0), 0);
}

function requestOf(context: RowContext): ReadRequest {
  const text = (name: string) => {
    const value = String(context.args[AT[name]!] ?? '').trim();
    return value === '' ? null : value.toUpperCase();
  };
  const number = (name: string) => {
    const value = context.args[AT[name]!];
    return value === null || value === undefined ? null : BigInt(value as bigint);
  };
  const moment = (name: string) => (context.args[AT[name]!] as string | null) ?? null;
  const objects = words(text('OBJECT_NAME'));
  const library = text('OBJECT_LIBRARY') ?? '';
  return {
    journalLibrary: text('JOURNAL_LIBRARY') ?? '',
    journalName: text('JOURNAL_NAME') ?? '',
    startingReceiverLibrary: text('STARTING_RECEIVER_LIBRARY'),
    startingReceiver: text('STARTING_RECEIVER_NAME'),
    startingTimestamp: moment('STARTING_TIMESTAMP'),
    startingSequence: number('STARTING_SEQUENCE'),
    endingReceiverLibrary: text('ENDING_RECEIVER_LIBRARY'),
    endingReceiver: text('ENDING_RECEIVER_NAME'),
    endingTimestamp: moment('ENDING_TIMESTAMP'),
    endingSequence: number('ENDING_SEQUENCE'),
    codes: words(text('JOURNAL_CODES')).filter((c) => c !== '*ALL'),
    types: words(text('JOURNAL_ENTRY_TYPES')).filter((t) => t !== '*ALL'),
    objects: objects.map((name) => ({ library, name })),
    objectType: text('OBJECT_OBJTYPE'),
    member: text('OBJECT_MEMBER'),
    user: text('USER'),
    job: text('JOB'),
    program: text('PROGRAM'),
    commitCycle: number('COMMIT_CYCLE'),
    includeInternal: text('INCLUDE_INTERNAL') === 'YES',
  };
}

function words(list: string | null): string[] {
  return list === null ? [] : list.split(/[\s,]+/).filter((w) => w !== '');
}
