/** What waits for others of its key survives SIGKILL at every moment of the transaction: one event, under one id, whole. */
import { Site } from '../e2e/site';

jest.setTimeout(120_000);

const sql = async (site: Site, ...statements: string[]): Promise<void> => {
  const connection = await site.connect();
  for (const statement of statements) await connection.execute(statement);
};

const TABLES = {
  'ORDLIB/THING': { event: 'thing', key: ['ID'], coalesce: { window: '1h' }, onDelete: 'delete', to: ['out'] },
};

interface Sent {
  readonly type: string;
  readonly data: { readonly before: { V: number }; readonly after: { V: number } };
}

test.each(['inside-transaction:3', 'after-commit:3', 'before-commit:4'])('killed %s', async (crashAt) => {
  await using site = await Site.open();
  await sql(
    site,
    'CREATE TABLE ORDLIB.THING (ID INTEGER NOT NULL PRIMARY KEY, V INTEGER NOT NULL)',
    `CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/THING) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')`,
    'INSERT INTO ORDLIB.THING VALUES (1, 0)',
  );
  site.config({
    tables: TABLES,
    rest: { journal: { pollInterval: '20ms', maxPollInterval: '50ms', checkpointInterval: '20ms' } },
  });
  const first = site.start(['run'], { IBMI_CDC_CRASH_AT: crashAt });
  await first.says('reading journal');
  let v = 0;
  while (first.running) {
    await sql(site, `UPDATE ORDLIB.THING SET V = ${++v} WHERE ID = 1`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  const killed = await first.ended;
  expect(killed.signal).toBe('SIGKILL');
  const second = site.start(['run']);
  await second.says('reading journal');
  await sql(site, `UPDATE ORDLIB.THING SET V = ${++v} WHERE ID = 1`);
  await sql(site, 'DELETE FROM ORDLIB.THING WHERE ID = 1');
  await second.says('thing.deleted');
  second.kill('SIGTERM');
  const { stdout } = await second.ended;
  const sent = `${killed.stdout}${stdout}`.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Sent] : []));
  expect(sent.map((e) => e.type)).toEqual(['thing.updated', 'thing.deleted']);
  expect(sent[0]!.data).toMatchObject({ before: { V: 0 }, after: { V: v } });
});
