/** Where a sample of a large file comes from, and what is counted of its columns. */
import { readTables } from '../../src/catalog/catalog';
import { sampleTable } from '../../src/infer/sample';
import { Desk } from '../support/desk';

const ROWS = 4000;
const MOST = 200;

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
  await desk.cl('CRTLIB LIB(BIG)');
  await desk.sql('CREATE TABLE BIG.HIST (ID INT NOT NULL, AMT DECIMAL(7,2) NOT NULL, NOTE VARCHAR(10), DOC CLOB(1K))');
  for (let from = 1; from <= ROWS; from += 500) {
    const rows = Array.from(
      { length: 500 },
      (_, i) => `(${from + i}, ${from + i}.25, ${i % 8 === 3 ? 'NULL' : "'x  '"}, NULL)`,
    );
    await desk.sql(`INSERT INTO BIG.HIST VALUES ${rows.join(', ')}`);
  }
}, 60_000);
afterAll(async () => desk?.[Symbol.asyncDispose]());

async function sampled(most: number) {
  const [facts] = await readTables(desk.admin, [{ library: 'BIG', name: 'HIST' }]);
  return sampleTable(desk.admin, facts!, most);
}

test('ten places of the whole file, no more rows than asked for', async () => {
  const { rows, tallies } = await sampled(MOST);
  expect(rows).toBeGreaterThan(MOST / 2);
  expect(rows).toBeLessThanOrEqual(MOST);
  const ids = [...tallies[0]!.counts.keys()].map(Number);
  expect(new Set(ids).size).toBe(rows);
  const tenths = new Set(ids.map((id) => Math.floor(((id - 1) * 10) / ROWS)));
  expect([...tenths].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('places are as wide as it takes where most records are deleted', async () => {
  await desk.sql(`DELETE FROM BIG.HIST WHERE MOD(ID, 4) <> 0`);
  const { rows, tallies } = await sampled(MOST);
  expect(rows).toBeGreaterThan(MOST / 2);
  expect(rows).toBeLessThanOrEqual(MOST);
  expect([...tallies[0]!.counts.keys()].every((id) => Number(id) % 4 === 0)).toBe(true);
});

test('a file that is not much larger than the sample is taken as it comes', async () => {
  const { rows } = await sampled(900);
  expect(rows).toBe(900);
});

test('exact decimals, nulls apart, text without trailing blanks, large objects not read', async () => {
  const { rows, tallies } = await sampled(MOST);
  const [, amount, note, document] = tallies;
  expect([...amount!.counts.keys()].every((v) => /^\d+\.25$/.test(v))).toBe(true);
  expect([...note!.counts.keys()]).toEqual(['x']);
  expect(note!.nulls).toBeGreaterThan(0);
  expect(note!.nulls + note!.counts.get('x')!).toBe(rows);
  expect(document!.rows).toBe(0);
});
