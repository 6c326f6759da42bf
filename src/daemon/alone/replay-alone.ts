/** Replays from the journal by themselves, when no daemon owns the state file. What they queue is delivered by `run`. */
import { ReplayService } from '../../capture/again/replay-service';
import type { JournalReplayWish } from '../../replay/options';
import { type ReplayJob, ReplayJobs } from '../../replay/replay-jobs';
import { type AloneParts, standingAlone } from './alone';

interface ReplayAloneParts extends Omit<AloneParts, 'delivers'> {
  /** One a journal. */
  readonly wishes: readonly JournalReplayWish[];
  readonly progress: (job: ReplayJob) => void;
}

/**
 * @returns the jobs as they ended, or were stopped; null when a daemon owns the state file: add them and let it do them
 * @throws CodedError what keeps one from running; the same wish goes on with it later
 */
export function replayAlone(parts: ReplayAloneParts): Promise<readonly ReplayJob[] | null> {
  const { config, transport, log, signal, wishes } = parts;
  return standingAlone(
    { ...parts, delivers: false },
    async () => null,
    async ({ store, outbox }) => {
      const service = new ReplayService({ config, transport, store, outbox, delivery: null, log });
      const jobs = new ReplayJobs(store);
      const done: ReplayJob[] = [];
      for (const wish of wishes) {
        const job = jobs.unfinished(wish) ?? jobs.add(wish, Date.now());
        if (job.state === 'failed') jobs.setState(job.id, job.scope ? 'running' : 'waiting', Date.now());
        await service.runJob(jobs.get(job.id)!, signal, parts.progress);
        done.push(jobs.get(job.id)!);
        if (signal.aborted) break;
      }
      return done;
    },
  );
}
