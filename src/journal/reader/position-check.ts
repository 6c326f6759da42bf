/**
 * A stored position against the journal as it is now, over any connection: can reading go on there, and for how long? The
 * reader asks the same at its start; `doctor` asks it without reading.
 */
import { partitionClock } from '../../catalog/clock';
import type { QualifiedName } from '../../model/position';
import { allRows, type SqlConnection } from '../../transport/transport';
import { ObjectNames } from '../entry/block-entry';
import { windowParams, windowSql } from '../entry/display-journal';
import { journalFailureOf } from '../entry/host-error';
import type { ReceiverChain } from '../position/chain';
import type { CheckpointTable, WrittenCheckpoint } from '../position/checkpoint-table';
import { forecastLoss, type LossForecast } from '../position/data-loss';
import { judgePosition, type LossChoices, lossChoices } from '../position/position-lost';
import { JournalQuery } from '../source/journal-query';
import { lastVisible } from './visible-head';

type PositionCheck =
  /** Nothing of the journal was read yet. */
  | { readonly is: 'none' }
  | { readonly is: 'lost'; readonly checkpoint: WrittenCheckpoint; readonly choices: LossChoices }
  | { readonly is: 'kept'; readonly checkpoint: WrittenCheckpoint; readonly forecast: LossForecast };

interface PositionCheckParts {
  readonly connection: SqlConnection;
  readonly journal: QualifiedName;
  readonly chain: ReceiverChain;
  readonly checkpoints: CheckpointTable;
  /** Tables of the configuration that are captured from journals. */
  readonly tables: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @throws CodedError family transport or host, when the partition cannot be asked */
export async function checkPosition(parts: PositionCheckParts): Promise<PositionCheck> {
  const { connection, journal, chain, checkpoints, tables, now } = parts;
  const checkpoint = checkpoints.get(journal);
  if (!checkpoint) return { is: 'none' };
  const { signal } = new AbortController();
  const query = new JournalQuery(connection, journal, new ObjectNames([]), 1);
  try {
    const clock = await partitionClock(connection);
    const { resume, read } = checkpoint;
    const verdict = await judgePosition(resume, chain, () => query.probe(resume.receiver, signal));
    if (verdict.is !== 'lost') return { is: 'kept', checkpoint, forecast: forecastLoss(chain, resume, clock, null) };
    const attached = chain.attached();
    const latest = attached ? await lastVisible(query, attached, signal) : null;
    const { why } = verdict;
    const remembered = checkpoints.lastReading(journal, now);
    const choices = lossChoices({ journal, position: read, why, chain, clock, latest, tables, ...remembered });
    return { is: 'lost', checkpoint, choices };
  } finally {
    await query.close();
  }
}

/**
 * Reads one entry of the attached receiver: the only proof of authority to read a journal.
 * @returns `nothing` when it holds no entry yet; the partition's message when the profile is refused
 */
export async function readOneEntry(
  connection: SqlConnection,
  journal: QualifiedName,
  attached: { readonly name: QualifiedName; readonly first: bigint },
): Promise<'read' | 'nothing' | { readonly refused: string }> {
  const sql = windowSql({ dataBytes: 1, from: 'first', to: 'sequence', filter: null });
  try {
    await allRows(await connection.query(sql, windowParams(journal, attached.name, null, attached.first)));
    return 'read';
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure === 'nothing') return 'nothing';
    if (failure !== 'not authorized') throw error;
    return { refused: (error as Error).message };
  }
}
