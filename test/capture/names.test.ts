/**
 * Tables and columns of every name Db2 takes: reserved words, small letters, blanks, quotes, letters of other CCSIDs, and words of
 * our own expression language. The stream, a window, a backfill and a lookup tell the same row, judged by what the table itself
 * holds, read here by SQL with names quoted by hand.
 */
import { Desk } from '../support/desk';

jest.setTimeout(120_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

/** Column to the value its row holds. */
const HOSTILE: Record<string, string> = {
  USER: 'MILLER',
  ORDER: 'o-1',
  GROUP: 'g-1',
  DATE: 'd-1',
  OP: 'X',
  META: 'm-1',
  NULL: 'n-1',
  SELECT: 's-1',
  'CURRENT TIMESTAMP': 'c-1',
  'Order No': 'b-1',
  small: 'l-1',
  MiXed: 'x-1',
  'a"quote': 'q-1',
  "it's": 'a-1',
  'dot.ted': 't-1',
  'FLD£1': 'p-1',
  ÑUM: 'e-1',
  'Å§ÆØ¥': 'u-1',
  CUSTOMà: 'f-1',
  Größe: 'w-1',
};
const NAMES = Object.keys(HOSTILE);
const sql = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function create(table: string, journaled: boolean): Promise<void> {
  const columns = NAMES.map((n) => `${sql(n)} VARCHAR(40) CCSID 1208 NOT NULL`).join(', ');
  await desk.sql(`CREATE TABLE ORDLIB.${sql(table)} ("key" INTEGER NOT NULL PRIMARY KEY, ${columns})`);
  if (!journaled) return;
  const name = await systemName(table);
  await desk.cl(`STRJRNPF FILE(ORDLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
}

async function insert(table: string, key: number): Promise<void> {
  const values = Object.values(HOSTILE).map((v) => `'${v}'`);
  await desk.sql(`INSERT INTO ORDLIB.${sql(table)} VALUES (${key}, ${values.join(', ')})`);
}

async function rows(statement: string): Promise<(readonly unknown[])[]> {
  const all: (readonly unknown[])[] = [];
  const result = await desk.admin.query(statement);
  for await (const block of result.blocks() as AsyncIterable<unknown[][]>) all.push(...block);
  return all;
}

async function systemName(table: string): Promise<string> {
  const found = await rows(`SELECT SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES WHERE TABLE_NAME = '${table}'`);
  return String(found[0]![0]);
}

/** The row as the partition itself tells it. */
async function truth(table: string, key: number): Promise<Record<string, unknown>> {
  const [row] = await rows(`SELECT "key", ${NAMES.map(sql).join(', ')} FROM ORDLIB.${sql(table)} WHERE "key" = ${key}`);
  return Object.fromEntries(['key', ...NAMES].map((n, i) => [n, row![i]]));
}

const told = (type: string, subject: string): Record<string, unknown> | undefined =>
  desk.sent.find((e) => e.type === type && e.subject === subject)?.data.after;
const reading = (): boolean => desk.log.some((l) => String(l['msg']).startsWith('reading journal'));

test('stream, window, backfill and lookup tell what the table holds, whatever its names are', async () => {
  await create('order details', true);
  await create('by window', false);
  await desk.sql('CREATE TABLE ORDLIB."look up" ("the key" CHAR(3) NOT NULL PRIMARY KEY, "USER" VARCHAR(20) NOT NULL)');
  await desk.sql(`INSERT INTO ORDLIB."look up" VALUES ('o-1', 'answered')`);
  desk.write(`tables:
  'ORDLIB/"order details"':
    rules:
      - { name: all, event: streamed }
      - name: written
        event: written
        when: "after.OP = 'X' and \\"OP\\" = 'X' and \\"NULL\\" = 'n-1' and \\"Order No\\" = 'b-1' and FLD£1 = 'p-1' and ÑUM = 'e-1' and op = 'insert'"
        columns: { '"key"': id, USER: who, order: theOrder, '"Order No"': no, 'MiXed': true, '"a""quote"': quoted, Å§ÆØ¥: nordic, CUSTOMà: french, größe: size }
        expressions: { joined: "concat(GROUP, '-', \\"small\\", '-', before.\\"it's\\", after.\\"it's\\", '-', CUSTOMà)", found: "lookup('names', ORDER)", user: "after.USER" }
        traceKey: '{{"Order No"}}_{{USER}}'
        include: ['"key"']
    lookups:
      names: { table: 'ORDLIB/"look up"', key: '"the key"', value: USER }
  ORDLIB/by window: { event: window, capture: { window: { by: [key], every: 50ms, start: all } } }
`);
  expect((await desk.cli('validate')).out).not.toContain('error');
  const plan = await desk.json<{ tables: { table: string; state: string; warnings: string[] }[] }>('plan');
  expect(plan.tables.map((t) => t.state)).toEqual(['ok', 'ok']);
  await insert('by window', 1);
  await insert('order details', 1);
  await desk.start();
  await desk.until('reading', reading);
  await insert('order details', 2);
  await desk.until('all', () => told('written.created', '2') !== undefined && told('window.read', '1') !== undefined);
  expect(told('streamed.created', '2')).toEqual(await truth('order details', 2));
  expect(told('window.read', '1')).toEqual(await truth('by window', 1));
  expect(told('written.created', '2')).toEqual({
    id: 2,
    who: 'MILLER',
    theOrder: 'o-1',
    no: 'b-1',
    MiXed: 'x-1',
    quoted: 'q-1',
    nordic: 'u-1',
    french: 'f-1',
    size: 'w-1',
    joined: 'g-1-l-1-a-1-f-1',
    found: 'answered',
    user: 'MILLER',
  });
  expect(desk.sent.find((e) => e.type === 'written.created')).toMatchObject({ tracekey: 'b-1_MILLER' });

  for (const table of ['ORDLIB/"order details"', 'ORDLIB/order details'])
    expect(await desk.cli('backfill', '--table', table)).toMatchObject({ code: 0 });
  expect(await desk.cli('backfill', '--table', 'ORDLIB/by window', '--where', `"USER" = 'MILLER'`)).toMatchObject({
    code: 0,
  });
  await desk.until('backfilled', () => told('streamed.read', '1') !== undefined);
  expect(told('streamed.read', '1')).toEqual(await truth('order details', 1));
  expect(told('streamed.read', '2')).toEqual(await truth('order details', 2));
  expect(desk.log.filter((l) => l['level'] === 'error' || l['level'] === 'warn')).toEqual([]);
});

test('the exact spelling is meant before the folded one, and a letter that stands for @ is not folded', async () => {
  for (const name of ['employees_lower', 'EMPLOYEES_LOWER', 'CUSTOMà', 'only_small'])
    await desk.sql(
      `CREATE TABLE ORDLIB."${name}" ("id" INTEGER NOT NULL PRIMARY KEY, ID INTEGER, TXT CHAR(5) NOT NULL)`,
    );
  desk.write(`tables:
  ORDLIB/employees_lower: { event: small, capture: { window: { by: [id], every: 50ms, start: all } } }
  'ORDLIB/"EMPLOYEES_LOWER"': { event: large, capture: { window: { by: ['"ID"'], every: 50ms, start: all } } }
  ordlib/customà: { event: french, capture: { window: { by: [id], every: 50ms, start: all } } }
  'ORDLIB/"only_small"': { event: only, key: ['"id"'], capture: { window: { by: [id], every: 50ms, start: all } } }
`);
  const { tables } = await desk.json<{ tables: { table: string; sqlName: string; state: string }[] }>('plan');
  expect(tables.map((t) => [t.sqlName, t.state])).toEqual([
    ['ORDLIB.employees_lower', 'ok'],
    ['ORDLIB.EMPLOYEES_LOWER', 'ok'],
    ['ORDLIB.CUSTOMà', 'ok'],
    ['ORDLIB.only_small', 'ok'],
  ]);
  await desk.sql(`INSERT INTO ORDLIB."employees_lower" VALUES (1, 10, 'small')`);
  await desk.sql(`INSERT INTO ORDLIB."EMPLOYEES_LOWER" VALUES (2, 20, 'large')`);
  await desk.sql(`INSERT INTO ORDLIB."CUSTOMà" VALUES (3, 30, 'à')`);
  await desk.sql(`INSERT INTO ORDLIB."only_small" VALUES (4, 40, 'only')`);
  await desk.start();
  await desk.until('all', () => ['small', 'large', 'french', 'only'].every((t) => desk.events(t).length === 1));
  expect(
    ['small', 'large', 'french', 'only'].map((t) => desk.sent.find((e) => e.type === `${t}.read`)?.data.after),
  ).toEqual([
    { id: 1, ID: 10, TXT: 'small' },
    { id: 2, ID: 20, TXT: 'large' },
    { id: 3, ID: 30, TXT: 'à' },
    { id: 4, ID: 40, TXT: 'only' },
  ]);
});

test('a word of the expression language that hides a column is a finding', async () => {
  await create('HIDDEN', true);
  desk.write(`tables:
  ORDLIB/HIDDEN: { event: hidden, when: "OP = 'X' and null is null" }
`);
  const strict = await desk.cli('validate', '--strict');
  expect(strict.code).toBe(5);
  expect(strict.out + strict.err).toMatch(/saw OP, expected op in small letters for the operation; .*after\.OP.*"OP"/);
  const { tables } = await desk.json<{ tables: { warnings: string[] }[] }>('plan');
  expect(tables[0]!.warnings).toEqual([
    expect.stringContaining('hidden: when: saw OP, expected op in small letters for the operation'),
    expect.stringContaining('hidden: when: saw null'),
  ]);
  expect((await desk.cli('plan')).out).toContain('after.OP');
});

test('a quoted name that is no column ends the start with the way to write text', async () => {
  await create('HIDDEN', true);
  desk.write(`tables:
  ORDLIB/HIDDEN: { event: hidden, when: '"GROUP" = "g-1"' }
`);
  await expect(desk.start()).rejects.toMatchObject({
    code: 'MAP_NO_COLUMN',
    family: 'config',
    message: expect.stringContaining('text is written in single quotes'),
  });
});

test.each([
  [['plan', '--table', 'ORDLIB/ORDHDX'], 'TABLE_UNKNOWN'],
  [['backfill', '--table', 'ORDLIB/ORDHDX'], 'BACKFILL_TABLE'],
  [['trace', '--table', 'ORDLIB/ORDHDX'], 'TRACE_TABLE'],
  [['trace', '--table', 'ORDLIB/ORDHDX', '--key', '1'], 'TRACE_TABLE'],
  [['replay', '--table', 'ORDLIB/ORDHDX'], 'TABLE_UNKNOWN'],
  [['dlq', 'list', '--table', 'ORDLIB/ORDHDX'], 'TABLE_UNKNOWN'],
  [['dlq', 'retry', '--table', 'ORDLIB/ORDHDX'], 'TABLE_UNKNOWN'],
  [['resume', '--table', 'ORDLIB/ORDHDX'], 'TABLE_UNKNOWN'],
])('%j names no table: exit 2, and the nearest there is', async (args, code) => {
  desk.write('tables: { ORDLIB/ORDHDR: { event: order } }\n');
  await (await desk.start()).stop();
  const answer = await desk.cli(...args);
  expect([answer.code, answer.out]).toEqual([2, '']);
  expect(answer.err).toMatch(new RegExp(`${code}: ORDLIB/ORDHDX is not captured.*did you mean ORDLIB/ORDHDR\\?`));
});

test('commands know a table by its SQL name, its system name and in any case, without the partition', async () => {
  await desk.sql('CREATE TABLE ORDLIB.CUSTOMER_ADDRESSES (ID INTEGER NOT NULL PRIMARY KEY)');
  const file = await systemName('CUSTOMER_ADDRESSES');
  await desk.cl(`STRJRNPF FILE(ORDLIB/${file}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
  desk.write('tables: { ordlib/customer_addresses: { event: address } }\n');
  const daemon = await desk.start();
  await desk.until('reading', reading);
  await desk.sql('INSERT INTO ORDLIB.CUSTOMER_ADDRESSES VALUES (7)');
  await desk.until('captured', () => desk.events('address').includes('created 7'));
  await daemon.stop();
  for (const name of ['ORDLIB/CUSTOMER_ADDRESSES', 'ordlib.customer_addresses', `ORDLIB/${file}`])
    expect((await desk.cli('trace', '--table', name)).out).toContain('address.created');
  expect((await desk.json<{ tables: unknown[] }>('plan', '--table', `ORDLIB/${file}`)).tables).toEqual([
    expect.objectContaining({ table: 'ORDLIB/CUSTOMER_ADDRESSES', state: 'ok' }),
  ]);
});
