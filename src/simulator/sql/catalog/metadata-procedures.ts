/**
 * The SYSIBM.SQL... procedures behind JDBC's DatabaseMetaData and the catalog functions of CLI: one result set each, in
 * the column layout of JDBC. Source: JDBC specification, DatabaseMetaData; the calls are those JTOpen sends.
 */
import type { PartitionView } from '../../partition/contract';
import type { SessionValue, SqlCursor } from '../../sql-session';
import { RowsCursor } from '../rows/cursor';
import { inParameter, type Procedure, type ProcedureContext } from '../rows/procedure';
import { resultColumn } from '../types/describe';
import { SMALLINT, varchar } from '../types/sql-type';
import type { Cell } from '../types/values';
import { bufferLength, columnSize, decimalDigits, jdbcCode, typeName } from './jdbc-columns';
import { columnRow, filesOf, matcher, tableRow } from './jdbc-rows';
import { columnsOf, type NamedRow } from './relation';

type Rows = (context: ProcedureContext, args: readonly SessionValue[]) => Iterable<NamedRow>;

/** `parameters` names in order; those that start with `#` are SMALLINT. */
function procedure(name: string, parameters: string, columns: string, rows: Rows): Procedure {
  return {
    library: 'SYSIBM',
    name,
    parameters: parameters
      .split(' ')
      .map((p) => (p.startsWith('#') ? inParameter(p.slice(1), SMALLINT) : inParameter(p, varchar(4000)))),
    run: (context, args) => ({ resultSets: [cursor(columns, rows(context, args))] }),
  };
}

function cursor(columns: string, rows: Iterable<NamedRow>): SqlCursor {
  const described = columnsOf(columns);
  const result = described.map((c) => resultColumn(c.name, { sql: '', type: c.type, nullable: c.nullable }));
  const values = [...rows].map((row) => described.map((c) => sessionForm(row[c.name] ?? null)));
  return new RowsCursor(result, values);
}

function sessionForm(cell: Cell): SessionValue {
  return typeof cell === 'bigint' ? cell.toString() : cell;
}

function option(options: SessionValue, name: string): string | null {
  return new RegExp(`(?:^|;)\\s*${name}=([^;]*)`, 'i').exec(String(options ?? ''))?.[1] ?? null;
}

const TABLE_COLUMNS = `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), TABLE_TYPE VARCHAR(128),
  REMARKS VARCHAR(254), TYPE_CAT VARCHAR(128), TYPE_SCHEM VARCHAR(128), TYPE_NAME VARCHAR(128),
  SELF_REFERENCING_COL_NAME VARCHAR(128), REF_GENERATION VARCHAR(128)`;

const TABLE_TYPES = ['ALIAS', 'MATERIALIZED QUERY TABLE', 'SYSTEM TABLE', 'TABLE', 'VIEW'];

/** SQLTABLES also answers getCatalogs, getSchemas and getTableTypes, distinguished by its options. */
const SQLTABLES: Procedure = {
  library: 'SYSIBM',
  name: 'SQLTABLES',
  parameters: ['CATALOG', 'SCHEMA', 'TABLE', 'TYPE', 'OPTIONS'].map((p) => inParameter(p, varchar(4000))),
  run: (context, args) => {
    const [, schema, table, types, options] = args;
    const { partition } = context;
    if (option(options!, 'GETCATALOGS')) {
      return { resultSets: [cursor('TABLE_CAT VARCHAR(128)', [{ TABLE_CAT: partition.systemName }])] };
    }
    if (option(options!, 'GETTABLETYPES')) {
      return {
        resultSets: [
          cursor(
            'TABLE_TYPE VARCHAR(128)',
            TABLE_TYPES.map((t) => ({ TABLE_TYPE: t })),
          ),
        ],
      };
    }
    if (option(options!, 'GETSCHEMAS')) {
      const rows = schemas(partition, schema!);
      return { resultSets: [cursor('TABLE_SCHEM VARCHAR(128), TABLE_CATALOG VARCHAR(128)', rows)] };
    }
    const wanted = String(types ?? '').toUpperCase();
    const tables = wanted.trim() === '' || /(^|,)\s*'?TABLE'?/.test(wanted) || wanted.includes('%');
    const rows = tables ? filesOf(context, schema!, table!).map((f) => tableRow(partition, f)) : [];
    return { resultSets: [cursor(TABLE_COLUMNS, rows)] };
  },
};

function schemas(partition: PartitionView, pattern: SessionValue): NamedRow[] {
  const names = matcher(pattern);
  return partition
    .libraries()
    .map((l) => l.longName)
    .filter(names)
    .sort()
    .map((name) => ({ TABLE_SCHEM: name, TABLE_CATALOG: partition.systemName }));
}

const SQLCOLUMNS = procedure(
  'SQLCOLUMNS',
  'CATALOG SCHEMA TABLE COLUMN OPTIONS',
  `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), DATA_TYPE INTEGER,
   TYPE_NAME VARCHAR(128), COLUMN_SIZE INTEGER, BUFFER_LENGTH INTEGER, DECIMAL_DIGITS INTEGER, NUM_PREC_RADIX INTEGER,
   NULLABLE INTEGER, REMARKS VARCHAR(254), COLUMN_DEF VARCHAR(2000), SQL_DATA_TYPE INTEGER, SQL_DATETIME_SUB INTEGER,
   CHAR_OCTET_LENGTH INTEGER, ORDINAL_POSITION INTEGER, IS_NULLABLE VARCHAR(3), SCOPE_CATLOG VARCHAR(128),
   SCOPE_SCHEMA VARCHAR(128), SCOPE_TABLE VARCHAR(128), SOURCE_DATA_TYPE SMALLINT, IS_AUTOINCREMENT VARCHAR(3),
   IS_GENERATEDCOLUMN VARCHAR(3)`,
  function* (context, [, schema, table, column]) {
    const named = matcher(column!);
    for (const f of filesOf(context, schema!, table!)) {
      for (const [i, c] of f.columns.entries()) if (named(c.name)) yield columnRow(context.partition, f, c, i);
    }
  },
);

const SQLPRIMARYKEYS = procedure(
  'SQLPRIMARYKEYS',
  'CATALOG SCHEMA TABLE OPTIONS',
  `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), KEY_SEQ SMALLINT,
   PK_NAME VARCHAR(128)`,
  (context, [, schema, table]) =>
    filesOf(context, schema!, table!).flatMap((f) =>
      f.keys
        .filter((k) => k.kind === 'primary')
        .flatMap((k) =>
          k.columns
            .map((name, i) => ({
              TABLE_CAT: context.partition.systemName,
              TABLE_SCHEM: f.schema,
              TABLE_NAME: f.longName,
              COLUMN_NAME: name,
              KEY_SEQ: i + 1,
              PK_NAME: k.name,
            }))
            .sort((a, b) => (a.COLUMN_NAME < b.COLUMN_NAME ? -1 : 1)),
        ),
    ),
);

const SQLSTATISTICS = procedure(
  'SQLSTATISTICS',
  'CATALOG SCHEMA TABLE #UNIQUE #RESERVED OPTIONS',
  `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), NON_UNIQUE SMALLINT, INDEX_QUALIFIER VARCHAR(128),
   INDEX_NAME VARCHAR(128), TYPE SMALLINT, ORDINAL_POSITION SMALLINT, COLUMN_NAME VARCHAR(128), ASC_OR_DESC CHAR(1),
   CARDINALITY BIGINT, PAGES BIGINT, FILTER_CONDITION VARCHAR(128)`,
  function* (context, [, schema, table, unique]) {
    const onlyUnique = Number(unique) === 0;
    for (const f of filesOf(context, schema!, table!)) {
      const head = {
        TABLE_CAT: context.partition.systemName,
        TABLE_SCHEM: f.schema,
        TABLE_NAME: f.longName,
      };
      yield { ...head, TYPE: 0, CARDINALITY: f.members.reduce((n, m) => n + m.rowCount(), 0), PAGES: 0 };
      for (const k of f.keys.filter((key) => key.unique || !onlyUnique)) {
        for (const [i, name] of k.columns.entries()) {
          yield {
            ...head,
            NON_UNIQUE: k.unique ? 0 : 1,
            INDEX_QUALIFIER: f.schema,
            INDEX_NAME: k.name,
            TYPE: 3,
            ORDINAL_POSITION: i + 1,
            COLUMN_NAME: name,
            ASC_OR_DESC: 'A',
          };
        }
      }
    }
  },
);

const SQLSPECIALCOLUMNS = procedure(
  'SQLSPECIALCOLUMNS',
  '#COLUMN_TYPE CATALOG SCHEMA TABLE #SCOPE #NULLABLE OPTIONS',
  `SCOPE SMALLINT, COLUMN_NAME VARCHAR(128), DATA_TYPE INTEGER, TYPE_NAME VARCHAR(128), COLUMN_SIZE INTEGER,
   BUFFER_LENGTH INTEGER, DECIMAL_DIGITS SMALLINT, PSEUDO_COLUMN SMALLINT`,
  (context, [kind, , schema, table]) =>
    filesOf(context, schema!, table!).flatMap((f) => {
      const key = f.keys.find((k) => k.kind === 'primary') ?? f.keys.find((k) => k.unique);
      const columns =
        Number(kind) === 2
          ? f.columns.filter((c) => c.rowChange)
          : (key?.columns ?? []).map((name) => f.columns[f.columnIndex(name)]!);
      return columns.map((c) => ({
        SCOPE: Number(kind) === 2 ? null : 0,
        COLUMN_NAME: c.name,
        DATA_TYPE: jdbcCode(c),
        TYPE_NAME: typeName(c),
        COLUMN_SIZE: columnSize(c),
        BUFFER_LENGTH: bufferLength(c),
        DECIMAL_DIGITS: decimalDigits(c),
        PSEUDO_COLUMN: 1,
      }));
    }),
);

const TYPE_ROWS: readonly (readonly [string, number, number, string | null, string | null, string | null])[] = [
  ['BIGINT', -5, 19, null, null, null],
  ['LONG VARCHAR FOR BIT DATA', -4, 32739, `X'`, `'`, null],
  ['VARBINARY', -3, 32739, `X'`, `'`, 'MAX LENGTH'],
  ['BINARY', -2, 32765, `X'`, `'`, 'LENGTH'],
  ['CHAR', 1, 32765, `'`, `'`, 'LENGTH'],
  ['NUMERIC', 2, 63, null, null, 'PRECISION,SCALE'],
  ['DECIMAL', 3, 63, null, null, 'PRECISION,SCALE'],
  ['INTEGER', 4, 10, null, null, null],
  ['SMALLINT', 5, 5, null, null, null],
  ['REAL', 7, 24, null, null, null],
  ['DOUBLE', 8, 53, null, null, null],
  ['VARCHAR', 12, 32739, `'`, `'`, 'MAX LENGTH'],
  ['DATE', 91, 10, `'`, `'`, null],
  ['TIME', 92, 8, `'`, `'`, null],
  ['TIMESTAMP', 93, 32, `'`, `'`, null],
  ['DECFLOAT', 1111, 34, null, null, 'PRECISION'],
  ['BLOB', 2004, 2147483647, null, null, 'LENGTH'],
  ['CLOB', 2005, 2147483647, `'`, `'`, 'LENGTH'],
  ['DBCLOB', 2005, 1073741823, `'`, `'`, 'LENGTH'],
];

const SQLGETTYPEINFO = procedure(
  'SQLGETTYPEINFO',
  '#TYPE OPTIONS',
  `TYPE_NAME VARCHAR(128), DATA_TYPE INTEGER, PRECISION INTEGER, LITERAL_PREFIX VARCHAR(128), LITERAL_SUFFIX VARCHAR(128),
   CREATE_PARAMS VARCHAR(128), NULLABLE SMALLINT, CASE_SENSITIVE SMALLINT, SEARCHABLE SMALLINT, UNSIGNED_ATTRIBUTE SMALLINT,
   FIXED_PREC_SCALE SMALLINT, AUTO_INCREMENT SMALLINT, LOCAL_TYPE_NAME VARCHAR(128), MINIMUM_SCALE SMALLINT, MAXIMUM_SCALE SMALLINT,
   SQL_DATA_TYPE INTEGER, SQL_DATETIME_SUB INTEGER, NUM_PREC_RADIX INTEGER`,
  (_context, [type]) =>
    TYPE_ROWS.filter(([, code]) => !type || Number(type) === 0 || Number(type) === code).map(
      ([name, code, size, prefix, suffix, params]) => ({
        TYPE_NAME: name,
        DATA_TYPE: code,
        PRECISION: size,
        LITERAL_PREFIX: prefix,
        LITERAL_SUFFIX: suffix,
        CREATE_PARAMS: params,
        NULLABLE: 1,
        CASE_SENSITIVE: prefix === `'` ? 1 : 0,
        SEARCHABLE: code >= 2004 ? 0 : 3,
        UNSIGNED_ATTRIBUTE: 0,
        FIXED_PREC_SCALE: 0,
        AUTO_INCREMENT: 0,
        LOCAL_TYPE_NAME: name,
        SQL_DATA_TYPE: code,
        NUM_PREC_RADIX: prefix === null ? 10 : null,
      }),
    ),
);

const none: Rows = () => [];

const SQLFOREIGNKEYS = procedure(
  'SQLFOREIGNKEYS',
  'PKCATALOG PKSCHEMA PKTABLE FKCATALOG FKSCHEMA FKTABLE OPTIONS',
  `PKTABLE_CAT VARCHAR(128), PKTABLE_SCHEM VARCHAR(128), PKTABLE_NAME VARCHAR(128), PKCOLUMN_NAME VARCHAR(128),
   FKTABLE_CAT VARCHAR(128), FKTABLE_SCHEM VARCHAR(128), FKTABLE_NAME VARCHAR(128), FKCOLUMN_NAME VARCHAR(128), KEY_SEQ SMALLINT,
   UPDATE_RULE SMALLINT, DELETE_RULE SMALLINT, FK_NAME VARCHAR(128), PK_NAME VARCHAR(128), DEFERRABILITY SMALLINT`,
  none,
);

const PROCEDURE_COLUMNS = (word: string) =>
  `${word}_CAT VARCHAR(128), ${word}_SCHEM VARCHAR(128), ${word}_NAME VARCHAR(128), NUM_INPUT_PARAMS INTEGER, NUM_OUTPUT_PARAMS INTEGER,
   NUM_RESULT_SETS INTEGER, REMARKS VARCHAR(254), ${word}_TYPE SMALLINT, SPECIFIC_NAME VARCHAR(128)`;

const SQLPROCEDURES = procedure(
  'SQLPROCEDURES',
  'CATALOG SCHEMA PROCEDURE OPTIONS',
  PROCEDURE_COLUMNS('PROCEDURE'),
  ({ partition }, [, schema, name]) =>
    matcher(schema!)('QSYS2') && matcher(name!)('QCMDEXC')
      ? [
          {
            PROCEDURE_CAT: partition.systemName,
            PROCEDURE_SCHEM: 'QSYS2',
            PROCEDURE_NAME: 'QCMDEXC',
            NUM_INPUT_PARAMS: 1,
            NUM_OUTPUT_PARAMS: 0,
            NUM_RESULT_SETS: 0,
            PROCEDURE_TYPE: 1,
            SPECIFIC_NAME: 'QCMDEXC',
          },
        ]
      : [],
);

const PARAMETER_COLUMNS = (word: string) =>
  `${word}_CAT VARCHAR(128), ${word}_SCHEM VARCHAR(128), ${word}_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), COLUMN_TYPE SMALLINT,
   DATA_TYPE INTEGER, TYPE_NAME VARCHAR(128), PRECISION INTEGER, LENGTH INTEGER, SCALE SMALLINT, RADIX SMALLINT, NULLABLE SMALLINT,
   REMARKS VARCHAR(254), COLUMN_DEF VARCHAR(2000), SQL_DATA_TYPE INTEGER, SQL_DATETIME_SUB INTEGER, CHAR_OCTET_LENGTH INTEGER,
   ORDINAL_POSITION INTEGER, IS_NULLABLE VARCHAR(3), SPECIFIC_NAME VARCHAR(128)`;

const PRIVILEGE_TAIL =
  'GRANTOR VARCHAR(128), GRANTEE VARCHAR(128), PRIVILEGE VARCHAR(10), IS_GRANTABLE VARCHAR(3), DBNAME VARCHAR(8)';

export const METADATA_PROCEDURES: readonly Procedure[] = [
  SQLTABLES,
  SQLCOLUMNS,
  SQLPRIMARYKEYS,
  SQLSTATISTICS,
  SQLSPECIALCOLUMNS,
  SQLGETTYPEINFO,
  SQLFOREIGNKEYS,
  SQLPROCEDURES,
  procedure('SQLPROCEDURECOLS', 'CATALOG SCHEMA PROCEDURE COLUMN OPTIONS', PARAMETER_COLUMNS('PROCEDURE'), none),
  procedure('SQLFUNCTIONS', 'CATALOG SCHEMA FUNCTION OPTIONS', PROCEDURE_COLUMNS('FUNCTION'), none),
  procedure('SQLFUNCTIONCOLS', 'CATALOG SCHEMA FUNCTION COLUMN OPTIONS', PARAMETER_COLUMNS('FUNCTION'), none),
  procedure(
    'SQLTABLEPRIVILEGES',
    'CATALOG SCHEMA TABLE OPTIONS',
    `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), ${PRIVILEGE_TAIL}`,
    none,
  ),
  procedure(
    'SQLCOLPRIVILEGES',
    'CATALOG SCHEMA TABLE COLUMN OPTIONS',
    `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), ${PRIVILEGE_TAIL}`,
    none,
  ),
  procedure(
    'SQLUDTS',
    'CATALOG SCHEMA TYPE UDTYPES OPTIONS',
    `TYPE_CAT VARCHAR(128), TYPE_SCHEM VARCHAR(128), TYPE_NAME VARCHAR(128), CLASS_NAME VARCHAR(128), DATA_TYPE INTEGER,
     REMARKS VARCHAR(254), BASE_TYPE SMALLINT`,
    none,
  ),
];
