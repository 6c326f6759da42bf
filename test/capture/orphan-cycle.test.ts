/** A commit cycle that nobody ends is told of, once, with the job to look at; its changes leave when it commits. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

test('reported by log and gauge', async () => {
  await using desk = await Desk.open();
  desk.write(`journal: { pollInterval: 20ms, maxPollInterval: 50ms, orphanCycle: 1s }
tables: { ORDLIB/ORDHDR: { event: order } }
`);
  const daemon = await desk.start();
  const said = (text: string) => desk.log.filter((line) => String(line['msg']).includes(text));
  await desk.until('reading', () => said('reading journal').length > 0);
  await desk.admin.setAutocommit(false);
  await desk.sql('UPDATE ORDLIB.ORDHDR SET STS = 31 WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)');
  await desk.until('told', () => said('commit cycle open without news').length > 0);
  expect(said('commit cycle open')[0]).toMatchObject({
    commitCycle: expect.stringMatching(/^\d+$/),
    position: expect.stringMatching(/^ORDLIB\/ORDRCV\d+:\d+$/),
    job: expect.stringMatching(/^\d{6}\/\w+\/\w+$/),
  });
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toMatch(/ibmi_cdc_quietest_open_cycle_seconds\{journal="ORDLIB\/ORDJRN"\} \d/);
  expect(desk.sent).toEqual([]);
  await desk.admin.commit();
  await desk.until('published', () => desk.sent.some((event) => event.type === 'order.updated'));
  expect(said('commit cycle open without news')).toHaveLength(1);
});
