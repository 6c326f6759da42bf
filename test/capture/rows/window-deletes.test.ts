/** Deletes that a window finds by comparing keys, under every way a rule may tell of them. One daemon, a table a rule. */
import { Desk, type SentEvent } from '../../support/desk';

jest.setTimeout(120_000);

const WINDOW =
  "{ window: { by: [K], kind: sequence, every: 100ms, margin: 0s, start: all, deletes: { schedule: '* * * * * *' } } }";

interface Case {
  readonly what: string;
  /** Members of the rule beside event and capture. */
  readonly rule: string;
  /** What comes of the deletion of row 2: parts of the body, or null. */
  readonly event: Record<string, unknown> | null;
}

/** As the columns of row 2 are, and were last known. */
const WHOLE = { K: 2, V: 'two', N: '2.50', S: 'OPEN' };
const KEY = { K: 2 };

const CASES: readonly Case[] = [
  { what: 'ignore', rule: 'onDelete: ignore', event: null },
  {
    what: 'delete',
    rule: 'onDelete: delete',
    event: { type: 'r.deleted', subject: '2', data: { op: 'delete', key: KEY, after: null, before: WHOLE } },
  },
  {
    what: 'update',
    rule: 'onDelete: update',
    event: { type: 'r.updated', data: { op: 'update', key: KEY, after: WHOLE } },
  },
  {
    what: 'update with set',
    rule: 'onDelete: { update: { set: { S: GONE, gone: true } } }',
    event: { type: 'r.updated', data: { after: { ...WHOLE, S: 'GONE', gone: true }, changed: ['S', 'gone'] } },
  },
  {
    what: 'columns',
    rule: 'onDelete: delete, columns: { K: id, N: { as: amount, number: true } }',
    event: { type: 'r.deleted', data: { key: { id: 2 }, before: { id: 2, amount: 2.5 } } },
  },
  {
    what: 'when that holds',
    rule: 'onDelete: delete, when: "S = \'OPEN\'"',
    event: { type: 'r.deleted', data: { before: WHOLE } },
  },
  { what: 'when that does not hold', rule: 'onDelete: delete, when: "S = \'SHUT\'"', event: null },
  {
    what: 'mask',
    rule: 'onDelete: delete, mask: { V: redact, S: { last: 1 }, N: drop }',
    event: { type: 'r.deleted', data: { before: { K: 2, V: '***', S: '****N' } } },
  },
  {
    what: 'group',
    rule: 'onDelete: delete, group: { both: [V, S] }',
    event: { type: 'r.deleted', data: { before: { K: 2, N: '2.50', both: ['two', 'OPEN'] } } },
  },
  {
    what: 'expressions',
    rule: 'onDelete: delete, expressions: { double: "N * 2", told: "op" }, constants: { firm: 7 }',
    event: { type: 'r.deleted', data: { before: { ...WHOLE, double: '5.00', told: 'delete', firm: 7 } } },
  },
  {
    what: 'traceKey and recordUrl',
    rule: 'onDelete: delete, traceKey: "{{S}}-{{K}}", recordUrl: "https://erp.example.com/{{V}}"',
    event: { type: 'r.deleted', tracekey: 'OPEN-2', recordurl: 'https://erp.example.com/two' },
  },
  {
    what: 'event.by',
    rule: 'onDelete: delete',
    event: { type: 'open.deleted', data: { before: WHOLE } },
  },
  {
    what: 'parent',
    rule: 'parent: { event: r, key: { state: S }, changed: rows }',
    event: { type: 'r.updated', subject: 'OPEN', data: { key: { state: 'OPEN' }, changed: ['rows'] } },
  },
  {
    what: 'thin',
    rule: 'onDelete: delete, payload: thin',
    event: { type: 'r.deleted', data: { key: KEY, after: null, before: null } },
  },
  {
    what: 'changed',
    rule: 'onDelete: delete, payload: changed',
    event: { type: 'r.deleted', data: { key: KEY, before: WHOLE } },
  },
  {
    what: 'plain',
    rule: 'onDelete: delete, envelope: plain',
    event: { type: 'r.deleted', op: 'delete', key: KEY, before: WHOLE },
  },
  {
    what: 'debezium',
    rule: 'onDelete: delete, envelope: debezium',
    event: { op: 'd', before: WHOLE, after: null },
  },
  {
    what: 'template',
    rule: 'onDelete: delete, envelope: { template: { text: "{{key.K}} was {{before.S}}", row: "{{before}}", table: "{{meta.table}}" } }',
    event: { text: '2 was OPEN', row: WHOLE },
  },
  {
    what: 'the key alone remembered',
    rule: 'onDelete: delete',
    event: { type: 'r.deleted', subject: '2', data: { key: KEY, after: null, before: KEY } },
  },
  {
    what: 'the key alone remembered, update with set',
    rule: 'onDelete: { update: { set: { S: GONE } } }',
    event: { type: 'r.updated', subject: '2', data: { key: KEY, after: { K: 2, S: 'GONE' }, changed: ['S'] } },
  },
];

const tableOf = (i: number): string => `WD${String(i + 1).padStart(2, '0')}`;

let desk: Desk;
/** Events of the first look. */
let firstReads = 0;
beforeAll(async () => {
  desk = await Desk.open();
  for (const i of CASES.keys()) {
    await desk.sql(
      `CREATE TABLE ORDLIB.${tableOf(i)} (K INTEGER NOT NULL PRIMARY KEY, V VARCHAR(10) NOT NULL, N DECIMAL(5, 2) NOT NULL, S CHAR(4) NOT NULL)`,
    );
    await desk.sql(`INSERT INTO ORDLIB.${tableOf(i)} VALUES (1, 'one', 1.5, 'OPEN'), (2, 'two', 2.5, 'OPEN')`);
  }
  const tables = CASES.map(({ what, rule }, i) => {
    const event =
      what === 'event.by' ? 'event: { by: S, types: { OPEN: open } }, ' : rule.includes('parent:') ? '' : 'event: r, ';
    const capture = what.startsWith('the key alone') ? WINDOW.replace('by: [K]', 'remember: key, by: [K]') : WINDOW;
    return `  ORDLIB/${tableOf(i)}: { ${event}${rule}, capture: ${capture} }\n`;
  });
  desk.write(`tables:\n${tables.join('')}  ORDLIB/CALM: { event: calm, capture: ${WINDOW} }\n`);
  await desk.sql('CREATE TABLE ORDLIB.CALM (K INTEGER NOT NULL PRIMARY KEY)');
  const daemon = await desk.start();
  void daemon.finished().catch(() => undefined);
  const read = () => desk.value('SELECT count(*) FROM window_row');
  await desk.until('rows known', () => read() === 2 * CASES.length);
  await desk.until('reads told', () => desk.value('SELECT count(*) FROM outbox_ready') === 0);
  firstReads = desk.sent.length;
  for (const i of CASES.keys()) await desk.sql(`DELETE FROM ORDLIB.${tableOf(i)} WHERE K = 2`);
  await desk.until('rows forgotten', () => read() === CASES.length);
  // what was committed before this row was read has been written down
  await desk.sql('INSERT INTO ORDLIB.CALM VALUES (7)');
  await desk.until(
    'calm',
    () => desk.events('calm').length === 1 && desk.value('SELECT count(*) FROM outbox_ready') === 0,
  );
});
afterAll(() => desk[Symbol.asyncDispose]());

/** What came of the deletion. Every body names its table somewhere. */
const toldOf = (table: string): SentEvent[] =>
  desk.sent.slice(firstReads).filter((e) => JSON.stringify(e).includes(table));

test.each(CASES.map((c, i) => [c.what, c, tableOf(i)] as const))('%s', (_what, { event }, table) => {
  expect(toldOf(table)).toEqual(event === null ? [] : [expect.objectContaining(matching(event))]);
});

/** Parts of parts, whole where they hold no parts: a row has exactly these members. */
function matching(parts: Record<string, unknown>): Record<string, unknown> {
  const inner = (value: unknown): unknown =>
    value === parts['data'] ? expect.objectContaining(value as object) : value;
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, inner(value)]));
}

test('the daemon goes on', () => {
  expect(desk.log.filter((l) => l['level'] === 'error')).toEqual([]);
});
