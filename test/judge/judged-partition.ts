/** A partition with its library and one connected JTOpen: what suites of statements judged by the driver share. */
import { SimulatedPartition, type SimulatedPartitionOptions } from '../../src/simulator/simulated-partition';
import { Judge, type JudgeRows } from './jtopen';

export interface JudgedPartition extends AsyncDisposable {
  readonly partition: SimulatedPartition;
  readonly judge: Judge;
  query(sql: string, params?: unknown[]): Promise<JudgeRows>;
  update(sql: string): Promise<{ count: number; warning?: { message: string; state: string; code: number } | null }>;
  /** Another connection, `c` in the operations of the judge. */
  connect(c: string, props?: Record<string, string>, user?: string, password?: string): Promise<void>;
}

export async function judgedPartition(jar: string, options: SimulatedPartitionOptions = {}): Promise<JudgedPartition> {
  const partition = await SimulatedPartition.start(options);
  const judge = Judge.start({ jar });
  const { signon, database } = partition.ports;
  const connect: JudgedPartition['connect'] = (c, props = {}, user = partition.user, password = partition.password) =>
    judge.run('connect', { c, host: '127.0.0.1', user, password, props });
  const end = async (): Promise<void> => {
    await judge.stop();
    await partition.stop();
  };
  try {
    await judge.run('ports', { host: '127.0.0.1', signon, database });
    await connect('c');
  } catch (error) {
    await end();
    throw error;
  }
  return {
    partition,
    judge,
    connect,
    query: (sql, params) => judge.run('query', { sql, ...(params ? { params } : {}) }),
    update: (sql) => judge.run('update', { sql }),
    [Symbol.asyncDispose]: end,
  };
}
