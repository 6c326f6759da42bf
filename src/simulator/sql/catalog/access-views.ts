/** Row permissions and column masks, as the catalog lists them. */
import { visibleFiles } from './constraint-views';
import { relation } from './relation';

export const SYSCONTROLS = relation(
  'QSYS2',
  'SYSCONTROLS',
  `RCAC_SCHEMA FOR COLUMN SCHEMA VARCHAR(128) NOT NULL, RCAC_NAME FOR COLUMN NAME VARCHAR(128) NOT NULL,
   RCAC_OWNER FOR COLUMN CREATOR VARCHAR(128) NOT NULL, TABLE_SCHEMA FOR COLUMN TBSCHEMA VARCHAR(128) NOT NULL,
   TABLE_NAME FOR COLUMN TBNAME VARCHAR(128) NOT NULL, TBCORRELATION FOR COLUMN TBCORRNAME VARCHAR(128) NOT NULL,
   COLUMN_NAME FOR COLUMN COLNAME VARCHAR(128) NOT NULL, SYSTEM_COLUMN_NAME FOR COLUMN SYS_CNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL, SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL,
   CONTROL_TYPE FOR COLUMN CONTROLTYP CHAR(1) NOT NULL, ENFORCED CHAR(1) NOT NULL, IMPLICIT CHAR(1) NOT NULL,
   ENABLE CHAR(1) NOT NULL, CREATE_TIME FOR COLUMN CREATEDTS TIMESTAMP NOT NULL,
   LAST_ALTERED FOR COLUMN ALTEREDTS TIMESTAMP NOT NULL, RULETEXT DBCLOB(2M) CCSID 1200 NOT NULL`,
  (context) =>
    visibleFiles(context).flatMap((f) =>
      f.accessControl.rules.map((r) => ({
        RCAC_SCHEMA: context.partition.libraries().find((l) => l.name === r.schema)?.longName ?? r.schema,
        RCAC_NAME: r.name,
        RCAC_OWNER: 'QSECOFR',
        TABLE_SCHEMA: f.schema,
        TABLE_NAME: f.longName,
        TBCORRELATION: r.correlation ?? f.longName,
        COLUMN_NAME: r.column ?? ' ',
        SYSTEM_COLUMN_NAME: r.column === null ? ' ' : (f.columns[f.columnIndex(r.column)]?.systemName ?? r.column),
        SYSTEM_TABLE_NAME: f.name,
        SYSTEM_TABLE_SCHEMA: f.library,
        CONTROL_TYPE: r.kind,
        ENFORCED: 'A',
        IMPLICIT: 'N',
        ENABLE: r.enabled ? 'Y' : 'N',
        CREATE_TIME: r.created,
        LAST_ALTERED: r.created,
        RULETEXT: r.text,
      })),
    ),
);
