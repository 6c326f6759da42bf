// @ts-check
// A seeded source of chance: the same seed makes the same choices in the same order.
import { createRequire } from 'node:module';

const { Random } = createRequire(import.meta.url)('../../dist/simulator/seed/random.js');

export function randomOf(seed) {
  const random = new Random(seed);
  const next = () => random.next();
  const below = (n) => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (p) => next() < p,
    pick: (list) => list[below(list.length)],
    /** @param table [weight, value] pairs */
    weighted(table) {
      let left = next() * table.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of table) {
        left -= weight;
        if (left < 0) return value;
      }
      return table.at(-1)[1];
    },
    shuffled(list) {
      const out = [...list];
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [out[i], out[j]] = [out[j], out[i]];
      }
      return out;
    },
  };
}
