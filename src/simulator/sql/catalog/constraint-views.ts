/** Catalog views over constraints, and what any view over files starts from. */
import type { FileView } from '../../partition/contract';
import type { KeyDef } from '../../partition/files/definitions';
import type { RowContext, VirtualRelation } from '../compile/virtual';
import { relation } from './relation';

/** Files the user may see; the others are simply absent. */
export function visibleFiles({ partition, job }: RowContext): readonly FileView[] {
  return partition
    .files()
    .filter((f) =>
      partition.isAuthorized(job.currentUser, { library: f.library, name: f.name, type: '*FILE' }, '*OBJOPR'),
    );
}

interface KeyUse {
  readonly file: FileView;
  readonly key: KeyDef;
}

export function keys(context: RowContext, ...kinds: readonly KeyDef['kind'][]): KeyUse[] {
  return visibleFiles(context).flatMap((file) =>
    file.keys.filter((k) => kinds.includes(k.kind)).map((key) => ({ file, key })),
  );
}

interface ConstraintUse {
  readonly file: FileView;
  readonly key: { readonly name: string; readonly columns: readonly string[] };
  readonly type: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY';
}

function constraints(context: RowContext): ConstraintUse[] {
  return [
    ...keys(context, 'primary', 'unique').map(
      ({ file, key }): ConstraintUse => ({ file, key, type: key.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE' }),
    ),
    ...visibleFiles(context).flatMap((file) =>
      file.foreignKeys.map((key): ConstraintUse => ({ file, key, type: 'FOREIGN KEY' })),
    ),
  ];
}

const SYSCST = relation(
  'QSYS2',
  'SYSCST',
  `CONSTRAINT_SCHEMA FOR COLUMN CDBNAME VARCHAR(128) NOT NULL, CONSTRAINT_NAME FOR COLUMN RELNAME VARCHAR(128) NOT NULL,
   CONSTRAINT_TYPE FOR COLUMN TYPE VARCHAR(11) NOT NULL, TABLE_SCHEMA FOR COLUMN TDBNAME VARCHAR(128) NOT NULL,
   TABLE_NAME FOR COLUMN TBNAME VARCHAR(128) NOT NULL, SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL, CONSTRAINT_KEYS FOR COLUMN COLCOUNT SMALLINT,
   IS_DEFERRABLE FOR COLUMN ISDEFER VARCHAR(3) NOT NULL, INITIALLY_DEFERRED FOR COLUMN INITDEFER VARCHAR(3) NOT NULL,
   ENFORCED VARCHAR(3) NOT NULL, CONSTRAINT_STATE FOR COLUMN CST_STATE VARCHAR(11) NOT NULL, ENABLED VARCHAR(3) NOT NULL`,
  (context) =>
    constraints(context).map(({ file, key, type }) => ({
      CONSTRAINT_SCHEMA: file.schema,
      CONSTRAINT_NAME: key.name,
      CONSTRAINT_TYPE: type,
      TABLE_SCHEMA: file.schema,
      TABLE_NAME: file.longName,
      SYSTEM_TABLE_SCHEMA: file.library,
      SYSTEM_TABLE_NAME: file.name,
      CONSTRAINT_KEYS: key.columns.length,
      IS_DEFERRABLE: 'NO',
      INITIALLY_DEFERRED: 'NO',
      ENFORCED: 'YES',
      CONSTRAINT_STATE: 'ESTABLISHED',
      ENABLED: 'YES',
    })),
);

/** Rules of a foreign key are not kept: rows are not held to them. */
const SYSREFCST = relation(
  'QSYS2',
  'SYSREFCST',
  `CONSTRAINT_SCHEMA FOR COLUMN CDBNAME VARCHAR(128) NOT NULL, CONSTRAINT_NAME FOR COLUMN RELNAME VARCHAR(128) NOT NULL,
   UNIQUE_CONSTRAINT_SCHEMA FOR COLUMN UNQDBNAME VARCHAR(128) NOT NULL, UNIQUE_CONSTRAINT_NAME FOR COLUMN UNQNAME VARCHAR(128) NOT NULL,
   MATCH_OPTION FOR COLUMN MATCH VARCHAR(7) NOT NULL, UPDATE_RULE FOR COLUMN UPDATE VARCHAR(11) NOT NULL,
   DELETE_RULE FOR COLUMN DELETE VARCHAR(11) NOT NULL, COLUMN_COUNT FOR COLUMN COLCOUNT INTEGER NOT NULL`,
  (context) =>
    visibleFiles(context).flatMap((file) =>
      file.foreignKeys.map((key) => ({
        CONSTRAINT_SCHEMA: file.schema,
        CONSTRAINT_NAME: key.name,
        UNIQUE_CONSTRAINT_SCHEMA: schemaOf(context, key.parent),
        UNIQUE_CONSTRAINT_NAME: key.parentKey,
        MATCH_OPTION: 'NONE',
        UPDATE_RULE: 'NO ACTION',
        DELETE_RULE: 'NO ACTION',
        COLUMN_COUNT: key.columns.length,
      })),
    ),
);

const SYSKEYCST = relation(
  'QSYS2',
  'SYSKEYCST',
  `CONSTRAINT_SCHEMA FOR COLUMN CDBNAME VARCHAR(128) NOT NULL, CONSTRAINT_NAME FOR COLUMN RELNAME VARCHAR(128) NOT NULL,
   TABLE_SCHEMA FOR COLUMN TDBNAME VARCHAR(128) NOT NULL, TABLE_NAME FOR COLUMN TBNAME VARCHAR(128) NOT NULL,
   COLUMN_NAME FOR COLUMN COLNAME VARCHAR(128) NOT NULL, ORDINAL_POSITION FOR COLUMN COLSEQ INTEGER NOT NULL,
   COLUMN_POSITION FOR COLUMN COLNO INTEGER NOT NULL, TABLE_OWNER FOR COLUMN TBCREATOR VARCHAR(128) NOT NULL,
   SYSTEM_COLUMN_NAME FOR COLUMN SYS_CNAME CHAR(10) NOT NULL, SYSTEM_TABLE_NAME FOR COLUMN SYS_TNAME CHAR(10) NOT NULL,
   SYSTEM_TABLE_SCHEMA FOR COLUMN SYS_DNAME CHAR(10) NOT NULL`,
  (context) =>
    constraints(context).flatMap(({ file, key }) =>
      key.columns.map((name, i) => ({
        CONSTRAINT_SCHEMA: file.schema,
        CONSTRAINT_NAME: key.name,
        TABLE_SCHEMA: file.schema,
        TABLE_NAME: file.longName,
        COLUMN_NAME: name,
        ORDINAL_POSITION: i + 1,
        COLUMN_POSITION: file.columnIndex(name) + 1,
        TABLE_OWNER: 'QSECOFR',
        SYSTEM_COLUMN_NAME: file.columns[file.columnIndex(name)]?.systemName ?? name,
        SYSTEM_TABLE_NAME: file.name,
        SYSTEM_TABLE_SCHEMA: file.library,
      })),
    ),
);

function schemaOf(context: RowContext, { library, name }: { library: string; name: string }): string {
  return context.partition.files().find((f) => f.library === library && f.name === name)?.schema ?? library;
}

export const CONSTRAINT_VIEWS: readonly VirtualRelation[] = [SYSCST, SYSREFCST, SYSKEYCST];
