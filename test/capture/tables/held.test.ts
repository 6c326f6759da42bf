/** `coalesce` and `debounce` in live reading: one event over many reads, over a restart, and never against the order of a key. */
import { Desk } from '../../support/desk';

jest.setTimeout(120_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

/** A daemon that has taken its place in the journal: what is changed from now on is read. */
async function reading(): ReturnType<Desk['start']> {
  const before = desk.log.length;
  const daemon = await desk.start();
  await desk.until('reading', () => desk.log.slice(before).some((l) => String(l['msg']).startsWith('reading journal')));
  return daemon;
}

const own = (): string[] =>
  desk.sent
    .filter((e) => e.type.startsWith('thing.'))
    .map((e) => `${e.type} ${e.subject} ${e.data.after === null ? '' : (e.data.after?.['V'] ?? '')}`.trim());

async function thing(): Promise<void> {
  await desk.sql('CREATE TABLE ORDLIB.THING (ID INTEGER NOT NULL PRIMARY KEY, V INTEGER NOT NULL)');
  await desk.cl('STRJRNPF FILE(ORDLIB/THING) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await desk.sql('INSERT INTO ORDLIB.THING VALUES (1, 0)');
}

test('updates read one by one within the window are one event, first before to last after', async () => {
  await thing();
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID], coalesce: { window: 3s } }\n');
  await reading();
  for (let v = 1; v <= 6; v++) {
    await desk.sql(`UPDATE ORDLIB.THING SET V = ${v} WHERE ID = 1`);
    await pause(250);
  }
  expect(own()).toEqual([]);
  await desk.until('told', () => own().length > 0);
  await pause(300);
  expect(own()).toEqual(['thing.updated 1 6']);
  expect(desk.sent.at(-1)).toMatchObject({ data: { before: { V: 0 }, after: { V: 6 }, changed: ['V'] } });
  expect(desk.value('SELECT count(*) FROM held_change')).toBe(0);
});

test('a delete does not wait, and what was held goes before it', async () => {
  await thing();
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID], onDelete: delete, coalesce: { window: 1h } }\n');
  await reading();
  await desk.sql('UPDATE ORDLIB.THING SET V = 1 WHERE ID = 1');
  await desk.until('held', () => desk.value('SELECT count(*) FROM held_change') === 1);
  await desk.sql('UPDATE ORDLIB.THING SET V = 2 WHERE ID = 1');
  await desk.sql('DELETE FROM ORDLIB.THING WHERE ID = 1');
  await desk.until('told', () => own().length === 2);
  expect(own()).toEqual(['thing.updated 1 2', 'thing.deleted 1']);
});

test('what is held outlives a restart and is told before the format of its file is another one', async () => {
  await thing();
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID], coalesce: { window: 1h } }\n');
  const first = await reading();
  await desk.sql('UPDATE ORDLIB.THING SET V = 1 WHERE ID = 1');
  await desk.until('held', () => desk.value('SELECT count(*) FROM held_change') === 1);
  await first.stop();
  await reading();
  await desk.sql('UPDATE ORDLIB.THING SET V = 2 WHERE ID = 1');
  await desk.sql('ALTER TABLE ORDLIB.THING ADD COLUMN W INTEGER');
  await desk.sql('UPDATE ORDLIB.THING SET V = 3, W = 7 WHERE ID = 1');
  await desk.until('told', () => desk.sent.some((e) => e.type === 'schema.changed'));
  await desk.until('held again', () => desk.value('SELECT count(*) FROM held_change') === 1);
  expect(desk.sent.map((e) => e.type)).toEqual(['thing.updated', 'schema.changed']);
  expect(desk.sent[0]).toMatchObject({ data: { before: { V: 0 }, after: { V: 2 } } });
});

test('a parent is told once for what its children did within the span, and at once before its own next event', async () => {
  await desk.table('HEAD');
  await desk.sql('CREATE TABLE ORDLIB.PART (ID INTEGER NOT NULL, N INTEGER NOT NULL PRIMARY KEY)');
  await desk.cl('STRJRNPF FILE(ORDLIB/PART) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write(`tables:
  ORDLIB/HEAD: { event: thing, key: [ID], onDelete: delete }
  ORDLIB/PART: { name: parts, parent: { event: thing, table: ORDLIB/HEAD, key: { id: ID }, changed: parts, debounce: 2s } }
`);
  await reading();
  await desk.sql('INSERT INTO ORDLIB.HEAD VALUES (1)');
  for (let n = 1; n <= 5; n++) {
    await desk.sql(`INSERT INTO ORDLIB.PART VALUES (1, ${n})`);
    await pause(200);
  }
  await desk.until('told', () => own().length > 1);
  expect(own()).toEqual(['thing.created 1', 'thing.updated 1']);
  await desk.sql('INSERT INTO ORDLIB.PART VALUES (1, 6)');
  await desk.sql('DELETE FROM ORDLIB.HEAD WHERE ID = 1');
  await desk.until('gone', () => own().length > 3);
  expect(own()).toEqual(['thing.created 1', 'thing.updated 1', 'thing.updated 1', 'thing.deleted 1']);
});

test('masked columns are not written to disk by waiting', async () => {
  await thing();
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID], mask: { V: redact }, coalesce: { window: 1h } }\n');
  await reading();
  await desk.sql('UPDATE ORDLIB.THING SET V = 1 WHERE ID = 1');
  await desk.until('told', () => own().length > 0);
  expect(desk.value('SELECT count(*) FROM held_change')).toBe(0);
});
