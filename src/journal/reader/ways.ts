/** What depends on the way entries are read: the source, where foreign entries are left out, how often an idle journal is looked at. */

import type { QualifiedName } from '../../model/position';
import type { ObjectNames } from '../entry/block-entry';
import type { JournalOptions } from '../options';
import { ApiSource } from '../source/api-source';
import type { EntrySource } from '../source/entry-source';
import { JournalQuery } from '../source/journal-query';
import { FilterChoice } from './filter-choice';
import type { ReaderDeps } from './reader-state';
import { Waiter } from './waiter';

interface Ways {
  readonly source: EntrySource;
  readonly filter: FilterChoice;
  readonly waiter: Waiter;
}

/** A statement costs the partition tens of milliseconds, the API's look at a number next to nothing: it may look often. */
const PAUSES = { sql: { pollMs: 1000, idlePollMs: 5000 }, api: { pollMs: 200, idlePollMs: 200 } } as const;

/** @param timer milliseconds, monotonic. @param attached the attached receiver as last known */
export function waysOf(
  deps: ReaderDeps,
  names: ObjectNames,
  timer: () => number,
  attached: () => QualifiedName | null,
): Ways {
  const { options, connection, programs } = deps;
  const sql = new JournalQuery(connection, options.journal, names, options.entryDataBytes);
  const { sideBySide: when, catchUpJobs: jobs, journal } = options;
  const open = connection.programs ? () => connection.programs!() : null;
  const abreast = { open, when, jobs };
  const source = programs ? new ApiSource({ programs, journal, names, sql, attached, timer, abreast }) : sql;
  const files = options.tables.map((t) => t.file);
  const filter = new FilterChoice(options.filter, files, timer, deps.onFilterJudged);
  return { source, filter, waiter: waiter(options, source.kind) };
}

function waiter({ pollMs, idlePollMs }: JournalOptions, kind: EntrySource['kind']): Waiter {
  const poll = pollMs ?? PAUSES[kind].pollMs;
  return new Waiter(poll, idlePollMs ?? Math.max(poll, PAUSES[kind].idlePollMs));
}
