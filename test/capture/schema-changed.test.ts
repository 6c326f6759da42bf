/** `schema.changed` says which columns came, went and are others now. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

interface Columns {
  readonly added: readonly { name: string }[];
  readonly removed: readonly { name: string }[];
  readonly changed: readonly { name: string; was: Record<string, unknown>; is: Record<string, unknown> }[];
}

test('columns added, removed and changed', async () => {
  await using desk = await Desk.open();
  await desk.sql(
    'CREATE TABLE ORDLIB.THING (ID INTEGER NOT NULL PRIMARY KEY, A CHAR(5) NOT NULL, B DECIMAL(5,0) NOT NULL)',
  );
  await desk.cl('STRJRNPF FILE(ORDLIB/THING) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID] }\n');
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  const notices = (): Columns[] =>
    desk.sent.filter((e) => e.type === 'schema.changed').map((e) => (e.data.notice as { columns: Columns }).columns);
  const alter = async (what: string): Promise<void> => {
    const before = notices().length;
    await desk.sql(`ALTER TABLE ORDLIB.THING ${what}`);
    await desk.until(what, () => notices().length > before);
  };
  await alter('ADD COLUMN C VARCHAR(20)');
  await alter('ALTER COLUMN A SET DATA TYPE CHAR(8)');
  await alter('DROP COLUMN B');
  const [added, changed, removed] = notices();
  expect(added).toMatchObject({
    added: [{ name: 'C', type: 'VARCHAR', length: 20, nullable: true }],
    removed: [],
    changed: [],
  });
  expect(changed).toMatchObject({
    added: [],
    removed: [],
    changed: [{ name: 'A', was: { length: 5 }, is: { length: 8 } }],
  });
  expect(removed).toMatchObject({
    added: [],
    removed: [{ name: 'B', type: 'DECIMAL', length: 5, scale: 0 }],
    changed: [],
  });
});
