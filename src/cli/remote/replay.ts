/** `replay --api`: a daemon on another machine queues again, or works on a replay out of its journal while this watches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, EXIT } from '../../errors/coded-error';
import { type JournalReplayReport, journalReplayText } from '../../operate/jobs/journal-replay';
import { type ReplayWish, replayText } from '../../operate/replay';
import type { ReplayFigures } from '../../replay/options';
import type { CliIo, GlobalOptions } from '../io';
import { print } from '../print';
import { ApiClient, iso, type RemoteOptions, saidFilter } from './client';

interface Job {
  readonly id: number;
  readonly journal: string;
  readonly state: string;
  readonly figures: ReplayFigures;
  readonly gone: JournalReplayReport['gone'];
  readonly message: string | null;
}

interface Answer {
  readonly queued: number;
  readonly jobs?: readonly Job[];
  readonly found?: readonly JournalReplayReport[];
}

const LOOK_MS = 300;

type Options = GlobalOptions & ReplayWish & RemoteOptions & { readonly api: string };

export async function remoteReplay(io: CliIo, options: Options): Promise<void> {
  const client = ApiClient.of(io, options);
  const { to, alsoUnrouted, all, available, rate, dryRun } = options;
  const wish = {
    ...saidFilter(options),
    changedSince: iso(options.changedSince),
    changedUntil: iso(options.changedUntil),
    ...{ to, alsoUnrouted, all, available, dryRun },
    entriesPerSecond: rate === undefined ? undefined : Number(rate),
  };
  const answer = await client.post<Answer>('/v1/replays', wish);
  if (answer.found) return show(io, options, answer.found);
  if (answer.jobs) return show(io, options, await watched(client, answer.jobs));
  const { queued } = answer;
  print(io, options, { queued }, replayText);
  if (queued > 0) return;
  io.stderr.write('no stored event matches, or the rules of those that do lead elsewhere\n');
  io.exit(EXIT.findings);
}

async function watched(client: ApiClient, jobs: readonly Job[]): Promise<JournalReplayReport[]> {
  const reports: JournalReplayReport[] = [];
  for (let job of jobs) {
    while (job.state === 'waiting' || job.state === 'running') {
      await sleep(LOOK_MS);
      job = await client.get<Job>(`/v1/replays/${job.id}`);
    }
    if (job.state === 'failed') throw failed(job);
    const { journal, figures, gone } = job;
    const state = job.state === 'done' ? 'done' : 'cancelled';
    reports.push({ journal, state, queued: figures.deliveries, ...figures, gone });
  }
  return reports;
}

function show(io: CliIo, options: Options, reports: readonly JournalReplayReport[]): void {
  for (const report of reports) print(io, options, report, journalReplayText);
  if (options.dryRun && reports.some((r) => r.gone.length > 0) && !options.available) io.exit(EXIT.positionLost);
  if (!options.dryRun && (reports.every((r) => r.deliveries === 0) || reports.some((r) => r.state !== 'done')))
    io.exit(EXIT.findings);
}

function failed({ id, journal, message }: Job): CodedError {
  return new CodedError({
    code: 'REPLAY_FAILED',
    message: `replay ${id} of ${journal} failed: ${message ?? ''}`,
    next: 'mend the cause, then the same command goes on where it stopped',
  });
}
