/** Whatever was published can be read again by its position alone, and is the same then. */

import { readAgain } from '../../src/journal/again/read-again';
import { isNotice } from '../../src/journal/cycle/unit';
import { journalOptions } from '../../src/journal/options';
import { parseName } from '../../src/model/position';
import { APPJRN, captured, JournalWorld, show } from './world';

test('changes, and what undoes them: an undone update is not taken for an undone delete', async () => {
  using world = await JournalWorld.open();
  const tables = [captured('STOCK', { uncommitted: true }), captured('ORDERS')];
  const worker = await world.worker();
  await world.insert('STOCK', 1, 'a');
  await world.insert('STOCK', 2, 'b', worker);
  await world.update('STOCK', 1, 'c', worker);
  await world.remove('STOCK', 1, worker);
  await worker.rollback();
  const published = await world.read({ tables });
  expect(published.slice(-3)).toEqual(['insert STOCK ->1=c', 'update STOCK 1=c>1=a', 'delete STOCK 2=b>-']);

  const options = journalOptions({ journal: APPJRN, tables });
  const again: (string | null)[] = [];
  for (const at of world.positions()) {
    const [receiver, sequence] = at.split(':') as [string, string];
    const position = { receiver: parseName(receiver)!, sequence: BigInt(sequence) };
    const { signal } = new AbortController();
    const connection = world.connect('READER');
    again.push(
      await readAgain(connection, options, position, signal, async (item) =>
        isNotice(item) ? `${item.kind} ${item.table.name}` : show(item),
      ),
    );
  }
  expect(again).toEqual(published);
});
