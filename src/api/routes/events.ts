/** Stored events: listed by the filters of `trace`, and one whole. */
import { z } from 'zod';
import { viewed } from '../../operate/acting/acting';
import { storedFilterOf } from '../../operate/event-table';
import { eventImage, placeOf } from '../../operate/images/event-image';
import { newestEvents } from '../../operate/pages/event-pages';
import { Slices } from '../../operate/pages/slices';
import { lifeOf } from '../../operate/trace/event-life';
import { wholeEvent } from '../../operate/trace/whole-event';
import { mayAct } from '../../operators/role';
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

export const imageOfEvent = route({
  method: 'GET',
  path: '/v1/events/{id}/image',
  id: 'getEventImage',
  tag: 'Events',
  summary: 'The record image the event was made of, read from the journal again: bytes and values by column. Logged',
  role: 'viewer',
  answer: shapes.entryImage,
  errors: ['API_EVENT', 'API_IMAGE', 'API_BUSY'],
  handle: ({ desk, caller, params, signal }) => {
    const id = params['id']!;
    const place = placeOf(desk.state, id);
    const { config, state } = desk;
    const parts = { config, state, signal, eventOnly: !mayAct(caller.role, 'operator') };
    const look = () => desk.partition((connection) => eventImage(parts, connection, place));
    return viewed(desk.state, caller, { id, image: true }, look);
  },
});
