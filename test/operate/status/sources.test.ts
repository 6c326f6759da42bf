/**
 * What `status` says of everything that is not a journal's position or a backlog: jobs in each of their states, windows, gaps, what was
 * set aside, how destinations stand. The state file is written as a daemon writes it; lines and figures are written by hand.
 */
import { BackfillJobs, type BackfillWish } from '../../../src/backfill/backfill-jobs';
import { StandingTable } from '../../../src/deliver/standing/standing-table';
import { GapTable } from '../../../src/journal/position/gap-table';
import { type Status, statusOf } from '../../../src/operate/status/status';
import { statusText } from '../../../src/operate/status/status-text';
import { SetAsideTable } from '../../../src/outbox/letters/set-aside';
import type { ReconcileWish } from '../../../src/reconcile/options';
import { ReconcileJobs } from '../../../src/reconcile/reconcile-jobs';
import { type JournalReplayWish, NO_FIGURES } from '../../../src/replay/options';
import { ReplayJobs } from '../../../src/replay/replay-jobs';
import { type WindowMark, WindowState } from '../../../src/window/window-state';
import { JOURNAL, LeftState, RECEIVER } from '../support';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const AT = '2026-11-29T12:00:00.000Z';

let left: LeftState;
beforeEach(() => {
  left = new LeftState();
});
afterEach(() => left[Symbol.dispose]());

const status = (running = true): Status => statusOf(left.config, left.state, NOW, running);
/** Lines that begin with a word, without it. */
const lines = (word: string, running = true): string[] =>
  statusText(status(running))
    .split('\n')
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));

describe('backfills', () => {
  const wish = (table: string, where: string | null = null): BackfillWish => ({
    ...{ table, range: null, where, chunkRows: 1000, rowsPerSecond: null },
  });
  const chunk = (read: number) => ({
    ...{ read, newer: 1, rowsSent: read - 1, filtered: 0, quarantined: 0, published: read - 1, known: 0 },
  });

  test('each state: what is done or given up is no news', () => {
    const jobs = new BackfillJobs(left.state.store);
    const [waiting, running, failed, done, cancelled] = ['A', 'B', 'C', 'D', 'E'].map((name) =>
      jobs.add(wish(`LIB/${name}`), NOW),
    );
    jobs.setState(running!.id, 'running', NOW);
    jobs.setTotal(running!.id, 9_000);
    jobs.progress(running!.id, ['7'], chunk(3), NOW);
    jobs.progress(running!.id, ['9'], chunk(4), NOW);
    jobs.setState(failed!.id, 'failed', NOW, 'SQL0204 C in LIB not found');
    jobs.setState(done!.id, 'running', NOW);
    jobs.finish(done!.id, NOW);
    expect(jobs.cancelOne(cancelled!.id, NOW)).toBe(true);
    expect(status().backfills).toEqual([
      { backfill: 1, table: 'LIB/A', state: 'waiting', rowsRead: 0, total: null, message: null },
      { backfill: 2, table: 'LIB/B', state: 'running', rowsRead: 7, total: 9_000, message: null },
      { backfill: 3, table: 'LIB/C', state: 'failed', rowsRead: 0, total: null, message: 'SQL0204 C in LIB not found' },
    ]);
    expect(lines('backfill')).toEqual([
      '1  LIB/A waiting, 0 rows read',
      '2  LIB/B running, 7 of 9000 rows read',
      '3  LIB/C failed, 0 rows read: SQL0204 C in LIB not found; mend the cause, then the same command with --resume',
    ]);
    expect(waiting!.state).toBe('waiting');
  });

  test('one that failed is no finding once a later one of the same rows is done, and only of the same rows', () => {
    const jobs = new BackfillJobs(left.state.store);
    const [first, other, again] = [wish('LIB/A'), wish('LIB/A', 'X = 1'), wish('LIB/A')].map((w) => jobs.add(w, NOW));
    for (const job of [first!, other!]) jobs.setState(job.id, 'failed', NOW, 'no');
    jobs.setState(again!.id, 'running', NOW);
    jobs.finish(again!.id, NOW);
    expect(status().backfills.map((b) => b.backfill)).toEqual([other!.id]);
  });

  test('what was cancelled does not end as done, and is cancelled once', () => {
    const jobs = new BackfillJobs(left.state.store);
    const { id } = jobs.add(wish('LIB/A'), NOW);
    jobs.setState(id, 'running', NOW);
    expect([jobs.cancel('LIB/A', NOW), jobs.cancel('LIB/A', NOW), jobs.cancelOne(id, NOW)]).toEqual([1, 0, false]);
    jobs.finish(id, NOW);
    expect(jobs.get(id)!.state).toBe('cancelled');
    expect(jobs.unfinished(wish('LIB/A'))).toBeNull();
  });
});

describe('comparisons', () => {
  const wish = (table: string): ReconcileWish => ({
    ...{ table, range: null, where: null, repair: false, list: false, against: null, rowsPerSecond: null },
    scheduled: false,
  });

  test('of each table the last that ended, and those under way', () => {
    const jobs = new ReconcileJobs(left.state.store);
    const found = (id: number, figures: object): void => {
      jobs.begin(id, 1, [], NOW);
      jobs.chunk(id, ['1'], 0, figures, NOW);
    };
    const older = jobs.add(wish('LIB/A'), NOW);
    found(older.id, { rows: 5, matching: 1, different: 4 });
    jobs.setState(older.id, 'done', NOW);
    const newer = jobs.add(wish('LIB/A'), NOW);
    found(newer.id, { rows: 6, matching: 6 });
    jobs.setState(newer.id, 'done', NOW);
    const differs = jobs.add(wish('LIB/B'), NOW);
    found(differs.id, { rows: 9, matching: 3, different: 3, missing: 2, extra: 1, repaired: 1 });
    jobs.setState(differs.id, 'done', NOW);
    const failed = jobs.add(wish('LIB/C'), NOW);
    jobs.setState(failed.id, 'failed', NOW, 'the table\nis gone');
    const running = jobs.add(wish('LIB/D'), NOW);
    found(running.id, { rows: 70 });
    jobs.setTotal(running.id, 100);
    jobs.add(wish('LIB/E'), NOW);
    expect(lines('reconcile')).toEqual([
      `LIB/A  equal, 6 rows compared at ${AT}`,
      `LIB/B  3 different, 2 missing, 1 extra, 1 repaired, 9 rows compared at ${AT}; next: ibmi-cdc reconcile --table LIB/B --list`,
      `LIB/C  failed at ${AT}: the table\\nis gone`,
      'LIB/D  running, 70 of 100 rows compared',
      'LIB/E  waiting, 0 rows compared',
    ]);
    expect(status().reconciles[1]).toEqual({
      ...{ table: 'LIB/B', state: 'done', at: AT, rows: 9, total: null, different: 3, missing: 2, extra: 1 },
      ...{ repaired: 1, message: null },
    });
  });
});

describe('replays from the journal', () => {
  const wish: JournalReplayWish = {
    ...{ journal: 'ORDLIB/ORDJRN', tables: null, since: 0, until: null, receiver: null, fromSequence: null },
    ...{ toSequence: null, to: [], alsoUnrouted: false, available: false, entriesPerSecond: null },
  };

  test('waiting, under way and failed; given up together', () => {
    const jobs = new ReplayJobs(left.state.store);
    const ids = [1, 2, 3].map((until) => jobs.add({ ...wish, until }, NOW).id);
    jobs.setState(ids[1]!, 'running', NOW);
    jobs.progress(
      ids[1]!,
      { stretch: 0, checkpoint: null },
      { ...NO_FIGURES, entries: 1, events: 1, deliveries: 2 },
      NOW,
    );
    jobs.setState(ids[2]!, 'failed', NOW, 'CPF7053');
    expect(status().replays).toMatchObject([
      { replay: 1, state: 'waiting', entries: 0, deliveries: 0, message: null },
      { replay: 2, state: 'running', entries: 1, events: 1, deliveries: 2 },
      { replay: 3, state: 'failed', message: 'CPF7053' },
    ]);
    expect(lines('replay')).toEqual([
      '1  journal ORDLIB/ORDJRN waiting, 0 entries read, 0 deliveries queued',
      '2  journal ORDLIB/ORDJRN running, 1 entry read, 2 deliveries queued',
      '3  journal ORDLIB/ORDJRN failed, 0 entries read, 0 deliveries queued: CPF7053; mend the cause, then the same command again, or --cancel',
    ]);
    expect([jobs.cancel(NOW), jobs.cancel(NOW)]).toEqual([3, 0]);
    expect(status().replays).toEqual([]);
  });
});

describe('windows', () => {
  const MARK: WindowMark = {
    ...{ known: true, at: null, until: null, latest: null, values: [], clock: 0, zone: '', repeatUntil: 0 },
  };
  const table = (name: string) => ({ library: 'LIB', name });

  test('before and after the first look, by time and by number, empty or not', () => {
    const { store } = left.state;
    const marks: [string, Partial<WindowMark>, number][] = [
      ['EMPTY', {}, 0],
      ['FIRST', { known: false, latest: Date.parse('2026-11-29T08:15:30Z') }, 2],
      ['TIME', { latest: Date.parse('2026-11-29T08:15:30Z') }, 1],
      [
        'NUMBER',
        {
          values: [
            [1, '5'],
            [2, '12345678901234567890'],
          ],
        },
        3,
      ],
    ];
    for (const [name, mark, rows] of marks) {
      const state = new WindowState(store, table(name), 'row' as never);
      state.setMark({ ...MARK, ...mark });
      for (let i = 0; i < rows; i++)
        store.db
          .prepare('INSERT INTO window_row (tbl, key, hash, sweep) VALUES (?, ?, ?, 0)')
          .run(`LIB/${name}`, `k${i}`, Buffer.alloc(8));
    }
    const found = status();
    expect(found.windows.map((w) => [w.table, w.complete, w.rows])).toEqual([
      ['LIB/EMPTY', true, 0],
      ['LIB/FIRST', false, 2],
      ['LIB/NUMBER', true, 3],
      ['LIB/TIME', true, 1],
    ]);
    expect(found.windows[2]!.upTo).toBe('12345678901234567890');
    expect(lines('window')[0]).toBe('LIB/EMPTY  empty, 0 rows known');
    expect(lines('window')[1]).toMatch(
      /^LIB\/FIRST {2}first look not complete, read up to 2026-11-29.08[:.]15[:.]30\S*, 2 rows known$/,
    );
    // something was read, though no journal was
    expect(statusText(found)).not.toContain('nothing has been read yet');
  });
});

describe('changes that were not seen, or not told', () => {
  const gap = (table: string, kind: string) => ({
    table,
    journal: JOURNAL,
    kind,
    at: { receiver: RECEIVER, sequence: 7n },
  });

  test.each<[kind: string, next: string]>([
    [
      'journaling.ended',
      'STRJRNPF FILE(LIB/A) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO); then ibmi-cdc backfill --table LIB/A',
    ],
    ['member.deleted', 'ADDPFM FILE(LIB/A) MBR(A); then ibmi-cdc backfill --table LIB/A'],
    [
      'table.renamed',
      'its new name under tables:, or give it its old name back: RNMOBJ OBJ(LIB/NEWNAME) OBJTYPE(*FILE) NEWOBJ(A); then ibmi-cdc backfill --table LIB/A',
    ],
    [
      'table.moved',
      'its new name under tables:, or give it its old name back: MOVOBJ OBJ(NEWLIB/A) OBJTYPE(*FILE) TOLIB(LIB); then ibmi-cdc backfill --table LIB/A',
    ],
    [
      'member.renamed',
      'its new name under tables:, or give it its old name back: RNMM FILE(LIB/A) MBR(NEWNAME) NEWMBR(A); then ibmi-cdc backfill --table LIB/A',
    ],
    [
      'table.deleted',
      'create LIB/A again or take it out of tables:; then STRJRNPF FILE(LIB/A) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO); then ibmi-cdc backfill --table LIB/A',
    ],
  ])('%s: what to do now, and once entries come again', (kind, next) => {
    const gaps = new GapTable(left.state.store);
    gaps.opens(gap('LIB/A', kind), NOW);
    expect(lines('table')).toEqual([
      `LIB/A  CHANGES NOT SEEN: ${kind} at ORDLIB/ORDRCV0001:7: changes are not seen from there on; next: ${next}`,
    ]);
    expect(gaps.ends('LIB/A', { receiver: RECEIVER, sequence: 9n }, NOW)).toBe(true);
    expect(status().unseenChanges).toEqual([
      {
        ...{ table: 'LIB/A', reason: kind, from: 'ORDLIB/ORDRCV0001:7', until: 'ORDLIB/ORDRCV0001:9', since: AT },
        text: `${kind} at ORDLIB/ORDRCV0001:7: changes up to ORDLIB/ORDRCV0001:9 were not seen`,
        next: ['ibmi-cdc backfill --table LIB/A'],
      },
    ]);
    expect(gaps.readWhole('LIB/A', NOW - 1)).toBe(false);
    expect(gaps.readWhole('LIB/A', NOW)).toBe(true);
    expect(status().unseenChanges).toEqual([]);
  });

  test('changes set aside: counted by table, way and reason, with the last place', () => {
    let now = NOW;
    const aside = new SetAsideTable(left.state.store.db, () => now);
    aside.add('LIB/A', 'stream', 'DECODE_PACKED', 'LIB/R:1');
    now += 60_000;
    aside.add('LIB/A', 'stream', 'DECODE_PACKED', 'LIB/R:9');
    aside.add('LIB/A', 'backfill', 'DECODE_PACKED', 'rrn 12');
    expect(status().quarantined).toMatchObject([
      { table: 'LIB/A', mode: 'backfill', count: 1, lastPlace: 'rrn 12' },
      {
        table: 'LIB/A',
        mode: 'stream',
        count: 2,
        firstAt: AT,
        lastAt: '2026-11-29T12:01:00.000Z',
        lastPlace: 'LIB/R:9',
      },
    ]);
    expect(lines('table')[1]).toBe(
      'LIB/A  2 changes QUARANTINED as DECODE_PACKED (stream), last at LIB/R:9, 2026-11-29T12:01:00.000Z; next: ibmi-cdc trace, then ibmi-cdc backfill --table LIB/A --where ...',
    );
  });
});

describe('how destinations stand', () => {
  const NOTHING = { failing: null, denied: null, paced: null, answers: null };
  const since = { since: NOW - 60_000, why: 'HTTP 503', next: NOW + 30_000 };

  test.each<[what: string, facts: object, expected: object, told: string[]]>([
    ['all is well', NOTHING, { failing: null, denied: null, pacedUntil: null, answerMs: null }, []],
    [
      'it accepts nothing',
      { ...NOTHING, failing: since },
      { failing: { since: '2026-11-29T11:59:00.000Z', why: 'HTTP 503', nextAttempt: '2026-11-29T12:00:30.000Z' } },
      ['ACCEPTS NOTHING since 2026-11-29T11:59:00.000Z: HTTP 503; next attempt 2026-11-29T12:00:30.000Z'],
    ],
    [
      'it refuses our credentials, which is why it accepts nothing',
      { ...NOTHING, failing: since, denied: { ...since, why: 'HTTP 401' } },
      { denied: { why: 'HTTP 401' } },
      ['REFUSES OUR CREDENTIALS since 2026-11-29T11:59:00.000Z: HTTP 401; next attempt 2026-11-29T12:00:30.000Z'],
    ],
    [
      'it asked for a pause',
      { ...NOTHING, paced: { until: NOW + 5_000, pause: 60_000, why: 'Retry-After: 60' } },
      { pacedUntil: '2026-11-29T12:00:05.000Z', pacedBecause: 'Retry-After: 60' },
      ['paced until 2026-11-29T12:00:05.000Z: Retry-After: 60'],
    ],
    [
      'the pause is over',
      { ...NOTHING, paced: { until: NOW, pause: 60_000, why: 'Retry-After: 60' } },
      { pacedUntil: null, pacedBecause: null },
      [],
    ],
    [
      'the clock was set back since: the pause is over when it has lasted as long as it was to last',
      { ...NOTHING, paced: { until: NOW + 3_600_000, pause: -1, why: 'Retry-After: 60' } },
      { pacedUntil: null },
      [],
    ],
    [
      'how soon it answers, in tenths of a millisecond',
      { ...NOTHING, answers: { p50: 12.3456, p95: 99.96, requests: 200 } },
      { answerMs: { p50: 12.3, p95: 100, requests: 200 } },
      ['answers within 12.3 ms (p50), 100 ms (p95)'],
    ],
  ])('%s', (_, facts, expected, told) => {
    new StandingTable(left.state.store, () => NOW).put('crm', facts as never);
    expect(status().destinations.find((d) => d.destination === 'crm')).toMatchObject(expected);
    const [first, ...rest] = lines('destination').filter((line) => line.startsWith('crm  '));
    expect(first).toBe('crm  0 pending, 0 lanes waiting for a retry, 0 dead letters');
    expect(rest).toEqual(told.map((line) => `crm  ${line}`));
  });
});

describe('a journal', () => {
  const read = { receiver: RECEIVER, sequence: 1007n };
  const OUTLOOK = {
    ...{ journal: JOURNAL, behind: 3n, hoursToLoss: null, retentionHours: 48.126, writtenPerSecond: 1.005 },
    ...{ readPerSecond: null, filter: null, way: null, seenAt: NOW - 10_000 },
  };
  const NUMBERS = { numbers: 1_000, entries: 10, calls: 2, ms: 4 };

  test.each<[what: string, outlook: object | null, running: boolean, ends: string, figures: object]>([
    [
      'not looked at yet',
      null,
      true,
      '; distance to the end of the journal not known yet',
      { behind: null, asOf: null, stale: true, retentionHours: null, positionGone: false },
    ],
    ['just looked at', {}, true, '; 3 entries behind 10 s ago', { behind: '3', lastBehind: '3', stale: false }],
    ['one entry behind', { behind: 1n }, true, '; 1 entry behind 10 s ago', { behind: '1' }],
    [
      'the daemon does not run',
      {},
      false,
      '; last seen 3 entries behind at 2026-11-29T11:59:50.000Z (10 s ago), not known since',
      { behind: null, lastBehind: '3', stale: true, ageSeconds: 10 },
    ],
    [
      'the daemon runs, and has not looked for long',
      { behind: 0n, seenAt: NOW - 90_001 },
      true,
      '; last seen at the end of the journal at 2026-11-29T11:58:29.999Z (90 s ago), not known since',
      { behind: null, lastBehind: '0', stale: true },
    ],
    [
      'looked at as long ago as it may be',
      { seenAt: NOW - 90_000 },
      true,
      '; 3 entries behind 90 s ago',
      { stale: false },
    ],
    [
      'its receiver is gone',
      { behind: null, hoursToLoss: 0 },
      true,
      '; its receiver was gone 10 s ago, data loss in 0 h',
      { positionGone: true, hoursToDataLoss: 0 },
    ],
    [
      'in danger',
      { hoursToLoss: 5.678 },
      true,
      '; 3 entries behind 10 s ago, data loss in 5.68 h',
      { hoursToDataLoss: 5.68 },
    ],
    [
      'in danger, and nobody looks: time goes on',
      { hoursToLoss: 5, seenAt: NOW - 2 * 3_600_000 },
      false,
      '; last seen 3 entries behind at 2026-11-29T10:00:00.000Z (7200 s ago), not known since, data loss in 3 h',
      { hoursToDataLoss: 3 },
    ],
    [
      'in danger for too long',
      { hoursToLoss: 1, seenAt: NOW - 2 * 3_600_000 },
      false,
      'data loss in 0 h',
      { hoursToDataLoss: 0 },
    ],
    [
      'seen by a clock that was set back since',
      { seenAt: NOW + 60_000 },
      true,
      '; 3 entries behind 0 s ago',
      { ageSeconds: 0, stale: false },
    ],
    [
      'by the API, with the filter measured',
      {
        way: { reader: 'api', because: 'it answers' },
        filter: { place: 'server', because: 'measured', client: NUMBERS, server: { ...NUMBERS, numbers: 0 } },
      },
      true,
      '; 3 entries behind 10 s ago, read by the API (it answers), foreign entries left out by the server (measured per sequence number: client 4 us, server not measured)',
      { reader: 'api', readerBecause: 'it answers', filteredBy: 'server' },
    ],
    [
      'by SQL, filtered as configured',
      {
        way: { reader: 'sql', because: 'journal.reader' },
        filter: { place: 'client', because: 'configured', client: null, server: null },
      },
      true,
      ', read by SQL (journal.reader), foreign entries left out by the client (as journal.filter says)',
      { reader: 'sql', filter: { place: 'client', because: 'configured', client: null, server: null } },
    ],
  ])('%s', (_, outlook, running, ends, figures) => {
    const { checkpoints } = left.state;
    checkpoints.write(JOURNAL, { read, resume: read, openCycles: [] }, NOW - 5_000);
    if (outlook !== null) checkpoints.setOutlook({ ...OUTLOOK, ...outlook } as never);
    const line = lines('journal', running)[0]!;
    expect(
      line.startsWith(
        'ORDLIB/ORDJRN  read up to ORDLIB/ORDRCV0001:1007, restart from ORDLIB/ORDRCV0001:1007, 0 open commit cycles, checkpoint 5 s old',
      ),
    ).toBe(true);
    expect(line.endsWith(ends)).toBe(true);
    expect(status(running).journals[0]).toMatchObject(figures);
  });
});
