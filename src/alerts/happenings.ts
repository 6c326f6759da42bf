/** What happened within the last hour, from counters that only grow. */
import type { Happening } from './conditions';

const HOUR = 3_600_000;

/** A counter with its labels, as it stands. */
export interface Counted {
  readonly what: Happening['what'];
  readonly table: string;
  readonly of: string;
  readonly total: number;
}

interface Track {
  total: number;
  /** When, and by how much it grew. */
  growth: { readonly at: number; readonly by: number }[];
}

export class Happenings {
  private readonly tracks = new Map<string, Track>();

  note(counters: readonly Counted[], now: number): Happening[] {
    const happened: Happening[] = [];
    for (const { what, table, of, total } of counters) {
      const track = this.trackOf(`${what}\n${table}\n${of}`);
      if (total > track.total) track.growth.push({ at: now, by: total - track.total });
      track.total = total;
      track.growth = track.growth.filter(({ at }) => at > now - HOUR && at <= now);
      const last = track.growth.at(-1);
      if (last) happened.push({ what, table, of, count: track.growth.reduce((n, { by }) => n + by, 0), at: last.at });
    }
    return happened;
  }

  private trackOf(key: string): Track {
    let track = this.tracks.get(key);
    if (!track) {
      track = { total: 0, growth: [] };
      this.tracks.set(key, track);
    }
    return track;
  }
}
