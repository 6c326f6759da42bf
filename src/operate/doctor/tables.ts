/** Tables of the configuration as the partition has them, and the journals they lead to. */
import { readTables } from '../../catalog/catalog';
import type { CheckFinding } from '../../catalog/finding';
import { readIndexLeads } from '../../catalog/index-leads';
import { tableFindings } from '../../catalog/table-findings';
import { probeTable } from '../../catalog/table-probe';
import type { Config } from '../../config/config';
import { formatName, type QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';

interface TableChecks {
  readonly findings: CheckFinding[];
  /** Each once, in the order of the tables. */
  readonly journals: readonly QualifiedName[];
}

export async function checkTables(config: Config, connection: SqlConnection): Promise<TableChecks> {
  const tables = await readTables(
    connection,
    config.tables.map((t) => t.table),
  );
  const windows = tables.filter((_, i) => config.tables[i]!.capture !== 'journal').map((t) => t.sqlName);
  const leads = await readIndexLeads(connection, windows);
  const journals = new Map<string, QualifiedName>();
  const findings: CheckFinding[] = [];
  for (const [i, facts] of tables.entries()) {
    const { capture, key, journal } = config.tables[i]!;
    const read = journal ?? facts.journal?.name ?? null;
    if (capture === 'journal' && read) journals.set(formatName(read), read);
    const wish = {
      capture: capture === 'journal' ? capture : { window: capture.window.by },
      key,
      journal: journal ?? [...journals.values()][0] ?? null,
    };
    findings.push(...tableFindings(await probeTable(connection, facts), wish, leads));
  }
  return { findings, journals: [...journals.values()] };
}
