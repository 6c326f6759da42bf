/** Stored events: listed by the filters of `trace`, and one whole. */
import { z } from 'zod';
import { viewed } from '../../operate/acting/acting';
import { storedFilterOf } from '../../operate/event-table';
import { newestEvents } from '../../operate/pages/event-pages';
import { Slices } from '../../operate/pages/slices';
import { lifeOf } from '../../operate/trace/event-life';
import { wholeEvent } from '../../operate/trace/whole-event';
import { cursorOf, numberIn } from '../pages';
import { route } from '../route';
import * as shapes from '../schemas/events';
import { eventFilter, flag, page } from '../schemas/input';
import * as parts from '../schemas/parts';

export const events = route({
  method: 'GET',
  path: '/v1/events',
  id: 'listEvents',
  tag: 'Events',
  summary: 'Stored events, newest first, by the filters of `trace`',
  role: 'viewer',
  query: z.strictObject({
    ...eventFilter,
    ...page(),
    attempts: flag('With the attempts of each event.').optional(),
  }),
  answer: parts.list(shapes.listedEvent),
  errors: ['TABLE_UNKNOWN', 'API_CURSOR'],
  handle: async ({ desk, query, signal }) => {
    const { limit, after, attempts, ...filter } = query;
    const stored = storedFilterOf(desk.config, desk.state, filter);
    const found = await newestEvents(desk.state, stored, { before: numberIn(after), limit }, signal);
    const slices = new Slices(signal);
    const items: object[] = [];
    for (const number of found.numbers) {
      const event = desk.state.outbox.history.facts(number);
      if (event === null) continue;
      const { attempts: all, ...life } = lifeOf(event, desk.state);
      items.push(attempts ? { ...life, attempts: all } : life);
      await slices.step();
    }
    return { items, next: cursorOf(found.next) };
  },
});

export const oneEvent = route({
  method: 'GET',
  path: '/v1/events/{id}',
  id: 'getEvent',
  tag: 'Events',
  summary: 'The whole life of one event: entry, rule, body, each attempt. A look at its body is logged',
  role: 'viewer',
  query: z.strictObject({ body: flag('False leaves the body out, and the look out of the log.').optional() }),
  answer: shapes.wholeEvent,
  errors: ['API_EVENT'],
  handle: async ({ desk, caller, params, query }) => {
    const id = params['id']!;
    const all = wholeEvent(desk.state, id);
    const shown = query.body === false ? all.map((event) => ({ ...event, body: null })) : all;
    const [first, ...others] = shown;
    const answer = { ...first!, others };
    if (!shown.some(({ body }) => body !== null)) return answer;
    return await viewed(desk.state, caller, { id }, () => answer);
  },
});
