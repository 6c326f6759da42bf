/** One row an hour and series: sixty doubles, little endian, NaN where nothing was sampled. */
import type Database from 'better-sqlite3';
import type { Schema, Store } from '../store/store';

export const SERIES_SCHEMA: Schema = {
  name: 'series',
  steps: [
    `CREATE TABLE series (
       no INTEGER PRIMARY KEY,
       metric TEXT NOT NULL,
       labels TEXT NOT NULL,
       UNIQUE (metric, labels)
     );
     CREATE TABLE series_hour (
       hour INTEGER NOT NULL,
       series INTEGER NOT NULL,
       points BLOB NOT NULL,
       PRIMARY KEY (hour, series)
     ) WITHOUT ROWID;`,
  ],
};

const MINUTE_MS = 60_000;
const POINTS = 60;
/** Kept for so long. */
export const KEPT_HOURS = 72;
/** More are not kept: which of them are is then by who came first. */
const MOST_SERIES = 2_000;

/** A metric with one set of labels. */
export interface Sample {
  readonly metric: string;
  /** Text of the JSON object of its labels: the same labels give the same text. */
  readonly labels: string;
  readonly value: number;
}

interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** One a minute, oldest first; NaN where nothing was sampled. */
  readonly points: Float64Array;
}

export class SeriesTable {
  private readonly find: Database.Statement;
  private readonly insert: Database.Statement;
  private readonly select: Database.Statement;
  private readonly upsert: Database.Statement;
  private hour = -1;
  /** Rows of the hour under way. */
  private readonly open = new Map<string, { readonly no: number; readonly points: Buffer }>();

  constructor(private readonly store: Store) {
    const { db } = store;
    this.find = db.prepare('SELECT no FROM series WHERE metric = ? AND labels = ?').pluck();
    this.insert = db
      .prepare(
        `INSERT INTO series (metric, labels) SELECT ?, ? WHERE (SELECT count(*) FROM series) < ${MOST_SERIES} RETURNING no`,
      )
      .pluck();
    this.select = db.prepare('SELECT points FROM series_hour WHERE hour = ? AND series = ?').pluck();
    this.upsert = db.prepare(
      'INSERT INTO series_hour VALUES (?, ?, ?) ON CONFLICT (hour, series) DO UPDATE SET points = excluded.points',
    );
  }

  /** Writes the samples of one minute. @param now epoch milliseconds */
  put(samples: readonly Sample[], now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    const hour = Math.floor(minute / POINTS);
    if (hour !== this.hour) this.open.clear();
    try {
      // what is lost with the power is a minute of a chart
      this.store.transaction(() => {
        if (hour !== this.hour) this.forget(hour - KEPT_HOURS);
        for (const sample of samples) this.putOne(sample, hour, minute % POINTS);
      }, false);
      this.hour = hour;
    } catch (error) {
      // what is remembered of the rows may have been rolled back
      this.open.clear();
      this.hour = -1;
      throw error;
    }
  }

  /** Series of one metric over the last `minutes`, this one included. */
  read(metric: string, minutes: number, now: number): StoredSeries[] {
    const last = Math.floor(now / MINUTE_MS);
    const first = last - minutes + 1;
    const rows = this.store.db
      .prepare(
        `SELECT s.labels, h.hour, h.points FROM series s JOIN series_hour h ON h.series = s.no
         WHERE s.metric = ? AND h.hour BETWEEN ? AND ?`,
      )
      .all(metric, Math.floor(first / POINTS), Math.floor(last / POINTS)) as {
      labels: string;
      hour: number;
      points: Buffer;
    }[];
    const found = new Map<string, Float64Array>();
    for (const { labels, hour, points } of rows) {
      const all = found.get(labels) ?? new Float64Array(minutes).fill(Number.NaN);
      found.set(labels, all);
      for (let i = 0; i < POINTS; i++) {
        const at = hour * POINTS + i - first;
        if (at >= 0 && at < minutes) all[at] = points.readDoubleLE(8 * i);
      }
    }
    return [...found]
      .map(([labels, points]) => ({ labels: JSON.parse(labels) as Record<string, string>, points }))
      .filter(({ points }) => points.some((p) => !Number.isNaN(p)));
  }

  private putOne({ metric, labels, value }: Sample, hour: number, at: number): void {
    const key = `${metric}\n${labels}`;
    const row = this.open.get(key) ?? this.load(metric, labels, hour);
    if (row === null) return;
    this.open.set(key, row);
    row.points.writeDoubleLE(value, 8 * at);
    this.upsert.run(hour, row.no, row.points);
  }

  private load(metric: string, labels: string, hour: number) {
    const no = (this.find.get(metric, labels) ?? this.insert.get(metric, labels)) as number | undefined;
    if (no === undefined) return null;
    const points = (this.select.get(hour, no) as Buffer | undefined) ?? emptyHour();
    return { no, points };
  }

  /** Hours up to this one, and series that have none left. */
  private forget(upTo: number): void {
    const { db } = this.store;
    db.prepare('DELETE FROM series_hour WHERE hour <= ?').run(upTo);
    db.prepare('DELETE FROM series WHERE no NOT IN (SELECT DISTINCT series FROM series_hour)').run();
  }
}

function emptyHour(): Buffer {
  return Buffer.from(new Float64Array(POINTS).fill(Number.NaN).buffer);
}
