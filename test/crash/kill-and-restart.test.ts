/**
 * Repeat, never gap: the daemon is killed with SIGKILL at named moments and at random ones while the order desk works,
 * and started again. What the receiver got is held against the desk's own books and against the partition's journal.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareBooks } from '../../src/cli/demo/books';
import { demoConfig } from '../../src/cli/demo/demo-config';
import { DemoReceiver, type ReceivedEvent } from '../../src/cli/demo/receiver';
import { type DeskChange, OrderDesk } from '../../src/simulator/seed/order-desk';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows, type SqlConnection } from '../../src/transport/transport';
import { READERS, type ReaderKind } from '../journal/world';
import { CliProcess } from '../support/daemon-process';
import { Dice, seedOf } from '../support/dice';

const SECRET = `whsec_${Buffer.from('a secret of twenty-four by').toString('base64')}`;

class World implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-crash-'));
  readonly file = join(this.dir, 'ibmi-cdc.yaml');
  readonly changes: DeskChange[] = [];
  readonly arrivals: ReceivedEvent[] = [];
  readonly receiver = new DemoReceiver(SECRET, (event) => this.arrivals.push(event));
  private connections: SqlConnection[] = [];
  private daemon: CliProcess | null = null;

  private constructor(readonly partition: SimulatedPartition) {}

  static async open(reader: ReaderKind): Promise<World> {
    const world = new World(await SimulatedPartition.start());
    const { host, ports, user, caFile } = world.partition;
    const receiverUrl = await world.receiver.start();
    const [databasePort, signonPort, commandPort] = [ports.databaseTls, ports.signonTls, ports.remoteCommandTls];
    const config = demoConfig({ host, databasePort, signonPort, commandPort, user, caFile, receiverUrl });
    writeFileSync(world.file, config.replace('\njournal:\n', `\njournal:\n${TUNING[reader]}`));
    return world;
  }

  start(crashAt?: string): CliProcess {
    this.daemon = new CliProcess(['run', '-c', this.file], {
      DEMO_PASSWORD: this.partition.password,
      DEMO_SECRET: SECRET,
      ...(crashAt ? { IBMI_CDC_CRASH_AT: crashAt } : {}),
    });
    return this.daemon;
  }

  async connect(): Promise<SqlConnection> {
    const { host, ports, user, password, caFile } = this.partition;
    const transport = hostServerTransport({
      host,
      user,
      password,
      tls: { ca: caFile },
      databasePort: ports.databaseTls,
      signonPort: ports.signonTls,
    });
    const connection = await transport.connect();
    this.connections.push(connection);
    return connection;
  }

  async desk(seed: number): Promise<OrderDesk> {
    const [orders, prices] = [await this.connect(), await this.connect()];
    return new OrderDesk({ orders, prices, seed, onChange: (change) => this.changes.push(change) });
  }

  /** Waits until every committed change has been told, or `ms` have passed. */
  async settled(ms = 30_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (this.receiver.events.size < this.changes.length && Date.now() < deadline) await sleep(20);
  }

  /** Sequence numbers of committed row changes since the desk opened, as the partition's own journal has them. */
  async journalled(after: string): Promise<Set<string>> {
    const connection = await this.connect();
    const rows = await allRows(
      await connection.query(
        `SELECT SEQUENCE_NUMBER AS SEQ, JOURNAL_CODE AS CD, JOURNAL_ENTRY_TYPE AS TY, COMMIT_CYCLE AS CC
           FROM TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => 'ORDLIB', JOURNAL_NAME => 'ORDJRN',
             STARTING_RECEIVER_NAME => '*CURCHAIN', JOURNAL_CODES => 'R,C')) J WHERE SEQUENCE_NUMBER > ?`,
        [after],
      ),
    );
    const committed = new Set(rows.filter((r) => r[1] === 'C' && r[2] === 'CM').map((r) => String(r[3])));
    return new Set(
      rows
        .filter((r) => r[1] === 'R' && ['PT', 'PX', 'UP', 'DL'].includes(String(r[2])))
        .filter((r) => String(r[3]) === '0' || committed.has(String(r[3])))
        .map((r) => String(r[0])),
    );
  }

  async lastSequence(): Promise<string> {
    const connection = await this.connect();
    const rows = await allRows(
      await connection.query(
        `SELECT MAX(SEQUENCE_NUMBER) AS SEQ FROM TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => 'ORDLIB',
           JOURNAL_NAME => 'ORDJRN', STARTING_RECEIVER_NAME => '*CURCHAIN')) J`,
      ),
    );
    return String(rows[0]![0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.daemon?.kill('SIGKILL');
    await this.daemon?.ended;
    for (const connection of this.connections) await connection.close().catch(() => undefined);
    await this.receiver.stop();
    await this.partition[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function expectNothingLost(world: World, after: string): Promise<void> {
  await world.settled();
  const result = compareBooks(world.changes, world.receiver.events.values());
  expect(result).toMatchObject({ lost: 0, invented: 0, outOfOrder: 0, delivered: world.changes.length });
  expect(world.receiver.refused).toBe(0);
  const told = new Set([...world.receiver.events.values()].map((e) => e.data.meta.sequence));
  expect(told).toEqual(await world.journalled(after));
  // one id for one entry: a repeat under another id would have been a second event of the same sequence number
  expect(told.size).toBe(world.receiver.events.size);
}

/** Lines of `journal:`. Several jobs read in ranges of a few entries, so that a kill finds them under way. */
const TUNING: Readonly<Record<ReaderKind, string>> = {
  sql: '  reader: sql\n',
  api: '  reader: api\n',
  jobs: '  reader: api\n  sideBySide: always\n  catchUpJobs: 3\n  maxEntriesPerRead: 24\n  blockBytes: 4096\n',
};

const MOMENTS = ['before-commit:2', 'inside-transaction:2', 'after-commit:2', 'after-offer:2', 'after-offer:5'];

const CASES = READERS.flatMap((reader) => MOMENTS.map((moment) => [moment, reader] as const));

test.each(CASES)('killed at %s by %s: nothing lost, order kept, repeats under the same id', async (crashAt, reader) => {
  await using world = await World.open(reader);
  const after = await world.lastSequence();
  const first = world.start(crashAt);
  await first.says('signed on');
  // the checkpoint of a new state file is written before the first entry is read
  await first.says('reading journal');
  const desk = await world.desk(7);
  while (first.running) {
    await desk.step();
    await sleep(5);
  }
  expect((await first.ended).signal).toBe('SIGKILL');
  for (let i = 0; i < 20; i++) await desk.step();
  world.start();
  for (let i = 0; i < 20; i++) await desk.step();
  await expectNothingLost(world, after);
});

test.each(READERS)(
  'killed at random moments under traffic, again and again, read by %s',
  async (reader) => {
    const seed = seedOf('CRASH_SEED');
    const dice = new Dice(seed);
    await using world = await World.open(reader);
    const after = await world.lastSequence();
    let daemon = world.start();
    await daemon.says('reading journal');
    const desk = await world.desk(seed);
    const stop = new AbortController();
    const traffic = desk.run(150, stop.signal);
    for (let kill = 0; kill < 6; kill++) {
      await sleep(300 + dice.below(900));
      daemon.kill('SIGKILL');
      await daemon.ended;
      daemon = world.start();
    }
    stop.abort();
    await traffic;
    try {
      await expectNothingLost(world, after);
    } catch (error) {
      throw new Error(`CRASH_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  },
  120_000,
);
