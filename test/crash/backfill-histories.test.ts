/**
 * Random histories with backfills in them: changes seen and unseen, backfills repeated, killed with SIGKILL and resumed, beside the
 * daemon and alone. In the end the receiver's copy is the table, each run's events were queued once, and no id means two events.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CopyReceiver } from '../support/copy-receiver';
import { CliProcess } from '../support/daemon-process';
import { Desk } from '../support/desk';
import { Dice } from '../support/dice';

jest.setTimeout(240_000);

class History implements AsyncDisposable {
  private daemon: CliProcess | null = null;
  private next = 1;
  private readonly dice: Dice;

  private constructor(
    private readonly desk: Desk,
    readonly receiver: CopyReceiver,
    seed: number,
  ) {
    this.dice = new Dice(seed);
  }

  static async open(seed: number): Promise<History> {
    const [desk, receiver] = [await Desk.open(), await CopyReceiver.open()];
    await desk.sql('CREATE TABLE ORDLIB.HIST (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(1))');
    desk.write(`policies: { unseenChanges: backfill, start: latest }
tables: { ORDLIB/HIST: { event: hist, onDelete: delete } }
`);
    const webhook = `out: { webhook: { url: "${receiver.url}", signing: none } }`;
    writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('out: { stdout: {} }', webhook));
    const history = new History(desk, receiver, seed);
    await history.journal();
    await history.changes();
    return history;
  }

  journal(): Promise<void> {
    return this.desk.cl('STRJRNPF FILE(ORDLIB/HIST) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  }

  /** Few keys and two values: rows go back to what they were, and come again under keys that were deleted. */
  async changes(): Promise<void> {
    for (let i = 4 + this.dice.below(8); i > 0; i--) {
      const id = 1 + this.dice.below(12);
      const value = this.dice.one(["'A'", "'B'", 'NULL']);
      const what = this.dice.below(3);
      if (what === 0) await this.desk.sql(`DELETE FROM ORDLIB.HIST WHERE ID = ${id}`).catch(() => undefined);
      else if (what === 1)
        await this.desk.sql(`UPDATE ORDLIB.HIST SET V = ${value} WHERE ID = ${id}`).catch(() => undefined);
      else await this.desk.sql(`INSERT INTO ORDLIB.HIST VALUES (${id}, ${value})`).catch(() => undefined);
    }
    await this.desk.sql(`INSERT INTO ORDLIB.HIST VALUES (${100 + this.next++}, 'A')`);
  }

  async unseen(): Promise<void> {
    await this.desk.cl('ENDJRNPF FILE(ORDLIB/HIST)');
    await this.changes();
    await this.journal();
  }

  private process(...args: string[]): CliProcess {
    return new CliProcess([...args, '-c', this.desk.config], { SIM_PASSWORD: this.desk.partition.password });
  }

  async start(): Promise<void> {
    if (this.daemon?.running) return;
    this.daemon = this.process('run');
    await this.daemon.says('reading journal');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.daemon?.kill(signal);
    await this.daemon?.ended;
    this.daemon = null;
  }

  /** Rows the latest job has read, and its state. */
  private job(): { rows: number; state: string } {
    const row = (column: string) => this.desk.value(`SELECT ${column} FROM backfill_job ORDER BY id DESC LIMIT 1`);
    return { rows: Number(row('rows_read') ?? 0), state: String(row('state') ?? '') };
  }

  private async readBeyond(jobs: number, rows: number): Promise<void> {
    await this.desk.until('some rows read', () => {
      if (Number(this.desk.value('SELECT count(*) FROM backfill_job')) <= jobs) return false;
      const { rows: read, state } = this.job();
      return read >= rows || state === 'done';
    });
  }

  /** An operator's backfill; killed on the way, or not. */
  async backfill(alone: boolean, kill: boolean): Promise<void> {
    if (alone) await this.end(this.dice.one(['SIGTERM', 'SIGKILL']));
    else await this.start();
    const jobs = Number(this.desk.value('SELECT count(*) FROM backfill_job'));
    const slow = kill ? ['--rate', '40'] : [];
    const cli = this.process('backfill', '--table', 'ORDLIB/HIST', '--chunk', '2', ...slow);
    if (!kill) {
      expect((await cli.ended).code).toBe(0);
      return;
    }
    await this.readBeyond(jobs, 2);
    if (alone) cli.kill('SIGKILL');
    else await this.end('SIGKILL');
    if (this.dice.next() < 0.5) await this.changes();
    if (alone) {
      await cli.ended;
      expect((await this.process('backfill', '--table', 'ORDLIB/HIST', '--chunk', '2', '--resume').ended).code).toBe(0);
    } else {
      await this.start();
      await cli.ended;
    }
  }

  async step(): Promise<void> {
    const kill = this.dice.next() < 0.6;
    switch (this.dice.below(4)) {
      case 0:
        await this.changes();
        break;
      case 1:
        await this.unseen();
        if (kill) await this.end('SIGKILL');
        break;
      case 2:
        await this.backfill(false, kill);
        break;
      default:
        await this.backfill(true, kill);
    }
    if (this.dice.next() < 0.7) await this.start();
  }

  async settled(): Promise<void> {
    await this.start();
    // an entry after everything: when it has arrived the stream has seen all before it
    const last = 100 + this.next++;
    await this.desk.sql(`INSERT INTO ORDLIB.HIST VALUES (${last}, 'A')`);
    await this.desk.until('the last entry', () => `{"ID":${last}}` in this.receiver.copy('hist'));
    await this.desk.until('no gap', () => this.desk.value('SELECT count(*) FROM journal_gap') === 0);
    await this.desk.until('no job', () => this.open() === 0);
    await this.desk.until('delivered', () => this.desk.value('SELECT count(*) FROM outbox_ready') === 0);
  }

  private open(): unknown {
    return this.desk.value("SELECT count(*) FROM backfill_job WHERE state NOT IN ('done', 'cancelled')");
  }

  async rows(): Promise<Record<string, unknown>> {
    const found: [string, unknown][] = [];
    const result = await this.desk.admin.query('SELECT ID, V FROM ORDLIB.HIST');
    for await (const block of result.blocks())
      for (const [id, v] of block)
        found.push([`{"ID":${id}}`, { ID: Number(id), V: v === null ? null : String(v).trim() }]);
    return Object.fromEntries(found);
  }

  published(): unknown {
    return this.desk.value('SELECT sum(published) FROM backfill_job');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await this.desk[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}

test.each([11, 12, 13])('history %i', async (seed) => {
  await using history = await History.open(seed);
  await history.start();
  for (let i = 0; i < 7; i++) await history.step();
  await history.settled();
  expect(history.receiver.copy('hist')).toEqual(await history.rows());
  expect(history.receiver.contradictions).toEqual([]);
  const backfilled = history.receiver.events.filter(
    (e) => e.data.meta?.mode === 'backfill' && e.type.startsWith('hist.'),
  );
  expect(backfilled).toHaveLength(Number(history.published()));
});
