/** How everything stands: status, journals, tables, charts, and what waits for an operator. */
import { z } from 'zod';
import { CodedError } from '../../errors/coded-error';
import { MOST_MINUTES, seriesOf } from '../../operate/inventory/series';
import { formatsOf, tablesOf } from '../../operate/inventory/tables';
import { stoppedOf } from '../../operate/resume/stopped';
import { version } from '../../version';
import type { Desk } from '../desk';
import { pageOf } from '../pages';
import { route } from '../route';
import { count, page, text } from '../schemas/input';
import * as deeds from '../schemas/operators';
import * as parts from '../schemas/parts';
import * as standing from '../schemas/standing';

export const statusRoute = route({
  method: 'GET',
  path: '/v1/status',
  id: 'getStatus',
  tag: 'Overview',
  summary: 'Positions, lag, backlog, lanes, dead letters, time to data loss',
  role: 'viewer',
  answer: standing.status,
  handle: ({ desk }) => {
    const { health, metrics: _metrics } = desk.running;
    const checks = health.health();
    const ready = health.ready();
    return {
      version: version(),
      partition: desk.config.partition.name,
      role: 'active',
      leader: null,
      health: {
        ok: checks.length > 0 && checks.every((c) => c.ok),
        ready: ready.length > 0 && ready.every((c) => c.ok),
        checks,
        warnings: health.warnings?.() ?? [],
      },
      ...desk.status(),
    };
  },
});

export const journals = route({
  method: 'GET',
  path: '/v1/journals',
  id: 'listJournals',
  tag: 'Overview',
  summary: 'The journals that are read, with position and lag',
  role: 'viewer',
  query: z.strictObject(page()),
  answer: parts.list(standing.journal),
  handle: ({ desk, query }) => pageOf(desk.status().journals, (j) => j.journal, query),
});

export const tables = route({
  method: 'GET',
  path: '/v1/tables',
  id: 'listTables',
  tag: 'Tables',
  summary: 'The captured tables, each with its rules and how it stands',
  role: 'viewer',
  query: z.strictObject(page(500, 100)),
  answer: parts.list(standing.table),
  handle: ({ desk, query }) => pageOf(tablesOf(desk.config, desk.state, desk.status()), (t) => t.table, query),
});

export const oneTable = route({
  method: 'GET',
  path: '/v1/tables/{library}/{file}',
  id: 'getTable',
  tag: 'Tables',
  summary: 'One table with the history of its record format and what was counted of it',
  role: 'viewer',
  answer: standing.wholeTable,
  errors: ['TABLE_UNKNOWN'],
  handle: async ({ desk, params }) => {
    const name = `${params['library']}/${params['file']}`;
    const found = tablesOf(desk.config, desk.state, desk.status()).find((t) => t.table === name || t.file === name);
    if (!found) throw unknown(desk, name);
    return { ...found, formats: formatsOf(desk.state, found.file), counted: await countedOf(desk, found.file) };
  },
});

export const stopped = route({
  method: 'GET',
  path: '/v1/stopped',
  id: 'listStopped',
  tag: 'Overview',
  summary: 'What stands still until an operator lets it go on',
  role: 'viewer',
  answer: deeds.stopped,
  handle: ({ desk }) => stoppedOf(desk.config, desk.state),
});

export const series = route({
  method: 'GET',
  path: '/v1/series',
  id: 'getSeries',
  tag: 'Overview',
  summary: 'A metric over the last minutes, of the 72 hours the daemon keeps',
  role: 'viewer',
  query: z.strictObject({
    metric: text('Name of a counter or a gauge, with or without ibmi_cdc_.', 100),
    minutes: count('How far back.', 1, MOST_MINUTES).default(60),
    limit: count('Labelled series at most, the largest first.', 1, 500).default(50),
  }),
  answer: deeds.series,
  errors: ['API_METRIC'],
  handle: ({ desk, query }) => seriesOf(desk.state, query, Date.now()),
});

/** @throws CodedError `TABLE_UNKNOWN` */
function unknown({ config }: Desk, name: string): CodedError {
  return new CodedError({
    code: 'TABLE_UNKNOWN',
    message: `${name} is not under tables: in ${config.file}`,
    next: '/v1/tables lists those that are',
  });
}

async function countedOf({ running: { metrics } }: Desk, table: string) {
  const by = async (
    metric: { get(): Promise<{ values: readonly { value: number; labels: object }[] }> },
    label: string,
  ): Promise<Record<string, number>> => {
    const mine = (await metric.get()).values.filter(({ labels }) => (labels as { table?: unknown }).table === table);
    return Object.fromEntries(
      mine.map(({ labels, value }) => [String((labels as Record<string, unknown>)[label]), value]),
    );
  };
  const written = await by(metrics.eventsWritten, 'table');
  return {
    eventsWritten: written[table] ?? 0,
    filtered: await by(metrics.changesFiltered, 'rule'),
    quarantined: await by(metrics.changesQuarantined, 'code'),
    decodeErrors: await by(metrics.decodeErrors, 'column'),
  };
}
