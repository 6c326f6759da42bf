/** Many keys against what is remembered, page by page, against a plain map: dense, sparse, doubled and missing keys. */
import { REMEMBER_SCHEMA } from '../../src/remember/schema';
import { SentRows } from '../../src/remember/sent-rows';
import { Store } from '../../src/store/store';
import { Dice } from '../support/dice';

/** As a record of the log has it: the hash in two halves, then the id. */
function sentOf(n: number): Buffer {
  const sent = Buffer.alloc(20, 0xff);
  sent.writeInt32LE(n, 0);
  sent.writeInt32LE(-n, 4);
  return sent;
}

/** Digits, or any bytes at all, none included. */
function keyOf(dice: Dice, range: number, binary: boolean): string {
  const n = dice.below(range);
  if (!binary) return String(n);
  return String.fromCharCode(...[0, 8, 16].flatMap((shift) => (n >> shift === 0 ? [] : [(n >> shift) & 255])));
}

test.each([1, 2, 3, 4, 5, 6])('random keys, seed %d', (seed) => {
  const dice = new Dice(seed);
  using store = Store.open(':memory:', [REMEMBER_SCHEMA]);
  const insert = store.db.prepare('INSERT INTO remember_key VALUES (?, ?, 1, ?)');
  const there = new Map<string, string>();
  const range = [20, 3000, 100_000][seed % 3]!;
  for (let i = 0; i < 2500; i++) {
    const key = keyOf(dice, range, seed > 3);
    if (there.has(key)) continue;
    there.set(key, `${i} ${-i}`);
    insert.run(7, Buffer.from(key, 'latin1'), sentOf(i));
    insert.run(8, Buffer.from(key, 'latin1'), sentOf(99));
  }
  const asked: string[] = [];
  for (let i = 0; i < 900; i++) asked.push(keyOf(dice, range, seed > 3));
  const keys = asked.map((k) => Buffer.from(k, 'latin1')).sort(Buffer.compare);
  const found = new Map<number, string>();
  const sorted = {
    length: keys.length,
    bytes: Buffer.concat(keys),
    start: (i: number) => keys.slice(0, i).reduce((sum, k) => sum + k.length, 0),
    end: (i: number) => keys.slice(0, i + 1).reduce((sum, k) => sum + k.length, 0),
  };
  new SentRows(store).match(7, sorted, (i, a, b) => found.set(i, `${a} ${b}`));
  const expected = keys.flatMap((k, i) =>
    there.has(k.toString('latin1')) ? [[i, there.get(k.toString('latin1'))!] as const] : [],
  );
  expect([...found]).toEqual(expected);
});
