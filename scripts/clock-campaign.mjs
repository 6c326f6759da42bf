// @ts-check
// The wall clock set forward and back, by seconds to a day, at random moments while the monotonic clock runs on (libfaketime, Debian
// package faketime), with receivers that fail now and then. The oracle: nothing waits for the clock to catch up. Each change
// committed on the partition must be accepted within a bound of real time, whatever the clock says.
//   npm run build && node scripts/clock-campaign.mjs [--runs N] [--seed N] [--steps N]
// Exit 1 when a run is not clean, 2 without libfaketime.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaign, dice, MAIN } from './campaign/runs.mjs';

const LIBRARY = ['x86_64', 'aarch64']
  .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync);
if (!LIBRARY) {
  console.error('libfaketime is not there: apt-get install faketime');
  process.exit(2);
}
/** Real milliseconds within which a change must have been accepted once its receiver works. */
const BOUND = 20_000;

class Run {
  constructor(seed, partition, connection, first) {
    this.random = dice(seed);
    this.seed = seed;
    this.partition = partition;
    this.connection = connection;
    this.next = first;
    this.first = first;
    this.dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-clock-'));
    this.clock = join(this.dir, 'clock');
    this.committed = new Map();
    this.accepted = new Set();
    this.faults = [];
    this.story = [];
    this.failing = 0;
  }

  /** Seconds the wall clock of the daemon is off. */
  set(seconds) {
    this.story.push(seconds);
    writeFileSync(`${this.clock}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.clock}.new`, this.clock);
  }

  async open() {
    this.set(0);
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        if (this.failing > 0) {
          this.failing--;
          return response.writeHead(500).end();
        }
        const no = String(JSON.parse(body).data.after.no);
        if (Number(no) >= this.first) this.accepted.add(no);
        response.writeHead(204).end();
      });
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', () => done(undefined)));
    const { host, ports, user, caFile } = this.partition;
    writeFileSync(
      join(this.dir, 'cdc.yaml'),
      JSON.stringify({
        version: 1,
        partition: {
          name: 'P',
          host,
          port: ports.databaseTls,
          signonPort: ports.signonTls,
          commandPort: ports.remoteCommandTls,
          user,
          password: '${env:CLOCK_PASSWORD}',
          tls: { ca: caFile },
        },
        state: join(this.dir, 'state', 'cdc.sqlite'),
        journal: { pollInterval: '50ms', maxPollInterval: '500ms' },
        http: 'off',
        destinations: {
          out: {
            webhook: {
              url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.server.address()).port}/`,
              signing: 'none',
              retry: { schedule: Array(40).fill('1s') },
              circuitBreaker: { failures: 1000, probeEvery: '1s' },
            },
          },
        },
        tables: {
          'ORDLIB/ORDHDR': {
            event: 'order',
            key: ['ORDNO'],
            columns: { ORDNO: 'no' },
            onDelete: 'ignore',
            to: ['out'],
          },
        },
      }),
    );
  }

  async start() {
    /** @type {import('node:child_process').ChildProcess & { text?: string, done?: Promise<number | null> }} */
    const child = spawn(process.execPath, [MAIN, 'run', '-c', join(this.dir, 'cdc.yaml')], {
      env: {
        ...process.env,
        CLOCK_PASSWORD: this.partition.password,
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: this.clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.text = '';
    child.stderr.on('data', (chunk) => (child.text += chunk));
    child.done = new Promise((done) => child.once('close', done));
    while (child.exitCode === null && !child.text.includes('reading journal')) await sleep(20);
    this.child = child;
    if (child.exitCode !== null) this.faults.push(`no start: ${child.text.slice(-500)}`);
  }

  async change() {
    const no = String(this.next++);
    this.committed.set(no, performance.now());
    await this.connection.execute(
      `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK, CRTTS, CHGUSR, CHGDAT, CHGTIM) VALUES (?, '100001', '10', 1240229, 0, 'EUR', 12.30, 'R', 'x', CURRENT TIMESTAMP, 'CLOCK', 1240229, 235959)`,
      [no],
    );
  }

  overdue() {
    const now = performance.now();
    return [...this.committed].filter(([no, at]) => !this.accepted.has(no) && now - at > BOUND).map(([no]) => no);
  }

  async play(steps) {
    await this.open();
    await this.start();
    const jumps = [-86_400, -3_600, -600, -30, 0, 30, 3_600, 86_400];
    for (let step = 0; step < steps && this.faults.length === 0; step++) {
      const what = Math.floor(this.random() * 5);
      if (what <= 1) await this.change();
      if (what === 2) this.set(jumps[Math.floor(this.random() * jumps.length)]);
      if (what === 3) this.failing = 1 + Math.floor(this.random() * 3);
      if (what === 4 && this.random() < 0.3) {
        this.story.push('restart');
        await this.stop();
        await this.start();
      }
      await sleep(Math.floor(this.random() * 300));
      if (this.overdue().length > 0) this.faults.push(`not accepted within ${BOUND} ms: ${this.overdue()}`);
    }
    this.failing = 0;
    while (this.faults.length === 0 && this.accepted.size < this.committed.size) {
      await sleep(50);
      if (this.overdue().length > 0) this.faults.push(`not accepted within ${BOUND} ms: ${this.overdue()}`);
    }
    await this.stop();
  }

  async stop() {
    const asked = performance.now();
    this.child.kill('SIGTERM');
    const code = await this.child.done;
    if (code !== 0) this.faults.push(`SIGTERM ended with ${code}: ${this.child.text.slice(-500)}`);
    if (performance.now() - asked > 8_000)
      this.faults.push(`the stop took ${Math.round(performance.now() - asked)} ms`);
  }

  async close() {
    if (this.child?.exitCode === null) this.child.kill('SIGKILL');
    await this.child?.done;
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

await campaign(Run);
