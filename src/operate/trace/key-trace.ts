/** `trace --key`: asks the partition for changes of a key, journal by journal, and shows the story of each. */

import { transportOf } from '../../assembly/connect';
import { journalsOf } from '../../capture/journals';
import { TableMapping } from '../../capture/tables/table-mapping';
import { readTables } from '../../catalog/catalog';
import { zoneOffsetMinutes } from '../../catalog/clock';
import { readReceivers } from '../../catalog/journals';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { Config, TableConfig } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { LedgerTable } from '../../journal/ledger/table';
import type { JournalOptions } from '../../journal/options';
import { ReceiverChain } from '../../journal/position/chain';
import { fixedClock, type PartitionClock, zoneClock } from '../../map/event/clock';
import { formatName, formatPosition } from '../../model/position';
import { FormatHistory } from '../../record/layout/format-history';
import type { Logger } from '../../telemetry/logger';
import type { SqlConnection } from '../../transport/transport';
import type { StateFile } from '../state-file';
import { type ChangeStory, storyOf } from './change-story';
import { JournalSearch, type SearchResult, type SearchWish } from './journal-search';

/** What `--table` said, and the table of the configuration that it means. */
interface AskedTable {
  readonly text: string;
  readonly table: TableConfig | null;
}

interface KeyTraceParts {
  readonly config: Config;
  readonly state: StateFile;
  /** Null is every captured table. */
  readonly table: AskedTable | null;
  readonly wish: SearchWish;
  readonly log: Logger;
  readonly traceWire?: string | undefined;
  readonly signal: AbortSignal;
}

/** What one journal had to say. */
export interface JournalTrace {
  readonly journal: string;
  readonly tables: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly entries: number;
  readonly ended: SearchResult['ended'];
  readonly gone: readonly string[];
  readonly unreadable: readonly { readonly table: string; readonly position: string; readonly code: string }[];
  readonly stories: readonly ChangeStory[];
}

export interface KeyTrace {
  readonly journals: readonly JournalTrace[];
  /** Tables that no journal covers, and why. */
  readonly without: readonly { readonly table: string; readonly why: string }[];
}

/** @throws CodedError when the partition cannot be asked; `TRACE_TABLE`, family config, for a table that is not captured */
export async function traceKey(parts: KeyTraceParts): Promise<KeyTrace> {
  const { config, log, signal } = parts;
  const tables = tablesOf(config, parts.table);
  const transport = transportOf(config, { traceWire: parts.traceWire });
  await using connection = await transport.connect({ role: 'trace', signal });
  const all = await readTables(
    connection,
    tables.map((t) => t.table),
  );
  const facts = all.filter(hasLayout);
  const offset = await zoneOffsetMinutes(connection);
  const mapping = new TableMapping({ config, tables: facts, offset, transport, log });
  const clock = config.partition.timeZone ? zoneClock(config.partition.timeZone) : fixedClock(offset);
  const journals: JournalTrace[] = [];
  for (const options of journalsOf(config, facts)) {
    journals.push(await journalTrace(parts, { connection, options, facts, mapping, clock }));
  }
  return { journals, without: withoutJournal(config, all, journals) };
}

interface Asked {
  readonly connection: SqlConnection;
  readonly options: JournalOptions;
  readonly facts: readonly TableFacts[];
  readonly mapping: TableMapping;
  readonly clock: PartitionClock;
}

async function journalTrace(parts: KeyTraceParts, asked: Asked): Promise<JournalTrace> {
  const { config, state, wish, signal } = parts;
  const { connection, options, facts, mapping, clock } = asked;
  const chain = new ReceiverChain(await readReceivers(connection, options.journal));
  const ledger = new LedgerTable(state.store);
  const checkpoint = state.checkpoints.get(options.journal);
  // a receiver that is gone from the list is older than any that is on it
  const formats = new FormatHistory(state.store, (a, b) => chain.compare(a, b) ?? 1);
  const search = new JournalSearch(
    { connection, options, facts, chain, checkpoint, ledger, mapping, formats, clock, signal },
    wish,
  );
  const result = await search.run();
  const stories: ChangeStory[] = [];
  for (const change of result.changes) {
    search.useFormatOf(change);
    stories.push(
      await storyOf(change, {
        ledger,
        checkpoint,
        mapping,
        clock,
        rulesOf: (table) => {
          const asked = facts.find((f) => formatName(f.file) === table)?.asked;
          return config.tables.find((t) => asked && formatName(t.table) === formatName(asked)) ?? null;
        },
        isStored: (id) => state.outbox.history.events({ id: [id] }, { limit: 1 }).length > 0,
        isRead: (c) => checkpoint !== null && (chain.compare(c.position, checkpoint.read) ?? 1) <= 0,
      }),
    );
  }
  return {
    journal: formatName(options.journal),
    tables: options.tables.map((t) => formatName(t.file)),
    from: result.from && formatPosition(result.from),
    to: result.to && formatPosition(result.to),
    entries: result.entries,
    ended: result.ended,
    gone: result.gone,
    unreadable: result.unreadable.map((u) => ({ ...u, position: formatPosition(u.position) })),
    stories,
  };
}

function tablesOf(config: Config, asked: AskedTable | null): Config['tables'] {
  if (asked === null) return config.tables;
  if (asked.table) return [asked.table];
  throw new CodedError({
    code: 'TRACE_TABLE',
    message: `${asked.text} is not captured; ${config.file} has ${config.tables.map((t) => formatName(t.table)).join(', ')}`,
    next: 'name one of them, or leave --table out to look at all of them',
  });
}

function withoutJournal(config: Config, facts: readonly TableFacts[], journals: readonly JournalTrace[]) {
  const journaled = new Set(journals.flatMap((j) => j.tables));
  return facts.flatMap((f) => {
    if (journaled.has(formatName(f.file))) return [];
    const table = formatName(f.asked);
    const window = config.tables.find((t) => formatName(t.table) === table)?.capture !== 'journal';
    const why = window
      ? 'it is captured by a window: rows that were filtered leave no trace, and no journal can be asked'
      : `${f.state}: ${f.reason}`;
    return [{ table, why }];
  });
}
