/** Each rule: what raises it, how bad it is, and what is said; and the same facts a hair on the other side. */
import { type AlertFacts, conditionsOf, type DestinationFacts } from '../../src/alerts/conditions';
import { ALERT_RULE_NAMES, ALERT_RULES, type AlertRule } from '../../src/model/watching/alert-rules';
import { nothingWrong } from './support/facts';

const NOW = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RIGHT = nothingWrong(NOW);

const seen = (more: Partial<AlertFacts>, off: readonly AlertRule[] = []) =>
  conditionsOf({ ...RIGHT, ...more }, (rule) => {
    const { severity, limit } = ALERT_RULES[rule];
    return off.includes(rule) ? null : { severity, limit: limit?.default ?? 0 };
  });
const crm = (more: Partial<DestinationFacts>): Partial<AlertFacts> => ({
  destinations: [{ ...RIGHT.destinations[0]!, ...more }],
});
const journal = (more: Partial<AlertFacts['journals'][number]>): Partial<AlertFacts> => ({
  journals: [{ ...RIGHT.journals[0]!, ...more }],
});
const table = (more: Partial<AlertFacts['tables'][number]>): Partial<AlertFacts> => ({
  tables: [{ ...RIGHT.tables[0]!, ...more }],
});
const expires = (ms: number): Partial<AlertFacts> => ({ certificates: [{ host: 'h:443', validTo: NOW + ms }] });
const deleted = { what: 'mass-delete', table: 'L/T', of: 'table.cleared', count: 1, at: NOW - 5 } as const;

test('nothing wrong, nothing said', () => {
  expect(seen({})).toEqual([]);
});

test.each<[AlertRule, Partial<AlertFacts>, object]>([
  ['position-stands-still', journal({ stillMs: 121_000 }), { since: NOW - 121_000, next: 'ibmi-cdc doctor' }],
  [
    'position-stands-still',
    journal({ stillMs: 5, trouble: 'connection refused' }),
    { summary: 'Journal ORDLIB/ORDJRN is not read: connection refused' },
  ],
  ['data-loss-near', journal({ hoursToLoss: 23.9 }), { level: 0, next: expect.stringContaining('DLTRCV(*NO)') }],
  ['data-loss-near', journal({ hoursToLoss: 3.9 }), { level: 1, summary: expect.stringContaining('3.9 hours') }],
  ['max-lag', crm({ lagMs: 60_001 }), { subject: 'crm', since: NOW - 1 }],
  ['max-lag', table({ lagMs: 90_000, maxLag: 60_000 }), { subject: 'ORDLIB/ORDHDR', since: NOW - 30_000 }],
  ['window-stands-still', { windows: [{ table: 'L/T', overdueMs: 1, trouble: null }] }, { subject: 'L/T' }],
  [
    'destination-failing',
    crm({ failing: { since: NOW - 1, why: '503', next: NOW } }),
    { severity: 'warning', level: 0 },
  ],
  [
    'destination-failing',
    crm({ schedule: 10 * HOUR, failing: { since: NOW - 9 * HOUR, why: '503', next: NOW } }),
    { severity: 'critical', level: 3, summary: expect.stringContaining('503; 90 % of its retry schedule') },
  ],
  ['destination-denied', crm({ denied: { since: NOW - 1, why: '401' } }), { since: NOW - 1, severity: 'critical' }],
  [
    'destination-disabled',
    crm({ disabled: { since: NOW - 1, why: '410' } }),
    { next: 'ibmi-cdc resume --destination crm' },
  ],
  ['dead-letters', crm({ deadLetters: 1 }), { level: 0, summary: '1 dead letter of destination crm' }],
  ['dead-letters', crm({ deadLetters: 250 }), { level: 2, summary: '250 dead letters of destination crm' }],
  [
    'changes-quarantined',
    { happened: [{ ...deleted, what: 'changes-quarantined', of: 'DECODE_FIELD', count: 2 }] },
    { subject: 'L/T DECODE_FIELD', until: NOW - 5 + HOUR },
  ],
  ['decode-errors', { happened: [{ ...deleted, what: 'decode-errors', of: 'ORDDAT' }] }, { subject: 'L/T ORDDAT' }],
  ['mass-delete', { happened: [deleted] }, { subject: 'L/T table.cleared', since: NOW - 5 }],
  ['schema-changed', { happened: [{ ...deleted, what: 'schema-changed', of: '' }] }, { subject: 'L/T' }],
  ['table-paused', table({ paused: { since: NOW - 9, reason: 'schema.changed' } }), { since: NOW - 9 }],
  ['table-gap', table({ gap: { detail: 'journaling ended', next: 'backfill' } }), { next: 'backfill' }],
  ['state-disk-full', { diskFullSince: NOW - 4 }, { since: NOW - 4, severity: 'critical' }],
  ['credential-unusable', { credentials: [{ path: 'a.b', detail: 'gone' }] }, { subject: 'a.b' }],
  ['password-expires', { password: { user: 'CDC', days: 13 } }, { severity: 'warning', level: 0 }],
  ['password-expires', { password: { user: 'CDC', days: 3 } }, { severity: 'critical', level: 1 }],
  ['certificate-expires', expires(20.5 * DAY), { severity: 'warning', summary: expect.stringContaining('in 20 days') }],
  ['certificate-expires', expires(-DAY), { severity: 'critical', summary: expect.stringContaining('has expired') }],
  [
    'reconcile-differences',
    { differences: [{ table: 'L/T', rows: 1 }] },
    { summary: 'Comparison of L/T: 1 row differ' },
  ],
  [
    'unusual-rate',
    { rates: [{ table: 'L/T', events: 0, usual: 5000, away: -10, at: NOW }] },
    { until: NOW + HOUR, summary: 'Table L/T wrote 0 events within the hour; about 5000 are usual at this time' },
  ],
])('%s %#', (rule, facts, expected) => {
  expect(seen(facts)).toEqual([expect.objectContaining({ rule, ...expected })]);
  expect(seen(facts, [rule])).toEqual([]);
});

test.each<[string, Partial<AlertFacts>]>([
  ['a journal that moved two minutes ago', journal({ stillMs: 120_000 })],
  ['a journal not read yet', journal({ stillMs: null })],
  ['a day until loss', journal({ hoursToLoss: 24 })],
  ['as late as promised', crm({ lagMs: 60_000 })],
  ['late, and nothing promised', crm({ lagMs: HOUR, maxLag: null })],
  ['a window that is due now', { windows: [{ table: 'L/T', overdueMs: 0, trouble: null }] }],
  ['a password with two weeks', { password: { user: 'CDC', days: 14 } }],
  ['a password of unknown age', { password: null }],
  ['a certificate with three weeks', expires(21 * DAY)],
  ['an hour like others', { rates: [{ table: 'L/T', events: 5600, usual: 5000, away: 3.9, at: NOW }] }],
])('%s is no alert', (_what, facts) => {
  expect(seen(facts)).toEqual([]);
});

test('every rule is looked for', () => {
  const bad: AlertFacts = {
    ...RIGHT,
    ...journal({ stillMs: HOUR, hoursToLoss: 1 }),
    ...crm({
      ...{ failing: { since: NOW, why: 'x', next: NOW }, denied: { since: NOW, why: 'x' } },
      ...{ disabled: { since: NOW, why: 'x' }, lagMs: HOUR, deadLetters: 1 },
    }),
    ...table({ paused: { since: NOW, reason: 'x' }, gap: { detail: 'x', next: 'x' } }),
    ...expires(0),
    windows: [{ table: 'L/T', overdueMs: 1, trouble: null }],
    happened: (['changes-quarantined', 'decode-errors', 'mass-delete', 'schema-changed'] as const).map((what) => ({
      ...{ what, table: 'L/T', of: 'x', count: 1, at: NOW },
    })),
    diskFullSince: NOW,
    credentials: [{ path: 'x', detail: 'x' }],
    password: { user: 'CDC', days: 0 },
    differences: [{ table: 'L/T', rows: 1 }],
    rates: [{ table: 'L/T', events: 0, usual: 1000, away: -9, at: NOW }],
  };
  expect(new Set(seen(bad).map(({ rule }) => rule))).toEqual(new Set(ALERT_RULE_NAMES));
});
