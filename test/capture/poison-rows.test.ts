/** Rows whose values made an expression fatal or endless: they end no daemon, no restart repeats them, and they are told. */
import { Desk } from '../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

/** Terms that cost a row of long text more than it may, and any other row nothing. */
const HARD = Array.from({ length: 400 }, () => "replace(TXT, 'a', 'b') = 'never'").join(' or ');
const PILL = 'a'.repeat(30_000);

async function table(name: string): Promise<void> {
  await desk.sql(`CREATE TABLE ORDLIB.${name} (ID INTEGER NOT NULL PRIMARY KEY, TXT VARCHAR(32000) CCSID 37 NOT NULL)`);
}

async function insert(name: string, id: number, text: string): Promise<void> {
  await desk.sql(`INSERT INTO ORDLIB.${name} VALUES (${id}, '${text}')`);
}

const afterOf = (subject: string): Record<string, unknown> | undefined =>
  desk.sent.find((e) => e.subject === subject)?.data.after;

test('numbers without end in a text column are null, and the journal goes on after a restart too', async () => {
  await table('PILL');
  await desk.cl('STRJRNPF FILE(ORDLIB/PILL) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write(`tables:
  ORDLIB/PILL:
    event: pill
    expressions: { twice: "TXT * 2", more: "TXT + 1", number: "number(TXT)", long: "length(replace(TXT, 'a', TXT))" }
`);
  const first = await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  await insert('PILL', 1, '1e999999999');
  await insert('PILL', 2, '1e-2000000');
  await insert('PILL', 3, PILL);
  await insert('PILL', 4, '21');
  await desk.until('all', () => desk.events('pill').length === 4);
  for (const id of ['1', '2', '3']) expect(afterOf(id)).toMatchObject({ twice: null, more: null, number: null });
  expect(afterOf('3')).toMatchObject({ long: '65536' });
  expect(afterOf('4')).toMatchObject({ twice: '42', more: '22', number: '21' });
  await first.stop();
  await insert('PILL', 5, '1e999999999');
  await insert('PILL', 6, '4');
  await desk.start();
  await desk.until('after the restart', () => desk.events('pill').includes('created 6'));
  expect(afterOf('5')).toMatchObject({ twice: null });
});

test('a row no rule can be applied to is set aside in the stream, in a window and in a backfill, and seen everywhere', async () => {
  for (const name of ['PILL', 'WINDOW']) await table(name);
  await desk.cl('STRJRNPF FILE(ORDLIB/PILL) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write(`tables:
  ORDLIB/PILL: { event: pill, expressions: { x: "${HARD}" } }
  ORDLIB/WINDOW: { event: window, when: "not (${HARD})", capture: { window: { by: [ID], every: 50ms, start: all } } }
`);
  const daemon = await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  for (const name of ['PILL', 'WINDOW']) {
    await insert(name, 1, 'good');
    await insert(name, 2, PILL);
    await insert(name, 3, 'good');
  }
  await desk.until('both', () => afterOf('3') !== undefined && desk.events('window').length === 2);
  await desk.until('stream', () => desk.events('pill').length === 2);
  expect(desk.events('pill')).toEqual(['created 1', 'created 3']);
  expect(desk.events('window').map((e) => e.split(' ')[1])).toEqual(['1', '3']);

  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toMatch(/ibmi_cdc_changes_quarantined_total\{[^}]*ORDLIB\/PILL[^}]*EXPRESSION_EFFORT[^}]*\} 1/);
  expect(metrics).toMatch(/ibmi_cdc_changes_quarantined_total\{[^}]*ORDLIB\/WINDOW[^}]*EXPRESSION_EFFORT[^}]*\} 1/);
  expect(JSON.stringify(desk.log)).not.toContain('aaaa');
  const told = desk.log.filter((l) => String(l['msg']).endsWith('quarantined'));
  expect(told.map((l) => [l['table'], l['code']]).sort()).toEqual([
    ['ORDLIB/PILL', 'EXPRESSION_EFFORT'],
    ['ORDLIB/WINDOW', 'EXPRESSION_EFFORT'],
  ]);
  const { quarantined } = await desk.json<{ quarantined: Record<string, unknown>[] }>('status');
  expect(quarantined).toEqual([
    expect.objectContaining({ table: 'ORDLIB/PILL', mode: 'stream', code: 'EXPRESSION_EFFORT', count: 1 }),
    expect.objectContaining({ table: 'ORDLIB/WINDOW', mode: 'window', code: 'EXPRESSION_EFFORT', count: 1 }),
  ]);
  expect((await desk.cli('status')).out).toContain('table ORDLIB/PILL  1 change QUARANTINED as EXPRESSION_EFFORT');
  const audit = await desk.cli('audit');
  expect(audit.out).toContain('quarantined: EXPRESSION_EFFORT');

  await desk.cli('backfill', '--table', 'ORDLIB/PILL');
  await desk.until('backfilled', () => desk.events('pill').filter((e) => e.startsWith('read')).length === 2);
  expect(await desk.json<{ quarantined: unknown[] }>('status')).toMatchObject({
    quarantined: expect.arrayContaining([
      expect.objectContaining({ table: 'ORDLIB/PILL', mode: 'backfill', count: 1 }),
    ]),
  });
});

test('a value that no key of a lookup can be has no answer, and stops nothing', async () => {
  await desk.sql('CREATE TABLE ORDLIB.BYTEXT (K CHAR(3) NOT NULL PRIMARY KEY, V VARCHAR(20) NOT NULL)');
  await desk.sql('CREATE TABLE ORDLIB.BYNUM (K DECIMAL(5, 0) NOT NULL PRIMARY KEY, V VARCHAR(20) NOT NULL)');
  await desk.sql("INSERT INTO ORDLIB.BYTEXT VALUES ('abc', 'text')");
  await desk.sql("INSERT INTO ORDLIB.BYNUM VALUES (12, 'number')");
  await table('PILL');
  await desk.cl('STRJRNPF FILE(ORDLIB/PILL) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write(`tables:
  ORDLIB/PILL:
    event: pill
    lookups:
      text: { table: ORDLIB/BYTEXT, key: K, value: V, otherwise: none }
      number: { table: ORDLIB/BYNUM, key: K, value: V, otherwise: none }
    expressions: { text: "lookup('text', TXT)", number: "lookup('number', TXT)" }
`);
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  const values = ['abc', '12', 'longer than any key', '1e99', '123456789', PILL];
  for (const [i, text] of values.entries()) await insert('PILL', i + 1, text);
  await desk.until('all', () => desk.events('pill').length === values.length);
  expect(values.map((_, i) => afterOf(String(i + 1))).map((a) => [a?.['text'], a?.['number']])).toEqual([
    ['text', 'none'],
    ['none', 'number'],
    ['none', 'none'],
    ['none', 'none'],
    ['none', 'none'],
    ['none', 'none'],
  ]);
});
