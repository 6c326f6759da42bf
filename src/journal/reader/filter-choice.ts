/**
 * Where entries of foreign files are left out: by us, or by a WHERE clause of the reading statement. Decided by what each
 * way was measured to cost on this partition, over this line.
 *
 * The function walks every entry either way; what the server saves is the cast and the transfer of foreign rows, what it
 * pays is a comparison for each. The OBJECT_* parameters are not used: they may hide C entries, stop at 300 names, follow
 * the object that exists now, and turn a dropped table into an authority error for all. A WHERE clause has none of these.
 *
 * A backlog is measured block by block. Where a tenth or more of it is foreign, the other way is tried over one sample;
 * it must be a fifth cheaper to be taken. Trials that change nothing become rarer. Looks that find nothing are neither
 * measured nor tried: an idle journal knows nothing of all this.
 */
import type { QualifiedName } from '../../model/position';
import type { ServerFilter } from '../entry/display-journal';
import type { JournalOptions } from '../options';
import type { FilterPlace, FilterReport, ReadCost } from '../position/checkpoint-table';

/** One block dealt with. */
export interface BlockCost {
  readonly numbers: number;
  readonly entries: number;
  /** Entries of captured files among them. */
  readonly ours: number;
  readonly ms: number;
}

/** Sequence numbers of one measurement. */
export const SAMPLE = 20_000;
/** The last window of a trial passes at least this many: windows of what is missing would become too small to be measured. */
const LEAST_WINDOW = 2_000;
/** A block that moves the cursor by fewer numbers is about waiting, not about reading. */
const MIN_NUMBERS = 32;
/** Below this share of foreign entries there is nothing to save. */
const WORTH_TRYING = 0.1;
/** What the other way may cost of this one to be taken. */
const CHEAPER = 0.8;
/** A trial that costs this many times as much is given up before its sample is full. */
const GIVE_UP = 2;
/** Between two trials lie at least this many numbers and milliseconds, up to sixteen times as many after vain ones. */
const RETRY_NUMBERS = 2_000_000;
const RETRY_MS = 600_000;
const MAX_RARITY = 16;
/** A longer list costs the server more per row than it saves. */
export const MAX_FILES = 1000;

interface Running {
  numbers: number;
  entries: number;
  ours: number;
  calls: number;
  ms: number;
}

export class FilterChoice {
  private readonly server: ServerFilter;
  private readonly auto: boolean;
  private place: FilterPlace;
  /** Whether the other way is being tried. */
  private trial = false;
  private sample: Running = nothing();
  private readonly costs: { client: ReadCost | null; server: ReadCost | null } = { client: null, server: null };
  private judged = false;
  private triedAt = 0;
  private numbersSince = 0;
  private rarity = 1;

  /** @param now milliseconds, monotonic */
  constructor(
    choice: JournalOptions['filter'],
    files: readonly QualifiedName[],
    private readonly now: () => number,
    /** Called with each trial's outcome. */
    private readonly onJudged?: (report: FilterReport, changed: boolean) => void,
  ) {
    this.server = { files };
    this.auto = choice === 'auto' && files.length <= MAX_FILES;
    this.place = choice === 'server' && files.length <= MAX_FILES ? 'server' : 'client';
  }

  /** The filter of the next window; null when we filter ourselves. */
  current(): ServerFilter | null {
    return this.running() === 'server' ? this.server : null;
  }

  /** Most numbers the next window may pass; null when nothing is being tried. */
  limit(): number | null {
    return this.trial ? Math.max(LEAST_WINDOW, SAMPLE - this.sample.numbers) : null;
  }

  /** @returns true when the next window is to be read the other way, so that this one should end */
  observe(block: BlockCost): boolean {
    if (!this.auto || block.numbers < MIN_NUMBERS) return false;
    const { sample } = this;
    sample.numbers += block.numbers;
    sample.entries += block.entries;
    sample.ours += block.ours;
    sample.calls++;
    sample.ms += block.ms;
    if (!this.trial) this.numbersSince += block.numbers;
    const full = sample.numbers >= SAMPLE;
    if (this.trial) return (full || this.isHopeless()) && this.judge();
    return full && this.settle();
  }

  report(): FilterReport {
    const tooMany = this.server.files.length > MAX_FILES;
    const because = tooMany ? 'tables' : !this.auto ? 'configured' : this.judged ? 'measured' : 'default';
    return { place: this.place, because, ...this.costs };
  }

  private running(): FilterPlace {
    return this.trial ? other(this.place) : this.place;
  }

  /** A sample of the present way is complete: is it time to try the other one? */
  private settle(): boolean {
    const { sample } = this;
    this.costs[this.place] = costOf(sample);
    const foreign = 1 - sample.ours / sample.numbers;
    this.sample = nothing();
    const due =
      !this.judged ||
      (this.numbersSince >= RETRY_NUMBERS * this.rarity && this.now() - this.triedAt >= RETRY_MS * this.rarity);
    this.trial = due && foreign >= WORTH_TRYING;
    return this.trial;
  }

  private isHopeless(): boolean {
    const known = this.costs[this.place]!;
    return this.sample.ms > GIVE_UP * SAMPLE * perNumber(known);
  }

  private judge(): boolean {
    const tried = costOf(this.sample);
    this.costs[this.running()] = tried;
    const changed = perNumber(tried) < CHEAPER * perNumber(this.costs[this.place]!);
    if (changed) this.place = other(this.place);
    this.rarity = changed ? 1 : Math.min(MAX_RARITY, this.judged ? this.rarity * 2 : 1);
    this.trial = false;
    this.judged = true;
    this.triedAt = this.now();
    this.numbersSince = 0;
    this.sample = nothing();
    this.onJudged?.(this.report(), changed);
    // the window was read the tried way: it goes on as it is when that way was taken
    return !changed;
  }
}

/** Milliseconds. */
function perNumber(cost: ReadCost): number {
  return cost.numbers > 0 ? cost.ms / cost.numbers : 0;
}

/** Figures for people: microseconds, and replies for a thousand numbers. */
export function figuresOf(cost: ReadCost | null): {
  readonly microsPerNumber: number;
  readonly microsPerEntry: number | null;
  readonly callsPer1000: number;
} | null {
  if (!cost || cost.numbers === 0) return null;
  return {
    microsPerNumber: rounded((cost.ms * 1000) / cost.numbers),
    microsPerEntry: cost.entries === 0 ? null : rounded((cost.ms * 1000) / cost.entries),
    callsPer1000: rounded((cost.calls * 1000) / cost.numbers),
  };
}

function rounded(n: number): number {
  return Number(n.toPrecision(3));
}

function other(place: FilterPlace): FilterPlace {
  return place === 'client' ? 'server' : 'client';
}

function costOf({ numbers, entries, calls, ms }: Running): ReadCost {
  return { numbers, entries, calls, ms };
}

function nothing(): Running {
  return { numbers: 0, entries: 0, ours: 0, calls: 0, ms: 0 };
}
