/** Questions that the partition answers: a row as it is now, and what the journal says of a key. */
import { z } from 'zod';
import { isCoded } from '../../errors/coded-error';
import { viewed } from '../../operate/acting/acting';
import { eventTable } from '../../operate/event-table';
import { receiversOf } from '../../operate/inventory/receivers';
import { recordNow as readRecord } from '../../operate/inventory/record-now';
import { newestEvents } from '../../operate/pages/event-pages';
import { Slices } from '../../operate/pages/slices';
import { type EventLife, lifeOf } from '../../operate/trace/event-life';
import { traceKey } from '../../operate/trace/key-trace';
import {
  asksJournal,
  fatesAsked,
  ledgerViews,
  searchOf,
  storedFilterAsked,
  type TraceWish,
} from '../../operate/trace/trace';
import { alone, type Desk } from '../desk';
import { route } from '../route';
import * as shapes from '../schemas/events';
import { count, eventFilter, flag, text } from '../schemas/input';
import * as standing from '../schemas/standing';

export const record = route({
  method: 'GET',
  path: '/v1/records/{library}/{file}/{key}',
  id: 'getRecord',
  tag: 'Tables',
  summary: 'The row as it is on the partition now, as its events show it: for receivers of thin events. Logged',
  role: 'viewer',
  query: z.strictObject({ rule: text('Rule that shows it; the first of the table if left out.').optional() }),
  answer: standing.recordNow,
  errors: ['API_RECORD', 'TABLE_UNKNOWN', 'API_BUSY'],
  handle: ({ desk, caller, params, query, signal }) => {
    const wish = { table: `${params['library']}/${params['file']}`, key: params['key']!, rule: query.rule };
    const { config, transport, log } = desk.running;
    const look = () => desk.partition((connection) => readRecord({ config, transport, log, signal }, connection, wish));
    return viewed(desk.state, caller, wish, look);
  },
});

export const receivers = route({
  method: 'GET',
  path: '/v1/journals/{library}/{journal}/receivers',
  id: 'listReceivers',
  tag: 'Overview',
  summary: 'The receivers of a journal, oldest first: where we are, and what must stay',
  role: 'viewer',
  answer: standing.receivers,
  errors: ['API_JOURNAL', 'API_BUSY'],
  handle: ({ desk, params }) => {
    const parts = { config: desk.config, state: desk.state, status: desk.status() };
    return desk.partition((connection) => receiversOf(parts, connection, `${params['library']}/${params['journal']}`));
  },
});

export const trace = route({
  method: 'GET',
  path: '/v1/trace',
  id: 'trace',
  tag: 'Events',
  summary: 'Where an event is, and why nothing was sent: stored events, and with `key` what the journal itself says',
  role: 'viewer',
  query: z.strictObject({
    ...eventFilter,
    limit: count('Newest events, and newest changes of the key.', 1, 200).default(20),
    depth: count('With `key`: journal entries looked through, newest first.', 1, 1_000_000).optional(),
    offline: flag('With `key`: do not ask the partition.').optional(),
  }),
  answer: shapes.trace,
  errors: ['TRACE_TABLE', 'API_BUSY'],
  handle: async ({ desk, query, signal }) => {
    const { depth, offline = false, ...rest } = query;
    const wish: TraceWish = { ...rest, offline, ...(depth === undefined ? {} : { depth: BigInt(depth) }) };
    const lives = await livesOf(desk, wish, signal);
    const asked =
      wish.key !== undefined && asksJournal(wish)
        ? await alone(desk, 'journal', () => askJournal(desk, wish, signal))
        : NOT_ASKED;
    return { lives, fates: fatesAsked(desk.state, wish), ...asked };
  },
});

async function livesOf(desk: Desk, wish: TraceWish, signal: AbortSignal): Promise<EventLife[]> {
  const filter = storedFilterAsked(desk.config, desk.state, wish);
  const { numbers } = await newestEvents(desk.state, filter, { limit: wish.limit }, signal);
  const slices = new Slices(signal);
  const lives: EventLife[] = [];
  for (const number of numbers.toReversed()) {
    const event = desk.state.outbox.history.facts(number);
    if (event !== null) lives.push(lifeOf(event, desk.state));
    await slices.step();
  }
  return lives;
}

const NOT_ASKED = { searched: null, found: null, notAsked: null, ledger: [] };

async function askJournal(desk: Desk, wish: TraceWish, signal: AbortSignal) {
  const { config, state } = desk;
  const { span, ...search } = searchOf({ ...wish, key: wish.key! }, Date.now());
  const searched = { key: search.key, span, depth: search.depth.toString(), limit: search.limit };
  try {
    const text = wish.table;
    const table = text === undefined ? null : { text, table: eventTable(config, state, text, 'TRACE_TABLE').table };
    const found = await traceKey({ config, state, table, wish: search, log: desk.running.log, signal });
    return { searched, found, notAsked: null, ledger: [] };
  } catch (error) {
    if (!isCoded(error) || error.code === 'TRACE_TABLE') throw error;
    const { code, message, next } = error;
    const ledger = ledgerViews(state, wish).map((view) => ({ ...view, depth: view.depth.toString() }));
    return { searched, found: null, notAsked: { code, message, next: next ?? null }, ledger };
  }
}
