/** What can be said without the partition: the state file, and the changes it knows were not seen. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';
import { readUnseenChanges } from '../unseen-changes';

export function stateFindings({ state }: Pick<Config, 'state'>): CheckFinding[] {
  const folder = existsSync(state) ? state : dirname(state);
  if (!existsSync(folder)) return [passed('state', state, 'will be created')];
  try {
    accessSync(folder, constants.W_OK);
    return [passed('state', state, 'writable')];
  } catch {
    return [finding('CHECK_STATE_FILE', state, 'not writable by this user', `chown the folder ${dirname(state)}`)];
  }
}

export function unseenFindings(config: Config): CheckFinding[] {
  return readUnseenChanges(config).map((u) =>
    finding('CHECK_CHANGES_UNSEEN', u.table, `changes not seen: ${u.text}`, u.next.join('; then ')),
  );
}
