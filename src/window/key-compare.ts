/**
 * Finds by comparing keys what no cursor shows: rows deleted, and rows that came with an old moment (a file loaded again
 * keeps the change times of its rows).
 *
 * Every key of the table is met in pages. A page with an unknown key is read whole and reported as a look would. Keys not met
 * are looked up once more, since a row may have been written again meanwhile; the first of them is reported only when all are
 * known, so that a cleared file meets the mass-delete guard before anything is sent.
 */
import { newOccasion } from '../model/occasion';
import { type Predicate, rowsAfter } from '../table-rows/keyset';
import type { TableRow } from '../table-rows/table-rows';
import type { SqlValue } from '../transport/transport';
import { boundary, isAsked, nextPage } from './keys';
import type { WindowOptions } from './options';
import { massDelete, type WindowUnit } from './units';
import { keyValues, type WindowState } from './window-state';
import type { WindowTable } from './window-table';

/** The mass-delete guard of this table. @returns the number of deletes when these break the limit, else null */
export type DeleteLimit = (deletes: number, timestamp: string) => number | null;

/** Deletes a transaction. */
const STEP = 200;

interface KeyCompareParts {
  readonly table: WindowTable;
  readonly state: WindowState;
  readonly options: WindowOptions;
  readonly limit: DeleteLimit;
  /** Rows as a look would report them. */
  readonly unitOf: (rows: readonly TableRow[], timestamp: string) => WindowUnit;
  readonly deleted: (keys: readonly string[], timestamp: string) => WindowUnit;
}

export class KeyCompare {
  constructor(private readonly parts: KeyCompareParts) {}

  /** Each unit must be committed before the next is asked for. */
  async *units(signal: AbortSignal): AsyncGenerator<WindowUnit> {
    const { table, state } = this.parts;
    if (!state.mark().known) return;
    const sweep = state.startSweep();
    yield* this.meet(sweep, signal);
    await this.lookUpMissing(sweep, signal);
    if (signal.aborted) return;
    const timestamp = (await table.clock()).text;
    yield* this.deletes(sweep, timestamp, signal);
  }

  private async *meet(sweep: number, signal: AbortSignal): AsyncGenerator<WindowUnit> {
    const { table, state, options } = this.parts;
    let last: readonly SqlValue[] | null = null;
    for (let from: Predicate | null = null; ; ) {
      if (signal.aborted) return;
      const keys = await table.keys(from, signal);
      const unknown = state.met(
        keys.map(({ text }) => text),
        sweep,
      );
      if (unknown > 0) {
        const rows = await table.rows(options.key, { from, upper: null }, signal);
        yield this.parts.unitOf(rows, (await table.clock()).text);
      }
      if (keys.length < options.pageRows) return;
      from = rowsAfter(table.order(options.key), nextPage(options, keys, last));
      last = boundary(keys);
    }
  }

  private async lookUpMissing(sweep: number, signal: AbortSignal): Promise<void> {
    const { table, state } = this.parts;
    for (let last = ''; ; ) {
      const missing = state.missing(sweep, STEP, last);
      if (missing.length === 0 || signal.aborted) return;
      const there: string[] = [];
      for (const key of missing) if (isAsked(key) && (await table.exists(keyValues(key)))) there.push(key);
      state.met(there, sweep);
      last = missing.at(-1)!;
    }
  }

  private *deletes(sweep: number, timestamp: string, signal: AbortSignal): Generator<WindowUnit> {
    const { state, options, limit, deleted } = this.parts;
    const all = state.countMissing(sweep);
    if (all === 0) return;
    const broken = limit(all, timestamp);
    let notice = broken === null ? null : massDelete(options, broken, { occasion: newOccasion(), timestamp });
    for (;;) {
      const keys = state.missing(sweep, STEP, '');
      if (keys.length === 0 || signal.aborted) return;
      const unit = deleted(keys, timestamp);
      const first = notice;
      notice = null;
      yield first === null ? unit : { ...unit, items: () => [first, ...unit.items()] };
    }
  }
}
