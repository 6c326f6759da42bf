/** Reads times as events carry them, `2026-11-21T20:44:00.123456Z`. */

const TO_THE_SECOND = '2026-11-21T20:44:00'.length;

/** Most events follow another of the same second, so few times are parsed as a whole. */
export class EventClock {
  private second = '';
  private base = 0;

  /** Epoch milliseconds; NaN if it is no time. */
  ms(time: string): number {
    if (this.second === '' || !time.startsWith(this.second)) {
      this.second = time.slice(0, TO_THE_SECOND);
      this.base = Date.parse(`${this.second}Z`);
    }
    const ms = this.base + Number(time.slice(TO_THE_SECOND + 1, TO_THE_SECOND + 4));
    return Number.isNaN(ms) ? Date.parse(time) : ms;
  }
}
