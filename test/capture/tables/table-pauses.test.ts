/** Paused tables through the whole daemon, over the wire: what is held, what flows, what the operator sees and says. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

let desk: Desk;

beforeEach(async () => {
  desk = await Desk.open();
  for (const table of ['BURST', 'CALM']) await desk.table(table);
});
afterEach(() => desk[Symbol.asyncDispose]());

function write(schemaDrift = 'warn'): void {
  desk.write(`policies: { start: earliest, schemaDrift: ${schemaDrift} }
tables:
  ORDLIB/BURST: { event: burst, onDelete: delete, deleteGuard: { deletes: 3, within: 1h } }
  ORDLIB/CALM: { event: calm }
`);
}

const count = (table: string): number => desk.value(`SELECT count(*) FROM ${table}`) as number;
const insert = async (...ids: number[]): Promise<void> => {
  for (const id of ids) await desk.sql(`INSERT INTO ORDLIB.BURST VALUES (${id})`);
};
const remove = async (...ids: number[]): Promise<void> => {
  for (const id of ids) await desk.sql(`DELETE FROM ORDLIB.BURST WHERE ID = ${id}`);
};
/** Row events of the table, e.g. `created 1`. */
const bursts = (): string[] => desk.events('burst');
const calm = (id: number) => (): boolean => desk.events('calm').includes(`created ${id}`);

test('a mass delete holds its table through a restart; release delivers all of it, once, in order; the next burst trips again', async () => {
  write();
  await insert(1, 2, 3, 4, 5, 6);
  await remove(1, 2, 3, 4, 5);
  let daemon = await desk.start();
  await desk.until('held', () => count('outbox_held') === 2);
  await desk.until('alert', () => desk.sent.some((e) => e.type === 'table.mass-delete'));
  await daemon.stop();

  daemon = await desk.start();
  await insert(1);
  await desk.sql('INSERT INTO ORDLIB.CALM VALUES (7)');
  await desk.until('calm', () => calm(7)() && count('outbox_ready') === 0);
  const before = ['1', '2', '3', '4', '5', '6'].map((id) => `created ${id}`);
  expect(bursts()).toEqual([...before, 'deleted 1', 'deleted 2', 'deleted 3']);
  expect(count('outbox_held')).toBe(3);

  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toContain('ibmi_cdc_table_held{table="ORDLIB/BURST"} 1');
  const status = JSON.parse((await desk.cli('status', '--json')).out) as Record<string, unknown>;
  expect(status['pausedTables']).toEqual([
    expect.objectContaining({ table: 'ORDLIB/BURST', reason: 'table.mass-delete', deliveries: 3 }),
  ]);
  expect(status['destinations']).toEqual([expect.objectContaining({ destination: 'out', pending: 0, held: 3 })]);
  expect((await desk.cli('status')).out).toMatch(/ORDLIB\/BURST {2}PAUSED by table.mass-delete at ORDLIB\/\w+:\d+, 3 /);
  expect((await desk.cli('trace', '--table', 'ORDLIB/BURST', '--key', '4')).out).toContain(
    'out: held, 0 attempts: the table is paused by table.mass-delete; next: ibmi-cdc resume --table ORDLIB/BURST',
  );
  expect((await desk.cli('resume', '--table', 'ORDLIB/CALM')).code).toBe(2);

  expect((await desk.cli('resume', '--table', 'ordlib/burst')).out).toBe('ORDLIB/BURST goes on, 3 deliveries queued\n');
  await insert(2);
  const after = [...before, 'deleted 1', 'deleted 2', 'deleted 3', 'deleted 4', 'deleted 5', 'created 1', 'created 2'];
  await desk.until('released', () => bursts().length >= after.length);
  expect(bursts()).toEqual(after);

  // judged afresh: three more pass, the fourth does not
  await remove(1, 2, 6);
  await insert(8);
  await remove(8);
  await desk.until('tripped again', () => count('outbox_held') === 1);
  await daemon.stop();
  expect(bursts()).toEqual([...after, 'deleted 1', 'deleted 2', 'deleted 6', 'created 8']);
  expect((await desk.cli('audit')).code).toBe(0);
});

test('schemaDrift: pause holds a table whose format changed; --drop makes dead letters of what was held', async () => {
  write('pause');
  await desk.start();
  await insert(1);
  await desk.until('first', () => bursts().length === 1);
  await desk.sql('ALTER TABLE ORDLIB.BURST ADD COLUMN NAME CHAR(10) NOT NULL DEFAULT');
  await desk.sql("INSERT INTO ORDLIB.BURST VALUES (2, 'TWO')");
  await desk.sql('INSERT INTO ORDLIB.CALM VALUES (7)');
  await desk.until('calm', calm(7));
  await desk.until('held', () => count('outbox_held') > 0);
  expect(desk.sent.map((e) => e.type)).toContain('schema.changed');
  expect(bursts()).toEqual(['created 1']);

  expect((await desk.cli('resume', '--table', 'ORDLIB/BURST', '--drop')).out).toMatch(
    /goes on, \d+ dead letters? made\n/,
  );
  const { out } = await desk.cli('dlq', 'list', '--reason', 'held', '--json');
  expect(out).toContain('dropped by the operator: ORDLIB/BURST was paused by schema.changed');
  await desk.sql("INSERT INTO ORDLIB.BURST VALUES (3, 'THREE')");
  await desk.until('goes on', () => bursts().includes('created 3'));
  expect(bursts()).toEqual(['created 1', 'created 3']);
  expect((await desk.cli('dlq', 'retry', '--reason', 'held')).code).toBe(0);
  await desk.until('retried', () => bursts().includes('created 2'));
});

test('schemaDrift: warn lets the table go on', async () => {
  write();
  await desk.sql('ALTER TABLE ORDLIB.BURST ADD COLUMN NAME CHAR(10) NOT NULL DEFAULT');
  await desk.sql("INSERT INTO ORDLIB.BURST VALUES (2, 'TWO')");
  await desk.start();
  await desk.until('goes on', () => bursts().includes('created 2'));
  expect((await desk.cli('resume')).out).toBe('no table is paused\n');
});
