/** What each journal's reader is asked for, out of the configuration and what the catalog says of its tables. */
import type { TableFacts } from '../catalog/table-facts';
import type { Config } from '../config/config';
import { type JournalOptions, journalOptions } from '../journal/options';
import { formatName, type QualifiedName } from '../model/position';

/** One reader for each journal; tables of one journal share a single read. */
export function journalsOf(config: Config, tables: readonly TableFacts[]): JournalOptions[] {
  const byJournal = new Map<string, { journal: QualifiedName; tables: JournalOptions['tables'][number][] }>();
  const byName = new Map(config.tables.map((t) => [formatName(t.table), t]));
  for (const facts of tables) {
    const mapped = byName.get(formatName(facts.asked));
    if (mapped?.capture !== 'journal') continue;
    const journal = mapped.journal ?? facts.journal?.name;
    if (!journal) continue;
    const entry = byJournal.get(formatName(journal)) ?? { journal, tables: [] };
    const { deletes, within } = mapped.deleteGuard;
    entry.tables.push({
      file: facts.file,
      member: mapped.member === '*ALL' ? null : memberOf(mapped.member, facts),
      uncommitted: mapped.uncommitted,
      massDelete: deletes > 0 ? { deletes, seconds: within / 1000 } : null,
    });
    byJournal.set(formatName(journal), entry);
  }
  const { journal: j, policies } = config;
  return [...byJournal.values()].map((found) =>
    journalOptions({
      ...found,
      start: policies.start,
      onPositionLost: policies.positionLost,
      reader: j.reader,
      sideBySide: j.sideBySide,
      catchUpJobs: j.catchUpJobs,
      pollMs: j.pollInterval,
      idlePollMs: j.maxPollInterval,
      blockBytes: j.blockBytes,
      windowEntries: j.maxEntriesPerRead,
      checkpointMs: j.checkpointInterval,
      heldEntries: j.heldEntries,
      filter: j.filter,
    }),
  );
}

/** `*FIRST` is the member SQL reads: the one the catalog lists first. */
function memberOf(member: string, facts: TableFacts): string | null {
  return member === '*FIRST' ? (facts.members[0]?.name ?? null) : member;
}
