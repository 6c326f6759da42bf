/**
 * The receiver directory as last looked at, and what follows from it: how far behind the reader is, when what it needs may be
 * deleted, which commit cycle has been silent. Looking costs seconds on a journal with hundreds of receivers, so it is rare.
 */
import { partitionClock } from '../../catalog/clock';
import { readReceivers } from '../../catalog/journals';
import { formatName, type Position, type QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import type { QuietCycle } from '../cycle/commit-cycles';
import { ReceiverChain } from '../position/chain';
import type { CheckpointTable, FilterReport, ReadWay } from '../position/checkpoint-table';
import { forecastLoss, secondsBetween } from '../position/data-loss';

/** Milliseconds between two looks while nothing arrives. */
const IDLE_MS = 10_000;
/** The same while something does. */
const BUSY_MS = 60_000;

/** Entries that one look takes, and too few to compute a rate from. */
const AT_THE_END = 1000n;

export type SilentCycle = QuietCycle & { readonly seconds: number };

interface ReceiverWatchParts {
  readonly connection: SqlConnection;
  readonly journal: QualifiedName;
  readonly checkpoints: CheckpointTable;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where the reader stands; null before it knows. */
  readonly reader: () => WatchedReader | null;
}

export interface WatchedReader {
  readonly position: Position;
  readonly quietest: QuietCycle | null;
  readonly filter: FilterReport | null;
  readonly way: ReadWay | null;
  /** False while it stands: then the rate it once had says nothing. */
  readonly reading: boolean;
}

export class ReceiverWatch {
  chain = new ReceiverChain([]);
  silentCycle: SilentCycle | null = null;
  /** 0 when the directory is known to have changed. */
  private seenAt = 0;
  /** A backlog that is gone must not stay in what status shows. */
  private outlookDue = true;
  /** A listing nobody waits for, and how the last one failed. */
  private listing: Promise<void> | null = null;
  private failed: { readonly error: unknown } | null = null;
  private rate: { readonly entries: number; readonly ms: number } | null = null;

  constructor(private readonly parts: ReceiverWatchParts) {}

  /** False when the directory has changed since it was looked at. */
  get current(): boolean {
    return this.seenAt !== 0;
  }

  /** Entries a second while there was a backlog; null before the first. */
  get readPerSecond(): number | null {
    return this.rate && this.rate.ms > 0 ? (this.rate.entries * 1000) / this.rate.ms : null;
  }

  /** An entry reported that the receiver was changed. */
  changed(): void {
    this.seenAt = 0;
  }

  /** What a look at the entries cost. */
  measure(entries: number, ms: number): void {
    if (entries < AT_THE_END) return;
    const known = this.rate ?? { entries: 0, ms: 0 };
    // Older measurements fade: the rate of last night says little about now.
    this.rate = { entries: known.entries / 2 + entries, ms: known.ms / 2 + ms };
  }

  async load(): Promise<void> {
    const { connection, journal, now } = this.parts;
    const receivers = await readReceivers(connection, journal);
    this.chain = new ReceiverChain(receivers);
    this.seenAt = now();
    this.parts.checkpoints.noteReceivers(
      journal,
      receivers.map(({ name, attached, detached }) => ({ receiver: formatName(name), attached, detached })),
    );
    await this.lookAhead();
  }

  /** There is more to read: the directory is looked at now and then. */
  async whileBusy(): Promise<void> {
    this.outlookDue = true;
    if (this.current && this.age() >= BUSY_MS) await this.load();
  }

  /**
   * Everything visible was read. @param moved whether the last look found anything @param beside the connection is not needed
   * for looks: a directory that is listed only for its figures is waited for by nobody, and its failure comes with the next call
   */
  async whenCaughtUp(moved: boolean, beside = false): Promise<void> {
    if (this.failed) throw this.failed.error;
    const due = this.age() >= (moved ? BUSY_MS : IDLE_MS);
    if (this.current && !this.outlookDue && !due) return;
    const needed = !this.current;
    this.outlookDue = false;
    if (!beside || needed) return await this.load();
    this.listing ??= this.load()
      .catch((error: unknown) => {
        this.failed = { error };
      })
      .finally(() => {
        this.listing = null;
      });
  }

  private age(): number {
    return this.parts.now() - this.seenAt;
  }

  /** The partition's clock; empty when it does not say. */
  clock(): Promise<string> {
    return partitionClock(this.parts.connection);
  }

  /** Where the reader stands against the journal's end and against its deletion, for whoever asks. */
  private async lookAhead(): Promise<void> {
    const reader = this.parts.reader();
    const clock = reader ? await this.clock() : '';
    if (!reader || clock === '') return;
    const { position, quietest, filter, way } = reader;
    this.silentCycle = quietest && { ...quietest, seconds: secondsBetween(quietest.timestamp, clock) };
    const { checkpoints, journal, now } = this.parts;
    const known = checkpoints.outlook(journal);
    const readPerSecond = this.readPerSecond ?? known?.readPerSecond ?? null;
    const forecast = forecastLoss(this.chain, position, clock, reader.reading ? readPerSecond : null);
    const { behind } = forecast;
    const atTheEnd = reader.reading && behind !== null && behind < AT_THE_END;
    checkpoints.setOutlook({
      journal,
      ...forecast,
      // what was written since the last look is not danger: the age of single entries in a quiet receiver is a guess
      hoursToLoss: atTheEnd ? null : forecast.hoursToLoss,
      readPerSecond,
      filter: filter ?? known?.filter ?? null,
      way: way ?? known?.way ?? null,
      seenAt: now(),
    });
  }
}
