/**
 * A history on the simulated partition's SQL engine, without a wire, read by a reader whose transactions are cut off at
 * random: the quick form, for thousands of histories.
 */
import { SqlError } from '../../src/errors/coded-error';
import { APPJRN, JournalWorld, LIB, READERS } from '../journal/world';
import { Dice } from '../support/dice';
import type { EngineConnection } from '../support/engine-connection';
import { type Commitment, type Table, writeHistory } from './history';
import type { Committed } from './oracle';
import { type HistoryJob, type HistoryPartition, Player } from './player';
import { type Counts, countsOf } from './report';

/** Those the world's reader captures. */
const TABLES: readonly Table[] = ['STOCK', 'ORDERS'];

export interface InProcessRun extends Disposable {
  readonly world: JournalWorld;
  /** What was committed, in commit order: the oracle. */
  readonly committed: readonly string[];
  /** What the reader published, in order. */
  readonly published: readonly string[];
  readonly counts: Counts;
}

/** `mixed`: each look is one or the other, as after a change of the configuration. */
export const HISTORY_READERS = [...READERS, 'mixed'] as const;
type HistoryReader = (typeof HISTORY_READERS)[number];

export async function runInProcess(seed: number, steps: number, reader: HistoryReader = 'sql'): Promise<InProcessRun> {
  const world = await JournalWorld.open({ tables: [], reader: reader === 'mixed' ? 'api' : reader });
  for (const table of TABLES) await world.keyedTable(table);
  const player = new Player(
    // the world's books know VAL by its place
    writeHistory(seed, {
      steps,
      tables: TABLES,
      alterations: ['append'],
      gaps: [],
      backfills: [],
      ipl: true,
      flood: 0,
    }),
    new EnginePartition(world),
  );
  const dice = new Dice(~seed);
  while (!player.atEnd) {
    await player.step();
    if (dice.below(5) === 0) await readSome(world, dice, reader);
  }
  await world.read();
  return {
    world,
    committed: player.oracle.committed.map(text),
    published: world.published().filter((p) => /^(insert|update|delete|table.cleared) /.test(p)),
    counts: countsOf([player]),
    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

/** A look at the journal that may be cut off before or after any of its transactions. */
async function readSome(world: JournalWorld, dice: Dice, reader: HistoryReader): Promise<void> {
  const at = dice.below(4);
  const kill = dice.one([{}, {}, { killBefore: at }, { killAfter: at + 1 }]);
  const windowEntries = dice.one([2, 10, 1_000_000]);
  const heldEntries = dice.one([1, 5, 50_000]);
  const filter = dice.one(['client', 'server'] as const);
  await world.read(
    { windowEntries, heldEntries, filter },
    {
      blockRows: dice.one([1, 2, 7, 100]),
      ...kill,
      ...(reader === 'mixed' ? { reader: dice.one(READERS) } : {}),
    },
  );
}

/** As `JournalWorld.published` has it: `update STOCK 7=v1>7=v2`. */
function text({ row, before, after }: Committed): string {
  const [table, id] = row.split(' ');
  if (!id) return `table.cleared ${table}`;
  const op = before === null ? 'insert' : after === null ? 'delete' : 'update';
  const image = (value: string | null): string => (value === null ? '-' : `${id}=${value}`);
  return `${op} ${table} ${image(before)}>${image(after)}`;
}

export class EnginePartition implements HistoryPartition {
  readonly library = LIB;
  readonly journal = `${APPJRN.library}/${APPJRN.name}`;

  constructor(private readonly world: JournalWorld) {}

  get administrator(): HistoryJob {
    return new EngineJob(this.world.admin, 'none');
  }

  async job(commitment: Commitment): Promise<HistoryJob> {
    const connection = commitment === 'none' ? this.world.connect() : await this.world.worker();
    return new EngineJob(connection, commitment);
  }

  ipl(): Promise<void> {
    return this.world.ipl();
  }

  mayAlter(): boolean {
    return true;
  }
}

class EngineJob implements HistoryJob {
  constructor(
    private readonly connection: EngineConnection,
    private readonly commitment: Commitment,
  ) {}

  async run(sql: string): Promise<number | null> {
    try {
      const { rowsAffected } = await this.connection.execute(sql);
      if (this.commitment === 'each') await this.connection.commit();
      return rowsAffected;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (this.commitment === 'each') await this.connection.rollback();
      return null;
    }
  }

  async savepoint(name: string): Promise<void> {
    await this.connection.execute(`SAVEPOINT ${name} ON ROLLBACK RETAIN CURSORS`);
  }

  async rollbackTo(name: string): Promise<void> {
    await this.connection.execute(`ROLLBACK TO SAVEPOINT ${name}`);
  }

  async release(name: string): Promise<void> {
    await this.connection.execute(`RELEASE SAVEPOINT ${name}`);
  }

  commit(): Promise<void> {
    return this.connection.commit();
  }

  rollback(): Promise<void> {
    return this.connection.rollback();
  }

  end(): Promise<void> {
    return this.connection.close();
  }
}
