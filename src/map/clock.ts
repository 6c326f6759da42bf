/** Local timestamps of the partition to UTC. Journal entries carry no zone. */
import { CodedError } from '../errors/coded-error';

export interface PartitionClock {
  /** `2026-11-21T21:44:00.123456` -> `2026-11-21T20:44:00.123456Z`, fraction kept as it is. */
  toUtc(local: string): string;
}

/** A fixed offset in minutes east of UTC, as CURRENT TIMEZONE reports it. */
export function fixedClock(offsetMinutes: number): PartitionClock {
  return offsetMinutes === 0 ? { toUtc: (local) => `${local}Z` } : minuteCached(() => offsetMinutes);
}

/**
 * An IANA zone: right on both sides of a clock change. In the hour that autumn repeats, the first (summer) reading is
 * taken; the journal does not say which one it was.
 * @throws CodedError `CONFIG_ZONE` for a zone this Node does not know
 */
export function zoneClock(zone: string): PartitionClock {
  const offsetAt = zoneOffsets(zone);
  return minuteCached((minute) => {
    const wall = Date.parse(`${minute}:00Z`);
    const early = offsetAt(wall - 864e5);
    const late = offsetAt(wall + 864e5);
    if (early === late) return early;
    const fits = [early, late].filter((o) => offsetAt(wall - o * 6e4) === o);
    return fits.length === 0 ? early : Math.max(...fits);
  });
}

/** Offset in minutes of a zone at an instant (epoch milliseconds). */
export function zoneOffsets(zone: string): (at: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw new CodedError({
      code: 'CONFIG_ZONE',
      family: 'config',
      message: `time zone "${zone}" is not known; expected an IANA name such as Europe/Berlin`,
      next: 'correct the zone in the YAML',
      facts: { zone },
      cause,
    });
  }
  return (at) => {
    const p = Object.fromEntries(format.formatToParts(at).map((x) => [x.type, Number(x.value)]));
    const wall = Date.UTC(p['year']!, p['month']! - 1, p['day']!, p['hour']!, p['minute']!, p['second']!);
    return Math.round((wall - Math.floor(at / 1000) * 1000) / 6e4);
  };
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
