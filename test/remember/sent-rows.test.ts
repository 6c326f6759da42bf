/** Many keys against what is remembered, page by page, against a plain map: dense, sparse, doubled and missing keys. */
import { REMEMBER_SCHEMA } from '../../src/remember/schema';
import { SentRows } from '../../src/remember/sent-rows';
import { Store } from '../../src/store/store';

/** The same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

test.each([1, 2, 3, 4, 5, 6])('random keys, seed %d', (seed) => {
  const random = numbers(seed);
  using store = Store.open(':memory:', [REMEMBER_SCHEMA]);
  const insert = store.db.prepare('INSERT INTO remember_key VALUES (?, ?, 1, ?)');
  const there = new Map<string, string>();
  const range = [20, 3000, 100_000][seed % 3]!;
  for (let i = 0; i < 2500; i++) {
    const key = String(Math.floor(random() * range));
    if (there.has(key)) continue;
    there.set(key, `sent ${i}`);
    insert.run(7, Buffer.from(key), Buffer.from(`sent ${i}`));
    insert.run(8, Buffer.from(key), Buffer.from('another rule'));
  }
  const asked: string[] = [];
  for (let i = 0; i < 900; i++) asked.push(String(Math.floor(random() * range)));
  const keys = asked.map((k) => Buffer.from(k)).sort(Buffer.compare);
  const found = new Map<number, string>();
  const sorted = {
    length: keys.length,
    at: (i: number) => keys[i]!,
    compare: (i: number, other: Buffer) => Buffer.compare(keys[i]!, other),
  };
  new SentRows(store).match(7, sorted, (i, sent) => found.set(i, sent.toString()));
  const expected = keys.flatMap((k, i) => (there.has(k.toString()) ? [[i, there.get(k.toString())!] as const] : []));
  expect([...found]).toEqual(expected);
});
