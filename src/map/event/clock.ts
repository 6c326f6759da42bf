/** Local timestamps of the partition to UTC. Journal entries carry no zone. */
import { Zone } from '../../record/legacy/zone';

export interface PartitionClock {
  /** `2026-11-21T21:44:00.123456` -> `2026-11-21T20:44:00.123456Z`, fraction kept as it is. */
  toUtc(local: string): string;
}

/** A fixed offset in minutes east of UTC, as CURRENT TIMEZONE reports it. */
export function fixedClock(offsetMinutes: number): PartitionClock {
  return offsetMinutes === 0 ? { toUtc: (local) => `${local}Z` } : minuteCached(() => offsetMinutes);
}

/**
 * An IANA zone: right on both sides of a clock change. In the hour that autumn repeats the first reading is taken; the
 * journal does not say which one it was.
 * @throws CodedError family config for a zone this Node does not know
 */
export function zoneClock(name: string): PartitionClock {
  const zone = new Zone(name);
  return minuteCached((minute) =>
    zone.offsetAt(Number(minute.slice(0, 10).replaceAll('-', '')), Number(`${minute.slice(11).replace(':', '')}00`)),
  );
}

/** Entries come in runs of one minute; seconds and fraction are the same in every zone of whole minutes. */
function minuteCached(offsetOf: (minute: string) => number): PartitionClock {
  let minute = '';
  let utc = '';
  return {
    toUtc(local) {
      const head = local.slice(0, 16);
      if (head !== minute) {
        const at = Date.parse(`${head}:00Z`);
        utc = Number.isNaN(at) ? head : new Date(at - offsetOf(head) * 6e4).toISOString().slice(0, 16);
        minute = head;
      }
      return `${utc}${local.slice(16)}Z`;
    },
  };
}
