/**
 * The statements that read a journal: TABLE(QSYS2.DISPLAY_JOURNAL(...)) with the receiver named at both ends.
 *
 * Without a receiver the function reads only the attached one; over several it may meet a sequence reset and answer
 * the same entries for ever. No ORDER BY: entries arrive in sequence order and a sort would materialise them. ENTRY_DATA is
 * cast, because as declared, BLOB(2G), it costs a locator round trip a row. LENGTH(ENTRY_DATA) beside it costs as much.
 */
import type { Position, QualifiedName } from '../../model/position';
import type { SqlValue } from '../../transport/transport';

/** Result columns in order; `COLUMN.sequence` is the index. */
export const COLUMN = {
  sequence: 0,
  code: 1,
  type: 2,
  object: 3,
  rrn: 4,
  commitCycle: 5,
  timestamp: 6,
  flag: 7,
  nulls: 8,
  user: 9,
  jobName: 10,
  jobUser: 11,
  jobNumber: 12,
  program: 13,
  remoteAddress: 14,
  data: 15,
} as const;

const HEADER = `SEQUENCE_NUMBER AS SEQ, JOURNAL_CODE AS CD, JOURNAL_ENTRY_TYPE AS TY, OBJECT AS OBJ, COUNT_OR_RRN AS RRN,
 COMMIT_CYCLE AS CCID, ENTRY_TIMESTAMP AS TS, INDICATOR_FLAG AS FLG, NULL_VALUE_INDICATORS AS NI, "CURRENT_USER" AS USR,
 JOB_NAME AS JN, JOB_USER AS JU, JOB_NUMBER AS JNR, PROGRAM_NAME AS PGM, REMOTE_ADDRESS AS RA`;

const NAME = 'CAST(? AS VARCHAR(10))';
const NUMBER = 'CAST(? AS DECIMAL(21, 0))';

/** Entries of our own only, decided by the server; every entry when null. */
export interface ServerFilter {
  readonly files: readonly QualifiedName[];
  /** Only entries of code D, of whatever file: what may have changed a record format. */
  readonly only?: 'formats';
}

interface WindowStatement {
  /** Bytes of ENTRY_DATA a row may carry; a value that fills them may be cut. */
  readonly dataBytes: number;
  readonly from: 'first' | 'sequence';
  readonly to: 'last' | 'sequence';
  readonly filter: ServerFilter | null;
}

/**
 * One window of one receiver. The server filter lets every entry pass that is not a record of a foreign file, and one
 * entry in {@link LANDMARK} whatever it is, so that the cursor can always follow entries really returned.
 */
export function windowSql(s: WindowStatement): string {
  return `SELECT ${HEADER}, CAST(ENTRY_DATA AS VARBINARY(${s.dataBytes})) AS ED FROM ${source(s.from, s.to)}${where(s.filter)}`;
}

/** How far the cursor may stay behind when everything is filtered on the server. */
const LANDMARK = 500;

function source(from: WindowStatement['from'], to: WindowStatement['to']): string {
  const start = from === 'sequence' ? `, STARTING_SEQUENCE => ${NUMBER}` : '';
  const end = to === 'sequence' ? `, ENDING_SEQUENCE => ${NUMBER}` : '';
  return `TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => ${NAME}, JOURNAL_NAME => ${NAME},
 STARTING_RECEIVER_LIBRARY => ${NAME}, STARTING_RECEIVER_NAME => ${NAME}${start},
 ENDING_RECEIVER_LIBRARY => ${NAME}, ENDING_RECEIVER_NAME => ${NAME}${end})) J`;
}

function where(filter: ServerFilter | null): string {
  if (!filter) return '';
  if (filter.only === 'formats') return " WHERE JOURNAL_CODE = 'D'";
  const names = filter.files.map((f) => `'${`${f.name.padEnd(10)}${f.library.padEnd(10)}`.replaceAll("'", "''")}'`);
  return ` WHERE JOURNAL_CODE <> 'R' OR SUBSTR(OBJECT, 1, 20) IN (${names.join(', ')}) OR MOD(SEQUENCE_NUMBER, ${LANDMARK}) = 0`;
}

/** Parameters in the order {@link windowSql} has its markers. */
export function windowParams(
  journal: QualifiedName,
  receiver: QualifiedName,
  from: bigint | null,
  to: bigint | null,
): SqlValue[] {
  const params: SqlValue[] = [journal.library, journal.name, receiver.library, receiver.name];
  if (from !== null) params.push(from.toString());
  params.push(receiver.library, receiver.name);
  if (to !== null) params.push(to.toString());
  return params;
}

/** The whole data of one entry, for entries whose image fills the cast. */
export function wholeEntrySql(): string {
  return `SELECT CAST(ENTRY_DATA AS BLOB(2G)) AS ED FROM ${source('sequence', 'sequence')} WHERE SEQUENCE_NUMBER = ${NUMBER}`;
}

export function wholeEntryParams(journal: QualifiedName, at: Position): SqlValue[] {
  return [...windowParams(journal, at.receiver, at.sequence, at.sequence), at.sequence.toString()];
}

/** Record entries of one commit cycle between two sequence numbers of one receiver. */
export function cycleSql(dataBytes: number): string {
  return `SELECT ${HEADER}, CAST(ENTRY_DATA AS VARBINARY(${dataBytes})) AS ED FROM ${source('sequence', 'sequence')}
 WHERE COMMIT_CYCLE = ${NUMBER}`;
}

/** Sequence, code and type only: what an audit compares with the ledger. */
export function auditSql(from: WindowStatement['from'], to: WindowStatement['to']): string {
  return `SELECT SEQUENCE_NUMBER AS SEQ, JOURNAL_CODE AS CD, JOURNAL_ENTRY_TYPE AS TY, OBJECT AS OBJ FROM ${source(from, to)}`;
}
