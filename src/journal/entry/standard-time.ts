/**
 * *DTS, the system's standard time: microseconds in the upper 52 bits of 8 bytes, X'8000000000000000' is the first moment of the
 * year 2000 by the partition's own clock; the lower 12 bits only make values differ. Source: JTOpen AS400Timestamp, FORMAT_DTS.
 */
const YEAR_2000_MS = Date.UTC(2000, 0, 1);
/** Microseconds of X'8000000000000000'. */
const HALF = 2 ** 51;
const LOW_BITS = 2 ** 20;

/** Entries of one second stand together: its text is made once. */
export class StandardTimes {
  private second = Number.NaN;
  private text = '';

  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, partition's local time. */
  at(bytes: Buffer, offset: number): string {
    const micros = bytes.readUInt32BE(offset) * LOW_BITS + (bytes.readUInt32BE(offset + 4) >>> 12) - HALF;
    const second = Math.floor(micros / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(YEAR_2000_MS + second * 1000).toISOString().slice(0, 20);
    }
    return this.text + String(micros - second * 1e6).padStart(6, '0');
  }
}
