/**
 * What a running stream published for one table since a watermark: the record numbers, and how far it has got. The
 * daemon says it of every change it writes and of every unit it commits.
 */
import type { Change } from '../model/change';
import { type Position, type QualifiedName, sameName } from '../model/position';

/** Negative when a is before b; null when the chain does not show it. */
type ComparePositions = (a: Position, b: Position) => number | null;

export class StreamNotes implements PublishedRows {
  private readonly rows = new Set<bigint>();
  private waiting: { readonly high: Position; readonly resolve: () => void } | null = null;

  /** @param read what the stream has dealt with so far: an idle stream commits nothing more */
  constructor(
    private readonly table: QualifiedName,
    private read: Position | null,
    private readonly compare: ComparePositions,
    private readonly ended: () => void,
  ) {}

  /** Every change the stream writes. */
  observe(change: Change): void {
    if (change.rrn > 0n && sameName(change.table, this.table)) this.rows.add(change.rrn);
  }

  /** After a unit's transaction, when reading begins, and whenever the stream has found nothing new. */
  committed(read: Position): void {
    this.read = read;
    if (this.waiting && this.isPast(this.waiting.high)) this.waiting.resolve();
  }

  private isPast(high: Position): boolean {
    const order = this.read ? this.compare(this.read, high) : null;
    return order !== null && order >= 0;
  }

  async passed(high: Position, signal: AbortSignal): Promise<void> {
    if (this.isPast(high) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.waiting = { high, resolve };
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.waiting = null;
  }

  touched(rrn: bigint): boolean {
    return this.rows.has(rrn);
  }

  end(): void {
    this.rows.clear();
    this.ended();
  }
}

/** How the run learns of the stream. Standing alone, without a stream, both answer at once. */
export interface StreamWatch {
  /** The journal's last readable position now; null when the table has no journal. */
  head(signal: AbortSignal): Promise<Position | null>;
  /** Starts noting record numbers the stream publishes for the table, from `low` on; ends with `passed`. */
  note(low: Position): PublishedRows;
}

export interface PublishedRows {
  /** Resolves when everything up to `high` has been read and written by the stream. */
  passed(high: Position, signal: AbortSignal): Promise<void>;
  /** True when the stream published a change of the row since `low`. */
  touched(rrn: bigint): boolean;
  end(): void;
}
