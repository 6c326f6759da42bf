/** Catalog views over files: tables, columns, keys, members, and the cross-reference files of QSYS. */
import type { FileView, MemberView } from '../../partition/contract';
import type { ColumnDef } from '../../partition/files/definitions';
import type { RowContext, VirtualRelation } from '../compile/virtual';
import { CONSTRAINT_VIEWS, keys, visibleFiles } from './constraint-views';
import { type NamedRow, relation } from './relation';
import {
  catalogLength,
  dataType,
  defaultText,
  hasDefault,
  isBinary,
  isCharacter,
  numericScale,
  octetLength,
  precision,
  storage,
} from './type-words';

const SYSTABLES = relation(
  'QSYS2',
  'SYSTABLES',
  `TABLE_NAME FOR COLUMN NAME VARCHAR(128) NOT NULL, TABLE_OWNER FOR COLUMN CREATOR VARCHAR(128) NOT NULL,
   TABLE_TYPE FOR COLUMN TYPE CHAR(1) NOT NULL, COLUMN_COUNT FOR COLUMN COLCOUNT INTEGER NOT NULL,
   ROW_LENGTH FOR COLUMN RECLENGTH INTEGER NOT NULL, TABLE_TEXT FOR COLUMN LABEL VARGRAPHIC(50) CCSID 1200 NOT NULL,
   LONG_COMMENT FOR COLUMN REMARKS VARGRAPHIC(2000) CCSID 1200, TABLE_SCHEMA FOR COLUMN DBNAME VARCHAR(128) NOT NULL,
   LAST_ALTERED_TIMESTAMP FOR COLUMN ALTEREDTS TIMESTAMP NOT NULL, SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL, FILE_TYPE FOR COLUMN FILETYPE CHAR(1) NOT NULL,
   BASE_TABLE_CATALOG FOR COLUMN LOCATION VARCHAR(18), BASE_TABLE_SCHEMA FOR COLUMN TBDBNAME VARCHAR(128),
   BASE_TABLE_NAME FOR COLUMN TBNAME VARCHAR(128), PARTITION_TABLE FOR COLUMN PARTITION VARCHAR(11) NOT NULL,
   TABLE_DEFINER FOR COLUMN DEFINER VARCHAR(128) NOT NULL, IASP_NUMBER FOR COLUMN IASPNUMBER SMALLINT NOT NULL`,
  (context) => visibleFiles(context).map(tableRow),
);

function tableRow(f: FileView): NamedRow {
  return {
    TABLE_NAME: f.longName,
    TABLE_OWNER: 'QSECOFR',
    TABLE_TYPE: f.sqlTable ? 'T' : 'P',
    COLUMN_COUNT: f.columns.length,
    ROW_LENGTH: f.recordLength,
    TABLE_TEXT: f.text,
    TABLE_SCHEMA: f.schema,
    LAST_ALTERED_TIMESTAMP: f.created,
    SYSTEM_TABLE_NAME: f.name,
    SYSTEM_TABLE_SCHEMA: f.library,
    FILE_TYPE: 'D',
    PARTITION_TABLE: 'NO',
    TABLE_DEFINER: 'QSECOFR',
    IASP_NUMBER: 0,
  };
}

const COLUMN_LIST = `COLUMN_NAME FOR COLUMN NAME VARCHAR(128) NOT NULL, TABLE_NAME FOR COLUMN TBNAME VARCHAR(128) NOT NULL,
   TABLE_OWNER FOR COLUMN TBCREATOR VARCHAR(128) NOT NULL, ORDINAL_POSITION FOR COLUMN COLNO INTEGER NOT NULL,
   DATA_TYPE FOR COLUMN COLTYPE VARCHAR(8) NOT NULL, LENGTH INTEGER NOT NULL, NUMERIC_SCALE FOR COLUMN SCALE INTEGER,
   IS_NULLABLE FOR COLUMN NULLS CHAR(1) NOT NULL, IS_UPDATABLE FOR COLUMN UPDATES CHAR(1) NOT NULL,
   LONG_COMMENT FOR COLUMN REMARKS VARGRAPHIC(2000) CCSID 1200, HAS_DEFAULT FOR COLUMN DEFAULT CHAR(1) NOT NULL,
   COLUMN_HEADING FOR COLUMN LABEL VARGRAPHIC(60) CCSID 1200, STORAGE INTEGER NOT NULL,
   NUMERIC_PRECISION FOR COLUMN PRECISION INTEGER, CCSID INTEGER, TABLE_SCHEMA FOR COLUMN DBNAME VARCHAR(128) NOT NULL,
   COLUMN_DEFAULT FOR COLUMN DFTVALUE VARGRAPHIC(2000) CCSID 1200, CHARACTER_MAXIMUM_LENGTH FOR COLUMN CHARLEN INTEGER,
   CHARACTER_OCTET_LENGTH FOR COLUMN CHARBYTE INTEGER, NUMERIC_PRECISION_RADIX FOR COLUMN RADIX INTEGER,
   DATETIME_PRECISION FOR COLUMN DATPRC INTEGER, COLUMN_TEXT FOR COLUMN LABELTEXT VARGRAPHIC(50) CCSID 1200,
   SYSTEM_COLUMN_NAME FOR COLUMN SYS_CNAME CHAR(10) NOT NULL, SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL, USER_DEFINED_TYPE_SCHEMA FOR COLUMN TYPESCHEMA VARCHAR(128),
   USER_DEFINED_TYPE_NAME FOR COLUMN TYPENAME VARCHAR(128), IS_IDENTITY FOR COLUMN IDENTITY VARCHAR(3) NOT NULL,
   IDENTITY_GENERATION FOR COLUMN GENERATED VARCHAR(10), IDENTITY_START FOR COLUMN START DECIMAL(31,0),
   IDENTITY_INCREMENT FOR COLUMN INCREMENT DECIMAL(31,0), HIDDEN CHAR(1) NOT NULL,
   HAS_FLDPROC FOR COLUMN FLDPROC CHAR(1) NOT NULL`;

const FORMAT_LIST = `DATE_FORMAT FOR COLUMN DATFMT VARCHAR(4), DATE_SEPARATOR FOR COLUMN DATSEP VARCHAR(1),
   TIME_FORMAT FOR COLUMN TIMFMT VARCHAR(4), TIME_SEPARATOR FOR COLUMN TIMSEP VARCHAR(1),
   INTERNAL_FIELD_NAME FOR COLUMN INTFLD CHAR(10)`;

const SYSCOLUMNS = relation('QSYS2', 'SYSCOLUMNS', COLUMN_LIST, columnRows);
const SYSCOLUMNS2 = relation('QSYS2', 'SYSCOLUMNS2', `${COLUMN_LIST}, ${FORMAT_LIST}`, columnRows, {
  systemName: 'SYSCOLUMN2',
});

function* columnRows(context: RowContext): Generator<NamedRow> {
  for (const f of visibleFiles(context)) for (const [i, c] of f.columns.entries()) yield columnRow(f, c, i);
}

function columnRow(f: FileView, c: ColumnDef, i: number): NamedRow {
  return {
    COLUMN_NAME: c.name,
    TABLE_NAME: f.longName,
    TABLE_OWNER: 'QSECOFR',
    ORDINAL_POSITION: i + 1,
    DATA_TYPE: dataType(c),
    LENGTH: catalogLength(c),
    NUMERIC_SCALE: numericScale(c),
    IS_NULLABLE: c.nullable ? 'Y' : 'N',
    IS_UPDATABLE: c.identity?.always || c.rowChange ? 'N' : 'Y',
    LONG_COMMENT: c.comment ?? null,
    HAS_DEFAULT: hasDefault(c),
    COLUMN_HEADING: c.label ?? c.name,
    STORAGE: storage(c),
    NUMERIC_PRECISION: precision(c),
    CCSID: isCharacter(c) || isBinary(c) ? (c.ccsid ?? 37) : null,
    TABLE_SCHEMA: f.schema,
    COLUMN_DEFAULT: defaultText(c),
    CHARACTER_MAXIMUM_LENGTH: isCharacter(c) || isBinary(c) ? c.length : null,
    CHARACTER_OCTET_LENGTH: octetLength(c),
    NUMERIC_PRECISION_RADIX: precision(c) === null ? null : c.type === 'REAL' || c.type === 'DOUBLE' ? 2 : 10,
    DATETIME_PRECISION: c.type === 'TIMESTAMP' ? c.scale : c.type === 'DATE' || c.type === 'TIME' ? 0 : null,
    COLUMN_TEXT: c.text ?? null,
    SYSTEM_COLUMN_NAME: c.systemName,
    SYSTEM_TABLE_NAME: f.name,
    SYSTEM_TABLE_SCHEMA: f.library,
    IS_IDENTITY: c.identity ? 'YES' : 'NO',
    IDENTITY_GENERATION: c.identity ? (c.identity.always ? 'ALWAYS' : 'BY DEFAULT') : null,
    IDENTITY_START: c.identity?.start ?? null,
    IDENTITY_INCREMENT: c.identity?.increment ?? null,
    HIDDEN: c.hidden ? 'P' : 'N',
    HAS_FLDPROC: c.fieldProc === undefined ? 'N' : 'Y',
    ...formats(c),
    INTERNAL_FIELD_NAME: c.systemName,
  };
}

/** A blank separator is the format's default one; an empty one means none. */
function formats(c: ColumnDef): NamedRow {
  const separator = (s: string | null | undefined) => (s === null || s === undefined ? ' ' : s);
  if (c.type === 'DATE') return { DATE_FORMAT: c.dateFormat ?? 'ISO', DATE_SEPARATOR: separator(c.dateSeparator) };
  if (c.type === 'TIME') return { TIME_FORMAT: c.timeFormat ?? 'ISO', TIME_SEPARATOR: separator(c.timeSeparator) };
  return {};
}

const SYSINDEXES = relation(
  'QSYS2',
  'SYSINDEXES',
  `INDEX_NAME FOR COLUMN NAME VARCHAR(128) NOT NULL, INDEX_OWNER FOR COLUMN CREATOR VARCHAR(128) NOT NULL,
   TABLE_NAME FOR COLUMN TBNAME VARCHAR(128) NOT NULL, TABLE_OWNER FOR COLUMN TBCREATOR VARCHAR(128) NOT NULL,
   TABLE_SCHEMA FOR COLUMN TBDBNAME VARCHAR(128) NOT NULL, IS_UNIQUE FOR COLUMN UNIQUERULE CHAR(1) NOT NULL,
   COLUMN_COUNT FOR COLUMN COLCOUNT INTEGER NOT NULL, INDEX_SCHEMA FOR COLUMN DBNAME VARCHAR(128) NOT NULL,
   SYSTEM_INDEX_NAME FOR COLUMN SYS_IXNAME CHAR(10) NOT NULL, SYSTEM_INDEX_SCHEMA FOR COLUMN SYS_IDNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL, SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL`,
  (context) =>
    keys(context, 'index').map(({ file, key }) => ({
      INDEX_NAME: key.name,
      INDEX_OWNER: 'QSECOFR',
      TABLE_NAME: file.longName,
      TABLE_OWNER: 'QSECOFR',
      TABLE_SCHEMA: file.schema,
      IS_UNIQUE: key.unique ? (key.whereNotNull ? 'V' : 'U') : 'D',
      COLUMN_COUNT: key.columns.length,
      INDEX_SCHEMA: file.schema,
      SYSTEM_INDEX_NAME: key.name.slice(0, 10),
      SYSTEM_INDEX_SCHEMA: file.library,
      SYSTEM_TABLE_NAME: file.name,
      SYSTEM_TABLE_SCHEMA: file.library,
    })),
);

const SYSKEYS = relation(
  'QSYS2',
  'SYSKEYS',
  `INDEX_NAME FOR COLUMN IXNAME VARCHAR(128) NOT NULL, INDEX_OWNER FOR COLUMN IXCREATOR VARCHAR(128) NOT NULL,
   COLUMN_NAME FOR COLUMN COLNAME VARCHAR(128) NOT NULL, COLUMN_POSITION FOR COLUMN COLNO INTEGER NOT NULL,
   ORDINAL_POSITION FOR COLUMN COLSEQ INTEGER NOT NULL, ORDERING CHAR(1) NOT NULL,
   INDEX_SCHEMA FOR COLUMN IXDBNAME VARCHAR(128) NOT NULL, SYSTEM_COLUMN_NAME FOR COLUMN SYS_CNAME CHAR(10) NOT NULL,
   SYSTEM_INDEX_NAME FOR COLUMN SYS_IXNAME CHAR(10) NOT NULL, SYSTEM_INDEX_SCHEMA FOR COLUMN SYS_IDNAME CHAR(10) NOT NULL`,
  (context) =>
    keys(context, 'index').flatMap(({ file, key }) =>
      key.columns.map((name, i) => ({
        INDEX_NAME: key.name,
        INDEX_OWNER: 'QSECOFR',
        COLUMN_NAME: name,
        COLUMN_POSITION: file.columnIndex(name) + 1,
        ORDINAL_POSITION: i + 1,
        ORDERING: 'A',
        INDEX_SCHEMA: file.schema,
        SYSTEM_COLUMN_NAME: file.columns[file.columnIndex(name)]?.systemName ?? name,
        SYSTEM_INDEX_NAME: key.name.slice(0, 10),
        SYSTEM_INDEX_SCHEMA: file.library,
      })),
    ),
);

/** Key fields of files with a keyed access path, unique or not: proof of nothing. */
const QADBKATR = relation(
  'QSYS',
  'QADBKATR',
  `DBKLIB CHAR(10) NOT NULL, DBKFIL CHAR(10) NOT NULL, DBKFMT CHAR(10) NOT NULL, DBKFLD CHAR(10) NOT NULL,
   DBKPOS SMALLINT NOT NULL, DBKORD CHAR(1) NOT NULL, DBKATR CHAR(3) NOT NULL`,
  (context) =>
    visibleFiles(context).flatMap((file) => {
      const key = file.keys.find((k) => k.kind === 'dds') ?? file.keys.find((k) => k.kind === 'primary');
      return (key?.columns ?? []).map((name, i) => ({
        DBKLIB: file.library,
        DBKFIL: file.name,
        DBKFMT: file.name,
        DBKFLD: file.columns[file.columnIndex(name)]?.systemName ?? name,
        DBKPOS: i + 1,
        DBKORD: 'A',
        DBKATR: '',
      }));
    }),
);

const DDS_TYPES: Partial<Record<ColumnDef['type'], string>> = {
  DECIMAL: 'P',
  NUMERIC: 'S',
  SMALLINT: 'B',
  INTEGER: 'B',
  BIGINT: 'B',
  REAL: 'F',
  DOUBLE: 'F',
  DECFLOAT: '6',
  DATE: 'L',
  TIME: 'T',
  TIMESTAMP: 'Z',
  GRAPHIC: 'G',
  VARGRAPHIC: 'G',
  BINARY: '5',
  VARBINARY: '5',
  BLOB: '1',
  CLOB: '2',
  DBCLOB: '3',
};

const QADBIFLD = relation(
  'QSYS',
  'QADBIFLD',
  `DBILIB CHAR(10) NOT NULL, DBIFIL CHAR(10) NOT NULL, DBIFMT CHAR(10) NOT NULL, DBIFLD CHAR(10) NOT NULL,
   DBILFL VARCHAR(128) NOT NULL, DBIPOS SMALLINT NOT NULL, DBITYP CHAR(1) NOT NULL, DBIFLN INTEGER NOT NULL,
   DBINLN SMALLINT NOT NULL, DBINSC SMALLINT NOT NULL, DBINUL CHAR(1) NOT NULL, DBICCC INTEGER NOT NULL`,
  (context) =>
    visibleFiles(context).flatMap((file) =>
      file.columns.map((c, i) => ({
        DBILIB: file.library,
        DBIFIL: file.name,
        DBIFMT: file.name,
        DBIFLD: c.systemName,
        DBILFL: c.name,
        DBIPOS: i + 1,
        DBITYP: DDS_TYPES[c.type] ?? 'A',
        DBIFLN: storage(c),
        DBINLN: precision(c) ?? 0,
        DBINSC: numericScale(c) ?? 0,
        DBINUL: c.nullable ? 'Y' : 'N',
        DBICCC: c.ccsid ?? 0,
      })),
    ),
);

const PARTITION_STATISTICS = `TABLE_SCHEMA VARCHAR(128) NOT NULL, TABLE_NAME VARCHAR(128) NOT NULL,
   TABLE_PARTITION VARCHAR(128) NOT NULL, PARTITION_TYPE CHAR(1) NOT NULL, PARTITION_NUMBER INTEGER, NUMBER_ROWS BIGINT NOT NULL,
   NUMBER_PAGES BIGINT NOT NULL, OVERFLOW_PAGES FOR COLUMN OVERFLOW BIGINT NOT NULL, NUMBER_DELETED_ROWS FOR COLUMN DELETED BIGINT NOT NULL,
   DATA_SIZE BIGINT NOT NULL, LAST_CHANGE_TIMESTAMP FOR COLUMN LASTCHG TIMESTAMP NOT NULL,
   CREATE_TIMESTAMP FOR COLUMN CREATED TIMESTAMP NOT NULL, SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL, SYSTEM_TABLE_MEMBER FOR COLUMN SYS_MNAME CHAR(10) NOT NULL`;

function* memberRows(context: RowContext): Generator<NamedRow> {
  for (const f of visibleFiles(context)) for (const m of f.members) yield memberRow(f, m);
}

function memberRow(f: FileView, m: MemberView): NamedRow {
  const rows = m.rowCount();
  return {
    TABLE_SCHEMA: f.schema,
    TABLE_NAME: f.longName,
    TABLE_PARTITION: m.name,
    PARTITION_TYPE: ' ',
    NUMBER_ROWS: rows,
    NUMBER_PAGES: Math.ceil((rows * f.recordLength) / 4096),
    OVERFLOW_PAGES: 0,
    NUMBER_DELETED_ROWS: m.deletedCount(),
    DATA_SIZE: rows * f.recordLength,
    LAST_CHANGE_TIMESTAMP: m.lastChange,
    CREATE_TIMESTAMP: m.created,
    SYSTEM_TABLE_SCHEMA: f.library,
    SYSTEM_TABLE_NAME: f.name,
    SYSTEM_TABLE_MEMBER: m.name,
  };
}

const SYSPARTITIONSTAT = relation('QSYS2', 'SYSPARTITIONSTAT', PARTITION_STATISTICS, memberRows, {
  systemName: 'SYSPSTAT',
});
const SYSTABLESTAT = relation('QSYS2', 'SYSTABLESTAT', PARTITION_STATISTICS, memberRows, { systemName: 'SYSTSTAT' });

const SYSSCHEMAS = relation(
  'QSYS2',
  'SYSSCHEMAS',
  `SCHEMA_NAME FOR COLUMN NAME VARCHAR(128) NOT NULL, SCHEMA_OWNER FOR COLUMN OWNER VARCHAR(128) NOT NULL,
   SYSTEM_SCHEMA_NAME FOR COLUMN SYS_NAME CHAR(10) NOT NULL, SCHEMA_TEXT FOR COLUMN LABEL VARGRAPHIC(50) CCSID 1200,
   CREATION_TIMESTAMP FOR COLUMN CREATEDTS TIMESTAMP NOT NULL`,
  ({ partition }) =>
    partition.libraries().map((l) => ({
      SCHEMA_NAME: l.longName,
      SCHEMA_OWNER: 'QSECOFR',
      SYSTEM_SCHEMA_NAME: l.name,
      SCHEMA_TEXT: l.text,
      CREATION_TIMESTAMP: l.created,
    })),
);

export const FILE_VIEWS: readonly VirtualRelation[] = [
  SYSTABLES,
  SYSCOLUMNS,
  SYSCOLUMNS2,
  ...CONSTRAINT_VIEWS,
  SYSINDEXES,
  SYSKEYS,
  SYSPARTITIONSTAT,
  SYSTABLESTAT,
  SYSSCHEMAS,
  QADBKATR,
  QADBIFLD,
];
