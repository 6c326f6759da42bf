/** `--table` of commands that look at what is stored: any name of the table, answered by the one its events carry. */

import { knownTables, sameTable } from '../catalog/table-names';
import type { Config, TableConfig } from '../config/config';
import { findTable, unknownTable } from '../config/find-table';
import type { ErrorCode } from '../errors/codes';
import { formatName, ordinaryTable, parseWritten } from '../model/position';
import type { EventFilter } from '../outbox/pages/filter';
import { type EventFilterOptions, eventFilterOf } from './event-filter';
import type { StateFile } from './state-file';

interface EventTable {
  /** `LIB/FILE` as events have it. */
  readonly file: string;
  /** Null when it is no longer in the configuration. */
  readonly table: TableConfig | null;
}

/** @throws CodedError `code`, family config, where neither the configuration nor anything stored has it */
export function eventTable(
  config: Config,
  state: StateFile,
  text: string,
  code: ErrorCode = 'TABLE_UNKNOWN',
): EventTable {
  const wanted = parseWritten(text);
  if (wanted === null) throw unknownTable(config, text, [], code);
  const names = knownTables(state.store);
  const stored = [
    ...names.map((n) => n.file),
    ...state.outbox.history.tables(),
    ...state.outbox.holds.list().map((h) => h.table),
  ];
  const known =
    names.find((n) => sameTable(wanted, n.file)) ??
    names.find((n) => sameTable(wanted, n.written) || sameTable(wanted, n.sqlName));
  const table = findTable(config, text) ?? (known && findTable(config, known.written)) ?? null;
  const file = known?.file ?? stored.find((name) => sameTable(wanted, name));
  if (file !== undefined) return { file, table };
  if (table) return { file: formatName(ordinaryTable(table.table)), table };
  throw unknownTable(config, text, stored, code);
}

/** The filter with its table as events carry it. @throws CodedError `code` */
export function storedFilterOf(
  config: Config,
  state: StateFile,
  options: EventFilterOptions,
  code: ErrorCode = 'TABLE_UNKNOWN',
): EventFilter {
  const filter = eventFilterOf(options);
  return filter.table === undefined ? filter : { ...filter, table: eventTable(config, state, filter.table, code).file };
}
