/** User, job, program and remote address of an entry, from the journal to the event, and as what a rule asks for. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

test('the address is in the event where the journal records it, and rules can ask for it', async () => {
  await using desk = await Desk.open();
  await desk.table('STOCK');
  desk.write(`tables:
  ORDLIB/STOCK:
    rules:
      - { name: stock, event: stock }
      - { name: near, event: near, when: "meta.remoteAddress = '127.0.0.1' and meta.rrn = 1" }
`);
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  await desk.sql('INSERT INTO ORDLIB.STOCK VALUES (1)');
  await desk.until('first', () => desk.events('near').length === 1);
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN) FIXLENDTA(*JOB *USR *PGM)');
  await desk.sql('INSERT INTO ORDLIB.STOCK VALUES (2)');
  await desk.until('second', () => desk.events('stock').length === 2);
  const metas = desk.sent.filter((e) => e.type === 'stock.created').map((e) => e.data.meta!);
  expect(metas[0]).toMatchObject({ remoteAddress: '127.0.0.1', user: expect.any(String), job: expect.any(String) });
  expect(metas[1]).not.toHaveProperty('remoteAddress');
  expect(desk.events('near')).toEqual(['created 1']);
});
