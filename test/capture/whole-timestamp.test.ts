/** A change time kept as one number of fourteen digits: read, windowed and backfilled by date. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

test('a number of fourteen digits is a timestamp, and a backfill takes its days', async () => {
  await desk.sql('CREATE TABLE ORDLIB.WHOLE (ID INTEGER NOT NULL PRIMARY KEY, MODTS DECIMAL(14, 0) NOT NULL)');
  await desk.sql('INSERT INTO ORDLIB.WHOLE VALUES (1, 20170912235959), (2, 20170913132434), (3, 20170914000000)');
  desk.write(
    'tables: { ORDLIB/WHOLE: { event: whole, capture: { window: { by: [ID], every: 1h } }, columns: { ID: id, MODTS: { as: at, timestamp: ccyymmddhhmmss } } } }\n',
  );
  const range = ['--column', 'MODTS', '--from', '2017-09-13', '--to', '2017-09-13'];
  expect(await desk.cli('backfill', '--table', 'ORDLIB/WHOLE', ...range)).toMatchObject({
    code: 0,
    out: expect.stringContaining('"at":"2017-09-13T13:24:34"'),
  });
  desk.write('tables: { ORDLIB/WHOLE: { event: whole, capture: { window: { by: [ID], every: 1h } } } }\n');
  expect((await desk.cli('backfill', '--table', 'ORDLIB/WHOLE', ...range)).err).toMatch(
    /MODTS: \{ timestamp: ccyymmddhhmmss \}.*--where/,
  );
});
