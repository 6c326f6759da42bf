/** First key column of every index and keyed access path over some tables: what a window cursor can be read by. */
import type { QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { answersIfAvailable, markers, text } from './answer';

export interface IndexLead {
  /** SQL name of the table. */
  readonly table: QualifiedName;
  readonly column: string;
}

/** One statement for all tables. Logical files without SQL description are not seen. */
export async function readIndexLeads(
  connection: SqlConnection,
  tables: readonly QualifiedName[],
): Promise<IndexLead[]> {
  if (tables.length === 0) return [];
  const schemas = [...new Set(tables.map((t) => t.library))];
  const names = [...new Set(tables.map((t) => t.name))];
  const params = [...schemas, ...names];
  const rows = await answersIfAvailable(
    connection,
    `SELECT I.TABLE_SCHEMA AS TS, I.TABLE_NAME AS TN, K.COLUMN_NAME AS CO FROM QSYS2.SYSINDEXES I
 JOIN QSYS2.SYSKEYS K ON K.INDEX_SCHEMA = I.INDEX_SCHEMA AND K.INDEX_NAME = I.INDEX_NAME
 WHERE K.ORDINAL_POSITION = 1 AND I.TABLE_SCHEMA IN (${markers(schemas.length)}) AND I.TABLE_NAME IN (${markers(names.length)})`,
    params,
  );
  const constraints = await answersIfAvailable(
    connection,
    `SELECT K.TABLE_SCHEMA AS TS, K.TABLE_NAME AS TN, K.COLUMN_NAME AS CO FROM QSYS2.SYSKEYCST K
 WHERE K.ORDINAL_POSITION = 1 AND K.TABLE_SCHEMA IN (${markers(schemas.length)}) AND K.TABLE_NAME IN (${markers(names.length)})`,
    params,
  );
  return [...(rows ?? []), ...(constraints ?? [])].map((row) => ({
    table: { library: text(row, 'TS'), name: text(row, 'TN') },
    column: text(row, 'CO'),
  }));
}
