/** The seeded source of chance of all tests: that of the simulated partition, so that one seed gives one run everywhere. */
import { Random } from '../../src/simulator/seed/random';

export class Dice extends Random {
  /** 0 to n-1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  one<T>(list: readonly T[]): T {
    return this.pick(list);
  }
}

/**
 * The seed of a test that kills or breaks things at random moments: the same each time, another with `NAME=random`, a chosen one
 * with `NAME=17`. One that was drawn is told before anything can hang.
 */
export function seedOf(name: string): number {
  const asked = process.env[name];
  if (asked !== 'random') return asked === undefined ? 400 : Number(asked);
  const seed = Math.floor(Math.random() * 1e9);
  process.stderr.write(`${name}=${seed}\n`);
  return seed;
}
