/** One history on its way: what is played of it, and what has been told. */
import { type HistoryOptions, type Table, writeHistory } from './history';
import type { JtopenPartition } from './jtopen-partition';
import { Player } from './player';
import type { Arrival, HistoryReceiver } from './receiver';

const OPTIONS: HistoryOptions = {
  steps: 120,
  tables: ['STOCK', 'ORDERS', 'LOOSE'],
  alterations: ['append', 'before', 'drop', 'widen'],
  gaps: [],
  backfills: [],
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

  /** Everything committed so far has arrived, or more than that. */
  get told(): boolean {
    const told = this.arrivals.filter((a) => a.data.op || a.type === 'table.cleared').length;
    return told >= this.player.oracle.committed.length;
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
