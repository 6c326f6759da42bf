/** `reconcile`: the watch over jobs that a daemon works on, and what a finished job reports. */
import { provedWish } from '../../capture/rows/reconcile-service';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import type { ReconcileWish } from '../../reconcile/options';
import { RECONCILE_SCHEMA, type ReconcileJob, ReconcileJobs } from '../../reconcile/reconcile-jobs';
import { differenceLine, differenceText, reportLine, reportText } from '../../reconcile/report';
import { Store } from '../../store/store';
import { oneLine } from '../../telemetry/visible';
import type { SqlTransport } from '../../transport/transport';
import { daemonWatch, needStateFile } from './state-there';

/** The daemon that owns the state file does the work; this process only watches. */
export async function reconcileThroughDaemon(
  config: Config,
  transport: SqlTransport,
  wishes: readonly ReconcileWish[],
  watch: {
    readonly update: (job: ReconcileJob) => void;
    readonly ended: (jobs: ReconcileJobs, job: ReconcileJob) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  needStateFile(config);
  {
    await using connection = await transport.connect({ role: 'reconcile' });
    for (const wish of wishes) await provedWish(config, connection, wish);
  }
  using store = Store.open(config.state, [RECONCILE_SCHEMA]);
  const jobs = new ReconcileJobs(store);
  for (const wish of wishes) {
    let job = jobs.unfinished(wish, Date.now()) ?? jobs.add(wish, Date.now());
    const look = daemonWatch(config, `the comparison of ${wish.table}`);
    while ((job.state === 'waiting' || job.state === 'running') && !watch.signal.aborted) {
      look();
      await new Promise((resolve) => setTimeout(resolve, 100));
      job = jobs.get(job.id)!;
      watch.update(job);
    }
    watch.ended(jobs, job);
    if (watch.signal.aborted) return;
  }
}

/** Lines of a finished job, differences first where they were asked for. @throws CodedError RECONCILE_FAILED */
export function* reconcileLines(
  jobs: ReconcileJobs,
  job: ReconcileJob,
  { json, list }: { readonly json: boolean; readonly list?: boolean },
): Iterable<string> {
  if (job.state === 'failed')
    throw new CodedError({
      code: 'RECONCILE_FAILED',
      message: `reconcile of ${job.wish.table} failed: ${job.message ?? ''}`,
      next: 'mend the cause, then run the same command again',
    });
  if (list && job.state === 'done') {
    for (const difference of jobs.differences(job.id))
      yield `${json ? differenceLine(job, difference) : oneLine(differenceText(job, difference))}\n`;
    jobs.forgetDifferences(job.id);
  }
  yield json ? `${reportLine(job)}\n` : reportText(job);
}
