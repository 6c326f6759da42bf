/** Services about the system itself, and the catalog of types and routines. */

import type { RowContext, VirtualRelation } from '../compile/virtual';
import { scalarFunctionNames } from '../functions/scalar-functions';
import { COMMAND_PROCEDURES } from '../statements/procedures';
import type { SqlType } from '../types/sql-type';
import { isBytes, isExact, isText } from '../types/sql-type';
import { ACTIVE_JOB_INFO } from './job-views';
import { type NamedRow, relation } from './relation';

const ENV_COLUMNS = `OS_NAME VARCHAR(256), OS_VERSION VARCHAR(256), OS_RELEASE VARCHAR(256), HOST_NAME VARCHAR(255),
   TOTAL_CPUS INTEGER, CONFIGURED_CPUS INTEGER, TOTAL_MEMORY INTEGER`;

function environment({ partition, version }: RowContext): NamedRow[] {
  return [
    {
      OS_NAME: 'IBM i',
      OS_VERSION: version[1] ?? '7',
      OS_RELEASE: version[3] ?? '4',
      HOST_NAME: partition.systemName,
      TOTAL_CPUS: 1,
      CONFIGURED_CPUS: 1,
      TOTAL_MEMORY: 8192,
    },
  ];
}

/** The level at which DISPLAY_JOURNAL has every argument of this simulation. */
const DB2_GROUPS: Readonly<Record<string, readonly [string, number]>> = {
  V7R3M0: ['SF99703', 30],
  V7R4M0: ['SF99704', 28],
  V7R5M0: ['SF99750', 7],
  V7R6M0: ['SF99960', 2],
};

const GROUP_PTF_INFO = relation(
  'QSYS2',
  'GROUP_PTF_INFO',
  `COLLECTED_TIME TIMESTAMP, PTF_GROUP_NAME FOR COLUMN PTF_GROUP VARCHAR(60), PTF_GROUP_DESCRIPTION FOR COLUMN PTF_DESC VARCHAR(100),
   PTF_GROUP_LEVEL FOR COLUMN PTF_LEVEL INTEGER, PTF_GROUP_TARGET_RELEASE FOR COLUMN PTF_REL VARCHAR(6), PTF_GROUP_STATUS FOR COLUMN PTF_STAT VARCHAR(20)`,
  ({ partition, version }) => {
    const [name, level] = DB2_GROUPS[version] ?? ['SF99704', 28];
    return [
      {
        COLLECTED_TIME: partition.now(),
        PTF_GROUP_NAME: name,
        PTF_GROUP_DESCRIPTION: 'DB2 FOR IBM I',
        PTF_GROUP_LEVEL: level,
        PTF_GROUP_TARGET_RELEASE: version,
        PTF_GROUP_STATUS: 'INSTALLED',
      },
    ];
  },
);

const SYSTEM_STATUS_INFO = relation(
  'QSYS2',
  'SYSTEM_STATUS_INFO',
  `TOTAL_JOBS_IN_SYSTEM FOR COLUMN TOTAL_JOBS INTEGER, MAXIMUM_JOBS_IN_SYSTEM FOR COLUMN MAX_JOBS INTEGER,
   ACTIVE_JOBS_IN_SYSTEM FOR COLUMN ACT_JOBS INTEGER, ELAPSED_CPU_USED DECIMAL(5,2), SYSTEM_ASP_USED DECIMAL(5,2),
   CONFIGURED_CPUS INTEGER, HOST_NAME VARCHAR(255), JOURNAL_RECOVERY_COUNT FOR COLUMN JRNRCYCNT INTEGER,
   JOURNAL_CACHE_WAIT_TIME FOR COLUMN JRNCACHEWT INTEGER, PARTITION_ID SMALLINT, PARTITION_NAME VARCHAR(255)`,
  ({ partition }) => [
    {
      TOTAL_JOBS_IN_SYSTEM: 100,
      MAXIMUM_JOBS_IN_SYSTEM: 163520,
      ACTIVE_JOBS_IN_SYSTEM: 20,
      ELAPSED_CPU_USED: '1.00',
      SYSTEM_ASP_USED: '25.00',
      CONFIGURED_CPUS: 1,
      HOST_NAME: partition.systemName,
      JOURNAL_RECOVERY_COUNT: 250000,
      JOURNAL_CACHE_WAIT_TIME: partition.cacheWaitSeconds,
      PARTITION_ID: 1,
      PARTITION_NAME: partition.systemName,
    },
  ],
);

/** Relational databases this one knows: itself. */
const SYSCATALOGS = relation(
  'QSYS2',
  'SYSCATALOGS',
  `CATALOG_NAME FOR COLUMN LOCATION VARCHAR(18) NOT NULL, CATALOG_STATUS FOR COLUMN RDBASPSTAT CHAR(10),
   CATALOG_TYPE FOR COLUMN RDBTYPE CHAR(7) NOT NULL, CATALOG_ASPGRP FOR COLUMN RDBASPGRP VARCHAR(10),
   CATALOG_ASPNUM FOR COLUMN RDBASPNUM INTEGER, CATALOG_TEXT FOR COLUMN RDBTEXT VARGRAPHIC(50) CCSID 1200`,
  ({ partition }) => [
    {
      CATALOG_NAME: partition.systemName,
      CATALOG_STATUS: 'AVAILABLE',
      CATALOG_TYPE: 'LOCAL',
      CATALOG_ASPGRP: '*SYSBAS',
      CATALOG_ASPNUM: 1,
      CATALOG_TEXT: '',
    },
  ],
);

const SYSTBLTYPE = relation('SYSIBM', 'SYSTBLTYPE', 'TABLE_TYPE VARCHAR(24) NOT NULL', () =>
  ['ALIAS', 'MATERIALIZED QUERY TABLE', 'SYSTEM TABLE', 'TABLE', 'VIEW'].map((TABLE_TYPE) => ({ TABLE_TYPE })),
);

const SYSTYPES = relation(
  'QSYS2',
  'SYSTYPES',
  `USER_DEFINED_TYPE_SCHEMA FOR COLUMN TYPESCHEMA VARCHAR(128) NOT NULL, USER_DEFINED_TYPE_NAME FOR COLUMN TYPENAME VARCHAR(128) NOT NULL,
   USER_DEFINED_TYPE_DEFINER FOR COLUMN DEFINER VARCHAR(128) NOT NULL, SOURCE_SCHEMA FOR COLUMN SRCSCHEMA VARCHAR(128),
   SOURCE_TYPE FOR COLUMN SRCTYPE VARCHAR(128) NOT NULL, SYSTEM_TYPE_SCHEMA FOR COLUMN SYSTSCHEMA CHAR(10) NOT NULL,
   SYSTEM_TYPE_NAME FOR COLUMN SYSTNAME CHAR(10) NOT NULL, METATYPE CHAR(1) NOT NULL, LENGTH INTEGER NOT NULL,
   NUMERIC_SCALE FOR COLUMN SCALE SMALLINT, CCSID INTEGER, STORAGE INTEGER NOT NULL, NUMERIC_PRECISION FOR COLUMN PRECISION INTEGER`,
  () => [],
);

const ROUTINE_LIST = `SPECIFIC_SCHEMA FOR COLUMN SPECSCHEMA VARCHAR(128) NOT NULL, SPECIFIC_NAME FOR COLUMN SPECNAME VARCHAR(128) NOT NULL,
   ROUTINE_SCHEMA FOR COLUMN RTNSCHEMA VARCHAR(128) NOT NULL, ROUTINE_NAME FOR COLUMN RTNNAME VARCHAR(128) NOT NULL,
   ROUTINE_TYPE FOR COLUMN RTNTYPE VARCHAR(9) NOT NULL, FUNCTION_TYPE FOR COLUMN FCNTYPE CHAR(1), ROUTINE_DEFINER FOR COLUMN DEFINER VARCHAR(128) NOT NULL,
   ROUTINE_BODY FOR COLUMN BODY VARCHAR(8) NOT NULL, IN_PARMS SMALLINT, LONG_COMMENT FOR COLUMN REMARKS VARGRAPHIC(2000) CCSID 1200`;

function* functionRows({ relations }: RowContext): Generator<NamedRow> {
  for (const r of relations) {
    if (r.parameters) yield routineRow(r.library, r.name, 'FUNCTION', 'T', r.parameters.length);
  }
  for (const name of scalarFunctionNames()) yield routineRow('QSYS2', name, 'FUNCTION', 'S', 0);
}

function routineRow(schema: string, name: string, type: string, kind: string | null, parameters: number): NamedRow {
  return {
    SPECIFIC_SCHEMA: schema,
    SPECIFIC_NAME: name,
    ROUTINE_SCHEMA: schema,
    ROUTINE_NAME: name,
    ROUTINE_TYPE: type,
    FUNCTION_TYPE: kind,
    ROUTINE_DEFINER: 'QSYS',
    ROUTINE_BODY: 'EXTERNAL',
    IN_PARMS: parameters,
  };
}

const SYSFUNCS = relation('QSYS2', 'SYSFUNCS', ROUTINE_LIST, functionRows);
const SYSROUTINES = relation(
  'QSYS2',
  'SYSROUTINES',
  ROUTINE_LIST,
  function* (context) {
    yield* functionRows(context);
    for (const p of COMMAND_PROCEDURES) yield routineRow(p.library, p.name, 'PROCEDURE', null, p.parameters.length);
  },
  { systemName: 'SYSROUTINE' },
);
const SYSPROCS = relation('QSYS2', 'SYSPROCS', ROUTINE_LIST, () =>
  COMMAND_PROCEDURES.map((p) => routineRow(p.library, p.name, 'PROCEDURE', null, p.parameters.length)),
);

const SYSPARMS = relation(
  'QSYS2',
  'SYSPARMS',
  `SPECIFIC_SCHEMA FOR COLUMN SPECSCHEMA VARCHAR(128) NOT NULL, SPECIFIC_NAME FOR COLUMN SPECNAME VARCHAR(128) NOT NULL,
   ORDINAL_POSITION FOR COLUMN PARMNO INTEGER NOT NULL, PARAMETER_MODE FOR COLUMN PARMMODE VARCHAR(5) NOT NULL,
   PARAMETER_NAME FOR COLUMN PARMNAME VARCHAR(128), DATA_TYPE FOR COLUMN DATA_TYPE VARCHAR(128) NOT NULL,
   NUMERIC_SCALE FOR COLUMN SCALE INTEGER, NUMERIC_PRECISION FOR COLUMN PRECISION INTEGER, CCSID INTEGER,
   CHARACTER_MAXIMUM_LENGTH FOR COLUMN CHARLEN INTEGER, IS_NULLABLE FOR COLUMN NULLS VARCHAR(3) NOT NULL, ROW_TYPE CHAR(1) NOT NULL,
   DEFAULT VARGRAPHIC(2000) CCSID 1200`,
  function* ({ relations }) {
    for (const r of relations) {
      if (!r.parameters) continue;
      const key = { SPECIFIC_SCHEMA: r.library, SPECIFIC_NAME: r.name };
      for (const [i, p] of r.parameters.entries()) {
        yield {
          ...key,
          ...parameterRow(i, p.name, p.type),
          PARAMETER_MODE: 'IN',
          ROW_TYPE: 'P',
          DEFAULT: p.default === undefined ? null : 'NULL',
        };
      }
      for (const [i, c] of r.columns.entries()) {
        yield { ...key, ...parameterRow(i, c.name, c.type), PARAMETER_MODE: 'OUT', ROW_TYPE: 'R' };
      }
    }
  },
);

function parameterRow(i: number, name: string, type: SqlType): NamedRow {
  const words: Partial<Record<SqlType['name'], string>> = {
    CHAR: 'CHARACTER',
    VARCHAR: 'CHARACTER VARYING',
    BLOB: 'BINARY LARGE OBJECT',
    DOUBLE: 'DOUBLE PRECISION',
  };
  const text = isText(type) || isBytes(type);
  return {
    ORDINAL_POSITION: i + 1,
    PARAMETER_NAME: name,
    DATA_TYPE: words[type.name] ?? type.name,
    NUMERIC_SCALE: isExact(type) ? type.scale : null,
    NUMERIC_PRECISION:
      type.name === 'DECIMAL' || type.name === 'NUMERIC'
        ? type.length
        : type.name === 'BIGINT'
          ? 19
          : type.name === 'INTEGER'
            ? 10
            : null,
    CCSID: text ? type.ccsid : null,
    CHARACTER_MAXIMUM_LENGTH: text ? type.length : null,
    IS_NULLABLE: 'YES',
  };
}

const LIBRARY_LIST_INFO = relation(
  'QSYS2',
  'LIBRARY_LIST_INFO',
  `ORDINAL_POSITION INTEGER NOT NULL, SCHEMA_NAME VARCHAR(128), SYSTEM_SCHEMA_NAME VARCHAR(10), TYPE VARCHAR(8) NOT NULL, TEXT_DESCRIPTION VARCHAR(50)`,
  () =>
    ['QSYS', 'QGPL', 'QTEMP'].map((name, i) => ({
      ORDINAL_POSITION: i + 1,
      SCHEMA_NAME: name,
      SYSTEM_SCHEMA_NAME: name,
      TYPE: i === 0 ? 'SYSTEM' : 'USER',
    })),
);

const CODES: readonly (readonly [string, string, string])[] = [
  ['R', 'PT', 'Record added to physical file member'],
  ['R', 'PX', 'Record added directly to physical file member'],
  ['R', 'UB', 'Before-image of record updated in physical file member'],
  ['R', 'UP', 'After-image of record updated in physical file member'],
  ['R', 'DL', 'Record deleted from physical file member'],
  ['R', 'BR', 'Before-image of record updated for rollback'],
  ['R', 'UR', 'After-image of record updated for rollback'],
  ['R', 'DR', 'Record deleted for rollback'],
  ['C', 'SC', 'Commit transaction started'],
  ['C', 'CM', 'Set of record changes committed'],
  ['C', 'RB', 'Set of record changes rolled back'],
  ['J', 'PR', 'Identifier for previous journal receiver'],
  ['J', 'NR', 'Identifier for next journal receiver'],
  ['F', 'CR', 'Physical file member cleared'],
  ['F', 'JM', 'Journaling started for physical file member'],
  ['F', 'EJ', 'Journaling ended for physical file member'],
  ['D', 'CG', 'File changed'],
];

const JOURNAL_CODE_INFO = relation(
  'QSYS2',
  'JOURNAL_CODE_INFO',
  'JOURNAL_CODE CHAR(1) NOT NULL, JOURNAL_ENTRY_TYPE CHAR(2) NOT NULL, JOURNAL_ENTRY_TYPE_DESCRIPTION VARCHAR(1000)',
  () =>
    CODES.map(([code, type, text]) => ({
      JOURNAL_CODE: code,
      JOURNAL_ENTRY_TYPE: type,
      JOURNAL_ENTRY_TYPE_DESCRIPTION: text,
    })),
);

export const SYSTEM_VIEWS: readonly VirtualRelation[] = [
  relation('SYSIBM', 'SYSDUMMY1', 'IBMREQD CHAR(1) NOT NULL', () => [{ IBMREQD: 'Y' }]),
  relation('QSYS2', 'SYSDUMMY1', 'IBMREQD CHAR(1) NOT NULL', () => [{ IBMREQD: 'Y' }]),
  relation('SYSIBMADM', 'ENV_SYS_INFO', ENV_COLUMNS, environment),
  relation('SYSIBMADM', 'ENVSYSINFO', ENV_COLUMNS, environment),
  GROUP_PTF_INFO,
  SYSTEM_STATUS_INFO,
  ACTIVE_JOB_INFO,
  SYSTYPES,
  SYSFUNCS,
  SYSROUTINES,
  SYSPROCS,
  SYSPARMS,
  LIBRARY_LIST_INFO,
  SYSCATALOGS,
  SYSTBLTYPE,
  JOURNAL_CODE_INFO,
];
