/** A backfill by itself, when no daemon owns the state file: reads, maps, writes and delivers, then ends. */
import { type BackfillJob, BackfillJobs, type BackfillWish } from '../../backfill/backfill-jobs';
import { BackfillService, provedRows } from '../../capture/rows/backfill-service';
import { type AloneParts, standingAlone } from './alone';

interface BackfillAloneParts extends Omit<AloneParts, 'delivers'> {
  readonly wish: BackfillWish;
  /** Goes on with the unfinished backfill of the same wish, if there is one. */
  readonly resume: boolean;
  readonly progress: (job: BackfillJob) => void;
}

interface BackfillResult {
  readonly job: BackfillJob;
  /** Deliveries still open when it ended; `run` goes on with them. */
  readonly pending: number;
}

/**
 * @returns null when a daemon owns the state file: add the job and let the daemon do it
 * @throws CodedError what keeps it from running; a job begun can be resumed
 */
export function backfillAlone(parts: BackfillAloneParts): Promise<BackfillResult | null> {
  const { config, transport, log, signal, wish } = parts;
  return standingAlone(
    { ...parts, delivers: true },
    async (connection) => (parts.resume ? null : await provedRows(config, connection, wish)),
    async ({ store, publisher, delivered, pending }, total) => {
      const service = new BackfillService({ config, transport, store, publisher, streams: [], log });
      const jobs = new BackfillJobs(store);
      const job = (parts.resume ? jobs.unfinished(wish) : null) ?? jobs.add(wish, Date.now());
      if (total !== null && job.total === null) jobs.setTotal(job.id, total);
      await service.runJob(job, signal, parts.progress);
      await delivered();
      return { job: jobs.get(job.id)!, pending: pending() };
    },
  );
}
