/** Backfills: asked for, and how far they got. The daemon works on them beside the stream. */
import { z } from 'zod';
import { type BackfillJob, BackfillJobs, type BackfillWish } from '../../backfill/backfill-jobs';
import { figuresOf } from '../../backfill/progress';
import { provedRows } from '../../capture/rows/backfill-service';
import { findTable, unknownTable } from '../../config/find-table';
import { CodedError } from '../../errors/coded-error';
import { formatName } from '../../model/position';
import { recorded } from '../../operate/acting/acting';
import type { Desk } from '../desk';
import { pageOf } from '../pages';
import { route } from '../route';
import { dryRun, page, text } from '../schemas/input';
import * as deeds from '../schemas/operators';
import * as parts from '../schemas/parts';

const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, { error: 'expected a day such as 2026-01-31' })
  .meta({ format: 'date' });

const wishSchema = z.strictObject({
  table: text('A table of the configuration.'),
  column: text('Date column.').optional(),
  from: day.optional().describe('First day.'),
  to: day.optional().describe('Last day.'),
  where: text('Further SQL condition.', 2_000).optional(),
  chunkRows: z.number().int().min(1).max(100_000).default(1_000).describe('Rows read at a time.'),
  rowsPerSecond: z.number().int().min(1).max(1_000_000).optional().describe('At most.'),
  dryRun,
});

export const start = route({
  method: 'POST',
  path: '/v1/backfills',
  id: 'startBackfill',
  tag: 'Backfills',
  summary: 'Publish the rows of a table, or of a range of days, as read events',
  role: 'operator',
  body: wishSchema,
  answer: deeds.backfillAsked,
  status: 202,
  errors: ['TABLE_UNKNOWN', 'BACKFILL_COLUMN', 'BACKFILL_RANGE', 'BACKFILL_WHERE', 'API_BUSY'],
  handle: async ({ desk, caller, body }) => {
    const wish = wishOf(desk, body);
    // what cannot be run must leave no job behind
    const rows = await desk.partition((connection) => provedRows(desk.config, connection, wish));
    if (body.dryRun) return { table: wish.table, rows, dryRun: true };
    const jobs = new BackfillJobs(desk.state.store);
    const job = await recorded(desk.state, caller, { what: 'backfill.start', scope: { ...wish } }, () => {
      const added = jobs.add(wish, Date.now());
      jobs.setTotal(added.id, rows);
      return jobs.get(added.id)!;
    });
    return factsOf(job);
  },
});

export const list = route({
  method: 'GET',
  path: '/v1/backfills',
  id: 'listBackfills',
  tag: 'Backfills',
  summary: 'Backfills, newest first',
  role: 'viewer',
  query: z.strictObject(page()),
  answer: parts.list(deeds.backfill),
  errors: ['API_CURSOR'],
  handle: ({ desk, query }) => {
    const jobs = new BackfillJobs(desk.state.store).list(['waiting', 'running', 'done', 'failed', 'cancelled']);
    return pageOf(jobs.reverse().map(factsOf), (job) => String(job.id), query);
  },
});

export const one = route({
  method: 'GET',
  path: '/v1/backfills/{id}',
  id: 'getBackfill',
  tag: 'Backfills',
  summary: 'One backfill and how far it got',
  role: 'viewer',
  answer: deeds.backfill,
  errors: ['API_BACKFILL'],
  handle: ({ desk, params }) => factsOf(jobOf(desk, params['id']!)),
});

export const cancel = route({
  method: 'DELETE',
  path: '/v1/backfills/{id}',
  id: 'cancelBackfill',
  tag: 'Backfills',
  summary: 'Give up a backfill that waits, runs or failed; events already queued are still delivered',
  role: 'operator',
  answer: deeds.backfill,
  errors: ['API_BACKFILL'],
  handle: async ({ desk, caller, params }) => {
    const job = jobOf(desk, params['id']!);
    const jobs = new BackfillJobs(desk.state.store);
    const action = { what: 'backfill.cancel', scope: { backfill: job.id, table: job.wish.table } };
    const done = await recorded(desk.state, caller, action, () => {
      jobs.cancelOne(job.id, Date.now());
      return jobs.get(job.id)!;
    });
    return factsOf(done);
  },
});

function wishOf({ config }: Desk, body: z.output<typeof wishSchema>): BackfillWish {
  const { column, from, to } = body;
  const found = findTable(config, body.table);
  if (!found) throw unknownTable(config, body.table);
  if ((column || from || to) && !(column && from && to))
    throw new CodedError({
      code: 'API_REQUEST',
      message: 'a range needs all of column, from and to',
      next: 'leave all three out to take every row',
    });
  return {
    table: formatName(found.table),
    range: column && from && to ? { column, from, to } : null,
    where: body.where ?? null,
    chunkRows: body.chunkRows,
    rowsPerSecond: body.rowsPerSecond ?? null,
  };
}

function jobOf({ state }: Desk, text: string): BackfillJob {
  const job = /^\d{1,15}$/.test(text) ? new BackfillJobs(state.store).get(Number(text)) : null;
  if (job) return job;
  throw new CodedError({
    code: 'API_BACKFILL',
    message: 'there is no backfill of that number',
    next: '/v1/backfills lists them',
  });
}

function factsOf(job: BackfillJob) {
  const { id, wish, state, total, message } = job;
  return {
    id,
    table: wish.table,
    state,
    column: wish.range?.column ?? null,
    from: wish.range?.from ?? null,
    to: wish.range?.to ?? null,
    where: wish.where,
    total,
    createdAt: new Date(job.createdAt).toISOString(),
    message,
    figures: figuresOf(job),
  };
}
