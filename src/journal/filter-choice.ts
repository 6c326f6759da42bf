/**
 * Where entries of foreign files are left out: by us, or by a WHERE clause of the reading statement.
 *
 * The function walks every entry either way; what the server saves is the cast and the transfer of foreign rows. The
 * OBJECT_* parameters are not used: they may hide C entries, stop at 300 names, follow the object that exists now, and
 * turn a dropped table into an authority error for all. A WHERE clause has none of these.
 */
import type { QualifiedName } from '../model/position';
import type { ServerFilter } from './display-journal';
import type { JournalOptions } from './options';

/** Below this share of own entries the server filters. */
const SERVER_BELOW = 0.25;
/** Above this one we do it ourselves again; apart from the other, so that the choice does not flutter. */
const CLIENT_ABOVE = 0.5;
/** Entries between two judgements. */
const SAMPLE = 20_000;
/** A longer list costs the server more per row than it saves. */
const MAX_FILES = 1000;

export class FilterChoice {
  private readonly server: ServerFilter;
  private on: boolean;
  private ours = 0;
  private seen = 0;
  private from = 0n;

  constructor(
    private readonly choice: JournalOptions['filter'],
    files: readonly QualifiedName[],
  ) {
    this.server = { files };
    this.on = choice === 'server' && files.length <= MAX_FILES;
  }

  /** Null when we filter ourselves. */
  current(): ServerFilter | null {
    return this.on ? this.server : null;
  }

  /** @param ours, seen running totals of entries returned; `at` the sequence number reached */
  observe(ours: number, seen: number, at: bigint): void {
    if (this.choice !== 'auto' || this.server.files.length > MAX_FILES) return;
    // Behind the server's filter only the numbers tell how much was walked.
    const walked = this.on ? Number(at - this.from) : seen - this.seen;
    if (walked >= 0 && walked < SAMPLE) return;
    if (walked > 0) this.judge((ours - this.ours) / walked);
    this.restart(ours, seen, at);
  }

  private judge(share: number): void {
    if (!this.on && share < SERVER_BELOW) this.on = true;
    else if (this.on && share > CLIENT_ABOVE) this.on = false;
  }

  private restart(ours: number, seen: number, at: bigint): void {
    this.ours = ours;
    this.seen = seen;
    this.from = at;
  }
}
