/** One history on its way: what is played of it, and what has been told. */
import { type HistoryOptions, type Table, writeHistory } from './history';
import type { JtopenPartition } from './jtopen-partition';
import { Player } from './player';
import type { Arrival, HistoryReceiver } from './receiver';
import { isChange, isLooked, rowOf, tableOf } from './verdict';

const OPTIONS: HistoryOptions = {
  steps: 150,
  tables: ['STOCK', 'ORDERS', 'LOOSE', 'SHELF', 'GAPPY', 'RELOAD', 'NIGHTLY', 'PRICED', 'NAMES'],
  alterations: ['append', 'before', 'drop', 'widen'],
  gaps: ['GAPPY'],
  backfills: ['STOCK', 'GAPPY', 'RELOAD'],
  ipl: false,
  flood: 1100,
};

export class Tale {
  readonly player: Player;

  constructor(
    readonly seed: number,
    readonly partition: JtopenPartition,
    private readonly receiver: HistoryReceiver,
  ) {
    this.player = new Player(writeHistory(seed, OPTIONS), partition);
    partition.mayAlter = (table) => this.knows(table);
  }

  get arrivals(): readonly Arrival[] {
    return this.receiver.arrivals(this.partition.library);
  }

  /** Everything committed so far has arrived, or more than that, of the tables that tell each change. */
  get told(): boolean {
    const told = this.arrivals.filter(
      (a) => !isLooked(tableOf(a)) && (isChange(a) || a.type === 'table.cleared'),
    ).length;
    return told >= this.player.oracle.committed.filter((c) => !isLooked(c.row.split(' ')[0]!)).length;
  }

  /** The others have told the state they are in, too. */
  get settled(): boolean {
    if (!this.told) return false;
    const { oracle } = this.player;
    const last = new Map<string, string | null>();
    for (const a of this.arrivals) if (a.data.op && isLooked(tableOf(a))) last.set(rowOf(a), a.data.after?.VAL ?? null);
    const rows = [...oracle.states.keys()].filter((row) => isLooked(row.split(' ')[0]!));
    return rows.every((row) => (last.get(row) ?? null) === oracle.settled(row));
  }

  /** Told of a value that waits for a commit nobody has asked for yet. */
  isEarly({ data }: Arrival): boolean {
    const row = `${data.meta.table.split('/')[1]} ${data.after?.ID}`;
    return data.after ? this.player.oracle.isHeld(row, data.after.VAL) : false;
  }

  /** The daemon has seen the layout that is valid now: one that nobody saw while it was valid cannot be known later. */
  private knows(table: Table): boolean {
    const mine = this.arrivals.filter((a) => a.data.meta.table === `${this.partition.library}/${table}`);
    const seen = mine.filter((a) => a.type === 'schema.changed').length;
    return mine.length > 0 && seen === (this.player.done.get(`alters ${table}`) ?? 0);
  }
}
