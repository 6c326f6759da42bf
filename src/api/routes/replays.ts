/** Events again, under the same ids: stored ones at once, or out of the journal by a job of the daemon. */
import { z } from 'zod';
import { findTable, unknownTable } from '../../config/find-table';
import { CodedError } from '../../errors/coded-error';
import { formatName } from '../../model/position';
import { recorded } from '../../operate/acting/acting';
import { type JournalReplayOptions, replayDryRun, replayWishes } from '../../operate/jobs/journal-replay';
import {
  checkDestinations,
  checkReplay,
  countEvents,
  isJournalReplay,
  replay,
  replayScope,
} from '../../operate/replay';
import { type ReplayJob, ReplayJobs } from '../../replay/replay-jobs';
import { alone, type Desk } from '../desk';
import { pageOf } from '../pages';
import { type ApiCall, route } from '../route';
import { dryRun, eventFilter, instant, page, text } from '../schemas/input';
import * as deeds from '../schemas/operators';
import * as parts from '../schemas/parts';

const wishSchema = z.strictObject({
  ...eventFilter,
  changedSince: instant('Out of the journal: changes made at or after.').optional(),
  changedUntil: instant('Out of the journal: changes made before.').optional(),
  to: z
    .array(text('Destination.'))
    .min(1)
    .max(100)
    .optional()
    .describe('Only to these destinations, of those each event was made for.'),
  alsoUnrouted: z.boolean().optional().describe('With `to`: also events whose rules do not lead there.'),
  all: z.literal(true).optional().describe('Every stored event; needed when nothing else is chosen.'),
  available: z.literal(true).optional().describe('Out of the journal: go on with what the receivers still hold.'),
  entriesPerSecond: z.number().int().min(1).max(10_000_000).optional().describe('Out of the journal: at most.'),
  dryRun,
});

type Wish = z.output<typeof wishSchema>;

export const replays = route({
  method: 'POST',
  path: '/v1/replays',
  id: 'replay',
  tag: 'Events',
  summary:
    'Queue events again, under the same ids: stored ones; or out of the journal, by time of the change or by a receiver with sequence numbers, which the daemon then works on',
  role: 'operator',
  body: wishSchema,
  answer: deeds.replayed,
  errors: [
    'REPLAY_WHAT',
    'REPLAY_OPTIONS',
    'REPLAY_UNROUTED',
    'REPLAY_DESTINATION',
    'REPLAY_GONE',
    'REPLAY_TABLE',
    'TABLE_UNKNOWN',
    'API_BUSY',
  ],
  handle: async (call) => {
    const { desk, caller, body, signal } = call;
    const { dryRun: dry, entriesPerSecond, ...wish } = body;
    checkReplay({ ...wish, rate: entriesPerSecond?.toString() });
    checkDestinations(desk.config, wish.to ?? []);
    if (isJournalReplay(wish)) return await fromJournal(call);
    if (dry) return { queued: await countEvents(desk.config, desk.state, wish, signal), dryRun: true };
    const action = { what: 'replay', scope: replayScope(wish) };
    const done = await recorded(desk.state, caller, action, () => replay(desk.config, desk.state, wish, signal));
    desk.changed();
    return { ...done, dryRun: false };
  },
});

export const list = route({
  method: 'GET',
  path: '/v1/replays',
  id: 'listReplays',
  tag: 'Events',
  summary: 'Replays out of the journal, newest first',
  role: 'viewer',
  query: z.strictObject(page()),
  answer: parts.list(deeds.replayJob),
  errors: ['API_CURSOR'],
  handle: ({ desk, query }) => {
    const jobs = new ReplayJobs(desk.state.store).list(['waiting', 'running', 'done', 'failed', 'cancelled']);
    return pageOf([...jobs].reverse().map(factsOf), (job) => String(job.id), query);
  },
});

export const one = route({
  method: 'GET',
  path: '/v1/replays/{id}',
  id: 'getReplay',
  tag: 'Events',
  summary: 'One replay out of the journal and how far it got',
  role: 'viewer',
  answer: deeds.replayJob,
  errors: ['API_REPLAY'],
  handle: ({ desk, params }) => factsOf(jobOf(desk, params['id']!)),
});

export const cancel = route({
  method: 'DELETE',
  path: '/v1/replays/{id}',
  id: 'cancelReplay',
  tag: 'Events',
  summary: 'Give up a replay that waits, runs or failed; what is queued already is still delivered',
  role: 'operator',
  answer: deeds.replayJob,
  errors: ['API_REPLAY'],
  handle: async ({ desk, caller, params }) => {
    const job = jobOf(desk, params['id']!);
    const jobs = new ReplayJobs(desk.state.store);
    const action = { what: 'replay.cancel', scope: { replay: job.id, journal: job.wish.journal } };
    const done = await recorded(desk.state, caller, action, () => {
      if (job.state !== 'done') jobs.setState(job.id, 'cancelled', Date.now());
      return jobs.get(job.id)!;
    });
    return factsOf(done);
  },
});

/** What is gone is said before anything is sent. @throws CodedError `REPLAY_GONE` */
async function fromJournal({ desk, caller, body, signal }: ApiCall<unknown, Wish>) {
  const { config, transport, log } = desk.running;
  const beside = { config, transport, log, signal };
  const asked = askedOf(body, desk);
  if (body.dryRun)
    return { queued: 0, dryRun: true, found: await alone(desk, 'journal', () => replayDryRun(beside, asked)) };
  const { dryRun: _dryRun, ...scope } = body;
  return await recorded(desk.state, caller, { what: 'replay', scope }, async () => {
    const wishes = await alone(desk, 'journal', () => replayWishes(beside, asked));
    const jobs = new ReplayJobs(desk.state.store);
    const begun = wishes.map((wish) => {
      const job = jobs.unfinished(wish) ?? jobs.add(wish, Date.now());
      if (job.state === 'failed') jobs.setState(job.id, job.scope ? 'running' : 'waiting', Date.now());
      return factsOf(jobs.get(job.id)!);
    });
    return { queued: 0, dryRun: false, jobs: begun };
  });
}

function askedOf(body: Wish, { config }: Desk): JournalReplayOptions {
  const table = body.table === undefined ? undefined : findTable(config, body.table);
  if (body.table !== undefined && !table) throw unknownTable(config, body.table);
  return {
    table: table ? formatName(table.table) : null,
    changedSince: body.changedSince ?? null,
    changedUntil: body.changedUntil ?? null,
    receiver: body.receiver ?? null,
    fromSequence: body.fromSequence ?? null,
    toSequence: body.toSequence ?? null,
    to: body.to ?? [],
    alsoUnrouted: body.alsoUnrouted === true,
    available: body.available === true,
    entriesPerSecond: body.entriesPerSecond ?? null,
  };
}

function jobOf({ state }: Desk, id: string): ReplayJob {
  const job = /^\d{1,15}$/.test(id) ? new ReplayJobs(state.store).get(Number(id)) : null;
  if (job) return job;
  throw new CodedError({
    code: 'API_REPLAY',
    message: 'there is no replay of that number',
    next: '/v1/replays lists them',
  });
}

function factsOf({ id, wish, state, figures, scope, message, createdAt }: ReplayJob) {
  return {
    id,
    journal: wish.journal,
    tables: wish.tables,
    to: wish.to,
    state,
    figures,
    gone: scope?.gone ?? [],
    message,
    createdAt: new Date(createdAt).toISOString(),
  };
}
