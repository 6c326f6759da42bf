/** What jobs report when they end, as people read it: every figure that is nothing is left out, and every end says what comes next. */
import { type BackfillJob, BackfillJobs, type BackfillWish } from '../../../src/backfill/backfill-jobs';
import {
  backfillDryRunText,
  backfillReport,
  backfillText,
  cancelBackfill,
  cancelledText,
} from '../../../src/operate/jobs/backfill';
import {
  cancelledText as cancelledReplays,
  cancelReplays,
  type JournalReplayReport,
  jobReport,
  journalReplayText,
} from '../../../src/operate/jobs/journal-replay';
import { daemonWatch, needStateFile } from '../../../src/operate/jobs/state-there';
import { NO_FIGURES, type ReplayScope } from '../../../src/replay/options';
import { type ReplayJob, ReplayJobs } from '../../../src/replay/replay-jobs';
import { InstanceLock } from '../../../src/store/instance-lock';
import { LeftState } from '../support';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const WISH: BackfillWish = { table: 'LIB/A', range: null, where: null, chunkRows: 1000, rowsPerSecond: null };

describe('a backfill', () => {
  const job = (given: Partial<BackfillJob>): BackfillJob => ({
    ...{ id: 7, run: 'r', wish: WISH, state: 'done', after: null, byNumber: false, total: null, rowsRead: 10 },
    ...{ rowsSent: 10, rowsNewer: 0, rowsFiltered: 0, rowsQuarantined: 0, rowsGone: 0, generation: 0, unsure: false },
    ...{ published: 10, known: 0, message: null, createdAt: NOW, begunAt: NOW },
    ...given,
  });

  test.each<[given: Partial<BackfillJob>, pending: number | null, text: string]>([
    [{}, null, 'LIB/A: done, 10 rows read, 10 published\n'],
    [{ rowsRead: 1, published: 1 }, 0, 'LIB/A: done, 1 row read, 1 published\n'],
    [
      { rowsNewer: 2, rowsFiltered: 3, rowsQuarantined: 1, known: 4, published: 0 },
      null,
      'LIB/A: done, 10 rows read, 0 published, 2 already published newer by the stream, 3 filtered by the rules, 1 quarantined: see the log, 4 events already queued by this run\n',
    ],
    [{}, 1, 'LIB/A: done, 10 rows read, 10 published; 1 delivery open, `ibmi-cdc run` goes on with them\n'],
    [{ state: 'running' }, null, 'LIB/A: running, 10 rows read, 10 published; --resume goes on\n'],
  ])('%j with %s open', (given, pending, text) => expect(backfillText(job(given), pending)).toBe(text));

  test('the report is what was counted; a failure is an error with its way out', () => {
    expect(backfillReport(job({ total: 12, rowsGone: 2 }), 3)).toMatchObject({
      ...{ backfill: 7, table: 'LIB/A', state: 'done', total: 12, pending: 3 },
    });
    expect(() => backfillReport(job({ state: 'failed', message: 'SQL0204' }), null)).toThrow(
      expect.objectContaining({
        code: 'BACKFILL_FAILED',
        message: 'backfill 7 of LIB/A failed: SQL0204',
        next: expect.stringContaining('--resume'),
      }),
    );
  });

  test.each([
    [
      { table: 'LIB/A', rows: 1, chunkedBy: 'rrn' as const, dryRun: true as const },
      'LIB/A: 1 row would be read, in chunks of 500 by record number; nothing was written\n',
    ],
    [
      { table: 'LIB/A', rows: 0, chunkedBy: ['K', 'L'], dryRun: true as const },
      'LIB/A: 0 rows would be read, in chunks of 500 by key K, L; nothing was written\n',
    ],
  ])('a dry run: %j', (counted, text) => expect(backfillDryRunText(counted, 500)).toBe(text));

  test('given up: what waits, runs or failed, of that table alone', () => {
    using left = new LeftState();
    const jobs = new BackfillJobs(left.state.store);
    for (const table of ['LIB/A', 'LIB/A', 'LIB/B']) jobs.add({ ...WISH, table }, NOW);
    jobs.setState(2, 'failed', NOW, 'no');
    const done = cancelBackfill(left.config, 'LIB/A');
    expect(cancelledText(done)).toBe('LIB/A: 2 backfills given up; events already queued are still delivered\n');
    expect(cancelledText(cancelBackfill(left.config, 'LIB/B'))).toContain(': 1 backfill given up;');
    expect(cancelBackfill(left.config, 'LIB/A')).toEqual({ table: 'LIB/A', cancelled: 0 });
    expect([1, 2, 3].map((id) => jobs.get(id)!.state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});

describe('a replay from the journal', () => {
  const report = (given: Partial<JournalReplayReport>): JournalReplayReport => ({
    ...{ journal: 'A/J', state: 'done', queued: 3, ...NO_FIGURES, changes: 5, events: 4, deliveries: 3, gone: [] },
    ...given,
  });
  const WHAT = '5 changes in the range, 4 events, 4 not in the outbox; 3 deliveries';

  test.each<[given: Partial<JournalReplayReport>, text: string]>([
    [{}, `journal A/J  done: ${WHAT} queued\n`],
    [{ state: 'dry run' }, `journal A/J  dry run: ${WHAT} would be queued; nothing was written\n`],
    [{ state: 'stopped' }, `journal A/J  stopped: ${WHAT} queued; the same command goes on\n`],
    [{ state: 'cancelled' }, `journal A/J  cancelled: ${WHAT} queued\n`],
    [
      { changes: 1, events: 1, stored: 1, deliveries: 1 },
      'journal A/J  done: 1 change in the range, 1 event, 0 not in the outbox; 1 delivery queued\n',
    ],
    [
      { filtered: 2, quarantined: 3, incomplete: 1, ahead: 4 },
      `journal A/J  done: ${WHAT} queued, 2 filtered by the rules, 3 cannot be decoded, 1 commit cycle without their beginning left out, 4 left to the stream, which has not read their commit yet\n`,
    ],
    [
      {
        gone: [
          { receiver: 'A/R1', why: 'deleted' },
          { receiver: 'A/R2', why: 'its storage is freed' },
        ],
      },
      `gone: A/R1: deleted\ngone: A/R2: its storage is freed\njournal A/J  done: ${WHAT} queued\n`,
    ],
  ])('%j', (given, text) => expect(journalReplayText(report(given))).toBe(text));

  const scope: ReplayScope = { stretches: [], gone: [{ receiver: 'A/R1', why: 'deleted' }], ceiling: null, cut: false };
  const job = (given: Partial<ReplayJob>): ReplayJob =>
    ({
      id: 9,
      wish: { journal: 'A/J' },
      state: 'done',
      figures: { ...NO_FIGURES, deliveries: 6 },
      scope,
      message: null,
      ...given,
    }) as ReplayJob;

  test.each([
    ['done', 'done'],
    ['cancelled', 'cancelled'],
    ['running', 'stopped'],
    ['waiting', 'stopped'],
  ] as const)('a job that is %s when the watcher ends has %s', (state, ended) => {
    expect(jobReport(job({ state }))).toMatchObject({ journal: 'A/J', state: ended, queued: 6, gone: scope.gone });
  });

  test('one that has not begun has lost nothing; one that failed is an error', () => {
    expect(jobReport(job({ state: 'waiting', scope: null })).gone).toEqual([]);
    expect(() => jobReport(job({ state: 'failed', message: 'CPF7053' }))).toThrow(
      expect.objectContaining({ code: 'REPLAY_FAILED', message: 'replay 9 of A/J failed: CPF7053' }),
    );
  });

  test('given up in the state file, whatever they wait for', () => {
    using left = new LeftState();
    const jobs = new ReplayJobs(left.state.store);
    const wish = {
      ...{ journal: 'A/J', tables: null, since: 0, until: null, receiver: null, fromSequence: null, toSequence: null },
      ...{ to: [], alsoUnrouted: false, available: false, entriesPerSecond: null },
    };
    for (const until of [1, 2]) jobs.add({ ...wish, until }, NOW);
    const { cancelled } = cancelReplays(left.config);
    expect(cancelledReplays(cancelled)).toBe('2 replays given up; events already queued are still delivered\n');
    expect(cancelledReplays(cancelReplays(left.config).cancelled)).toContain('0 replays given up');
  });
});

describe('the watch over a daemon', () => {
  test('needs a state file', () => {
    using left = new LeftState();
    expect(() => needStateFile(left.config)).not.toThrow();
    const nowhere = { ...left.config, state: `${left.config.state}.none` };
    expect(() => needStateFile(nowhere)).toThrow(expect.objectContaining({ code: 'USAGE', family: 'config' }));
  });

  test('ends when nobody works any more, and not while somebody does', () => {
    using left = new LeftState();
    const looks = (n: number, look: () => void): void => {
      for (let i = 0; i < n; i++) look();
    };
    const lock = InstanceLock.acquire(left.config.state);
    const look = daemonWatch(left.config, 'the backfill of LIB/A');
    expect(() => looks(50, look)).not.toThrow();
    lock[Symbol.dispose]();
    expect(() => looks(50, look)).toThrow(
      expect.objectContaining({
        code: 'DAEMON_ENDED',
        family: 'store',
        message:
          'the daemon that works on the backfill of LIB/A has ended; what it did is kept, and it goes on at its next start',
      }),
    );
  });
});
