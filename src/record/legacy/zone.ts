/** Local times of the partition to an offset from UTC. The image carries no zone: it is stated in the config. */
import { CodedError } from '../../errors/coded-error';

/** Hours kept before the cache starts anew. */
const CACHE_LIMIT = 8192;
const MINUTE = 60_000;

export class Zone {
  private readonly offsets = new Map<number, number>();
  private readonly parts: Intl.DateTimeFormat | null;
  private readonly fixed: number | null;

  /** @param name IANA (`Europe/Berlin`), `UTC`, `Z`, or a fixed `+01:00`. @throws CodedError family `config` */
  constructor(readonly name: string) {
    const m = /^([+-])([01]\d|2[0-3]):?([0-5]\d)$/.exec(name);
    this.fixed = m
      ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]))
      : /^(utc|z|gmt)$/i.test(name)
        ? 0
        : null;
    try {
      this.parts =
        this.fixed !== null
          ? null
          : new Intl.DateTimeFormat('en-US', {
              timeZone: name,
              hourCycle: 'h23',
              year: 'numeric',
              month: 'numeric',
              day: 'numeric',
              hour: 'numeric',
              minute: 'numeric',
              second: 'numeric',
            });
    } catch (cause) {
      throw new CodedError({
        code: 'ZONE_UNKNOWN',
        message: `${name} is no time zone`,
        next: 'use an IANA name such as Europe/Berlin, UTC, or a fixed offset such as +01:00',
        facts: { zone: name },
        cause,
      });
    }
  }

  /**
   * Minutes to add to UTC for a local time. In the repeated hour of autumn the first reading is taken, in the missing hour of
   * spring the offset before it.
   */
  offsetAt(date: number, time: number): number {
    if (this.fixed !== null) return this.fixed;
    const key = date * 10000 + Math.trunc(time / 100);
    const known = this.offsets.get(key);
    if (known !== undefined) return known;
    const offset = this.find(date, time);
    if (this.offsets.size >= CACHE_LIMIT) this.offsets.clear();
    this.offsets.set(key, offset);
    return offset;
  }

  private find(day: number, time: number): number {
    // Years below 100 would be read as 19xx by the platform's calendar; their local mean time is that of any early year.
    const date = Math.max(day, 1000101);
    const utc = new Date(0);
    utc.setUTCFullYear(Math.trunc(date / 10000), (Math.trunc(date / 100) % 100) - 1, date % 100);
    const local = utc.getTime() + (Math.trunc(time / 10000) * 60 + (Math.trunc(time / 100) % 100)) * MINUTE;
    const before = this.offsetOfInstant(local - 24 * 60 * MINUTE);
    const after = this.offsetOfInstant(local + 24 * 60 * MINUTE);
    if (before === after) return before;
    if (this.offsetOfInstant(local - before * MINUTE) === before) return before;
    if (this.offsetOfInstant(local - after * MINUTE) === after) return after;
    return before;
  }

  private offsetOfInstant(instant: number): number {
    const p: Record<string, number> = {};
    for (const part of this.parts!.formatToParts(instant)) p[part.type] = Number(part.value);
    const local = Date.UTC(p['year']!, p['month']! - 1, p['day']!, p['hour']!, p['minute']!, p['second']!);
    return Math.round((local - Math.trunc(instant / 1000) * 1000) / MINUTE);
  }
}

/** `Z` or `+01:00`. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z';
  const abs = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.trunc(abs / 60)).padStart(2, '0')}:${String(abs % 60).padStart(2, '0')}`;
}
