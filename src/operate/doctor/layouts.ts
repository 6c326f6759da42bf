/** `doctor --deep`: what `verify` finds of every table captured from a journal. */
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { isCoded } from '../../errors/coded-error';
import { counted } from '../../model/counted';
import { formatName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import { verifyTable } from '../verify/verify';

export async function layoutFindings(config: Config, connection: SqlConnection, rows: number): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  const { signal } = new AbortController();
  for (const { table, capture } of config.tables) {
    if (capture !== 'journal') continue;
    const name = formatName(table);
    try {
      const {
        differences,
        unproven,
        rows: compared,
        columns,
      } = await verifyTable(config, connection, { table: name, rows }, signal);
      const wrong = [...new Set(differences.map((d) => d.column))];
      const fix = `ibmi-cdc verify --table ${name}`;
      if (wrong.length > 0)
        found.push(finding('CHECK_TABLE_DIFFERS', name, `not as the server converts them: ${wrong.join(', ')}`, fix));
      if (unproven.length > 0)
        found.push(
          finding(
            'CHECK_TABLE_UNPROVED',
            name,
            `layout not proved by ${counted(compared, 'row')}: ${unproven.join(', ')}`,
            fix,
          ),
        );
      if (wrong.length + unproven.length === 0)
        found.push(
          passed(
            'table',
            name,
            `${counted(columns, 'column')} of ${counted(compared, 'row')} decoded as the server converts them`,
          ),
        );
    } catch (error) {
      // its own check has said why
      if (!isCoded(error) || error.code !== 'VERIFY_TABLE') throw error;
    }
  }
  return found;
}
