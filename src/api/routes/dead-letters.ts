/** Dead letters: listed, shown, queued again or dropped, many at once by a filter. */
import { z } from 'zod';
import { recorded, viewed } from '../../operate/acting/acting';
import {
  checkChoice,
  checkLetters,
  countLetters,
  dropLetters,
  type LetterWish,
  letterScope,
  lettersPage,
  retryLetters,
  wholeLetter,
} from '../../operate/dlq/dlq';
import { cursorOf, numberIn } from '../pages';
import { type ApiCall, route } from '../route';
import * as shapes from '../schemas/events';
import { dryRun, letterFilter, page } from '../schemas/input';
import * as parts from '../schemas/parts';

const number = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const choice = z.strictObject({
  ...letterFilter,
  letter: z.array(number).min(1).max(10_000).optional().describe('Numbers of letters.'),
  all: z.literal(true).optional().describe('Every letter; needed when nothing else is chosen.'),
  dryRun,
});

export const letters = route({
  method: 'GET',
  path: '/v1/dead-letters',
  id: 'listDeadLetters',
  tag: 'Dead letters',
  summary: 'What was given up, oldest first; `since` and `until` look at the time of death',
  role: 'viewer',
  query: z.strictObject({ ...letterFilter, ...page(500, 100) }),
  answer: parts.list(shapes.letter),
  errors: ['DLQ_DESTINATION', 'TABLE_UNKNOWN', 'API_CURSOR'],
  handle: async ({ desk, query, signal }) => {
    const { limit, after, ...wish } = query;
    checkLetters(desk.config, desk.state, wish);
    const from = { ...wish, after: numberIn(after) ?? 0, limit };
    const { items, next } = await lettersPage(desk.config, desk.state, from, signal);
    return { items, next: cursorOf(next) };
  },
});

export const oneLetter = route({
  method: 'GET',
  path: '/v1/dead-letters/{no}',
  id: 'getDeadLetter',
  tag: 'Dead letters',
  summary: 'One dead letter with its event and every attempt. The look is logged',
  role: 'viewer',
  answer: shapes.wholeLetter,
  errors: ['DLQ_NUMBER'],
  handle: ({ desk, caller, params }) => {
    const no = /^\d{1,15}$/.test(params['no']!) ? Number(params['no']) : 0;
    return viewed(desk.state, caller, { letter: no }, () => wholeLetter(desk.state, no));
  },
});

export const retry = route({
  method: 'POST',
  path: '/v1/dead-letters/retry',
  id: 'retryDeadLetters',
  tag: 'Dead letters',
  summary: 'Queue letters again, oldest first',
  role: 'operator',
  body: choice,
  answer: shapes.retried,
  errors: ['DLQ_WHAT', 'DLQ_DESTINATION', 'TABLE_UNKNOWN'],
  handle: async (call) => {
    const wish = wishOf(call, 'retry');
    if (call.body.dryRun) return { queued: await counted(call, wish), dryRun: true };
    const { desk, caller, signal } = call;
    const action = { what: 'dead-letters.retry', scope: letterScope(wish) };
    const done = await recorded(desk.state, caller, action, () => retryLetters(desk.config, desk.state, wish, signal));
    desk.changed();
    return { ...done, dryRun: false };
  },
});

export const drop = route({
  method: 'POST',
  path: '/v1/dead-letters/drop',
  id: 'dropDeadLetters',
  tag: 'Dead letters',
  summary: 'Forget letters: their events will not be delivered',
  role: 'operator',
  body: choice,
  answer: shapes.dropped,
  errors: ['DLQ_WHAT', 'DLQ_DESTINATION', 'TABLE_UNKNOWN'],
  handle: async (call) => {
    const wish = wishOf(call, 'drop');
    if (call.body.dryRun) return { dropped: await counted(call, wish), dryRun: true };
    const { desk, caller, signal } = call;
    const action = { what: 'dead-letters.drop', scope: letterScope(wish) };
    const done = await recorded(desk.state, caller, action, () => dropLetters(desk.config, desk.state, wish, signal));
    desk.changed();
    return { ...done, dryRun: false };
  },
});

type ChoiceCall = ApiCall<unknown, z.output<typeof choice>>;

function wishOf({ desk, body }: ChoiceCall, what: 'retry' | 'drop'): LetterWish {
  const { dryRun: _dryRun, ...wish } = body;
  checkChoice(what, wish);
  checkLetters(desk.config, desk.state, wish);
  return wish;
}

function counted({ desk, signal }: ChoiceCall, wish: LetterWish): Promise<number> {
  return countLetters(desk.config, desk.state, wish, signal);
}
