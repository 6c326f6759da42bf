/** What a window knows from before a change: `before`, `changed`, `whenChanged`, `transitions`, over restarts and sealed. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

const WINDOW = "{ window: { by: [TS], every: 100ms, margin: 0s, start: all, deletes: { schedule: '* * * * * *' } } }";

async function table(name: string): Promise<void> {
  await desk.sql(
    `CREATE TABLE ORDLIB.${name} (K INTEGER NOT NULL PRIMARY KEY, V VARCHAR(10) NOT NULL, S CHAR(4) NOT NULL, TS TIMESTAMP NOT NULL)`,
  );
  await desk.sql(`INSERT INTO ORDLIB.${name} VALUES (1, 'one', 'OPEN', CURRENT TIMESTAMP)`);
}
const update = (name: string, set: string): Promise<void> =>
  desk.sql(`UPDATE ORDLIB.${name} SET ${set}, TS = CURRENT TIMESTAMP WHERE K = 1`);
const dataOf = (prefix: string) => desk.sent.filter((e) => e.type.startsWith(`${prefix}.`)).map((e) => e.data);
const read = async (...prefixes: string[]): Promise<void> => {
  for (const prefix of prefixes) await desk.until(prefix, () => desk.events(prefix).length === 1);
};

test('before and changed are right, whenChanged and transitions work, payload: changed is what changed', async () => {
  for (const name of ['FULL', 'WHEN', 'TRANS', 'PART']) await table(name);
  desk.write(`tables:
  ORDLIB/FULL: { event: full, exclude: [TS], capture: ${WINDOW} }
  ORDLIB/WHEN: { event: when, exclude: [TS], whenChanged: [S], capture: ${WINDOW} }
  ORDLIB/TRANS:
    event: trans
    exclude: [TS]
    transitions: [{ event: trans.shut, column: S, from: [OPEN], to: [SHUT], instead: true }]
    capture: ${WINDOW}
  ORDLIB/PART: { event: part, exclude: [TS], payload: changed, expressions: { was: "before.V" }, capture: ${WINDOW} }
`);
  await desk.start();
  await read('full', 'when', 'trans', 'part');
  for (const name of ['FULL', 'WHEN', 'TRANS', 'PART']) await update(name, "V = 'two'");
  await desk.until('first updates', () =>
    ['full', 'trans', 'part'].every((prefix) => desk.events(prefix).length === 2),
  );
  for (const name of ['FULL', 'WHEN', 'TRANS']) await update(name, "S = 'SHUT'");
  await desk.until('second updates', () => desk.events('when').length === 2 && desk.events('trans').length === 3);
  await desk.until('all', () => desk.events('full').length === 3);

  expect(dataOf('full').slice(1)).toEqual([
    expect.objectContaining({
      op: 'update',
      before: { K: 1, V: 'one', S: 'OPEN' },
      after: { K: 1, V: 'two', S: 'OPEN' },
      changed: ['V'],
    }),
    expect.objectContaining({
      before: { K: 1, V: 'two', S: 'OPEN' },
      after: { K: 1, V: 'two', S: 'SHUT' },
      changed: ['S'],
    }),
  ]);
  // whenChanged: the update of V alone left no event
  expect(dataOf('when').slice(1)).toEqual([expect.objectContaining({ after: { K: 1, V: 'two', S: 'SHUT' } })]);
  expect(desk.events('trans')).toEqual(['read 1', 'updated 1', 'shut 1']);
  expect(dataOf('part')[1]).toMatchObject({
    before: { K: 1, V: 'one' },
    after: { K: 1, V: 'two', was: 'one' },
    changed: ['V'],
  });
});

test('with encryption rows are kept sealed; a restart knows them, another key leaves the key alone', async () => {
  await table('SEALED');
  const write = (key: string): void =>
    desk.write(`encryption: { key: '${key.repeat(64)}' }
tables:
  ORDLIB/SEALED: { event: r, exclude: [TS], onDelete: delete, capture: ${WINDOW} }
`);
  write('a');
  const daemon = await desk.start();
  await read('r');
  await desk.sql("INSERT INTO ORDLIB.SEALED VALUES (2, 'two', 'OPEN', CURRENT TIMESTAMP)");
  await desk.until('created', () => desk.events('r').length === 2);
  await daemon.stop();
  // flags: sealed
  expect(desk.value('SELECT group_concat(hex(substr(row, 1, 1))) FROM window_kept')).toBe('02,02');
  const again = await desk.start();
  await desk.sql('DELETE FROM ORDLIB.SEALED WHERE K = 1');
  await desk.until('deleted', () => desk.events('r').includes('deleted 1'));
  expect(dataOf('r').at(-1)?.before).toEqual({ K: 1, V: 'one', S: 'OPEN' });
  await desk.until('settled', () => desk.value('SELECT count(*) FROM outbox_ready') === 0);
  await again.stop();

  write('b');
  await desk.start();
  await desk.sql('DELETE FROM ORDLIB.SEALED WHERE K = 2');
  await desk.until('deleted', () => desk.events('r').includes('deleted 2'));
  expect(dataOf('r').at(-1)?.before).toEqual({ K: 2 });
});
