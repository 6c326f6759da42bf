/** Jobs of the state file, one after the other: what interrupts one, and what ends it, is the same for all of them. */
import { isCoded } from '../../errors/coded-error';
import type { DiskRoom } from '../../store/disk-room';
import type { Logger } from '../../telemetry/logger';
import { Backoff } from '../backoff';

interface Job {
  readonly id: number;
  /** With `LIB/TABLE` where it is about one. */
  readonly wish: object & { readonly table?: string };
}

interface JobLoop<J extends Job> {
  /** What its jobs are called in the log. */
  readonly what: 'backfill' | 'reconcile' | 'replay';
  /** The oldest that is not done, those a killed process left half done among them. */
  next(): J | undefined;
  /** To its end, or until `signal` aborts; then it goes on where it stopped. */
  run(job: J, signal: AbortSignal): Promise<void>;
  failed(job: J, message: string): void;
  /** Before each look for a job. */
  readonly look?: () => void;
  readonly log: Logger;
  readonly room: DiskRoom | undefined;
}

/** Milliseconds between two looks for new jobs. */
const LOOK_MS = 500;

/** Serves jobs until `signal` aborts. One that fails is reported and left; the others go on. */
export async function serveJobs<J extends Job>(loop: JobLoop<J>, signal: AbortSignal): Promise<void> {
  const { what, log, room } = loop;
  const backoff = new Backoff();
  while (!signal.aborted) {
    loop.look?.();
    const job = loop.next();
    if (!job) {
      await backoff.wait(LOOK_MS, signal);
      continue;
    }
    try {
      await loop.run(job, signal);
      backoff.succeeded();
    } catch (error) {
      if (signal.aborted) return;
      if (room?.met(error)) {
        await room.room(signal);
        continue;
      }
      if (!isCoded(error)) throw error;
      if (error.family === 'transport' || error.family === 'protocol') {
        log.warn({ error, [what]: job.id }, `${what} interrupted; will go on`);
        await backoff.wait(backoff.nextMs(), signal);
        continue;
      }
      loop.failed(job, `${error.code}: ${error.message}`);
      const { table } = job.wish;
      log.error({ error, [what]: job.id, ...(table === undefined ? {} : { table }) }, `${what} failed`);
    }
  }
}
