// @ts-check
// A table under constant changes while it is reconciled, and differences planted while nothing was seen. The oracle is a plain list of
// what was planted: each of them must be found, as what it is, and nothing else. Every third run repairs, and is compared again.
//   npm run build && node scripts/reconcile-campaign.mjs [--runs N] [--seed N] [--steps N]
// Exit 1 when a run is not clean.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { campaign, dice } from './campaign/runs.mjs';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const { Daemon } = require(join(dist, 'daemon/daemon.js'));
const { loadConfig } = require(join(dist, 'config/load.js'));
const { createLogger } = require(join(dist, 'telemetry/logger.js'));
const { runCli } = require(join(dist, 'cli/program.js'));

/** Changes a second beside each comparison, over all runs. */
const rates = [];
process.once('exit', () => {
  const sorted = rates.map(Math.round).sort((a, b) => a - b);
  if (sorted.length > 0)
    process.stderr.write(
      `changes/s beside a comparison: ${sorted[0]} to ${sorted.at(-1)}, median ${sorted[sorted.length >> 1]}\n`,
    );
});

/** Rows at the beginning; the lower half is busy, the upper one quiet, where differences are planted. */
const ROWS = 60;

class Run {
  constructor(seed, partition, connection, first) {
    this.random = dice(seed);
    this.seed = seed;
    this.partition = partition;
    this.connection = connection;
    this.next = first + 1;
    this.name = `R${first}`;
    this.dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-reconcile-'));
    this.config = join(this.dir, 'ibmi-cdc.yaml');
    this.committed = new Map();
    this.faults = [];
    this.story = [];
    this.events = 0;
    this.changes = 0;
    this.busy = false;
  }

  sql(text) {
    this.committed.set(this.committed.size, text);
    return this.connection.execute(text);
  }

  cl(command) {
    return this.connection.execute(`CALL QSYS2.QCMDEXC('${command.replaceAll("'", "''")}')`);
  }

  below(n) {
    return Math.floor(this.random() * n);
  }

  async open() {
    const { partition: p, name } = this;
    await this.connection.execute(
      `CREATE TABLE ORDLIB.${name} (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(12) NOT NULL, N DECIMAL(9, 2))`,
    );
    await this.journal(true);
    writeFileSync(
      this.config,
      `version: 1
partition: { name: SIM, host: ${p.host}, port: ${p.ports.database}, signonPort: ${p.ports.signon}, user: ${p.user}, password: "\${env:SIM_PASSWORD}", tls: off }
state: state.sqlite
http: off
destinations: { out: { stdout: {} } }
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }
policies: { unseenChanges: alert }
tables: { ORDLIB/${name}: { event: row, onDelete: delete } }
`,
    );
    for (let id = 1; id <= ROWS; id++) await this.sql(`INSERT INTO ORDLIB.${name} VALUES (${id}, 'a', ${id}.5)`);
    await this.start();
    await this.command('backfill', '--table', `ORDLIB/${name}`);
    await this.settled(ROWS);
  }

  journal(on) {
    const file = `FILE(ORDLIB/${this.name})`;
    return this.cl(on ? `STRJRNPF ${file} JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)` : `ENDJRNPF ${file}`);
  }

  env() {
    return { SIM_PASSWORD: this.partition.password };
  }

  async start() {
    const stdout = new PassThrough();
    stdout.on('data', (d) => {
      this.events += d.toString().split('\n').length - 1;
    });
    const config = loadConfig(this.config, { env: this.env(), references: 'require' });
    this.daemon = await Daemon.start({ config, log: createLogger('silent', new PassThrough().resume()), stdout });
  }

  async settled(events) {
    const end = Date.now() + 60_000;
    while (this.events < events && Date.now() < end) await sleep(20);
    if (this.events < events) throw new Error(`${this.events} of ${events} events`);
  }

  /** Changes that are seen: updates of a few rows again and again, inserts, deletes, rows that come back. */
  async traffic() {
    const lives = new Set();
    let next = 1000;
    while (this.busy) {
      const id = 1 + this.below(ROWS / 2);
      const dice = this.random();
      this.changes++;
      if (dice < 0.5) {
        // as a program does that goes through a file
        const last = Math.min(ROWS / 2, id + this.below(ROWS / 2));
        this.changes += last - id;
        await this.sql(
          `UPDATE ORDLIB.${this.name} SET V = 'b${this.below(100000)}' WHERE ID BETWEEN ${id} AND ${last}`,
        );
      } else if (dice < 0.7)
        await this.sql(`UPDATE ORDLIB.${this.name} SET V = 'b${this.below(100000)}' WHERE ID = ${id}`);
      else if (dice < 0.85 || lives.size === 0) {
        lives.add(next);
        await this.sql(`INSERT INTO ORDLIB.${this.name} VALUES (${next++}, 'n', 1)`);
      } else {
        const [gone] = lives;
        lives.delete(gone);
        await this.sql(`DELETE FROM ORDLIB.${this.name} WHERE ID = ${gone}`);
      }
    }
  }

  /** While nothing is journaled; the quiet half of the rows and keys nobody uses. */
  async plant(count) {
    const planted = new Map();
    await this.journal(false);
    for (let i = 0; i < count; i++) {
      const id = ROWS / 2 + 1 + this.below(ROWS / 2);
      const what = this.below(3);
      if (what === 2) {
        const fresh = 500 + i;
        planted.set(fresh, 'missing');
        await this.sql(`INSERT INTO ORDLIB.${this.name} VALUES (${fresh}, 'p', NULL)`);
      } else if (!planted.has(id)) {
        planted.set(id, what === 0 ? 'different' : 'extra');
        const sql =
          what === 0
            ? `UPDATE ORDLIB.${this.name} SET N = -${i + 1} WHERE ID = ${id}`
            : `DELETE FROM ORDLIB.${this.name} WHERE ID = ${id}`;
        await this.sql(sql);
      }
    }
    await this.journal(true);
    this.story.push([...planted].map(([id, kind]) => `${id}:${kind}`).join(' '));
    return planted;
  }

  async command(...args) {
    const said = { out: '', err: '' };
    const stream = (name) => new PassThrough().on('data', (d) => (said[name] += d.toString()));
    const io = {
      stdin: new PassThrough(),
      stdout: stream('out'),
      stderr: stream('err'),
      env: this.env(),
      exit: () => undefined,
    };
    await runCli([...args, '--json', '-c', this.config], io);
    await sleep(1);
    if (said.out === '') throw new Error(said.err);
    return said.out
      .split('\n')
      .filter(Boolean)
      .map((l) => JSON.parse(l));
  }

  async reconcile(...args) {
    const lines = await this.command('reconcile', '--table', `ORDLIB/${this.name}`, '--list', ...args);
    return new Map(lines.slice(0, -1).map((l) => [l.key.ID, l.kind]));
  }

  compare(what, found, planted) {
    for (const [id, kind] of planted)
      if (found.get(id) !== kind) this.faults.push(`${what}: ${id} is ${kind}, found ${found.get(id) ?? 'nothing'}`);
    for (const [id, kind] of found) if (!planted.has(id)) this.faults.push(`${what}: false alarm ${id} ${kind}`);
  }

  async play(steps) {
    await this.open();
    const planted = await this.plant(1 + this.below(Math.max(1, steps)));
    this.busy = true;
    const [began, before] = [performance.now(), this.changes];
    const traffic = this.traffic();
    try {
      await sleep(this.below(100));
      this.compare('busy', await this.reconcile(), planted);
      if (this.seed % 3 === 0) {
        this.compare('repair', await this.reconcile('--repair'), planted);
        this.compare('repaired', await this.reconcile(), new Map());
      }
    } finally {
      this.busy = false;
      rates.push(((this.changes - before) * 1000) / (performance.now() - began));
      await traffic;
    }
  }

  async close() {
    await this.daemon?.stop();
    await this.connection.execute(`DROP TABLE ORDLIB.${this.name}`).catch(() => undefined);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

await campaign(Run);
