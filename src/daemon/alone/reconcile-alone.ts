/** Reconciliations by themselves, when no daemon owns the state file. What a repair queues is delivered by `run`. */
import { provedWish, ReconcileService } from '../../capture/rows/reconcile-service';
import { isCoded } from '../../errors/coded-error';
import type { ReconcileWish } from '../../reconcile/options';
import { type ReconcileJob, ReconcileJobs } from '../../reconcile/reconcile-jobs';
import { type AloneParts, standingAlone } from './alone';

interface ReconcileAloneParts extends Omit<AloneParts, 'delivers'> {
  /** One a table. */
  readonly wishes: readonly ReconcileWish[];
  readonly progress: (job: ReconcileJob) => void;
  /** Each as it ends, or is stopped. */
  readonly ended: (jobs: ReconcileJobs, job: ReconcileJob) => void;
}

/** @returns false when a daemon owns the state file: add the jobs and let the daemon do them */
export async function reconcileAlone(parts: ReconcileAloneParts): Promise<boolean> {
  const { config, transport, log, signal, wishes } = parts;
  const done = await standingAlone(
    { ...parts, delivers: false },
    async (connection) => {
      for (const wish of wishes) await provedWish(config, connection, wish);
    },
    async ({ store, outbox, mapping, publisher, metrics }) => {
      const service = new ReconcileService({
        config,
        transport,
        store,
        outbox,
        mapping,
        publisher,
        streams: null,
        metrics,
        log,
      });
      const jobs = new ReconcileJobs(store);
      for (const wish of wishes) {
        const job = jobs.unfinished(wish, Date.now()) ?? jobs.add(wish, Date.now());
        try {
          await service.runJob(job, signal, parts.progress);
        } catch (error) {
          // one table of many that has nothing to compare with must not keep the others from it
          if (wishes.length === 1 || !isCoded(error) || error.code !== 'RECONCILE_NOTHING') throw error;
          jobs.setState(job.id, 'failed', Date.now(), `${error.code}: ${error.message}`);
        }
        parts.ended(jobs, jobs.get(job.id)!);
      }
      return true;
    },
  );
  return done ?? false;
}
