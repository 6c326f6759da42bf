/** A table of the configuration by any of its names: as written, or as only the partition knows it. */

import { readTables } from '../../catalog/catalog';
import { sameTable } from '../../catalog/table-names';
import type { Config, TableConfig } from '../../config/config';
import { findTable, unknownTable } from '../../config/find-table';
import type { ErrorCode } from '../../errors/codes';
import { formatName, parseWritten } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';

/** @throws CodedError `code`, family config */
export async function tableNamed(
  config: Config,
  connection: SqlConnection,
  text: string,
  code: ErrorCode = 'TABLE_UNKNOWN',
): Promise<TableConfig> {
  const written = findTable(config, text);
  if (written) return written;
  const wanted = parseWritten(text);
  if (wanted === null) throw unknownTable(config, text, [], code);
  // entries, and what is said of them, carry the system name; the configuration may have the SQL name
  const facts = (
    await readTables(
      connection,
      config.tables.map((t) => t.table),
    )
  ).map((f, i) => ({
    table: config.tables[i]!,
    names: f.columns.length > 0 ? [f.file, f.sqlName].map(formatName) : [],
  }));
  const found = facts.find(({ names }) => names.some((name) => sameTable(wanted, name)));
  if (!found)
    throw unknownTable(
      config,
      text,
      facts.flatMap((f) => f.names),
      code,
    );
  return found.table;
}
