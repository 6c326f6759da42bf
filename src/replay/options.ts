/** A replay out of the journal: what is asked for, where it leads, and how far it got. */
import type { Checkpoint } from '../journal/position/checkpoint-table';
import type { Position } from '../model/position';

/** What identifies a replay; positions are found out when it begins. */
export interface JournalReplayWish {
  /** `LIB/NAME`: one job a journal. */
  readonly journal: string;
  /** Tables of the configuration, `LIB/FILE`; null for all of the journal. */
  readonly tables: readonly string[] | null;
  /** Time of the change, epoch milliseconds: from inclusive, until exclusive; null is no bound. */
  readonly since: number | null;
  readonly until: number | null;
  /** A stretch of one receiver, `LIB/NAME`, decimal sequence numbers, both inclusive; null is no bound. */
  readonly receiver: string | null;
  readonly fromSequence: string | null;
  readonly toSequence: string | null;
  /** Destinations; none means all that each rule leads to. */
  readonly to: readonly string[];
  /** With `to`: also events whose rules do not lead there. */
  readonly alsoUnrouted: boolean;
  /** Goes on with what the receivers still hold where they no longer hold all of it. */
  readonly available: boolean;
  readonly entriesPerSecond: number | null;
}

/** Receivers that follow one another, to be read in one go. */
export interface ReplayStretch {
  /** Where reading begins: behind an entry that exists, or before the first of a receiver (sequence 0). */
  readonly start: Position;
  /** First and last position of the range in it, both inclusive; they need not exist. */
  readonly first: Position;
  readonly last: Position;
}

/** A receiver with entries of the range that cannot be read any more. */
interface GoneReceiver {
  readonly receiver: string;
  readonly why: string;
}

export interface ReplayScope {
  readonly stretches: readonly ReplayStretch[];
  readonly gone: readonly GoneReceiver[];
  /** What the stream has not read yet is left to it: its position. Null where nothing was ever read. */
  readonly ceiling: Position | null;
  /** True where the range goes on behind the ceiling. */
  readonly cut: boolean;
}

/** How far a run got: which stretch, and where in it; null before its first unit. */
export interface ReplayPlace {
  readonly stretch: number;
  readonly checkpoint: Checkpoint | null;
}

/** Counted so far. */
export interface ReplayFigures {
  /** Journal entries read, of whatever table. */
  readonly entries: number;
  /** Changes and notices in the range. */
  readonly changes: number;
  /** Events of them, after filters and merging. */
  readonly events: number;
  /** Of these, the ones the outbox had already. */
  readonly stored: number;
  readonly deliveries: number;
  readonly filtered: number;
  readonly quarantined: number;
  /** Changes of commit cycles whose beginning the receivers no longer hold: none of them is sent. */
  readonly incomplete: number;
  /** Changes in the range whose commit the stream has not read yet: it will send them. */
  readonly ahead: number;
}

export const NO_FIGURES: ReplayFigures = {
  entries: 0,
  changes: 0,
  events: 0,
  stored: 0,
  deliveries: 0,
  filtered: 0,
  quarantined: 0,
  incomplete: 0,
  ahead: 0,
};

export function added(a: ReplayFigures, b: ReplayFigures): ReplayFigures {
  const names = Object.keys(NO_FIGURES) as (keyof ReplayFigures)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as ReplayFigures;
}
