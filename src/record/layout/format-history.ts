/**
 * Every record format of a file with the range of positions it was valid for, so that entries older than today's ALTER still
 * decode. Only the receiver chain can order two positions: the caller brings the comparison.
 */
import { createHash } from 'node:crypto';
import { formatPosition, type Position } from '../../model/position';
import type { RecordFormat } from '../../model/record-format';
import type { Schema, Store } from '../../store/store';

export const FORMAT_HISTORY_SCHEMA: Schema = {
  name: 'format_history',
  steps: [
    `CREATE TABLE format_history (
       file TEXT NOT NULL,
       ordinal INTEGER NOT NULL,
       format_id TEXT NOT NULL,
       format TEXT NOT NULL,
       from_library TEXT, from_receiver TEXT, from_sequence TEXT,
       until_library TEXT, until_receiver TEXT, until_sequence TEXT,
       PRIMARY KEY (file, ordinal)
     ) WITHOUT ROWID`,
  ],
};

interface FormatRange {
  readonly id: string;
  readonly format: RecordFormat;
  /** First position it is known for; null: from the beginning, as far as anyone knows. */
  readonly from: Position | null;
  /** First position it is no longer valid for; null: still valid. */
  readonly until: Position | null;
}

/** Below 0 when `a` is earlier than `b`. Throws when the chain does not know a receiver. */
export type ComparePositions = (a: Position, b: Position) => number;

/** Identity of a format: equal layouts of one file have equal ids. 16 hex digits. */
export function formatId(format: RecordFormat): string {
  const columns = format.columns.map((c) => [
    c.name,
    c.type,
    c.length,
    c.scale,
    c.ccsid,
    c.nullable,
    c.dateFormat ?? null,
    c.dateSeparator ?? null,
    c.timeFormat ?? null,
    c.timeSeparator ?? null,
    c.as ?? null,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([format.table, columns]))
    .digest('hex')
    .slice(0, 16);
}

interface Row {
  readonly ordinal: number;
  readonly format_id: string;
  readonly format: string;
  readonly from_library: string | null;
  readonly from_receiver: string | null;
  readonly from_sequence: string | null;
  readonly until_library: string | null;
  readonly until_receiver: string | null;
  readonly until_sequence: string | null;
}

/** Formats of a file kept in memory and in the store; a daemon has one. */
export class FormatHistory {
  private readonly files = new Map<string, FormatRange[]>();

  constructor(
    private readonly store: Store,
    private readonly compare: ComparePositions,
  ) {}

  /** All formats of a file, oldest first. */
  ranges(file: string): readonly FormatRange[] {
    let known = this.files.get(file);
    if (!known) {
      const rows = this.store.db.prepare('SELECT * FROM format_history WHERE file = ? ORDER BY ordinal').all(file);
      known = (rows as Row[]).map(rangeOf);
      this.files.set(file, known);
    }
    return known;
  }

  /** The format that was valid at a position, or null where none is known for it. */
  at(file: string, position: Position, compare: ComparePositions = this.compare): FormatRange | null {
    const ranges = this.ranges(file);
    for (let i = ranges.length - 1; i >= 0; i--) {
      const range = ranges[i]!;
      if (range.from !== null && compare(position, range.from) < 0) continue;
      return range.until !== null && compare(position, range.until) >= 0 ? null : range;
    }
    return null;
  }

  /** The format that was learned at exactly this position, or null. */
  startingAt(file: string, position: Position): FormatRange | null {
    return (
      this.ranges(file).find((r) => r.from !== null && formatPosition(r.from) === formatPosition(position)) ?? null
    );
  }

  /**
   * Records what the catalog says. The same format as the current one changes nothing; another one closes it at `seen`.
   * @param seen first position the new format is known to hold for
   * @returns the current range
   */
  learn(file: string, format: RecordFormat, seen: Position): FormatRange {
    const id = formatId(format);
    const ranges = this.ranges(file);
    const last = ranges.at(-1);
    if (last && last.id === id && last.until === null) return last;
    if (last && last.until === null) this.close(file, seen);
    // Nothing is known of the time before the first format: it is assumed, and the layout check guards the assumption.
    const from = last === undefined ? null : (this.ranges(file).at(-1)!.until ?? seen);
    return this.append(file, { id, format, from, until: null });
  }

  /** The file was altered at `position` (D CG, D CT): its current format ends there, and the next one learned begins there. */
  close(file: string, position: Position): void {
    const ranges = [...this.ranges(file)];
    const last = ranges.pop();
    if (!last || last.until !== null) return;
    this.store.db
      .prepare(
        'UPDATE format_history SET until_library = ?, until_receiver = ?, until_sequence = ? WHERE file = ? AND ordinal = ?',
      )
      .run(position.receiver.library, position.receiver.name, position.sequence.toString(), file, ranges.length);
    this.files.set(file, [...ranges, { ...last, until: position }]);
  }

  /** Drops what a rolled back transaction left in memory. */
  forget(file: string): void {
    this.files.delete(file);
  }

  private append(file: string, range: FormatRange): FormatRange {
    const ranges = this.ranges(file);
    this.store.db
      .prepare('INSERT INTO format_history VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)')
      .run(
        file,
        ranges.length,
        range.id,
        JSON.stringify(range.format),
        range.from?.receiver.library ?? null,
        range.from?.receiver.name ?? null,
        range.from?.sequence.toString() ?? null,
      );
    this.files.set(file, [...ranges, range]);
    return range;
  }
}

function rangeOf(row: Row): FormatRange {
  return {
    id: row.format_id,
    format: JSON.parse(row.format) as RecordFormat,
    from: positionOf(row.from_library, row.from_receiver, row.from_sequence),
    until: positionOf(row.until_library, row.until_receiver, row.until_sequence),
  };
}

function positionOf(library: string | null, name: string | null, sequence: string | null): Position | null {
  return library === null || name === null || sequence === null
    ? null
    : { receiver: { library, name }, sequence: BigInt(sequence) };
}
