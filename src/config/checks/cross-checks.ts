/**
 * What a schema cannot say: names that must meet, headers and addresses that cannot be. Runs on the tree as written, beside
 * the schema, so that one look at the output shows every error at once.
 */
import type { Finding } from '../issue';
import { addressChecks } from './addresses';
import { headerChecks } from './headers';
import { kafkaChecks } from './kafka';
import { nameChecks } from './names';
import { objectOf } from './tree';

export function crossChecks(root: unknown): Finding[] {
  const tree = objectOf(root);
  return [...nameChecks(tree), ...headerChecks(tree), ...addressChecks(tree), ...kafkaChecks(tree)];
}
