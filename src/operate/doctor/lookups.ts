/** Lookups of the mapping, each asked once as the daemon asks: its table, its columns and the right to read them. */
import { lookupLoader } from '../../capture/tables/table-lookups';
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { isCoded } from '../../errors/coded-error';
import type { LookupQuestion } from '../../map/lookup';
import { formatName } from '../../model/position';
import type { SqlTransport } from '../../transport/transport';

/** @throws CodedError family transport or protocol: the partition fails in the middle of the checks */
export async function lookupFindings(config: Config, transport: SqlTransport): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  const ask = lookupLoader(transport, config.partition.ccsid);
  for (const [subject, question] of questionsOf(config)) {
    try {
      await ask([question]);
      found.push(passed('table', subject, `answered by ${formatName(question.table)}`));
    } catch (error) {
      if (!isCoded(error) || error.family === 'transport' || error.family === 'protocol') throw error;
      found.push(finding('CHECK_LOOKUP', subject, `${error.code}: ${error.message}`, error.next ?? null));
    }
  }
  return found;
}

/** Each lookup once, with a key that need not be there. */
function questionsOf({ tables }: Config): Map<string, LookupQuestion> {
  return new Map(
    tables.flatMap(({ table, lookups }) =>
      Object.entries(lookups).flatMap(([lookup, o]): [string, LookupQuestion][] =>
        o.is === 'table'
          ? [
              [
                `${formatName(table)} lookups.${lookup}`,
                { lookup, table: o.table, keyColumn: o.key, valueColumn: o.value, key: '0' },
              ],
            ]
          : [],
      ),
    ),
  );
}
