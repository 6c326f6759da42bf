/** Whether a table answers now: unauthorised and locked are seen only by asking the table itself. */
import { quotedName } from '../model/identifiers';
import { formatName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { stateOfFailure } from './catalog';
import type { TableFacts } from './table-facts';

/** Asks for one row of a table the catalog calls usable. @returns the facts, with the state the table itself reports */
export async function probeTable(connection: SqlConnection, facts: TableFacts): Promise<TableFacts> {
  if (facts.state !== 'ok' && facts.state !== 'not journaled') return facts;
  const { library, name } = facts.sqlName;
  try {
    const result = await connection.query(
      `SELECT 1 AS ONE FROM ${quotedName(library)}.${quotedName(name)} FETCH FIRST 1 ROWS ONLY`,
    );
    await result.close();
    return facts;
  } catch (error) {
    const state = stateOfFailure(error);
    if (!state) throw error;
    return { ...facts, state, reason: `${formatName(facts.file)}: ${(error as Error).message}` };
  }
}
