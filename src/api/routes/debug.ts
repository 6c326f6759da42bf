/** Full capture of requests and answers of one destination or table for a stated time. */
import { z } from 'zod';
import { recorded, viewed } from '../../operate/acting/acting';
import { debugExchanges, debugList, debugOf, startDebug, stopDebug } from '../../operate/debug';
import { cursorOf, numberIn } from '../pages';
import { route } from '../route';
import { text } from '../schemas/input';
import * as deeds from '../schemas/operators';

export const start = route({
  method: 'POST',
  path: '/v1/debug',
  id: 'startDebug',
  tag: 'Debug',
  summary: 'Capture requests and answers in full from now on, for a stated time or until so much is kept',
  role: 'operator',
  body: z.strictObject({
    destination: text('All requests to this destination.').optional(),
    table: text('Requests with events of this table, to any destination.').optional(),
    seconds: z.number().int().min(1).max(86_400).default(900).describe('Then off by itself.'),
    maxBytes: z.number().int().min(1).max(2_000_000_000).default(64_000_000).describe('Or when so much is kept.'),
  }),
  answer: deeds.debugCapture,
  status: 201,
  errors: ['DEBUG_WHAT', 'DEBUG_MANY', 'TABLE_UNKNOWN'],
  handle: ({ desk, caller, body }) => {
    const { destination, table, seconds, maxBytes } = body;
    const of = { ...(destination === undefined ? {} : { destination }), ...(table === undefined ? {} : { table }) };
    return recorded(desk.state, caller, { what: 'debug.start', scope: body }, () =>
      startDebug(desk.config, desk.state, { ...of, forMs: seconds * 1000, maxBytes }, Date.now()),
    );
  },
});

export const list = route({
  method: 'GET',
  path: '/v1/debug',
  id: 'listDebug',
  tag: 'Debug',
  summary: 'Captures that run or ended within a day',
  role: 'viewer',
  answer: z.object({ items: z.array(deeds.debugCapture) }),
  handle: ({ desk }) => ({ items: debugList(desk.state, Date.now()) }),
});

export const one = route({
  method: 'GET',
  path: '/v1/debug/{id}',
  id: 'getDebug',
  tag: 'Debug',
  summary: 'What a capture caught, oldest first, a hundred at most. The look is logged',
  role: 'viewer',
  query: z.strictObject({ after: text('`next` of the page before.').optional() }),
  answer: deeds.debugPage,
  errors: ['DEBUG_NONE', 'API_CURSOR'],
  handle: ({ desk, caller, params, query }) =>
    viewed(desk.state, caller, { debug: params['id'] }, () => {
      const capture = debugOf(desk.state, numberOf(params['id']!), Date.now());
      const { exchanges, last } = debugExchanges(desk.config, desk.state, capture, numberIn(query.after) ?? 0);
      return { capture, items: exchanges, next: exchanges.length > 0 ? cursorOf(last) : null };
    }),
});

export const stop = route({
  method: 'DELETE',
  path: '/v1/debug/{id}',
  id: 'stopDebug',
  tag: 'Debug',
  summary: 'End a capture now; what it caught stays for a day',
  role: 'operator',
  answer: deeds.debugCapture,
  errors: ['DEBUG_NONE'],
  handle: ({ desk, caller, params }) => {
    const id = numberOf(params['id']!);
    return recorded(desk.state, caller, { what: 'debug.stop', scope: { debug: id } }, () => {
      stopDebug(desk.state, [id], Date.now());
      return debugOf(desk.state, id, Date.now());
    });
  },
});

/** 0 is none. */
function numberOf(id: string): number {
  return /^\d{1,9}$/.test(id) ? Number(id) : 0;
}
