/**
 * Looks at the receivers of journals whose reader does not: it is paused by a full backlog, waits for the partition, or
 * stands in a long answer. How far behind it is and when data would be lost are asked for in just these moments.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckpointTable } from '../journal/position/checkpoint-table';
import { ReceiverWatch, type WatchedReader } from '../journal/reader/receiver-watch';
import type { QualifiedName } from '../model/position';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { SqlConnection, SqlTransport } from '../transport/transport';

/** What it asks of a capture. */
interface LookedAt {
  readonly journal: QualifiedName;
  /** True while reading goes on and looks at the receivers itself. */
  readonly reading: boolean;
  watched(): WatchedReader | null;
}

interface LookoutParts {
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly captures: readonly LookedAt[];
  readonly log: Logger;
}

const TICK_MS = 500;
/** Age of figures of a journal that is not being read. */
const STANDING_MS = 3_000;
/** A reader looks every 10 seconds while idle, every 60 while busy: beyond this it is stuck. */
const READING_MS = 75_000;
/** A look may take this share of the time. */
const SHARE = 0.05;
/** A connection that was not needed for so long is closed. */
const KEEP_MS = 60_000;
const RETRY_MS = 10_000;

export class Lookout {
  private connection: SqlConnection | null = null;
  private readonly startedAt = Date.now();
  private usedAt = 0;
  private notBefore = 0;
  private readonly checkpoints: CheckpointTable;

  constructor(private readonly parts: LookoutParts) {
    this.checkpoints = new CheckpointTable(parts.store);
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.round(signal);
        await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await this.drop();
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    const due = this.due();
    const now = Date.now();
    if (due.length === 0 || now < this.notBefore) {
      if (this.connection && now - this.usedAt > KEEP_MS) await this.drop();
      return;
    }
    try {
      this.connection ??= await this.parts.transport.connect({ signal, role: 'lookout' });
      for (const capture of due) if (!signal.aborted) await this.look(this.connection, capture);
      this.usedAt = Date.now();
      this.notBefore = this.usedAt + (this.usedAt - now) / SHARE;
    } catch (error) {
      await this.drop();
      this.notBefore = Date.now() + RETRY_MS;
      // whoever reads the journal reports a partition that cannot be reached
      if (!signal.aborted) this.parts.log.debug({ error }, 'receivers not looked at; again later');
    }
  }

  private due(): LookedAt[] {
    return this.parts.captures.filter((capture) => {
      // a reader that has just begun looks itself
      const age = Date.now() - Math.max(this.checkpoints.seenAt(capture.journal), this.startedAt);
      return age < 0 || age >= (capture.reading ? READING_MS : STANDING_MS);
    });
  }

  private async look(connection: SqlConnection, capture: LookedAt): Promise<void> {
    const { checkpoints } = this;
    const { journal } = capture;
    await new ReceiverWatch({
      connection,
      journal,
      checkpoints,
      now: Date.now,
      reader: () => capture.watched(),
    }).load();
  }

  private async drop(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    await connection?.close().catch(() => undefined);
  }
}
