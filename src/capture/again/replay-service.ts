/**
 * Replays beside the stream: takes the jobs of the state file one after the other, oldest first, also those a killed process
 * left half done.
 */
import type { Config } from '../../config/config';
import type { Dispatcher } from '../../deliver/dispatcher';
import { CodedError } from '../../errors/coded-error';
import type { Outbox } from '../../outbox/outbox';
import type { ReplayScope } from '../../replay/options';
import { type ReplayJob, ReplayJobs } from '../../replay/replay-jobs';
import type { DiskRoom } from '../../store/disk-room';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { SqlTransport } from '../../transport/transport';
import type { Backpressure } from '../backpressure';
import { serveJobs } from '../rows/job-loop';
import { QuietHours, standStill } from '../rows/quiet-hours';
import { heldTable } from '../tables/held-table';
import { TableMapping } from '../tables/table-mapping';
import { type PreparedReplay, prepareReplay } from './prepare-replay';
import { ReplayPace, ReplayRun } from './replay-run';

interface ReplayServiceParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly outbox: Outbox;
  /** Null where nothing is delivered by this process. */
  readonly delivery: { readonly dispatcher: Dispatcher; readonly backpressure: Backpressure } | null;
  readonly log: Logger;
  /** Left out where a full disk ends it. */
  readonly room?: DiskRoom;
}

/** Entries a second where nothing else is said: below what a partition gives to one reader, so that the stream has its share. */
const ENTRIES_PER_SECOND = 5_000;

export class ReplayService {
  private readonly jobs: ReplayJobs;
  private readonly quiet: QuietHours;

  constructor(private readonly parts: ReplayServiceParts) {
    this.jobs = new ReplayJobs(parts.store);
    const { budget, timeZone } = parts.config.partition;
    this.quiet = new QuietHours(budget.quietHours, timeZone);
  }

  /** Serves jobs until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    const { jobs } = this;
    const { log, room } = this.parts;
    return serveJobs(
      {
        what: 'replay',
        next: () => jobs.list(['running', 'waiting'])[0],
        run: (job, until) => this.runJob(job, until),
        failed: ({ id }, message) => jobs.setState(id, 'failed', Date.now(), message),
        log,
        room,
      },
      signal,
    );
  }

  /** One job to its end, or until `signal` aborts; then it goes on where it stopped. */
  async runJob(job: ReplayJob, signal: AbortSignal, progress?: (job: ReplayJob) => void): Promise<void> {
    const { config, transport, store, outbox, log } = this.parts;
    await this.standStill(job, signal);
    if (signal.aborted) return;
    await using connection = await transport.connect({ signal, role: 'replay' });
    const prepared = await prepareReplay({ config, connection, store, signal }, job.wish, job.scope);
    if (job.scope === null) {
      if (!job.wish.available) refuseGone(prepared.scope);
      this.jobs.begin(job.id, prepared.scope, Date.now());
    }
    log.info(
      { replay: job.id, journal: job.wish.journal, stretches: prepared.scope.stretches.length },
      'replay running',
    );
    const pace = new ReplayPace(job.wish.entriesPerSecond ?? ENTRIES_PER_SECOND);
    const run = new ReplayRun(
      {
        connection,
        prepared,
        wish: job.wish,
        mapping: replayMapping(this.parts, prepared, store),
        outbox,
        queues: true,
        progress: (place, figures) => {
          this.jobs.progress(job.id, place, figures, Date.now());
          return this.jobs.get(job.id)!.state === 'running';
        },
        queued: async (done, entries) => {
          if (done && done.deliveries > 0) await this.hand(done);
          progress?.(this.jobs.get(job.id)!);
          await pace.after(entries, signal);
          await this.standStill(job, signal);
        },
      },
      job.figures,
    );
    const figures = await run.run(job.place, signal);
    if (figures === null) return;
    this.jobs.setState(job.id, 'done', Date.now());
    log.info({ replay: job.id, ...figures }, 'replay done');
  }

  private async hand({
    queued,
  }: {
    readonly queued: Parameters<Backpressure['room']>[0]['deliveries'];
  }): Promise<void> {
    const { delivery } = this.parts;
    delivery?.dispatcher.look();
    await delivery?.backpressure.room({ deliveries: queued, held: [] });
  }

  private standStill(job: ReplayJob, signal: AbortSignal): Promise<void> {
    return standStill(this.quiet, Date.now, signal, (minutes) =>
      this.parts.log.info({ replay: job.id, minutes }, 'replay stands still: partition.budget.quietHours'),
    );
  }
}

/**
 * A mapping of its own: formats of then, and what it holds, are nothing to the stream.
 * @param held where it writes down what waits for others of its key
 */
export function replayMapping(
  { config, transport, store, log }: Pick<ReplayServiceParts, 'config' | 'transport' | 'store' | 'log'>,
  { tables, offset }: PreparedReplay,
  held: Store,
): TableMapping {
  const mapping = new TableMapping({ config, tables, offset, transport, log });
  mapping.followHistory(store);
  mapping.useHeld(heldTable(held, config, 'replay_held'));
  return mapping;
}

/** @throws CodedError REPLAY_GONE */
export function refuseGone({ gone, stretches }: ReplayScope): void {
  if (gone.length === 0) return;
  const list = gone.map(({ receiver, why }) => `${receiver} (${why})`).join(', ');
  const left = stretches.length > 0 ? 'add --available to replay what is left, or restore them first' : 'restore them';
  throw new CodedError({
    code: 'REPLAY_GONE',
    message: `the range has entries in receivers that no longer hold them: ${list}; nothing was sent`,
    next: `${left}: RSTOBJ OBJ(RECEIVER) SAVLIB(LIB) OBJTYPE(*JRNRCV); rows as they are now are sent by \`ibmi-cdc backfill\``,
    facts: { receivers: gone.map((g) => g.receiver).join(' ') },
  });
}
