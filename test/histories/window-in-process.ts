/**
 * A history on a journaled file that a window reads, without a wire: looks and key compares at random moments, each cut off
 * before or after any of its transactions, over restarts, small pages and receivers that do not matter.
 */
import type { ColumnFormat } from '../../src/model/record-format';
import { Store } from '../../src/store/store';
import type { WindowOptions } from '../../src/window/options';
import type { WindowUnit } from '../../src/window/units';
import { WindowReader } from '../../src/window/window-reader';
import { WINDOW_SCHEMA } from '../../src/window/window-state';
import { JournalWorld, LIB } from '../journal/world';
import { Dice } from '../support/dice';
import { valuesOf } from '../support/row-values';
import { writeHistory } from './history';
import { EnginePartition } from './in-process';
import { Player } from './player';
import { type Counts, countsOf } from './report';
import { type SeenChange, statesFault } from './states';

export interface WindowRun {
  /** What is wrong with what the window told; empty when it is as the oracle says. */
  readonly faults: readonly string[];
  readonly told: number;
  readonly counts: Counts;
}

const column = (name: string, type: ColumnFormat['type'], length: number, scale = 0): ColumnFormat => ({
  name,
  type,
  length,
  scale,
  ccsid: 37,
  nullable: false,
});

const OPTIONS: WindowOptions = {
  table: { library: LIB, name: 'SHELF' },
  sqlName: { library: LIB, name: 'SHELF' },
  columns: [column('ID', 'INTEGER', 4), column('VAL', 'CHAR', 8), column('TS', 'TIMESTAMP', 26, 6)],
  journaled: true,
  key: ['ID'],
  cursor: { is: 'timestamp', column: 'TS' },
  everyMs: 1,
  overlapMs: 3_600_000,
  marginMs: 0,
  pageRows: 1000,
  start: 'all',
  remember: 'row',
};

export async function runWindowInProcess(seed: number, steps: number): Promise<WindowRun> {
  using world = await JournalWorld.open({ tables: [] });
  await world.sql(
    `CREATE TABLE ${LIB}.SHELF (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) CCSID 37 NOT NULL,
     TS TIMESTAMP NOT NULL FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP)`,
  );
  await world.cl(`STRJRNPF FILE(${LIB}/SHELF) JRN(${LIB}/APPJRN) IMAGES(*BOTH)`);
  using looker = new Looker(world, new Dice(~seed));
  const history = { steps, tables: ['SHELF'], alterations: [], gaps: [], backfills: [], ipl: true, flood: 0 } as const;
  const player = new Player(writeHistory(seed, history), new EnginePartition(world));
  const dice = new Dice(seed * 7);
  while (!player.atEnd) {
    await player.step();
    if (dice.below(4) === 0) await looker.look(true);
    if (dice.below(8) === 0) await looker.compare(true);
  }
  await looker.look(false);
  await looker.compare(false);
  return {
    faults: statesFault(player.oracle, 'SHELF', looker.seen, 'exact'),
    told: looker.seen.length,
    counts: { ...countsOf([player]), looks: looker.looks },
  };
}

/** A daemon's window stage: what it tells is written down beside its state. */
class Looker implements Disposable {
  readonly seen: SeenChange[] = [];
  looks = 0;
  private readonly store = Store.open(':memory:', [WINDOW_SCHEMA]);

  constructor(
    private readonly world: JournalWorld,
    private readonly dice: Dice,
  ) {}

  look(mayDie: boolean): Promise<void> {
    return this.units((reader, signal) => reader.pass(signal), mayDie);
  }

  compare(mayDie: boolean): Promise<void> {
    return this.units((reader, signal) => reader.deletes(signal), mayDie);
  }

  private async units(
    ask: (reader: WindowReader, signal: AbortSignal) => AsyncIterable<WindowUnit>,
    mayDie: boolean,
  ): Promise<void> {
    const { dice, world, store } = this;
    this.looks++;
    const pageRows = dice.one([1, 2, 5, 1000]);
    const at = mayDie && dice.below(3) === 0 ? dice.below(4) : null;
    const connection = world.connect('READER', dice.one([1, 7, 100]));
    const reader = new WindowReader(connection, store, { ...OPTIONS, pageRows });
    let units = 0;
    for await (const unit of ask(reader, new AbortController().signal)) {
      // killed inside the transaction: nothing of it is left
      if (at === units++ && dice.below(2) === 0) break;
      const told = store.transaction(() => {
        const items = [...unit.items()];
        unit.commit();
        return items;
      });
      for (const change of told) {
        if ('kind' in change) throw new Error(`notice ${change.kind}`);
        const row = valuesOf(change.after ?? change.before);
        const value = (source: typeof change.after): string | null =>
          source && String(valuesOf(source)['VAL']).trimEnd();
        this.seen.push({
          op: change.op,
          row: `SHELF ${String(row['ID'])}`,
          before: value(change.before),
          after: value(change.after),
        });
      }
      if (at === units - 1) break;
    }
    await connection.close();
  }

  [Symbol.dispose](): void {
    this.store.close();
  }
}
