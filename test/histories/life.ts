/** One life of the daemon: what is played meanwhile, how it is set up, and when it is killed. */
import type { Dice } from '../support/dice';

export interface Life {
  /** Steps are played before the daemon starts, while it starts, or while it reads and keeps up. */
  readonly pace: 'down' | 'behind' | 'along';
  /** How the partition ends every job halfway through the steps, if it does. */
  readonly interruption: 'restart' | 'drop-connections' | null;
  readonly death: Death;
  readonly settings: Settings;
}

/** Parts of a configuration. */
export interface Settings {
  readonly journal: Readonly<Record<string, unknown>>;
  readonly webhook: Readonly<Record<string, unknown>>;
  readonly storePayload: boolean;
  /** Rows a window reads at once. */
  readonly windowRows: number;
}

/** Whatever comes first, this or that there is nothing left to do. */
export type Death =
  /** The nth time the daemon gets to a moment of a transaction. */
  | { readonly by: 'moment'; readonly at: string }
  /** After so many requests, the last one not yet answered. */
  | { readonly by: 'requests'; readonly count: number }
  /** After so many steps of all histories. */
  | { readonly by: 'steps'; readonly count: number }
  /** As soon as the daemon says so. */
  | { readonly by: 'word'; readonly word: string };

const MOMENTS = ['before-commit', 'inside-transaction', 'after-commit', 'after-offer'];

/** @param steps number of steps played in this life */
export function drawLife(dice: Dice, steps: number): Life {
  return {
    pace: dice.one(['down', 'behind', 'along', 'along']),
    interruption: dice.one(['restart', 'drop-connections', null, null, null, null, null, null]),
    death: drawDeath(dice, steps),
    settings: drawSettings(dice),
  };
}

export function drawSettings(dice: Dice): Settings {
  return {
    journal: {
      reader: dice.one(['sql', 'api', 'auto']),
      sideBySide: dice.one(['auto', 'always']),
      catchUpJobs: 2 + dice.below(3),
      pollInterval: '20ms',
      maxPollInterval: '50ms',
      heldEntries: 1000,
      filter: dice.one(['auto', 'server', 'client']),
      blockBytes: dice.one([4096, 1_000_000]),
      maxEntriesPerRead: dice.one([5, 50, 1_000_000]),
    },
    webhook: {
      concurrency: dice.one([1, 4, 32]),
      retry: { schedule: Array.from({ length: 40 }, (_, i) => (i === 0 ? '0s' : '20ms')) },
      circuitBreaker: { failures: 1000 },
      batch: dice.one([{ mode: 'event' }, { mode: 'micro', maxWait: '10ms', maxRecords: 2 + dice.below(20) }]),
    },
    storePayload: dice.below(4) > 0,
    windowRows: dice.one([1, 3, 1000]),
  };
}

function drawDeath(dice: Dice, steps: number): Death {
  const luck = dice.below(10);
  if (luck < 4) return { by: 'moment', at: `${dice.one(MOMENTS)}:${1 + dice.below(15)}` };
  if (luck < 7) return { by: 'requests', count: 1 + dice.below(steps) };
  if (luck < 9) return { by: 'steps', count: 1 + dice.below(steps) };
  return { by: 'word', word: dice.one(['signed on', 'reading journal']) };
}
