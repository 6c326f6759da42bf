/** Spans of the day in which backfills and reconciliations leave the partition alone. */
import { Backoff } from '../backoff';

/** Minutes of the day: from inclusive, to exclusive; `from > to` goes over midnight. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY_MINUTES = 24 * 60;

export class QuietHours {
  private readonly spans: readonly Span[];
  private readonly clock: Intl.DateTimeFormat;

  /**
   * @param spans `HH:MM-HH:MM`, as the configuration has checked them
   * @param zone IANA zone of the spans; null for the clock of this machine
   */
  constructor(spans: readonly string[], zone: string | null) {
    this.spans = spans.map((span) => {
      const [from, to] = span.split('-').map(minutesOf);
      return { from: from!, to: to! };
    });
    const timeZone = zone === null ? {} : { timeZone: zone };
    this.clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...timeZone,
    });
  }

  /** Minutes until the spans that hold this moment end, at most a day; 0 outside of them. */
  minutesLeft(now: number): number {
    const begin = minutesOf(this.clock.format(now));
    let left = 0;
    // spans may touch or overlap: one that begins where another ends goes on
    for (let grown = true; grown && left < DAY_MINUTES; ) {
      grown = false;
      for (const span of this.spans) {
        const more = remaining(span, (begin + left) % DAY_MINUTES);
        if (more > 0) grown = true;
        left += more;
      }
    }
    return Math.min(left, DAY_MINUTES);
  }
}

/** Milliseconds between two looks at the clock. */
const LOOK_MS = 1000;

/**
 * Returns outside the quiet hours, or when `signal` aborts.
 * @param paused called once when work stands still, with the minutes it will
 */
export async function standStill(
  quiet: QuietHours,
  now: () => number,
  signal: AbortSignal,
  paused: (minutes: number) => void,
): Promise<void> {
  let reported = false;
  for (let left = quiet.minutesLeft(now()); left > 0 && !signal.aborted; left = quiet.minutesLeft(now())) {
    if (!reported) paused(left);
    reported = true;
    await new Backoff().wait(LOOK_MS, signal);
  }
}

function remaining({ from, to }: Span, at: number): number {
  const inside = from <= to ? at >= from && at < to : at >= from || at < to;
  return inside ? (to - at + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES : 0;
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return hours! * 60 + minutes!;
}
