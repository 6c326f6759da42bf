/** The keys a reading met, more than fit into one part: each is known in one part, and a killed reading's rest does not count. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetKeys } from '../../src/reconcile/met-keys';

jest.setTimeout(120_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-met-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = Buffer.alloc(4);
const keyOf = (n: number): Buffer => {
  key.writeInt32LE(n);
  return key;
};

test('a key is met in one part, and what was not met is known as that in one part', () => {
  const count = 4_300_000;
  using met = MetKeys.open(join(folder, 'met'), 0)!;
  for (let n = 0; n < count; n++) met.add(n % 2, keyOf(n), 0, 4);
  expect(met.passes).toBe(2);
  // of every thousandth key: under its rule, under the other rule, and a key that was never there
  const asked = Array.from({ length: count / 1000 }, (_, i) => i * 1000 + (i % 2));
  const said = asked.map(() => [0, 0, 0, 0]);
  for (let pass = 0; pass < met.passes; pass++) {
    const part = met.pass(pass);
    for (const [i, n] of asked.entries()) {
      if (part.has(n % 2, keyOf(n), 0, 4) === true) said[i]![0]!++;
      if (part.has(1 - (n % 2), keyOf(n), 0, 4) === false) said[i]![1]!++;
      if (part.has(n % 2, keyOf(count + n), 0, 4) === false) said[i]![2]!++;
      if (part.has(n % 2, keyOf(n), 0, 4) === null) said[i]![3]!++;
    }
  }
  expect(said.filter((s) => s.join() !== '1,1,1,1')).toEqual([]);
});

test('records beyond those the state file counts do not count; a file with fewer is of no use', () => {
  const file = join(folder, 'met');
  {
    using met = MetKeys.open(file, 0)!;
    for (let n = 0; n < 10; n++) met.add(0, keyOf(n), 0, 4);
    met.flush();
  }
  {
    using met = MetKeys.open(file, 6)!;
    const part = met.pass(0);
    expect(Array.from({ length: 10 }, (_, n) => part.has(0, keyOf(n), 0, 4))).toEqual(
      Array.from({ length: 10 }, (_, n) => n < 6),
    );
  }
  expect(MetKeys.open(file, 7)).toBeNull();
});
