/**
 * Everything that is ever sent to a partition, for authors of exit-point rules. The statements stand here once more, beside the
 * code that makes them, so that an auditor reads them in one place; a test holds both against what goes over the wire.
 *
 * In a template `<...>` stands for what differs: names of the configuration, markers, columns.
 */

/** What asks, as `--help` and the name of the client application (`ibmi-cdc WORD`) have it. */
type Asker =
  | 'run'
  | 'backfill'
  | 'reconcile'
  | 'verify'
  | 'audit'
  | 'trace'
  | 'replay'
  | 'doctor'
  | 'plan'
  | 'infer'
  | 'grants';

export interface SentStatement {
  readonly sql: string;
  readonly purpose: string;
  readonly by: readonly Asker[];
  /** Sent only there: on releases that do not know the one above it, where a table has such columns. */
  readonly only?: 'older releases' | 'distinct types';
}

interface SentCall {
  readonly call: string;
  readonly purpose: string;
}

const EVERYONE: readonly Asker[] = [
  'run',
  'plan',
  'doctor',
  'backfill',
  'reconcile',
  'verify',
  'trace',
  'replay',
  'infer',
  'grants',
];
const ENTRIES =
  'SELECT SEQUENCE_NUMBER AS SEQ, <entry columns> FROM TABLE(QSYS2.DISPLAY_JOURNAL(<receiver and range>)) J';
const CONSTRAINTS =
  'FROM QSYS2.SYSKEYCST K JOIN QSYS2.SYSCST C ON C.CONSTRAINT_SCHEMA = K.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME = K.CONSTRAINT_NAME';
const INDEXES =
  'FROM QSYS2.SYSINDEXES I JOIN QSYS2.SYSKEYS K ON K.INDEX_SCHEMA = I.INDEX_SCHEMA AND K.INDEX_NAME = I.INDEX_NAME';

export const STATEMENTS: readonly SentStatement[] = [
  // the journal
  {
    sql: `${ENTRIES}`,
    purpose: 'journal entries of one receiver from a position on; of a commit cycle; around one entry',
    by: ['run', 'verify', 'audit', 'trace', 'replay'],
  },
  {
    sql: `${ENTRIES} WHERE <filter>`,
    purpose: 'the same, entries of other files left out by the partition',
    by: ['run', 'verify', 'trace', 'replay'],
  },
  {
    sql: 'SELECT CAST(ENTRY_DATA AS BLOB(2G)) AS ED FROM TABLE(QSYS2.DISPLAY_JOURNAL(<receiver and range>)) J WHERE SEQUENCE_NUMBER = <marker>',
    purpose: 'the whole of one entry that is too long for a block',
    by: ['run', 'verify', 'replay'],
  },
  {
    sql: 'SELECT JOURNAL_LIBRARY, JOURNAL_NAME, <columns> FROM QSYS2.JOURNAL_INFO WHERE <names>',
    purpose: 'the journals: attached receiver, caching, minimized entries',
    by: ['run', 'doctor', 'grants'],
  },
  {
    sql: 'SELECT JOURNAL_CACHE_WAIT_TIME FROM QSYS2.SYSTEM_STATUS_INFO',
    purpose: 'how long journal caching may hold entries back',
    by: ['run', 'doctor'],
  },
  {
    sql: 'SELECT JOURNAL_RECEIVER_LIBRARY, <columns> FROM QSYS2.JOURNAL_RECEIVER_INFO WHERE <journal> ORDER BY ATTACH_TIMESTAMP',
    purpose: 'the receivers of a journal',
    by: ['run', 'audit', 'trace', 'replay', 'doctor', 'verify'],
  },
  {
    sql: "SELECT P.PARAMETER_NAME AS PN FROM QSYS2.SYSPARMS P JOIN QSYS2.SYSFUNCS F ON F.SPECIFIC_SCHEMA = P.SPECIFIC_SCHEMA AND F.SPECIFIC_NAME = P.SPECIFIC_NAME WHERE F.ROUTINE_SCHEMA = 'QSYS2' AND F.ROUTINE_NAME = 'DISPLAY_JOURNAL'",
    purpose: 'whether DISPLAY_JOURNAL of this release has every parameter',
    by: ['doctor'],
  },
  // clocks
  {
    sql: 'SELECT CURRENT TIMEZONE AS TZ FROM SYSIBM.SYSDUMMY1',
    purpose: "the partition's offset from UTC",
    by: ['run', 'trace', 'replay'],
  },
  {
    sql: 'SELECT CURRENT TIMESTAMP AS NOW_TS FROM SYSIBM.SYSDUMMY1',
    purpose: "the partition's clock; also whether a connection still answers",
    by: ['run', 'backfill', 'reconcile', 'replay'],
  },
  {
    sql: 'SELECT CURRENT TIMESTAMP AS NOW_TS, CURRENT TIMEZONE AS NOW_TZ FROM SYSIBM.SYSDUMMY1',
    purpose: 'both, before a window is read',
    by: ['run'],
  },
  // the catalog
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ROW_LENGTH FROM QSYS2.SYSTABLES WHERE <names>',
    purpose: 'the tables of the configuration: system names and SQL names',
    by: EVERYONE,
  },
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, ORDINAL_POSITION, <columns> FROM QSYS2.SYSCOLUMNS2 WHERE <names>',
    purpose: 'their record formats',
    by: EVERYONE,
  },
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, ORDINAL_POSITION, <columns> FROM QSYS2.SYSCOLUMNS WHERE <names>',
    purpose: 'their record formats',
    by: EVERYONE,
    only: 'older releases',
  },
  {
    sql: "SELECT OBJECT_LIBRARY, OBJECT_NAME, JOURNAL_LIBRARY, JOURNAL_NAME, JOURNAL_IMAGES FROM QSYS2.JOURNALED_OBJECTS WHERE OBJECT_TYPE = '*FILE' AND <names>",
    purpose: 'which journal each is written to',
    by: EVERYONE,
  },
  {
    sql: "SELECT OBJNAME AS OBJECT_NAME, <columns> FROM TABLE(QSYS2.OBJECT_STATISTICS(<library>, '*FILE')) X WHERE JOURNALED = 'YES'",
    purpose: 'which journal each is written to',
    by: EVERYONE,
    only: 'older releases',
  },
  {
    sql: `SELECT K.TABLE_SCHEMA AS TS, <columns> ${CONSTRAINTS} WHERE <names>`,
    purpose: 'their primary and unique keys',
    by: EVERYONE,
  },
  {
    sql: `SELECT I.TABLE_SCHEMA AS TS, <columns> ${INDEXES} WHERE I.IS_UNIQUE = 'U' AND <names>`,
    purpose: 'their unique indexes',
    by: EVERYONE,
  },
  {
    sql: 'SELECT DBKLIB, DBKFIL, DBKFLD, DBKPOS FROM QSYS.QADBKATR WHERE <names> ORDER BY DBKLIB, DBKFIL, DBKPOS',
    purpose: 'the keys of files made by DDS',
    by: EVERYONE,
  },
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, SYSTEM_TABLE_MEMBER, NUMBER_ROWS, NUMBER_DELETED_ROWS FROM QSYS2.SYSPARTITIONSTAT WHERE <names>',
    purpose: 'their members',
    by: EVERYONE,
  },
  {
    sql: 'SELECT USER_DEFINED_TYPE_SCHEMA, <columns> FROM QSYS2.SYSTYPES WHERE <names>',
    purpose: 'what distinct types are made of',
    by: EVERYONE,
    only: 'distinct types',
  },
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, TABLE_TEXT FROM QSYS2.SYSTABLES WHERE <names>',
    purpose: 'texts of tables',
    by: ['plan', 'infer'],
  },
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, COLUMN_NAME, SYSTEM_COLUMN_NAME, COLUMN_HEADING, COLUMN_TEXT, LONG_COMMENT FROM QSYS2.SYSCOLUMNS WHERE <names>',
    purpose: 'texts of columns',
    by: ['plan', 'infer'],
  },
  {
    sql: `SELECT I.TABLE_SCHEMA AS TS, <columns> ${INDEXES} WHERE K.ORDINAL_POSITION = 1 AND <names>`,
    purpose: 'whether an index leads with the column a window is read by',
    by: ['doctor', 'infer'],
  },
  {
    sql: 'SELECT K.TABLE_SCHEMA AS TS, K.TABLE_NAME AS TN, K.COLUMN_NAME AS CO FROM QSYS2.SYSKEYCST K WHERE K.ORDINAL_POSITION = 1 AND <names>',
    purpose: 'whether a key leads with it',
    by: ['doctor', 'infer'],
  },
  // rows
  {
    sql: 'SELECT 1 AS ONE FROM <table> FETCH FIRST 1 ROWS ONLY',
    purpose: 'whether the profile may read the table',
    by: ['plan', 'doctor'],
  },
  {
    sql: 'SELECT <columns> FROM <table> WHERE <key> IN (<markers>) <isolation>',
    purpose: 'lookups of the mapping, at most 100 keys at a time',
    by: ['run', 'doctor', 'backfill', 'reconcile', 'trace', 'replay'],
  },
  {
    sql: 'SELECT <columns> FROM <table> WHERE <window> ORDER BY <columns> FETCH FIRST <n> ROWS ONLY <isolation>',
    purpose: 'rows of a window, a page at a time',
    by: ['run'],
  },
  {
    sql: 'SELECT <columns> FROM <table> ORDER BY <columns> FETCH FIRST <n> ROWS ONLY <isolation>',
    purpose: 'the first page of a window, or of the keys of its table',
    by: ['run'],
  },
  {
    sql: 'SELECT MAX(<column>) AS TOP FROM <table> <isolation>',
    purpose: 'where a window by a growing number starts',
    by: ['run'],
  },
  {
    sql: 'SELECT 1 AS ONE FROM <table> WHERE <key> FETCH FIRST 1 ROWS ONLY <isolation>',
    purpose: 'whether a row that was not met is really gone',
    by: ['run'],
  },
  {
    sql: 'SELECT COUNT(*) AS N FROM <table> T',
    purpose: 'how many rows there are to read',
    by: ['backfill', 'reconcile'],
  },
  {
    sql: 'SELECT COUNT(*) AS N FROM <table> T WHERE <condition>',
    purpose: 'the same, of a range or of --where',
    by: ['backfill', 'reconcile'],
  },
  {
    sql: 'SELECT RRN(T) AS RRN_OF_ROW, <columns> FROM <table> T ORDER BY <columns> FETCH FIRST <n> ROWS ONLY <isolation>',
    purpose: 'the first chunk of rows in the order of their key',
    by: ['backfill', 'reconcile'],
  },
  {
    sql: 'SELECT RRN(T) AS RRN_OF_ROW, <columns> FROM <table> T WHERE <condition> ORDER BY <columns> FETCH FIRST <n> ROWS ONLY <isolation>',
    purpose: 'the chunks that follow it, or rows of a range',
    by: ['backfill', 'reconcile'],
  },
  {
    sql: 'SELECT RRN(T) AS RRN_OF_ROW, <columns> FROM <table> T WHERE RRN(T) IN (<markers>) WITH UR',
    purpose: 'rows whose images stand in the journal, as the partition converts them',
    by: ['verify'],
  },
  // proposals
  {
    sql: 'SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES WHERE <library> ORDER BY SYSTEM_TABLE_NAME',
    purpose: 'the tables of a library',
    by: ['infer'],
  },
  {
    sql: 'SELECT R.CONSTRAINT_NAME AS CN, <columns> FROM QSYS2.SYSREFCST R JOIN <joins> WHERE <names>',
    purpose: 'foreign keys',
    by: ['infer'],
  },
  {
    sql: `SELECT K.SYSTEM_TABLE_SCHEMA AS TS, <columns> ${CONSTRAINTS} WHERE <library>`,
    purpose: 'keys of every table of a library',
    by: ['infer'],
  },
  {
    sql: "SELECT DBKLIB AS TS, DBKFIL AS TN, '' AS CN, DBKFLD AS CO, DBKPOS AS OP FROM QSYS.QADBKATR WHERE <library> ORDER BY DBKLIB, DBKFIL, DBKPOS",
    purpose: 'the same of files made by DDS',
    by: ['infer'],
  },
  {
    sql: 'SELECT <columns> FROM <table> T FETCH FIRST <n> ROWS ONLY WITH NC',
    purpose: 'a sample of rows',
    by: ['infer'],
  },
  {
    sql: 'SELECT <columns> FROM <table> T WHERE <places> FETCH FIRST <n> ROWS ONLY WITH NC',
    purpose: 'a sample of rows from all over a large table',
    by: ['infer'],
  },
  {
    sql: 'SELECT COUNT(DISTINCT <column>) FROM <table> WHERE <column> IN (<markers>)',
    purpose: 'how many values of a sample are keys of another table',
    by: ['infer'],
  },
];

/** Requests of the host servers that are no statements. */
export const CALLS: readonly SentCall[] = [
  {
    call: 'sign-on server (QIBM_QZSO_SIGNONSRV): exchange attributes, retrieve sign-on information',
    purpose: 'password and its days left, with each connection',
  },
  {
    call: 'database server (QIBM_QZDA_INIT, QIBM_QZDA_SQL1, QIBM_QZDA_SQL2): set attributes, prepare and describe, open and fetch, close',
    purpose: 'every statement above; nothing is written, created or locked',
  },
  {
    call: 'remote command server (QIBM_QZRC_RMT): QSYS/QJOURNAL(QjoRetrieveJournalEntries) through QSYS/QZRUCLSP',
    purpose: 'journal entries by the API, with journal.reader api or auto',
  },
  {
    call: 'remote command server: QSYS/QJOURNAL(QjoRtvJrnReceiverInformation)',
    purpose: 'the last number of a receiver: a look at an idle journal',
  },
  {
    call: 'remote command server: QSYS/QJOURNAL(QjoDeletePointerHandle)',
    purpose: 'gives back what the partition holds for large objects',
  },
];
