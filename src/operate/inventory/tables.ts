/** The captured tables, each with how it stands: what a console lists. */
import { knownTables, sameTable } from '../../catalog/table-names';
import type { Config, TableConfig } from '../../config/config';
import type { EventNaming, RuleOptions } from '../../map/options';
import { formatName, formatPosition, ordinaryTable } from '../../model/position';
import { FormatHistory } from '../../record/layout/format-history';
import type { StateFile } from '../state-file';
import type { Status } from '../status/status';

type TableFacts = ReturnType<typeof factsOf>;

/** In the order of the configuration. */
export function tablesOf(config: Config, state: StateFile, status: Status): TableFacts[] {
  const names = knownTables(state.store);
  return config.tables.map((table) => {
    const known =
      names.find((n) => n.written === formatName(table.table)) ?? names.find((n) => sameTable(table.table, n.file));
    return factsOf(table, known?.file ?? formatName(ordinaryTable(table.table)), status);
  });
}

/** Record formats the file had, oldest first. */
export function formatsOf({ store }: StateFile, file: string) {
  // only listed, so that no two positions are ever compared
  return new FormatHistory(store, () => 0).ranges(file).map(({ id, format, from, until }) => ({
    id,
    from: from && formatPosition(from),
    until: until && formatPosition(until),
    columns: format.columns.map(({ name, type, length, scale, ccsid, nullable }) => ({
      name,
      type,
      length: length ?? null,
      scale: scale ?? null,
      ccsid: ccsid ?? null,
      nullable,
    })),
  }));
}

function factsOf(table: TableConfig, file: string, status: Status) {
  const written = formatName(table.table);
  const mine = (name: string): boolean => name === file || name === written;
  return {
    table: written,
    /** As its events have it. */
    file,
    capture: table.capture === 'journal' ? ('journal' as const) : ('window' as const),
    key: table.key,
    owner: table.owner,
    remember: table.remember,
    rules: table.rules.map(ruleOf),
    paused: status.pausedTables.find((p) => mine(p.table)) ?? null,
    unseenChanges: status.unseenChanges.find((u) => mine(u.table)) ?? null,
    window: status.windows.find((w) => mine(w.table)) ?? null,
    backfills: status.backfills.filter((b) => mine(b.table)),
    reconciles: status.reconciles.filter((r) => mine(r.table)),
    quarantined: status.quarantined.filter((q) => mine(q.table)),
  };
}

function ruleOf({
  name,
  event,
  title,
  to,
  when,
  whenChanged,
  onDelete,
  payload,
  envelope,
  mask,
  version,
}: RuleOptions) {
  return {
    name,
    events: eventsOf(event),
    title,
    to,
    when,
    whenChanged,
    onDelete: onDelete.is,
    payload: payload.is,
    envelope: envelope.is,
    masked: Object.keys(mask),
    version,
  };
}

/** Types of events about rows. */
function eventsOf(event: EventNaming): string[] {
  if (event.is === 'entity') return [event.created, event.updated, event.deleted, event.read];
  const entities = [...Object.values(event.types), ...(event.otherwise === null ? [] : [event.otherwise])];
  return [...new Set(entities)].flatMap((e) => ['created', 'updated', 'deleted', 'read'].map((end) => `${e}.${end}`));
}
