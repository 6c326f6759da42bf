/** Services over journals, receivers and journaled objects. Source: IBM i services documentation, QSYS2 journal views. */
import type { FileView, JournalView, ReceiverView } from '../../partition/contract';
import type { RowContext, VirtualRelation } from '../compile/virtual';
import { visibleFiles } from './constraint-views';
import { type NamedRow, parametersOf, relation, textArgument } from './relation';

/** What the user may not see is absent, not an error. */
function sees({ partition, job }: RowContext, o: { library: string; name: string }, type: string): boolean {
  return partition.isAuthorized(job.currentUser, { library: o.library, name: o.name, type }, '*OBJOPR');
}

const JOURNALED_OBJECTS = relation(
  'QSYS2',
  'JOURNALED_OBJECTS',
  `JOURNAL_LIBRARY FOR COLUMN JRNLIB VARCHAR(10) NOT NULL, JOURNAL_NAME FOR COLUMN JRNNAME VARCHAR(10) NOT NULL,
   OBJECT_TYPE FOR COLUMN OBJTYPE VARCHAR(8) NOT NULL, OBJECT_LIBRARY FOR COLUMN OBJLIB VARCHAR(10),
   OBJECT_NAME FOR COLUMN OBJNAME VARCHAR(10), FILE_TYPE FOR COLUMN FILETYPE VARCHAR(8),
   JOURNAL_IMAGES FOR COLUMN JRNIMG VARCHAR(6), OMIT_JOURNAL_ENTRY FOR COLUMN OMTJRNE VARCHAR(7),
   PATH_NAME FOR COLUMN PATHNAME VARCHAR(5000) CCSID 1208, FILE_IDENTIFIER FOR COLUMN FILEID BINARY(16),
   JOURNAL_IDENTIFIER FOR COLUMN JID BINARY(10)`,
  (context) =>
    visibleFiles(context).flatMap((f) =>
      f.journal
        ? [
            {
              JOURNAL_LIBRARY: f.journal.library,
              JOURNAL_NAME: f.journal.name,
              OBJECT_TYPE: '*FILE',
              OBJECT_LIBRARY: f.library,
              OBJECT_NAME: f.name,
              FILE_TYPE: 'PHYSICAL',
              JOURNAL_IMAGES: f.images,
              OMIT_JOURNAL_ENTRY: f.omitOpenClose ? '*OPNCLO' : '*NONE',
              JOURNAL_IDENTIFIER: f.journalIdentifier,
            },
          ]
        : [],
    ),
);

const JOURNAL_INFO = relation(
  'QSYS2',
  'JOURNAL_INFO',
  `JOURNAL_NAME FOR COLUMN JRN_NAME VARCHAR(10) NOT NULL, JOURNAL_LIBRARY FOR COLUMN JRN_LIB VARCHAR(10) NOT NULL,
   JOURNAL_ASP_NUMBER FOR COLUMN JRN_ASPNUM INTEGER, JOURNAL_ASP FOR COLUMN JRN_ASP VARCHAR(10), TEXT_DESCRIPTION FOR COLUMN TEXT VARCHAR(50),
   JOURNAL_TYPE FOR COLUMN JRN_TYPE VARCHAR(7) NOT NULL, JOURNAL_STATE FOR COLUMN JRN_STATE VARCHAR(9) NOT NULL,
   ATTACHED_JOURNAL_RECEIVER_NAME FOR COLUMN JRNRCV VARCHAR(10), ATTACHED_JOURNAL_RECEIVER_LIBRARY FOR COLUMN JRNRCV_LIB VARCHAR(10),
   DUAL_JOURNAL_RECEIVER_NAME VARCHAR(10), MESSAGE_QUEUE FOR COLUMN MSGQ VARCHAR(10), MESSAGE_QUEUE_LIBRARY FOR COLUMN MSGQ_LIB VARCHAR(10),
   MANAGE_RECEIVER_OPTION FOR COLUMN MANAGE_OPT VARCHAR(7) NOT NULL, DELETE_RECEIVER_OPTION FOR COLUMN DELETE_OPT VARCHAR(4) NOT NULL,
   RECEIVER_MAXIMUM_SIZE FOR COLUMN RCVMAXSIZE VARCHAR(10), MINIMIZE_ESD_FOR_FILES FOR COLUMN MIN_FILES VARCHAR(7) NOT NULL,
   MINIMIZE_ESD_FOR_DATA_AREAS FOR COLUMN MIN_DTAARA VARCHAR(3) NOT NULL, JOURNAL_CACHE FOR COLUMN JRN_CACHE VARCHAR(4) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_JOB_NAME FOR COLUMN FIXED_JOB VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_USER_NAME FOR COLUMN FIXED_USR VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_PROGRAM_NAME FOR COLUMN FIXED_PGM VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_PROGRAM_LIBRARY FOR COLUMN FIXED_PLIB VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_SYSTEM_SEQUENCE_NUMBER FOR COLUMN FIXED_SEQ VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_REMOTE_ADDRESS FOR COLUMN FIXED_ADDR VARCHAR(3) NOT NULL,
   FIXED_LENGTH_DATA_INCLUDES_THREAD_IDENTIFIER FOR COLUMN FIXED_THD VARCHAR(3) NOT NULL,
   REMOVE_INTERNAL_ENTRIES FOR COLUMN RMVINTENT VARCHAR(3) NOT NULL, DELETE_RECEIVER_DELAY FOR COLUMN DLTDELAY INTEGER NOT NULL,
   MANAGE_RECEIVER_DELAY FOR COLUMN MNGDELAY INTEGER NOT NULL, NUMBER_JOURNAL_RECEIVERS FOR COLUMN NUM_RCV INTEGER NOT NULL,
   NUMBER_REMOTE_JOURNALS FOR COLUMN NUM_RMT INTEGER NOT NULL, TOTAL_SIZE_JOURNAL_RECEIVERS FOR COLUMN TOTALSIZE BIGINT NOT NULL,
   JOURNAL_RECOVERY_COUNT FOR COLUMN RCYCOUNT INTEGER, SOURCE_JOURNAL_NAME FOR COLUMN SRC_JRN VARCHAR(10)`,
  (context) =>
    context.partition
      .journals()
      .filter((j) => sees(context, j, '*JRN'))
      .map(journalRow),
);

function journalRow(j: JournalView): NamedRow {
  const a = j.attributes;
  const fixed = (...names: readonly string[]) => (names.some((n) => a.fixedLengthData.includes(n)) ? 'YES' : 'NO');
  return {
    JOURNAL_NAME: j.name,
    JOURNAL_LIBRARY: j.library,
    JOURNAL_ASP_NUMBER: 1,
    JOURNAL_ASP: '*SYSBAS',
    TEXT_DESCRIPTION: a.text,
    JOURNAL_TYPE: a.remote ? '*REMOTE' : '*LOCAL',
    JOURNAL_STATE: a.state,
    ATTACHED_JOURNAL_RECEIVER_NAME: j.attachedReceiver.name,
    ATTACHED_JOURNAL_RECEIVER_LIBRARY: j.attachedReceiver.library,
    MESSAGE_QUEUE: 'QSYSOPR',
    MESSAGE_QUEUE_LIBRARY: 'QSYS',
    MANAGE_RECEIVER_OPTION: a.manageReceivers,
    DELETE_RECEIVER_OPTION: a.deleteReceivers ? '*YES' : '*NO',
    RECEIVER_MAXIMUM_SIZE: a.receiverSize === '*NONE' ? null : a.receiverSize,
    MINIMIZE_ESD_FOR_FILES: a.minimize,
    MINIMIZE_ESD_FOR_DATA_AREAS: 'NO',
    JOURNAL_CACHE: a.cache ? '*YES' : '*NO',
    FIXED_LENGTH_DATA_INCLUDES_JOB_NAME: fixed('*JOB'),
    FIXED_LENGTH_DATA_INCLUDES_USER_NAME: fixed('*USR'),
    FIXED_LENGTH_DATA_INCLUDES_PROGRAM_NAME: fixed('*PGM'),
    FIXED_LENGTH_DATA_INCLUDES_PROGRAM_LIBRARY: fixed('*PGMLIB'),
    FIXED_LENGTH_DATA_INCLUDES_SYSTEM_SEQUENCE_NUMBER: fixed('*SYSSEQ'),
    FIXED_LENGTH_DATA_INCLUDES_REMOTE_ADDRESS: fixed('*RMTADR'),
    FIXED_LENGTH_DATA_INCLUDES_THREAD_IDENTIFIER: fixed('*THD'),
    REMOVE_INTERNAL_ENTRIES: a.receiverSize === '*NONE' ? 'NO' : 'YES',
    DELETE_RECEIVER_DELAY: 10,
    MANAGE_RECEIVER_DELAY: 10,
    NUMBER_JOURNAL_RECEIVERS: j.receivers.length,
    NUMBER_REMOTE_JOURNALS: 0,
    TOTAL_SIZE_JOURNAL_RECEIVERS: j.receivers.reduce((sum, r) => sum + r.size, 0),
    JOURNAL_RECOVERY_COUNT: 250000,
    SOURCE_JOURNAL_NAME: a.remote?.name ?? null,
  };
}

const JOURNAL_RECEIVER_INFO = relation(
  'QSYS2',
  'JOURNAL_RECEIVER_INFO',
  `JOURNAL_RECEIVER_NAME FOR COLUMN JRNRCVNAME VARCHAR(10) NOT NULL, JOURNAL_RECEIVER_LIBRARY FOR COLUMN JRNRCVLIB VARCHAR(10) NOT NULL,
   JOURNAL_NAME FOR COLUMN JRN_NAME VARCHAR(10), JOURNAL_LIBRARY FOR COLUMN JRN_LIB VARCHAR(10), THRESHOLD FOR COLUMN THRESHOLD INTEGER,
   SIZE INTEGER, JOURNAL_RECEIVER_ASP_NUMBER INTEGER, TEXT_DESCRIPTION FOR COLUMN TEXT VARCHAR(50), STATUS VARCHAR(8) NOT NULL,
   NUMBER_OF_JOURNAL_ENTRIES FOR COLUMN NUM_ENT DECIMAL(20,0) NOT NULL, FIRST_SEQUENCE_NUMBER FOR COLUMN FIRST_SEQ DECIMAL(20,0),
   LAST_SEQUENCE_NUMBER FOR COLUMN LAST_SEQ DECIMAL(20,0), ATTACH_TIMESTAMP FOR COLUMN ATTACHTS TIMESTAMP(0),
   DETACH_TIMESTAMP FOR COLUMN DETACHTS TIMESTAMP(0), SAVE_TIMESTAMP FOR COLUMN SAVETS TIMESTAMP(0),
   PREVIOUS_JOURNAL_RECEIVER FOR COLUMN PREV_RCV VARCHAR(10), PREVIOUS_JOURNAL_RECEIVER_LIBRARY FOR COLUMN PREV_LIB VARCHAR(10),
   NEXT_JOURNAL_RECEIVER FOR COLUMN NEXT_RCV VARCHAR(10), NEXT_JOURNAL_RECEIVER_LIBRARY FOR COLUMN NEXT_LIB VARCHAR(10),
   PENDING_TRANSACTIONS FOR COLUMN PENDING VARCHAR(3) NOT NULL, MAXIMUM_ENTRY_SPECIFIC_DATA_LENGTH FOR COLUMN MAX_ESD INTEGER,
   MAXIMUM_NULL_VALUE_INDICATORS FOR COLUMN MAX_NVI INTEGER, JOURNAL_RECEIVER_NUMBER FOR COLUMN RCV_NUM CHAR(5),
   REMOTE_JOURNAL FOR COLUMN REMOTE VARCHAR(3), MINIMIZE_ESD FOR COLUMN MIN_ESD VARCHAR(3), ESTIMATED_TIME_BEHIND INTEGER`,
  (context) =>
    context.partition
      .receivers()
      .filter((r) => sees(context, r, '*JRNRCV'))
      .map(receiverRow),
);

function receiverRow(r: ReceiverView): NamedRow {
  return {
    JOURNAL_RECEIVER_NAME: r.name,
    JOURNAL_RECEIVER_LIBRARY: r.library,
    JOURNAL_NAME: r.journal?.name ?? null,
    JOURNAL_LIBRARY: r.journal?.library ?? null,
    THRESHOLD: r.threshold,
    SIZE: Math.ceil(r.size / 1024),
    JOURNAL_RECEIVER_ASP_NUMBER: 1,
    STATUS: r.status,
    NUMBER_OF_JOURNAL_ENTRIES: r.entries,
    FIRST_SEQUENCE_NUMBER: r.first,
    LAST_SEQUENCE_NUMBER: r.last,
    ATTACH_TIMESTAMP: seconds(r.attached),
    DETACH_TIMESTAMP: seconds(r.detached),
    SAVE_TIMESTAMP: seconds(r.saved),
    PREVIOUS_JOURNAL_RECEIVER: r.previous?.name ?? null,
    PREVIOUS_JOURNAL_RECEIVER_LIBRARY: r.previous?.library ?? null,
    NEXT_JOURNAL_RECEIVER: r.next?.name ?? null,
    NEXT_JOURNAL_RECEIVER_LIBRARY: r.next?.library ?? null,
    PENDING_TRANSACTIONS: r.pendingTransactions > 0 ? 'YES' : 'NO',
    MAXIMUM_ENTRY_SPECIFIC_DATA_LENGTH: r.maxDataLength,
    MAXIMUM_NULL_VALUE_INDICATORS: r.maxNullIndicators,
    JOURNAL_RECEIVER_NUMBER: r.number,
    REMOTE_JOURNAL: r.journal?.attributes.remote ? 'YES' : 'NO',
    MINIMIZE_ESD: 'NO',
  };
}

/** The view gives whole seconds. */
function seconds(moment: string | null): string | null {
  return moment === null ? null : moment.slice(0, 19);
}

const OBJECT_COLUMNS = `OBJNAME VARCHAR(10) NOT NULL, OBJTYPE VARCHAR(8) NOT NULL, OBJOWNER VARCHAR(10) NOT NULL,
   OBJDEFINER VARCHAR(10), OBJCREATED TIMESTAMP, OBJSIZE DECIMAL(15,0), OBJTEXT VARCHAR(50), OBJLONGNAME VARCHAR(128),
   LAST_USED_TIMESTAMP FOR COLUMN LASTUSED TIMESTAMP, DAYS_USED_COUNT FOR COLUMN DAYSUSED INTEGER, LAST_RESET_TIMESTAMP FOR COLUMN LASTRESET TIMESTAMP,
   OBJATTRIBUTE FOR COLUMN OBJATTR VARCHAR(5), CREATED_SYSTEM FOR COLUMN CRTSYS VARCHAR(8), OBJLIB VARCHAR(10) NOT NULL,
   OBJLONGSCHEMA FOR COLUMN LONGSCHEMA VARCHAR(128), CHANGE_TIMESTAMP FOR COLUMN CHGTS TIMESTAMP, SQL_OBJECT_TYPE FOR COLUMN SQLTYPE VARCHAR(9),
   JOURNALED VARCHAR(3), JOURNAL_NAME FOR COLUMN JRNNAME VARCHAR(10), JOURNAL_LIBRARY FOR COLUMN JRNLIB VARCHAR(10),
   JOURNAL_IMAGES FOR COLUMN JRNIMG VARCHAR(6), OMIT_JOURNAL_ENTRY FOR COLUMN OMTJRNE VARCHAR(7),
   REMOTE_JOURNAL_FILTER FOR COLUMN RMTJRNFTR VARCHAR(4), JOURNAL_START_TIMESTAMP FOR COLUMN JRNSTART TIMESTAMP(0)`;

/** OBJECT_STATISTICS(library, types, name): types a blank or comma list, *ALL; name generic with `*` at its end. */
const OBJECT_STATISTICS = relation('QSYS2', 'OBJECT_STATISTICS', OBJECT_COLUMNS, objectRows, {
  parameters: parametersOf('OBJECT_SCHEMA VARCHAR(128), OBJTYPELIST VARCHAR(1000), OBJECT_NAME VARCHAR(128)', {
    OBJECT_NAME: '*ALL',
  }),
});

function* objectRows(context: RowContext): Generator<NamedRow> {
  const [named, types, name] = [textArgument(context, 0), textArgument(context, 1), textArgument(context, 2)];
  const library = context.partition.systemLibrary(named);
  const wanted = types.split(/[\s,]+/).map((t) => (t.startsWith('*') ? t : `*${t}`));
  const all = wanted.includes('*ALL');
  const inLibrary = (o: { library: string; name: string }) =>
    (library === o.library || library.startsWith('*ALL') || library === '*USRLIBL' || library === '*LIBL') &&
    isNamed(o.name, name);
  if (all || wanted.includes('*FILE')) {
    for (const f of visibleFiles(context))
      if (inLibrary(f) || (library === f.library && f.longName === name)) yield fileObject(f);
  }
  if (all || wanted.includes('*JRN')) {
    for (const j of context.partition.journals()) {
      if (inLibrary(j) && sees(context, j, '*JRN'))
        yield { ...plainObject(j, '*JRN', j.created, j.attributes.text, 0), OBJLONGSCHEMA: schemaOf(context, j) };
    }
  }
  if (all || wanted.includes('*JRNRCV')) {
    for (const r of context.partition.receivers()) {
      if (inLibrary(r) && sees(context, r, '*JRNRCV'))
        yield { ...plainObject(r, '*JRNRCV', r.attached, '', r.size), OBJLONGSCHEMA: schemaOf(context, r) };
    }
  }
  if (all || wanted.includes('*LIB')) {
    for (const l of context.partition.libraries()) {
      if ((library === 'QSYS' || library.startsWith('*ALL')) && (isNamed(l.name, name) || l.longName === name)) {
        yield {
          ...plainObject({ library: 'QSYS', name: l.name }, '*LIB', l.created, l.text, 0),
          OBJLONGNAME: l.longName,
        };
      }
    }
  }
}

/** The SQL name of an object's library. */
function schemaOf({ partition }: RowContext, o: { library: string }): string {
  return partition.libraries().find((l) => l.name === o.library)?.longName ?? o.library;
}

function isNamed(name: string, wanted: string): boolean {
  if (wanted === '' || wanted === '*ALL') return true;
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function plainObject(
  o: { library: string; name: string },
  type: string,
  created: string | null,
  text: string,
  size: number,
): NamedRow {
  return {
    OBJNAME: o.name,
    OBJTYPE: type,
    OBJOWNER: 'QSECOFR',
    OBJDEFINER: 'QSECOFR',
    OBJCREATED: created,
    OBJSIZE: size,
    OBJTEXT: text,
    OBJLONGNAME: o.name,
    OBJLIB: o.library,
    OBJLONGSCHEMA: o.library,
    CHANGE_TIMESTAMP: created,
    JOURNALED: 'NO',
  };
}

function fileObject(f: FileView): NamedRow {
  const member = f.members[0];
  return {
    ...plainObject(f, '*FILE', f.created, f.text, (member?.rowCount() ?? 0) * f.recordLength),
    OBJLONGNAME: f.longName,
    OBJLONGSCHEMA: f.schema,
    OBJATTRIBUTE: 'PF',
    CHANGE_TIMESTAMP: member?.lastChange ?? f.created,
    SQL_OBJECT_TYPE: f.sqlTable ? 'TABLE' : null,
    JOURNALED: f.journal ? 'YES' : 'NO',
    JOURNAL_NAME: f.journal?.name ?? null,
    JOURNAL_LIBRARY: f.journal?.library ?? null,
    JOURNAL_IMAGES: f.journal ? f.images : null,
    OMIT_JOURNAL_ENTRY: f.journal ? (f.omitOpenClose ? '*OPNCLO' : '*NONE') : null,
    REMOTE_JOURNAL_FILTER: f.journal ? '*NO' : null,
    JOURNAL_START_TIMESTAMP: seconds(f.journalStart),
  };
}

export const JOURNAL_VIEWS: readonly VirtualRelation[] = [
  JOURNALED_OBJECTS,
  JOURNAL_INFO,
  JOURNAL_RECEIVER_INFO,
  OBJECT_STATISTICS,
];
