/** Whoever starts the daemon is told at once where reading begins, also while nothing happens in the journal. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

test('position in the log before anything is read, at the first start and at a restart', async () => {
  await using desk = await Desk.open();
  desk.write(`journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 1h }
tables:
  ORDLIB/ORDHDR: { event: order }
`);
  const run = async (): Promise<{ line: Record<string, unknown>; metrics: string }> => {
    desk.log.length = 0;
    const told = () => desk.log.find((line) => String(line['msg']).startsWith('reading journal'));
    await using daemon = await desk.start();
    await desk.until('where reading begins', () => told() !== undefined);
    return { line: told()!, metrics: await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text() };
  };
  const first = await run();
  expect(first.line).toMatchObject({
    msg: 'reading journal for the first time',
    journal: 'ORDLIB/ORDJRN',
    tables: 1,
  });
  const { line, metrics } = await run();
  expect(line).toMatchObject({
    msg: 'reading journal from its checkpoint',
    position: expect.stringMatching(/^ORDLIB\/\w+:\d+$/),
    openCycles: 0,
  });
  expect(line['from']).toBe(line['position']);
  expect(metrics).toContain('ibmi_cdc_filter_at_server{journal="ORDLIB/ORDJRN"} 0');
});
