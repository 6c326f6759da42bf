/** The partition's clock: local time without a zone, microseconds. It may be set back, as real ones are. */
import type { LocalTimestamp } from './contract';

export interface Clock {
  /** `YYYY-MM-DDTHH:MM:SS.ffffff` in local time. */
  now(): LocalTimestamp;
  /** Minutes east of UTC at this moment. */
  zoneMinutes(): number;
}

/** The machine's clock; microseconds come from the monotonic timer, so that two entries rarely share a timestamp. */
export class SystemClock implements Clock {
  private readonly origin = performance.timeOrigin;
  private zone = 0;
  private zoneUntil = 0;
  private prefix = '';
  private prefixOf = -1;

  now(): LocalTimestamp {
    const utc = this.origin + performance.now();
    if (utc >= this.zoneUntil) this.readZone(utc);
    const ms = utc + this.zone * 60_000;
    const whole = Math.floor(ms);
    if (whole !== this.prefixOf) {
      this.prefix = new Date(whole).toISOString().slice(0, 23);
      this.prefixOf = whole;
    }
    return this.prefix + String(1000 + Math.floor((ms - whole) * 1000)).slice(1);
  }

  zoneMinutes(): number {
    return -new Date().getTimezoneOffset();
  }

  /** Asking for the zone costs more than an entry; once a second is enough. */
  private readZone(utc: number): void {
    this.zone = this.zoneMinutes();
    this.zoneUntil = utc + 1000;
  }
}

/** A clock a test holds in its hand: each reading is `step` microseconds after the last one. */
export class ManualClock implements Clock {
  private micros: bigint;

  constructor(
    start: LocalTimestamp,
    private readonly step = 1n,
    private readonly zone = 0,
  ) {
    this.micros = toMicros(start);
  }

  now(): LocalTimestamp {
    this.micros += this.step;
    return fromMicros(this.micros);
  }

  zoneMinutes(): number {
    return this.zone;
  }

  set(to: LocalTimestamp): void {
    this.micros = toMicros(to);
  }
}

/** Microseconds since 1970 of a local timestamp, taken as if it were UTC. */
function toMicros(local: LocalTimestamp): bigint {
  const micros = (local.slice(20) || '0').padEnd(6, '0').slice(0, 6);
  return BigInt(Date.parse(`${local.slice(0, 19)}Z`)) * 1000n + BigInt(micros);
}

function fromMicros(micros: bigint): LocalTimestamp {
  const ms = Number(micros / 1000n);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(micros % 1000n).padStart(3, '0')}`;
}
