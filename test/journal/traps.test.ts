/** Every way other products lost or invented changes, told on the simulated partition. */
import { formatPosition } from '../../src/model/position';
import { captured, JournalWorld, LIB } from './world';

let world: JournalWorld;
beforeEach(async () => {
  world = await JournalWorld.open();
});
afterEach(() => world[Symbol.dispose]());

test('receivers before the attached one are read: the default of the function is not relied on', async () => {
  await world.insert('STOCK', 1, 'a');
  await world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)');
  await world.update('STOCK', 1, 'b');
  await world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)');
  await world.remove('STOCK', 1);
  expect(await world.read()).toEqual(
    expect.arrayContaining(['insert STOCK ->1=a', 'update STOCK 1=a>1=b', 'delete STOCK 1=b>-']),
  );
});
