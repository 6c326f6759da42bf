/** What an operator lets stand still or go on: tables and destinations; and a test of a destination. */
import { z } from 'zod';
import type { DestinationConfig } from '../../config/config';
import { createSink } from '../../daemon/delivery';
import { recorded } from '../../operate/acting/acting';
import { eventTable } from '../../operate/event-table';
import { destinationsOf, secretAges } from '../../operate/inventory/destinations';
import { newestEvents } from '../../operate/pages/event-pages';
import { newestRequests } from '../../operate/pages/requests';
import { noDestination, pauseDestination, pauseTable } from '../../operate/pause';
import { resumeDestination, resumeTable } from '../../operate/resume/resume';
import { apart, sendTestReport, testEvent } from '../../operate/send-test';
import { mayAct } from '../../operators/role';
import type { Desk } from '../desk';
import { cursorOf, numberIn, pageOf } from '../pages';
import { type ApiCall, route } from '../route';
import * as shapes from '../schemas/events';
import { page, text } from '../schemas/input';
import * as deeds from '../schemas/operators';
import * as parts from '../schemas/parts';
import * as standing from '../schemas/standing';

export const pauseOfTable = route({
  method: 'POST',
  path: '/v1/tables/{library}/{file}/pause',
  id: 'pauseTable',
  tag: 'Tables',
  summary: 'Keep the events of a table from now on; what was queued before still leaves',
  role: 'operator',
  answer: deeds.pausedTableNow,
  errors: ['TABLE_UNKNOWN'],
  handle: ({ desk, caller, params }) => {
    const { file } = tableOf(desk, params);
    return acted(desk, () =>
      recorded(desk.state, caller, { what: 'table.pause', scope: { table: file } }, () =>
        pauseTable(desk.state, file, caller.who),
      ),
    );
  },
});

export const resumeOfTable = route({
  method: 'POST',
  path: '/v1/tables/{library}/{file}/resume',
  id: 'resumeTable',
  tag: 'Tables',
  summary: 'Let a paused table go on: what was kept leaves in order, or becomes dead letters',
  role: 'operator',
  body: z.strictObject({
    drop: z.boolean().default(false).describe('What was kept becomes dead letters.'),
    acceptGap: z.boolean().default(false).describe('Changes that were not seen are known and need no backfill.'),
  }),
  answer: deeds.resumedTable,
  errors: ['TABLE_UNKNOWN', 'TABLE_NOT_PAUSED'],
  handle: ({ desk, caller, params, body }) => {
    const { file } = tableOf(desk, params);
    return acted(desk, () =>
      recorded(desk.state, caller, { what: 'table.resume', scope: { table: file, ...body } }, () =>
        resumeTable(desk.state, file, body),
      ),
    );
  },
});

export const destinations = route({
  method: 'GET',
  path: '/v1/destinations',
  id: 'listDestinations',
  tag: 'Destinations',
  summary: 'The destinations with backlog, standing and answer times; for admins with the ages of their secrets',
  role: 'viewer',
  query: z.strictObject(page()),
  answer: parts.list(standing.destination),
  errors: ['API_CURSOR'],
  handle: async ({ desk, caller, query }) => {
    const found = pageOf(await all(desk), (d) => d.name, query);
    return { ...found, items: found.items.map((d) => withSecrets(desk, caller, d)) };
  },
});

export const oneDestination = route({
  method: 'GET',
  path: '/v1/destinations/{name}',
  id: 'getDestination',
  tag: 'Destinations',
  summary: 'One destination',
  role: 'viewer',
  answer: standing.destination,
  errors: ['API_DESTINATION'],
  handle: async ({ desk, caller, params }) => {
    const name = params['name']!;
    const found = (await all(desk)).find((d) => d.name === name);
    if (!found) throw noDestination(desk.config, name);
    return withSecrets(desk, caller, found);
  },
});

export const requestsOfDestination = route({
  method: 'GET',
  path: '/v1/destinations/{name}/requests',
  id: 'listRequests',
  tag: 'Destinations',
  summary: 'What was sent to a destination and what it answered, newest first, as far as the delivery log goes back',
  role: 'viewer',
  query: z.strictObject(page(100, 20)),
  answer: parts.list(shapes.sentRequest),
  errors: ['API_DESTINATION', 'API_CURSOR'],
  handle: async ({ desk, params, query, signal }) => {
    const name = params['name']!;
    if (!(await all(desk)).some((d) => d.name === name)) throw noDestination(desk.config, name);
    const { items, next } = await newestRequests(desk.state, name, { ...query, before: numberIn(query.after) }, signal);
    return { items, next: cursorOf(next) };
  },
});

export const pauseOfDestination = route({
  method: 'POST',
  path: '/v1/destinations/{name}/pause',
  id: 'pauseDestination',
  tag: 'Destinations',
  summary: 'Send nothing more to a destination; its events are kept in order',
  role: 'operator',
  body: z.strictObject({ why: text('Shown to others beside the name of whoever paused it.', 200).optional() }),
  answer: deeds.pausedDestinationNow,
  errors: ['API_DESTINATION'],
  handle: ({ desk, caller, params, body }) => {
    const destination = params['name']!;
    return acted(desk, () =>
      recorded(desk.state, caller, { what: 'destination.pause', scope: { destination, ...body } }, () =>
        pauseDestination(desk.config, desk.state, destination, { who: caller.who, why: body.why }),
      ),
    );
  },
});

export const resumeOfDestination = route({
  method: 'POST',
  path: '/v1/destinations/{name}/resume',
  id: 'resumeDestination',
  tag: 'Destinations',
  summary: 'Let a destination go on that was paused, or that answered 410',
  role: 'operator',
  answer: deeds.resumedDestination,
  errors: ['API_DESTINATION', 'DESTINATION_NOT_DISABLED'],
  handle: ({ desk, caller, params }) => {
    const destination = params['name']!;
    ownDestination(desk, destination);
    return acted(desk, () =>
      recorded(desk.state, caller, { what: 'destination.resume', scope: { destination } }, () =>
        resumeDestination(desk.state, destination),
      ),
    );
  },
});

export const testOfDestination = route({
  method: 'POST',
  path: '/v1/destinations/{name}/test',
  id: 'testDestination',
  tag: 'Destinations',
  summary: 'Send one test event, real if there is a recent one, past the queue, and show the answer',
  role: 'operator',
  body: z.strictObject({
    event: text('Event type, such as order.created; one of the destination if left out.').optional(),
    synthetic: z.boolean().default(false).describe('Invented values, even if a recent event is there.'),
  }),
  answer: deeds.testReport,
  errors: ['API_DESTINATION', 'SEND_TEST_EVENT'],
  handle: (call) => {
    const { desk, caller, params, body } = call;
    const destination = ownDestination(desk, params['name']!);
    const event = body.event ?? typeFor(desk, destination.name);
    const scope = { destination: destination.name, event };
    return recorded(desk.state, caller, { what: 'destination.test', scope }, () => sendTest(call, destination, event));
  },
});

/** Each with what its answers were since the daemon started. */
async function all(desk: Desk) {
  const { metrics, dispatcher } = desk.running;
  const { values } = await metrics.attempts.get();
  const sum = (name: string, outcome: string | null): number =>
    values
      .filter(({ labels }) => labels['destination'] === name && (outcome === null || labels['outcome'] === outcome))
      .reduce((n, { value }) => n + value, 0);
  return destinationsOf(desk.config, desk.status(), dispatcher.status()).map((d) => ({
    ...d,
    answered: { attempts: sum(d.name, null), accepted: sum(d.name, 'delivered') },
  }));
}

async function sendTest(
  { desk, body, signal }: ApiCall<unknown, { readonly synthetic: boolean }>,
  destination: DestinationConfig,
  type: string,
) {
  const { config, state } = desk;
  const [newest] = body.synthetic ? [] : (await newestEvents(state, { type }, { limit: 1 }, signal)).numbers;
  const recent = newest === undefined ? null : state.outbox.history.event(newest);
  const { event, real } = testEvent(config, { event: type, format: [] }, recent?.body ? recent : null);
  const { sink } = createSink(apart(destination), { config, stdout: desk.running.stdout, identity: 'send-test' });
  const started = performance.now();
  try {
    const delivery = await sink.deliver([{ event, body: event.body!, attempt: 1, pos: 1 }], signal);
    const ms = performance.now() - started;
    return sendTestReport({ destination, label: sink.label, event, real, delivery, ms });
  } finally {
    await sink[Symbol.asyncDispose]();
  }
}

/** A type of the first rule that leads there. */
function typeFor({ config }: Desk, destination: string): string {
  const rule = config.tables.flatMap((t) => t.rules).find(({ to }) => to.includes(destination));
  if (!rule) return '';
  return rule.event.is === 'entity' ? rule.event.created : `${Object.values(rule.event.types)[0] ?? ''}.created`;
}

function ownDestination({ config }: Desk, name: string): DestinationConfig {
  if (!Object.hasOwn(config.destinations, name)) throw noDestination(config, name);
  return config.destinations[name]!;
}

function withSecrets(desk: Desk, caller: ApiCall<unknown, unknown>['caller'], facts: { readonly name: string }) {
  if (!mayAct(caller.role, 'admin') || !Object.hasOwn(desk.config.destinations, facts.name)) return facts;
  return { ...facts, secrets: secretAges(desk.config, desk.config.destinations[facts.name]!, Date.now()) };
}

function tableOf(desk: Desk, params: ApiCall<unknown, unknown>['params']) {
  return eventTable(desk.config, desk.state, `${params['library']}/${params['file']}`);
}

/** The couriers and whoever looks next must see it at once. */
async function acted<T>(desk: Desk, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    desk.changed();
  }
}
