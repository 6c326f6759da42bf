/** Everything a replay needs to know before it sends anything: tables, receivers, and whether each format is known. */
import { readTables } from '../../catalog/catalog';
import { zoneOffsetMinutes } from '../../catalog/clock';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { JournalAgain, type Wanted } from '../../journal/again/journal-again';
import { LedgerTable } from '../../journal/ledger/table';
import type { JournalOptions } from '../../journal/options';
import type { ReceiverChain } from '../../journal/position/chain';
import { CheckpointTable } from '../../journal/position/checkpoint-table';
import { fixedClock, type PartitionClock, zoneClock } from '../../map/event/clock';
import {
  formatName,
  formatPosition,
  type Position,
  parseName,
  type QualifiedName,
  sameName,
} from '../../model/position';
import { FormatHistory } from '../../record/layout/format-history';
import type { JournalReplayWish, ReplayScope } from '../../replay/options';
import type { Store } from '../../store/store';
import type { SqlConnection } from '../../transport/transport';
import { journalsOf } from '../journals';

export interface PreparedReplay {
  readonly tables: readonly TableFacts[];
  readonly options: JournalOptions;
  readonly chain: ReceiverChain;
  readonly scope: ReplayScope;
  readonly clock: PartitionClock;
  /** Minutes east of UTC of the partition's clock. */
  readonly offset: number;
}

interface PrepareParts {
  readonly config: Config;
  readonly connection: SqlConnection;
  readonly store: Store;
  readonly signal: AbortSignal;
}

/** What the configuration reads of each journal, and the tables as the catalog has them. */
export async function journalsOfConfig(
  config: Config,
  connection: SqlConnection,
): Promise<{ readonly tables: readonly TableFacts[]; readonly journals: readonly JournalOptions[] }> {
  const asked = config.tables.map((t) => t.table);
  const tables = (await readTables(connection, asked)).filter(hasLayout);
  return { tables, journals: journalsOf(config, tables) };
}

/**
 * @param scope of a run that goes on; null finds it out
 * @throws CodedError REPLAY_TABLE, REPLAY_LAYOUT (config, findings), SqlError. What is gone is in the scope
 */
export async function prepareReplay(
  parts: PrepareParts,
  wish: JournalReplayWish,
  scope: ReplayScope | null = null,
): Promise<PreparedReplay> {
  const { config, connection, store, signal } = parts;
  const { tables, journals } = await journalsOfConfig(config, connection);
  const options = optionsOf(wish, tables, journals);
  const offset = await zoneOffsetMinutes(connection);
  const { timeZone } = config.partition;
  const clock = timeZone ? zoneClock(timeZone) : fixedClock(offset);
  await using journal = await JournalAgain.open(connection, options, signal);
  const found = scope ?? (await findScope(journal, { store, clock, options }, wish));
  if (scope === null) await proveFormats(journal, found, store);
  return { tables, options, chain: journal.chain, scope: found, clock, offset };
}

function optionsOf(
  { journal, tables: wanted }: JournalReplayWish,
  tables: readonly TableFacts[],
  journals: readonly JournalOptions[],
): JournalOptions {
  const options = journals.find((j) => formatName(j.journal) === journal);
  const files = wanted && tables.filter((f) => wanted.includes(formatName(f.asked))).map((f) => formatName(f.file));
  const read = options?.tables.filter((t) => files === null || files.includes(formatName(t.file))) ?? [];
  if (!options || read.length === 0)
    throw new CodedError({
      code: 'REPLAY_TABLE',
      message: `nothing of ${wanted?.join(', ') ?? 'the configuration'} is read from journal ${journal}`,
      next: '`ibmi-cdc plan` shows the journal of each table; rows without a journal are sent again by `backfill`',
    });
  // deletes that break a limit were dealt with when the stream met them
  return {
    ...options,
    tables: read.map((t) => ({ ...t, massDelete: null })),
    onPositionLost: 'stop',
    checkpointMs: 500,
    idlePollMs: options.pollMs,
  };
}

async function findScope(
  journal: JournalAgain,
  { store, clock, options }: Pick<PrepareParts, 'store'> & Pick<PreparedReplay, 'clock' | 'options'>,
  wish: JournalReplayWish,
): Promise<ReplayScope> {
  const checkpoints = new CheckpointTable(store);
  const ceiling = checkpoints.get(options.journal)?.read ?? (await journal.head());
  return journal.scope(wantedOf(wish), {
    ceiling,
    utc: (local) => Date.parse(clock.toUtc(local)),
    seen: checkpoints.receiversSeen(options.journal),
  });
}

function wantedOf({ receiver, fromSequence, toSequence, since, until }: JournalReplayWish): Wanted {
  if (receiver === null) return { is: 'time', since, until };
  return {
    is: 'receiver',
    receiver: parseName(receiver)!,
    from: fromSequence === null ? null : BigInt(fromSequence),
    to: toSequence === null ? null : BigInt(toSequence),
  };
}

/**
 * A file that was altered before this state file knew it has entries of a format nobody has kept: they would be decoded as
 * what they are not.
 * @throws CodedError REPLAY_LAYOUT
 */
async function proveFormats(journal: JournalAgain, { stretches }: ReplayScope, store: Store): Promise<void> {
  const history = new FormatHistory(store, () => 0);
  const isKnown = (file: QualifiedName, at: Position): boolean => {
    const table = formatName(file);
    const ends = history.ranges(table).some((r) => r.until && samePlace(r.until, at));
    return ends || history.startingAt(table, at) !== null;
  };
  for (const stretch of stretches)
    for (const { file, at } of await journal.unknownFormats(stretch, new LedgerTable(store), isKnown)) {
      const table = formatName(file);
      throw new CodedError({
        code: 'REPLAY_LAYOUT',
        message: `${table} was altered at ${formatPosition(at)}, before this state file followed it: the record format of what stands before is not known`,
        next: `begin behind it: --receiver ${formatName(at.receiver)} --from-sequence ${at.sequence + 1n}, or leave the table out with --table`,
        facts: { table, position: formatPosition(at) },
      });
    }
}

function samePlace(a: Position, b: Position): boolean {
  return sameName(a.receiver, b.receiver) && a.sequence === b.sequence;
}
