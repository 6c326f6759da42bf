/** One journal entry read again, with the record format its file had then. */
import { journalsOf } from '../../capture/journals';
import { tableNamed } from '../../capture/tables/table-named';
import { readTables } from '../../catalog/catalog';
import { readReceivers } from '../../catalog/journals';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { Config, TableConfig } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { readRange } from '../../journal/again/read-range';
import type { JournalOptions } from '../../journal/options';
import { ReceiverChain } from '../../journal/position/chain';
import type { Change, RecordImage } from '../../model/change';
import { formatName, formatPosition, type Position } from '../../model/position';
import type { RecordFormat } from '../../model/record-format';
import { FormatHistory } from '../../record/layout/format-history';
import type { SqlConnection } from '../../transport/transport';
import type { StateFile } from '../state-file';

interface ReadEntry {
  readonly table: TableConfig;
  readonly facts: TableFacts;
  readonly format: RecordFormat;
  /** Owns its bytes. */
  readonly change: Change;
}

interface EntryParts {
  readonly config: Config;
  readonly state: StateFile;
  readonly signal: AbortSignal;
}

/** How far before an update its before image is looked for: other jobs write between the two. */
const BACK = [1n, 64n, 2_048n] as const;

/** @throws CodedError `API_IMAGE`, `TABLE_UNKNOWN`; families host and transport where the partition does not answer */
export async function readEntry(
  { config, state, signal }: EntryParts,
  connection: SqlConnection,
  wish: { readonly table: string; readonly position: Position },
): Promise<ReadEntry> {
  const table = await tableNamed(config, connection, wish.table);
  const [facts] = await readTables(connection, [table.table]);
  const [options] = facts && hasLayout(facts) ? journalsOf(config, [facts]) : [];
  if (!facts || !options) throw noImage(`${wish.table} is not read from a journal`);
  const chain = new ReceiverChain(await readReceivers(connection, options.journal));
  const change = await changeAt(connection, { options, chain, signal }, wish.position);
  const history = new FormatHistory(state.store, (a, b) => chain.compare(a, b) ?? 1);
  const then = history.at(formatName(facts.file), wish.position);
  return { table, facts, format: then?.format ?? facts.format, change };
}

interface Asked {
  readonly options: JournalOptions;
  readonly chain: ReceiverChain;
  readonly signal: AbortSignal;
}

async function changeAt(connection: SqlConnection, asked: Asked, at: Position): Promise<Change> {
  const receiver = asked.chain.get(at.receiver);
  if (!receiver) throw noImage(`receiver ${formatName(at.receiver)} is no longer on the partition`);
  let found: Change | null = null;
  for (const back of BACK) {
    const from = at.sequence - back > receiver.first ? at.sequence - back : receiver.first;
    const range = { receiver: at.receiver, from, to: at.sequence };
    const seen = await readRange(connection, asked.options, range, asked.signal, (change) => {
      if (change.entry.sequence === at.sequence) found = owned(change);
    });
    if (seen === null) throw noImage(`receiver ${formatName(at.receiver)} can no longer be read`);
    const change = found as Change | null;
    const whole = change !== null && (change.op !== 'update' || change.before !== null);
    if (whole || from === receiver.first) break;
  }
  if (found === null) throw noImage(`no change of the table stands at ${formatPosition(at)}`);
  return found;
}

/** What a view into a block shows, kept. */
function owned(change: Change): Change {
  const side = (source: Change['after']): Change['after'] => source && { is: 'image', image: copied(source.image) };
  const { op, mode, table, member, journal, position, occasion, timestamp, commitCycle } = change;
  const { rrn, user, job, program, remoteAddress } = change;
  return {
    ...{ op, mode, table, member, journal, position, occasion, timestamp, commitCycle },
    ...{ rrn, user, job, program, remoteAddress },
    before: side(change.before),
    after: side(change.after),
  };
}

function copied({ bytes, offset, length, nulls }: RecordImage): RecordImage {
  return {
    bytes: Buffer.from(bytes.subarray(offset, offset + length)),
    offset: 0,
    length,
    nulls: nulls && Uint8Array.from(nulls),
  };
}

export function noImage(message: string): CodedError {
  return new CodedError({
    code: 'API_IMAGE',
    message,
    next: 'the event itself is stored: /v1/events/{id} has its body',
  });
}
