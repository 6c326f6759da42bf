/**
 * What a job's work would cost a partition, by a model: the same work costs the same each time, whatever machine simulates it.
 * The figures are of the size that sites publish: a row of DISPLAY_JOURNAL at 14,000, an entry of the API at 115,000 a second
 * of one processor.
 */
const COST_MICROS = {
  statement: 350,
  row: 5,
  journalRow: 70,
  call: 250,
  entry: 8.7,
} as const;
type Work = keyof typeof COST_MICROS;

/** Bytes that one read brings from disk. */
const READ = 65_536;

export class JobLoad {
  private micros = 0;
  private bytes = 0;

  /** @param bytes data that had to be read from disk for it */
  charge(work: Work, times = 1, bytes = 0): void {
    this.micros += COST_MICROS[work] * times;
    this.bytes += bytes;
  }

  /** Whole milliseconds of processor time. */
  get cpuMs(): number {
    return Math.floor(this.micros / 1000);
  }

  get diskReads(): number {
    return Math.ceil(this.bytes / READ);
  }
}
