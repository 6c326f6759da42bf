/** One full model of each command, with something in every member that a text shows. */

import type { CheckFinding } from '../../../src/catalog/finding';
import { finding, passed } from '../../../src/catalog/finding';

const AT = '2026-11-29T12:00:00.000Z';

export const LETTER = {
  ...{ no: 17, destination: 'crm', reason: 'http-422', message: 'no', status: 422, attempts: 3 },
  ...{ firstAt: AT, deadAt: AT, id: 'evt_1', type: 'order.updated', table: 'A/B', key: '7', traceKey: '7', time: AT },
  ...{ receiver: null, sequence: null, recordUrl: null },
};

export const STATUS = {
  daemon: { running: false },
  alerts: [
    {
      ...{ no: 1, rule: 'table-gap', subject: 'LIB/FILE', severity: 'critical' as const },
      ...{ summary: 'Table LIB/FILE: journaling ended', next: 'ibmi-cdc backfill --table LIB/FILE' },
      ...{ page: 'tables/LIB/FILE', since: AT, endedAt: null },
    },
  ],
  state: { file: 's.sqlite', identity: 'i', incarnation: null, openedAt: AT, found: 'restored', fullSince: AT },
  journals: [
    {
      ...{ journal: 'A/J', read: 'A/R:9', resume: 'A/R:7', openCycles: 1, checkpointAt: AT, checkpointAgeSeconds: 4 },
      ...{ behind: null, asOf: AT, ageSeconds: 100, stale: true, lastBehind: '5', positionGone: false },
      ...{ hoursToDataLoss: 3, retentionHours: 48, writtenPerSecond: 1, readPerSecond: 2 },
      ...{ reader: 'sql', readerBecause: 'the profile lacks *USE', filteredBy: 'client' },
      filter: { place: 'client', because: 'default', client: null, server: null },
    },
  ],
  windows: [{ table: 'A/W', complete: false, upTo: '2026-11-29 12:00:00', rows: 1 }],
  backfills: [{ backfill: 1, table: 'A/B', state: 'failed', rowsRead: 5, total: 9, message: 'SQL0204' }],
  reconciles: [
    {
      ...{ table: 'A/B', state: 'failed', at: AT, rows: 1, total: 2, different: 1, missing: 0, extra: 0, repaired: 0 },
      message: 'refused',
    },
  ],
  replays: [{ replay: 1, journal: 'A/J', state: 'failed', entries: 5, events: 4, deliveries: 3, message: 'CPF7053' }],
  destinations: [
    {
      ...{ destination: 'crm', pending: 2, waitingLanes: 1, held: 4, deadLetters: 1, oldestPending: AT, denied: null },
      disabled: { since: AT, why: '410 Gone' },
      failing: { since: AT, why: 'HTTP 500', nextAttempt: AT },
      ...{ pacedUntil: AT, pacedBecause: 'Retry-After', answerMs: { p50: 1, p95: 2, requests: 3 } },
    },
  ],
  pausedTables: [{ table: 'A/B', reason: 'operator x', at: 'A/R:9', heldAt: AT, deliveries: 1 }],
  unseenChanges: [
    {
      ...{ table: 'A/B', reason: 'ended', from: 'A/R:1', until: null, since: AT, text: 'journaling ended' },
      next: ['STRJRNPF ...', 'ibmi-cdc backfill ...'],
    },
  ],
  credentials: [{ path: '/secrets/token', detail: 'it is empty' }],
  quarantined: [
    {
      ...{ table: 'A/B', mode: 'stream', code: 'DECODE_PACKED', count: 2, firstAt: AT, lastAt: AT },
      lastPlace: 'A/R:12',
    },
  ],
};

export const LIFE = {
  ...{ id: 'evt_1', type: 'order.updated', table: 'A/B', rule: 'order', key: '7', traceKey: '7', journal: 'A/J' },
  ...{ receiver: 'A/R', sequence: '12', entryAt: AT, writtenAt: AT },
  destinations: [
    { destination: 'crm', state: 'held', attempts: 0, dueAt: null, heldBy: 'table.cleared', disabledBy: null },
    { destination: 'lake', state: 'waiting', attempts: 1, dueAt: AT, heldBy: null, disabledBy: 'it answered 410' },
  ],
  attempts: [
    {
      ...{ destination: 'lake', attempt: 1, at: AT, ms: 3, outcome: 'retry', status: 500, batch: 1 },
      ...{ error: 'HTTP 500', request: null, signature: null, response: null },
    },
  ],
};

const STORY = {
  ...{ table: 'A/B', op: 'update', journal: 'A/J', receiver: 'A/R', sequence: '12', entryAt: AT },
  ...{ user: 'U', job: '1/U/J', program: 'P', commitCycle: null, fate: 'filtered: order:when', next: 'mend it' },
  rules: [{ rule: 'order', outcome: 'filtered', clause: 'when', says: 'when is not true: A = 1' }],
  events: [{ id: 'evt_9', type: 'order.updated', stored: false }],
};

export const TRACE = {
  journals: [
    {
      ...{ journal: 'A/J', tables: ['A/B'], from: 'A/R:1', to: 'A/R:99', entries: 99, ended: 'depth' },
      ...{ gone: ['A/R0'], unreadable: [{ table: 'A/B', position: 'A/R:5', code: 'LAYOUT_IMAGE' }] },
      stories: [STORY, { ...STORY, fate: 'published' }],
    },
    {
      journal: 'A/K',
      tables: ['A/C'],
      from: null,
      to: null,
      entries: 0,
      ended: 'beginning',
      gone: [],
      unreadable: [],
      stories: [],
    },
  ],
  without: [{ table: 'A/D', why: 'not journaled: never was' }],
};

export const FATE = { journal: 'A/J', receiver: 'A/R', fromSequence: '3', toSequence: '9', fate: 'rolled back' };
export const LEDGER = { journal: 'A/J', upTo: 'A/R:9', depth: 100n, fates: [{ fate: 'published', entries: '4' }] };

export const AUDIT = {
  ...{ journal: 'A/J', from: 'A/R:1', to: 'A/R:9', entries: 9, fates: { published: 9 }, pending: 1, deadLetters: 0 },
  holes: [{ receiver: 'A/R', from: '3', to: '4', entries: 2, why: 'no fate' }],
  notProved: [{ receiver: 'A/R0', why: 'gone' }],
  ...{ unreadable: [], complete: false, proved: false },
};

export const COPY = {
  ...{ file: 'c.sqlite', whole: false, identity: 'i', lastOpenedAt: null, events: 5, notAsked: 'no answer' },
  journals: [{ journal: 'A/J', read: 'A/R:9', resume: 'A/R:7', receivers: 'gone', behind: 3 }],
  destinations: [{ destination: 'crm', pending: 1, held: 0, deadLetters: 2, repeats: 3 }],
};

export const PLAN = {
  tables: [
    {
      ...{ table: 'A/B', file: 'A/BSYS', sqlName: 'A.B', state: 'not journaled', reason: 'no journal' },
      ...{ code: 'CHECK_TABLE_NOT_JOURNALED', capture: 'journal', journal: 'A/J', images: '*BOTH', key: ['K'] },
      ...{ keySource: 'primary key', ccsids: [37], members: 1, warnings: ['op hides a column'], fixes: ['STRJRNPF'] },
      unseen: { ...STATUS.unseenChanges[0] },
      columns: [{ name: 'K', type: 'CHAR(3)', ccsid: 37 }],
    },
  ],
  diff: [{ level: 'breaking', at: 'tables.A/B.key', was: 'K', is: 'L', means: 'every id changes' }],
};

export const DOCTOR: { readonly findings: readonly CheckFinding[] } = {
  findings: [passed('state', 's', 'writable'), finding('CHECK_PORT', 'h:9471', 'refused', 'STRHOSTSVR')],
};

export const VERIFY = {
  ...{ table: 'A/B', rows: 2, columns: 3, unproven: ['NOTE'] },
  differences: [{ key: { K: '7' }, column: 'QTY', journal: '1', sql: '2', raw: '001f' }],
};

export const STOPPED = {
  tables: [{ table: 'A/B', reason: 'table.cleared', receiver: 'A/R', sequence: '9', heldAt: AT, deliveries: 2 }],
  destinations: [{ destination: 'crm', since: AT, why: 'it answered 410', deliveries: 1 }],
  unconfigured: [{ destination: 'old', deliveries: 2 }],
};

export const CAPTURE = {
  ...{ debug: 1, destination: 'crm', table: null, state: 'running', since: AT, until: AT },
  ...{ exchanges: 1, bytes: 10, maxBytes: 100, cut: 1 },
};

export const TOKEN = { name: 'console', role: 'viewer', createdAt: AT, expiresAt: AT, usedAt: AT };

export const BACKFILL = {
  ...{ id: 1, wish: { table: 'A/B' }, state: 'stopped', rowsRead: 9, published: 5, rowsNewer: 1, rowsFiltered: 1 },
  ...{ rowsQuarantined: 1, known: 1, total: 10, message: null },
};

export const JOURNAL_REPLAY = {
  ...{ journal: 'A/J', state: 'stopped', queued: 3, changes: 9, events: 5, stored: 1, deliveries: 3, entries: 20 },
  ...{ filtered: 1, quarantined: 1, incomplete: 1, ahead: 1 },
  gone: [{ receiver: 'A/R0', why: 'deleted' }],
};

export const RECONCILE = {
  wish: { table: 'A/B', repair: false },
  figures: {
    ...{ rows: 9, matching: 5, different: 1, missing: 1, extra: 1, repaired: 0, filtered: 1, quarantined: 1 },
    ...{ unjudged: 1, keysUnjudged: 0 },
  },
  ...{
    state: 'stopped',
    asOf: { receiver: 'A/R', sequence: '9' },
    notes: ['rows without a key are compared by number'],
  },
};

export const SENT = {
  ...{ delivered: false, destination: 'crm', to: 'https://x/y', id: 'test_1', type: 'order.created' },
  ...{ sample: 'synthetic', status: 422, ms: 1.5, signature: ['t: 1', 'v1: a'], response: 'no', why: 'HTTP 422' },
};
