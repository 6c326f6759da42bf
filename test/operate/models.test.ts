/** What operator commands make of a state file, as plain models: `--json` prints them, a server can serve them. */
import { isCoded } from '../../src/errors/coded-error';
import { checkChoice, dropLetters, letters, openLetters, retryLetters, wholeLetter } from '../../src/operate/dlq/dlq';
import { checkDestinations, checkReplay, nothingQueued, replay } from '../../src/operate/replay';
import { dropDestination, resumeDestination, resumeTable, sayPosition } from '../../src/operate/resume/resume';
import { stoppedOf, waitingFor } from '../../src/operate/resume/stopped';
import { statusOf } from '../../src/operate/status/status';
import { asksJournal, fatesAsked, searchOf, storedLives } from '../../src/operate/trace/trace';
import { HOLD, JOURNAL, LeftState, RECEIVER } from './support';

const NOW = Date.parse('2026-11-29T12:00:00Z');

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return isCoded(error) ? error.code : String(error);
  }
}

async function codeLater(work: () => Promise<unknown>): Promise<string | null> {
  return work().then(
    () => null,
    (error: unknown) => (isCoded(error) ? error.code : String(error)),
  );
}

describe('status', () => {
  test('a fresh state file: nothing read, nobody running, nothing invented', () => {
    using left = new LeftState();
    const status = statusOf(left.config, left.state, NOW);
    expect(status.daemon).toEqual({ running: false });
    expect(status.state).toMatchObject({ file: left.config.state, fullSince: null });
    const { journals, windows, backfills, pausedTables, unseenChanges, quarantined } = status;
    expect([journals, windows, backfills, pausedTables, unseenChanges, quarantined]).toEqual([[], [], [], [], [], []]);
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  });

  test('journal, backlog, dead letters, a paused table and a disabled destination, each with its figures', () => {
    using left = new LeftState();
    const { state } = left;
    left.append({ destinations: ['crm', 'lake'] }, { destinations: ['crm'] });
    left.refuseAll('crm');
    state.outbox.holds.hold(HOLD);
    left.append({ id: 'evt_held', destinations: ['lake'] });
    state.disabled.disable('lake', 'it answered 410');
    const read = { receiver: RECEIVER, sequence: 1007n };
    state.checkpoints.write(JOURNAL, { read, resume: read, openCycles: [5n] }, NOW - 90_000);
    const status = statusOf(left.config, state, NOW);
    expect(status.journals).toMatchObject([
      {
        journal: 'ORDLIB/ORDJRN',
        read: 'ORDLIB/ORDRCV0001:1007',
        openCycles: 1,
        checkpointAgeSeconds: 90,
        stale: true,
      },
    ]);
    expect(status.destinations).toMatchObject([
      { destination: 'crm', pending: 0, held: 0, deadLetters: 2, disabled: null },
      { destination: 'lake', pending: 1, held: 1, deadLetters: 0, disabled: { why: 'it answered 410' } },
    ]);
    expect(status.pausedTables).toMatchObject([
      { table: 'ORDLIB/ORDHDR', at: 'ORDLIB/ORDRCV0001:1005', deliveries: 1, reason: 'table.mass-delete' },
    ]);
  });
});

describe('resume', () => {
  test('a paused table goes on with what was kept back; a second time there is nothing to resume', async () => {
    using left = new LeftState();
    left.state.outbox.holds.hold(HOLD);
    left.append({ destinations: ['crm', 'lake'] });
    expect(stoppedOf(left.config, left.state).tables).toMatchObject([{ table: HOLD.table, deliveries: 2 }]);
    const none = { drop: false, acceptGap: false };
    expect(await resumeTable(left.state, HOLD.table, none)).toEqual({ table: HOLD.table, drop: false, deliveries: 2 });
    expect([waitingFor(left.state.outbox, 'crm'), waitingFor(left.state.outbox, 'lake')]).toEqual([1, 1]);
    expect(await codeLater(() => resumeTable(left.state, HOLD.table, none))).toBe('TABLE_NOT_PAUSED');
  });

  test('--drop makes dead letters, none of them forgotten', async () => {
    using left = new LeftState();
    left.state.outbox.holds.hold(HOLD);
    left.append({ destinations: ['crm', 'lake'] }, { destinations: ['crm'] });
    expect(await resumeTable(left.state, HOLD.table, { drop: true, acceptGap: false })).toMatchObject({
      deliveries: 3,
    });
    expect([...letters(left.config, left.state, {}, 100)].map((l) => l.reason)).toEqual(['held', 'held', 'held']);
  });

  test('a destination: once disabled it goes on, once unconfigured it is given up', async () => {
    using left = new LeftState();
    const { config, state } = left;
    left.append({ destinations: ['crm'] });
    expect(codeOf(() => resumeDestination(state, 'crm'))).toBe('DESTINATION_NOT_DISABLED');
    state.disabled.disable('crm', 'it answered 410');
    expect(stoppedOf(config, state).destinations).toMatchObject([{ destination: 'crm', deliveries: 1 }]);
    expect(resumeDestination(state, 'crm')).toEqual({ destination: 'crm', deliveries: 1 });
    expect(await codeLater(() => dropDestination(config, state, 'crm'))).toBe('RESUME_CONFIGURED');
    const without = { ...config, destinations: { lake: config.destinations['lake']! } };
    expect(stoppedOf(without, state).unconfigured).toEqual([{ destination: 'crm', deliveries: 1 }]);
    expect(await dropDestination(without, state, 'crm')).toEqual({ destination: 'crm', drop: true, deliveries: 1 });
    expect(stoppedOf(without, state).unconfigured).toEqual([]);
    expect(codeOf(() => sayPosition(config, state, 'lake', 'skip'))).toBe('RESUME_WHAT');
  });
});

describe('dead letters', () => {
  test('listed oldest first by the filter, shown whole, queued again or dropped by number', async () => {
    using left = new LeftState();
    const { config, state } = left;
    left.append({ key: 'A', destinations: ['crm'] }, { key: 'B', destinations: ['crm', 'lake'] });
    left.refuseAll('crm');
    const all = [...letters(config, state, {}, 100)];
    expect(all.map((l) => [l.no, l.destination, l.key, l.reason, l.attempts])).toEqual([
      [1, 'crm', 'A', 'http-422', 1],
      [2, 'crm', 'B', 'http-422', 1],
    ]);
    expect([...letters(config, state, { key: 'B' }, 100)].map((l) => l.no)).toEqual([2]);
    expect([...letters(config, state, { destination: 'lake' }, 100)]).toEqual([]);
    expect([...letters(config, state, {}, 1)]).toHaveLength(1);
    const whole = wholeLetter(state, 2);
    expect(whole.attemptsLog).toMatchObject([{ attempt: 1, status: 422, at: '1970-01-01T00:00:01.000Z' }]);
    expect(whole.body).toMatchObject({ subject: 'B' });
    expect(codeOf(() => wholeLetter(state, 9))).toBe('DLQ_NUMBER');
    expect(await dropLetters(config, state, { letter: [1] })).toEqual({ dropped: 1 });
    expect(await retryLetters(config, state, { letter: [1, 2] })).toEqual({ queued: 1 });
    expect([...letters(config, state, {}, 100)]).toEqual([]);
    expect(waitingFor(state.outbox, 'crm')).toBe(1);
  });

  test('an empty choice is never all of them, and a destination that never was is refused', () => {
    using left = new LeftState();
    expect(codeOf(() => checkChoice('drop', {}))).toBe('DLQ_WHAT');
    expect(codeOf(() => checkChoice('drop', { letter: [1] }))).toBeNull();
    expect(codeOf(() => checkChoice('retry', { all: true }))).toBeNull();
    expect(codeOf(() => openLetters(left.config, { destination: 'nobody' }))).toBe('DLQ_DESTINATION');
  });
});

describe('replay', () => {
  test('only what was made for the destination, unless unrouted events are asked for', async () => {
    using left = new LeftState();
    const { config, state } = left;
    left.append({ destinations: ['crm'] }, { destinations: ['crm', 'lake'] });
    left.refuseAll('lake');
    expect(await replay(config, state, { all: true, to: ['lake'] })).toEqual({ queued: 1 });
    expect((await replay(config, state, { all: true, to: ['lake'], alsoUnrouted: true })).queued).toBeGreaterThan(0);
    expect(nothingQueued(state, { type: 'no.such' })).toBe('no stored event matches\n');
    expect(nothingQueued(state, { all: true, to: ['lake'] })).toContain('do not lead to lake');
  });

  test.each([
    [() => checkReplay({}), 'REPLAY_WHAT'],
    [() => checkReplay({ all: true, alsoUnrouted: true }), 'REPLAY_UNROUTED'],
    [() => checkReplay({ key: '1' }), null],
  ])('%s', (work, code) => expect(codeOf(work)).toBe(code));

  test('a destination that is not configured', () => {
    using left = new LeftState();
    expect(codeOf(() => checkDestinations(left.config, ['crm', 'nobody']))).toBe('REPLAY_DESTINATION');
  });
});

describe('trace', () => {
  const wish = { limit: 20, offline: false };

  test('stored events with every attempt, oldest first; a table that is paused and a disabled destination say so', () => {
    using left = new LeftState();
    const { config, state } = left;
    left.append({ key: 'A', destinations: ['crm', 'lake'] });
    left.refuseAll('crm');
    state.disabled.disable('lake', 'it answered 410');
    state.outbox.holds.hold(HOLD);
    left.append({ key: 'A', id: 'evt_second', destinations: ['crm'] });
    const [first, second] = storedLives(config, state, { ...wish, key: 'A' });
    expect(first!.destinations).toMatchObject([
      { destination: 'crm', state: 'dead', attempts: 1 },
      { destination: 'lake', state: 'pending', disabledBy: 'it answered 410' },
    ]);
    expect(first!.attempts).toMatchObject([{ destination: 'crm', outcome: expect.any(String), status: 422, ms: 7 }]);
    expect(second).toMatchObject({ id: 'evt_second', destinations: [{ state: 'held', heldBy: 'table.mass-delete' }] });
    expect(storedLives(config, state, { ...wish, key: 'A', limit: 1 }).map((l) => l.id)).toEqual(['evt_second']);
  });

  test.each([
    [{ key: 'A' }, true],
    [{ key: 'A', offline: true }, false],
    [{ key: 'A', type: 'order.updated' }, false],
    [{ key: 'A', id: ['x'] }, false],
    [{ receiver: 'A/B', fromSequence: 1n }, false],
  ])('%j asks the journal: %s', (given, asks) => expect(asksJournal({ ...wish, ...given })).toBe(asks));

  test.each([
    [{}, NOW - 86_400_000, 'the last 24 hours'],
    [{ since: 5 }, 5, 'since 1970-01-01T00:00:00.005Z'],
    [{ receiver: 'ORDLIB/ORDRCV0001' }, null, 'receiver ORDLIB/ORDRCV0001'],
    [{ fromSequence: 7n }, null, 'the sequence numbers asked for'],
    [{ until: 5, since: 1 }, 1, 'since 1970-01-01T00:00:00.001Z, until 1970-01-01T00:00:00.005Z'],
  ])('%j is looked for since %s: %s', (given, since, span) =>
    expect(searchOf({ ...wish, key: 'A', ...given }, NOW)).toMatchObject({ since, span, depth: 100_000n, limit: 20 }),
  );

  test('an entry that was never read has no fate', () => {
    using left = new LeftState();
    expect(fatesAsked(left.state, { ...wish, receiver: 'ORDLIB/ORDRCV0001', fromSequence: 1n })).toEqual([]);
  });
});
