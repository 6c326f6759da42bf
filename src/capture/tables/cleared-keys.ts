/**
 * A cleared file under the policy `delete`: one entry says that all rows are gone, so a delete is sent for each key the
 * receivers have got and no delete of. Inside the transaction of the unit, behind the notice; memory holds a page.
 */
import type { ClearedPolicy } from '../../config/config';
import type { Change, TableNotice } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { formatName } from '../../model/position';
import { HeldKeys, keyMembers } from '../../remember/held-keys';
import type { Remember } from '../../remember/remember';
import type { Store } from '../../store/store';
import type { UnitLog } from './committed-log';
import type { Mapping } from './mapping';

interface ClearedKeysParts {
  readonly store: Store;
  readonly mapping: Mapping;
  readonly remember: Remember;
  /** By `LIB/FILE`. */
  readonly cleared: ReadonlyMap<string, ClearedPolicy>;
  readonly log: UnitLog;
}

const PAGE = 1000;

export class ClearedKeys {
  constructor(private readonly parts: ClearedKeysParts) {}

  /** The deletes that follow a notice; none for other notices, other policies, and rules that do not report deletions. */
  *drafts(notice: TableNotice): Iterable<EventDraft> {
    const { store, mapping, remember, cleared, log } = this.parts;
    const table = formatName(notice.table);
    if (notice.kind !== 'table.cleared' || cleared.get(table) !== 'delete') return;
    remember.catchUp();
    const held = new HeldKeys(store, notice.table);
    const change = header(notice);
    let deletes = 0;
    for (const { no, rule } of held.rules()) {
      for (let after: Buffer | null = null; ; ) {
        const keys: readonly Buffer[] = held.page(no, after, PAGE).map(({ key }) => key);
        for (const key of keys) {
          for (const draft of mapping.gone(rule, keyMembers(key), change)) {
            deletes++;
            yield draft;
          }
        }
        held.drop(no, keys);
        if (keys.length < PAGE) break;
        after = keys.at(-1)!;
      }
    }
    log.warn({ table, deletes }, 'table cleared: a delete is queued for each key that was sent');
  }
}

/** The occasion is the entry: a unit that is written again repeats its ids. */
function header(notice: TableNotice): Change {
  const { table, member, timestamp, user, job, program, position } = notice;
  return {
    op: 'delete',
    mode: 'stream',
    table,
    member,
    before: null,
    after: null,
    journal: null,
    position: null,
    occasion: `cleared ${formatName(position.receiver)}:${position.sequence}`,
    timestamp,
    commitCycle: 0n,
    rrn: 0n,
    user,
    job,
    program,
    remoteAddress: '',
  };
}
