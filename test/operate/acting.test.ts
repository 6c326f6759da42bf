/** What operators do leaves a line, whatever comes of it. */
import { rmSync } from 'node:fs';
import { CodedError } from '../../src/errors/coded-error';
import { recorded, recordedAfter, viewed } from '../../src/operate/acting/acting';
import { loggedActions } from '../../src/operate/acting/audit-log';
import { osUser } from '../../src/operators/os-user';
import { LeftState } from './support';

const ANNA = { who: 'anna', via: 'api', from: '10.0.0.1' } as const;
const lines = (left: LeftState) =>
  [...loggedActions(left.state, {}, 100)].map(({ who, what, scope, result, facts }) => ({
    who,
    what,
    scope,
    result,
    facts,
  }));

test('done with its counts, refused and failed with their codes; a secret is no fact', async () => {
  using left = new LeftState();
  const act = (work: () => object | Promise<object>) =>
    recorded(left.state, ANNA, { what: 'replay', scope: { key: 'A', since: undefined, toSequence: 7n } }, work);
  await act(() => ({ queued: 3, to: ['crm'], token: 'icdc_secret', response: 'secret' }));
  await expect(act(() => Promise.reject(new CodedError({ code: 'REPLAY_WHAT', message: 'm' })))).rejects.toThrow('m');
  await expect(act(() => Promise.reject(new CodedError({ code: 'STORE_FULL', message: 'm' })))).rejects.toThrow('m');
  await expect(act(() => Promise.reject(new TypeError('boom')))).rejects.toThrow('boom');
  await expect(act(() => Promise.reject(AbortSignal.abort().reason))).rejects.toThrow();
  expect(lines(left).map(({ result, facts }) => [result, facts])).toEqual([
    ['done', { queued: 3 }],
    ['refused', { code: 'REPLAY_WHAT' }],
    ['failed', { code: 'STORE_FULL' }],
    ['failed', { code: 'BUG' }],
    ['failed', { code: 'CANCELLED' }],
  ]);
  expect(lines(left)[0]).toMatchObject({ who: 'anna', what: 'replay', scope: { key: 'A', toSequence: '7' } });
});

test('work that opens the state file itself, or removes it', async () => {
  using left = new LeftState();
  const action = { what: 'backfill.start', scope: { table: 'A/B' } };
  expect(await recordedAfter(left.config, action, async () => ({ rows: 2 }))).toEqual({ rows: 2 });
  const refused = recordedAfter(left.config, action, () =>
    Promise.reject(new CodedError({ code: 'USAGE', message: 'm' })),
  );
  await expect(refused).rejects.toThrow('m');
  expect(lines(left)).toEqual([
    { who: osUser().who, ...action, result: 'done', facts: { rows: 2 } },
    { who: osUser().who, ...action, result: 'refused', facts: { code: 'USAGE' } },
  ]);
  const gone = { state: `${left.config.state}.none` };
  expect(await recordedAfter(gone, action, async () => 1)).toBe(1);
  rmSync(gone.state, { force: true });
});

test('a look is written down once there was something to see', async () => {
  using left = new LeftState();
  expect(await viewed(left.state, ANNA, { id: 'evt_1' }, () => 'seen')).toBe('seen');
  await expect(viewed(left.state, ANNA, { id: 'evt_2' }, () => Promise.reject(new Error('none')))).rejects.toThrow();
  expect(lines(left)).toEqual([
    { who: 'anna', what: 'payload.view', scope: { id: 'evt_1' }, result: 'done', facts: {} },
  ]);
});
