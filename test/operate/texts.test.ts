/** Models as a person reads them: each text is a pure function of its model, so every line is written by hand here. */
import { finding, passed } from '../../src/catalog/finding';
import { auditText } from '../../src/operate/audit/audit-text';
import { copyText } from '../../src/operate/backup/backup-text';
import { LETTERS_HEAD, letterText } from '../../src/operate/dlq/dlq-text';
import { doctorText, toMend } from '../../src/operate/doctor/doctor';
import { forecastFinding } from '../../src/operate/doctor/journals';
import {
  acceptedText,
  destinationText,
  positionText,
  stoppedText,
  tableText,
} from '../../src/operate/resume/resume-text';
import type { Status } from '../../src/operate/status/status';
import { statusText } from '../../src/operate/status/status-text';
import { lifeText } from '../../src/operate/trace/event-life';
import { fateText, ledgerText } from '../../src/operate/trace/fate-text';

const AT = '2026-11-29T12:00:00.000Z';
const LETTER = {
  no: 17,
  destination: 'crm',
  reason: 'http-422',
  message: 'the receiver answered 422\nwith a second line',
  status: 422,
  attempts: 3,
  firstAt: AT,
  deadAt: AT,
  id: 'evt_1',
  type: 'order.updated',
  table: 'ORDLIB/ORDHDR',
  key: '100245',
  traceKey: '100245',
  time: AT,
  receiver: null,
  sequence: null,
  recordUrl: null,
};

test('a dead letter is two lines under its head, whatever its message has in it', () => {
  expect(LETTERS_HEAD + letterText(LETTER)).toBe(
    `    no  dead at                   destination   reason        attempts  event
    17  ${AT}  crm           http-422             3  order.updated 100245 evt_1
        the receiver answered 422\\nwith a second line
`,
  );
});

const NOTHING: Status = {
  daemon: { running: true },
  alerts: [],
  state: { file: 's.sqlite', identity: 'i', incarnation: null, openedAt: AT, found: 'same', fullSince: null },
  journals: [],
  windows: [],
  backfills: [],
  reconciles: [],
  replays: [],
  destinations: [],
  pausedTables: [],
  unseenChanges: [],
  credentials: [],
  quarantined: [],
};
const CALM = { failing: null, denied: null, pacedUntil: null, pacedBecause: null, answerMs: null };
const CRM = {
  destination: 'crm',
  disabled: null,
  pending: 2,
  waitingLanes: 1,
  held: 0,
  deadLetters: 1,
  oldestPending: AT,
  ...CALM,
};

test.each<[string, Partial<Status>, string]>([
  ['nothing was read', {}, 'nothing has been read yet\n'],
  [
    'a daemon that does not run',
    { daemon: { running: false } },
    'daemon  NOT RUNNING: figures are as it left them; next: ibmi-cdc run, or ibmi-cdc doctor to ask the partition\nnothing has been read yet\n',
  ],
  [
    'a full disk',
    { state: { ...NOTHING.state, fullSince: AT } },
    `state s.sqlite  DISK FULL since ${AT}: reading stands still; next: make room on its disk\nnothing has been read yet\n`,
  ],
  [
    'a restored file',
    { state: { ...NOTHING.state, found: 'restored' } },
    `state s.sqlite  RESTORED: the daemon found a copy at ${AT}; events since it was made are sent again under the same ids\nnothing has been read yet\n`,
  ],
  [
    'a backlog',
    { destinations: [CRM] },
    `destination crm  2 pending, oldest ${AT}, 1 lane waiting for a retry, 1 dead letter\nnothing has been read yet\n`,
  ],
  [
    'a disabled destination that fails',
    {
      destinations: [
        {
          ...CRM,
          held: 4,
          disabled: { since: AT, why: '410\nGone' },
          failing: { since: AT, why: 'HTTP 500', nextAttempt: AT },
        },
      ],
    },
    `destination crm  2 pending, oldest ${AT}, 1 lane waiting for a retry, 4 held, 1 dead letter
destination crm  ACCEPTS NOTHING since ${AT}: HTTP 500; next attempt ${AT}
destination crm  DISABLED since ${AT}: 410\\nGone; next: ibmi-cdc resume --destination crm
nothing has been read yet
`,
  ],
  [
    'a paused table',
    { pausedTables: [{ table: 'A/B', reason: 'table.cleared', at: null, heldAt: AT, deliveries: 1 }] },
    `table A/B  PAUSED by table.cleared, 1 delivery held since ${AT}; next: ibmi-cdc resume --table A/B\nnothing has been read yet\n`,
  ],
  [
    'a window',
    { windows: [{ table: 'A/B', complete: false, upTo: null, rows: 0 }] },
    'window A/B  first look not complete, empty, 0 rows known\n',
  ],
])('status: %s', (_what, given, expected) => expect(statusText({ ...NOTHING, ...given })).toBe(expected));

test.each([
  [
    tableText({ table: 'A/B', acceptedGap: 'journaling ended' }),
    'A/B: the changes not seen since journaling ended are accepted\n',
  ],
  [tableText({ table: 'A/B', drop: true, deliveries: 1 }), 'A/B goes on, 1 dead letter made\n'],
  [tableText({ table: 'A/B', drop: false, deliveries: 2 }), 'A/B goes on, 2 deliveries queued\n'],
  [destinationText({ destination: 'crm', deliveries: 1 }), 'crm goes on, 1 delivery waits\n'],
  [
    positionText({ destination: 'lake', position: 'skip', deliveries: 3 }),
    'lake: at the next start of the daemon 3 deliveries that wait are taken as sent\n',
  ],
  [
    acceptedText({ state: 's', next: 'begins anew', setAside: 's-wal.1' }),
    's is accepted: the next start of the daemon begins anew; the log that did not belong to it is now s-wal.1\n',
  ],
  [stoppedText({ tables: [], destinations: [], unconfigured: [] }), 'no table is paused\n'],
  [
    stoppedText({ tables: [], destinations: [], unconfigured: [{ destination: 'old', deliveries: 2 }] }),
    'no table is paused\nold  not in the configuration, 2 deliveries wait; to give them up: ibmi-cdc resume --destination old --drop\n',
  ],
])('resume: %s', (text, expected) => expect(text).toBe(expected));

test('trace: an event with its attempts, and what keeps it', () => {
  const life = {
    id: 'evt_1',
    type: 'order.updated',
    table: 'A/B',
    rule: 'order',
    key: '7',
    traceKey: '7',
    journal: 'A/J',
    receiver: 'A/R1',
    sequence: '12',
    entryAt: AT,
    writtenAt: AT,
    destinations: [
      {
        destination: 'crm',
        state: 'held' as const,
        attempts: 0,
        dueAt: null,
        heldBy: 'table.cleared',
        disabledBy: null,
      },
      {
        destination: 'lake',
        state: 'waiting' as const,
        attempts: 1,
        dueAt: AT,
        heldBy: null,
        disabledBy: 'it answered 410',
      },
    ],
    attempts: [],
  };
  expect(lifeText(life)).toBe(`order.updated 7  evt_1
  entry      A/J A/R1:12 at ${AT}
  rule       A/B order
  written    ${AT}
  crm: held, 0 attempts: the table is paused by table.cleared; next: ibmi-cdc resume --table A/B
  lake: waiting, 1 attempt, next at ${AT}: the destination is disabled: it answered 410; next: ibmi-cdc resume --destination lake

`);
});

test('trace: fates of entries, and what the ledger knows without the partition', () => {
  const place = { journal: 'A/J', receiver: 'A/R1', fate: 'rolled back' };
  expect(fateText({ ...place, fromSequence: '3', toSequence: '3' })).toBe('A/J A/R1:3  rolled back\n');
  expect(fateText({ ...place, fromSequence: '3', toSequence: '9' })).toBe('A/J A/R1:3 to 9  rolled back\n');
  const view = { journal: 'A/J', upTo: 'A/R1:9', depth: 100n };
  expect(ledgerText({ ...view, fates: [] })).toBe(
    'ledger of A/J up to A/R1:9, newest 100 entries: nothing of the captured tables\n',
  );
  expect(ledgerText({ ...view, fates: [{ fate: 'published', entries: '4' }] })).toContain('entries: 4 published\n');
});

test('doctor: a finding has its command and its page, a passed check neither', () => {
  const report = {
    findings: [passed('state', 's', 'writable'), finding('CHECK_PORT', 'h:9471', 'refused', 'STRHOSTSVR\n/* then */')],
  };
  expect(doctorText(report)).toBe(`ok       state     s: writable
ERROR    network   h:9471: refused
                     STRHOSTSVR
                     /* then */
                     see docs/reference/errors.md#check_port
1 finding
`);
  expect(toMend(report).map((f) => f.code)).toEqual(['CHECK_PORT']);
  expect(doctorText({ findings: [] })).toBe('nothing found\n');
});

test.each([
  [0n, null, 'ok', 'everything written so far was read'],
  [3n, null, 'ok', '3 entries behind, in the attached receiver, and no receiver of the journal was ever deleted'],
  [3n, 24, 'ok', '3 entries behind; the oldest of them may be deleted in 24.0 h at the retention seen'],
  [1n, 23.96, 'warning', '1 entry behind; the oldest of them may be deleted in 24.0 h at the retention seen'],
  [null, 0, 'warning', '0 entries behind; the oldest of them may be deleted in 0.0 h at the retention seen'],
])('doctor: %s entries behind with %s hours left is %s', (behind, hoursToLoss, level, text) => {
  const rest = { writtenPerSecond: 1, ageHours: 1, retentionHours: 48, neededKb: null };
  expect(forecastFinding('A/J', { behind, hoursToLoss, ...rest })).toMatchObject({ level, text });
});

test('audit: known fates first, holes and what rests on the ledger alone', () => {
  const report = {
    journal: 'A/J',
    from: 'A/R1:1',
    to: 'A/R1:9',
    entries: 9,
    fates: { 'filtered: order:when': 2, 'not ours': 3, published: 4 },
    pending: 1,
    deadLetters: 0,
    holes: [],
    notProved: [],
    unreadable: [],
    complete: true,
    proved: true,
  };
  expect(auditText(report)).toBe(`A/J  A/R1:1 to A/R1:9: 9 entries on the partition
           4  published (1 event pending, 0 dead letters)
           3  not ours
           2  filtered: order:when
  complete: every entry has a fate
`);
  const hole = { receiver: 'A/R1', from: '3', to: '4', entries: 2, why: 'no fate' as const };
  expect(auditText({ ...report, holes: [hole] })).toContain(
    '  HOLE  A/R1:3 to 4: 2 entries without a fate\n  1 hole\n',
  );
});

test('backup: damage and a receiver that is gone are in capitals', () => {
  const text = copyText({
    file: 'c.sqlite',
    whole: false,
    identity: 'i',
    lastOpenedAt: null,
    events: 5,
    journals: [{ journal: 'A/J', read: 'A/R1:9', resume: 'A/R1:7', receivers: 'gone', behind: null }],
    notAsked: null,
    destinations: [{ destination: 'crm', pending: 1, held: 0, deadLetters: 2, repeats: 3 }],
  });
  expect(text).toBe(`c.sqlite  DAMAGED: do not restore it, 5 events
journal A/J  read up to A/R1:9, restart from A/R1:7; RECEIVER GONE: POSITION_LOST
destination crm  1 pending, 2 dead letters, about 3 of what was settled since would be sent again
`);
});
