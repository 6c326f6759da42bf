/**
 * What a schema cannot say: names that must meet, headers and addresses that cannot be. Runs on the tree as written, beside
 * the schema, so that one look at the output shows every error at once.
 */
import type { Finding } from '../issue';
import { addressChecks } from './addresses';
import { headerChecks } from './headers';
import { kafkaChecks } from './kafka';
import { nameChecks } from './names';
import { error, objectOf } from './tree';

export function crossChecks(root: unknown): Finding[] {
  const tree = objectOf(root);
  return [
    ...nameChecks(tree),
    ...headerChecks(tree),
    ...addressChecks(tree),
    ...kafkaChecks(tree),
    ...readerChecks(tree),
  ];
}

/** The retrieve API is called over the remote command server, which only our own client speaks. */
function readerChecks(tree: ReturnType<typeof objectOf>): Finding[] {
  const { transport } = objectOf(tree['partition']);
  if (objectOf(tree['journal'])['reader'] !== 'api' || (transport !== 'jt400' && transport !== 'odbc')) return [];
  const expected = `expected auto or sql, or transport: hostserver: ${transport} does not speak the remote command server`;
  return [error('CFG_READER', ['journal', 'reader'], 'value', 'api', expected)];
}
