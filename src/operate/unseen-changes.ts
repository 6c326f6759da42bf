/** Tables whose changes were not all seen, as commands show them. */
import type { Config } from '../config/config';
import { gapMending, gapText } from '../journal/position/gap-advice';
import { GAP_SCHEMA, GapTable, type TableGap } from '../journal/position/gap-table';
import { formatPosition } from '../model/position';
import { stateThere } from '../store/look';
import { Store } from '../store/store';

export interface UnseenChanges {
  /** `LIB/FILE`, system names. */
  readonly table: string;
  readonly reason: string;
  readonly from: string;
  /** Null while nothing of the table is journaled. */
  readonly until: string | null;
  readonly since: string;
  readonly text: string;
  /** CL and commands in the order to give them. */
  readonly next: readonly string[];
}

export function unseenChanges(gaps: readonly TableGap[]): UnseenChanges[] {
  return gaps.map((gap) => ({
    table: gap.table,
    reason: gap.kind,
    from: formatPosition(gap.from),
    until: gap.until ? formatPosition(gap.until) : null,
    since: new Date(gap.seenAt).toISOString(),
    text: gapText(gap),
    next: gapMending(gap),
  }));
}

/** From the state file of a config; nothing where no daemon has written one. */
export function readUnseenChanges(config: Config): UnseenChanges[] {
  if (!stateThere(config.state)) return [];
  using store = Store.open(config.state, [GAP_SCHEMA]);
  return unseenChanges(new GapTable(store).list());
}
