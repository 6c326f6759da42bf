/** Tables and columns as JDBC describes them: rows of the SYSIBM procedures, and of the views of the same names. */
import type { FileView, JobView, PartitionView } from '../../partition/contract';
import type { ColumnDef } from '../../partition/files/definitions';
import type { SessionValue } from '../../sql-session';
import { describedColumn } from './jdbc-columns';
import { type NamedRow, relation } from './relation';

interface Viewer {
  readonly partition: PartitionView;
  readonly job: Pick<JobView, 'currentUser'>;
}

/** A search pattern: `%`, `_`, and `\` before a character taken as it is; null matches all, '' nothing. */
export function matcher(pattern: SessionValue): (name: string) => boolean {
  const text = pattern === null || pattern === undefined ? '%' : String(pattern).trim();
  if (text === '%') return () => true;
  let source = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && i + 1 < text.length) source += quote(text[++i]!);
    else source += c === '%' ? '.*' : c === '_' ? '.' : quote(c);
  }
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}

function quote(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Those the job may know of. */
export function filesOf({ partition, job }: Viewer, schema: SessionValue, table: SessionValue): FileView[] {
  const [inSchema, named] = [matcher(schema), matcher(table)];
  return partition
    .files()
    .filter((f) => (inSchema(f.schema) || inSchema(f.library)) && (named(f.longName) || named(f.name)))
    .filter((f) =>
      partition.isAuthorized(job.currentUser, { library: f.library, name: f.name, type: '*FILE' }, '*OBJOPR'),
    )
    .sort((a, b) => (`${a.schema}.${a.longName}` < `${b.schema}.${b.longName}` ? -1 : 1));
}

export function tableRow(partition: PartitionView, f: FileView): NamedRow {
  return {
    TABLE_CAT: partition.systemName,
    TABLE_SCHEM: f.schema,
    TABLE_NAME: f.longName,
    TABLE_TYPE: 'TABLE',
    REMARKS: f.text,
  };
}

export function columnRow(partition: PartitionView, f: FileView, c: ColumnDef, i: number): NamedRow {
  return {
    TABLE_CAT: partition.systemName,
    TABLE_SCHEM: f.schema,
    TABLE_NAME: f.longName,
    ...describedColumn(c, i + 1),
  };
}

const SQLTABLES = relation(
  'SYSIBM',
  'SQLTABLES',
  `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), TABLE_TYPE VARCHAR(24), REMARKS VARCHAR(2000),
   TYPE_CAT VARCHAR(128), TYPE_SCHEM VARCHAR(128), TYPE_NAME VARCHAR(128), SELF_REF_COL_NAME VARCHAR(128), REF_GENERATION VARCHAR(128)`,
  (context) => filesOf(context, null, null).map((f) => tableRow(context.partition, f)),
);

const SQLCOLUMNS = relation(
  'SYSIBM',
  'SQLCOLUMNS',
  `TABLE_CAT VARCHAR(128), TABLE_SCHEM VARCHAR(128), TABLE_NAME VARCHAR(128), COLUMN_NAME VARCHAR(128), DATA_TYPE SMALLINT,
   TYPE_NAME VARCHAR(260), COLUMN_SIZE INTEGER, BUFFER_LENGTH INTEGER, DECIMAL_DIGITS SMALLINT, NUM_PREC_RADIX SMALLINT,
   NULLABLE SMALLINT, REMARKS VARCHAR(2000), COLUMN_DEF VARCHAR(2000), SQL_DATA_TYPE SMALLINT, SQL_DATETIME_SUB SMALLINT,
   CHAR_OCTET_LENGTH INTEGER, ORDINAL_POSITION INTEGER, IS_NULLABLE VARCHAR(3), JDBC_DATA_TYPE SMALLINT,
   SCOPE_CATLOG VARCHAR(128), SCOPE_SCHEMA VARCHAR(128), SCOPE_TABLE VARCHAR(128), SOURCE_DATA_TYPE SMALLINT`,
  function* (context) {
    for (const f of filesOf(context, null, null))
      for (const [i, c] of f.columns.entries()) {
        const row = columnRow(context.partition, f, c, i);
        yield { ...row, JDBC_DATA_TYPE: row['DATA_TYPE'] ?? null, DATA_TYPE: row['SQL_DATA_TYPE'] ?? null };
      }
  },
);

export const JDBC_VIEWS = [SQLTABLES, SQLCOLUMNS];
