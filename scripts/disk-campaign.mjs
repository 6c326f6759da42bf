// @ts-check
// What disks do to a state file, run for run from a seed: a small file system that is full at random moments, SIGKILL, old
// copies restored, or written over the file in place, logs cut or lost, letters flipped in stored payloads. The oracle is the
// receiver: whatever was committed on the partition must be accepted in the end, and nothing may arrive with a content that was
// never there.
//   npm run build && node scripts/disk-campaign.mjs [--runs N] [--seed N] [--steps N]
// Exit 1 when a run is not clean. Needs root for the small file system; without it the disk is never full.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaign, dice, MAIN } from './campaign/runs.mjs';

const require = createRequire(import.meta.url);
const { openSqlite } = require('../dist/sqlite.js');

class Run {
  constructor(seed, partition, connection, first) {
    this.seed = seed;
    this.random = dice(seed);
    this.partition = partition;
    this.connection = connection;
    this.next = first;
    this.first = first;
    this.dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-disk-'));
    this.disk = join(this.dir, 'state');
    this.state = join(this.disk, 'cdc.sqlite');
    this.committed = new Map();
    this.accepted = new Map();
    this.faults = [];
    this.story = [];
    this.up = true;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  async open() {
    mkdirSync(this.disk);
    this.small =
      process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', this.disk]).status === 0;
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        if (!this.up) return response.writeHead(503).end();
        this.take(JSON.parse(body));
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
          password: '${env:DISK_PASSWORD}',
          tls: { ca: caFile },
        },
        state: this.state,
        journal: { pollInterval: '50ms', maxPollInterval: '100ms' },
        http: 'off',
        destinations: {
          out: {
            webhook: {
              url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.server.address()).port}/`,
              signing: 'none',
              retry: { schedule: Array(60).fill('200ms') },
              circuitBreaker: { failures: 1000, probeEvery: '200ms' },
            },
          },
        },
        tables: {
          'ORDLIB/ORDHDR': {
            event: 'order',
            key: ['ORDNO'],
            columns: { ORDNO: 'no', REMARK: 'remark' },
            onDelete: 'ignore',
            to: ['out'],
          },
        },
      }),
    );
  }

  take(event) {
    const { no, remark } = event.data.after;
    if (Number(no) < this.first) return;
    if (this.committed.get(String(no)) !== remark) this.faults.push(`order ${no} arrived as ${JSON.stringify(remark)}`);
    this.accepted.set(String(no), remark);
  }

  async start() {
    /** @type {import('node:child_process').ChildProcess & { text?: string, done?: Promise<number | null> }} */
    const child = spawn(process.execPath, [MAIN, 'run', '-c', join(this.dir, 'cdc.yaml')], {
      env: { ...process.env, DISK_PASSWORD: this.partition.password },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.text = '';
    child.stderr.on('data', (chunk) => (child.text += chunk));
    child.done = new Promise((done) => child.once('close', (code) => done(code)));
    while (child.exitCode === null && child.signalCode === null && !child.text.includes('reading journal'))
      await sleep(20);
    this.child = child;
  }

  get alive() {
    return this.child && this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal) {
    if (!this.alive) return;
    this.child.kill(signal);
    const code = await this.child.done;
    if (signal === 'SIGTERM' && code !== 0)
      this.faults.push(`SIGTERM ended with ${code}: ${this.child.text.slice(-300)}`);
    this.judge(code);
  }

  /** Whatever happens to a disk: never a bug, never another daemon. */
  judge(code) {
    if (code === 1 || /bug:|STORE_IN_USE/.test(this.child.text))
      this.faults.push(`ended with ${code}: ${this.child.text.slice(-600)}`);
  }

  async change() {
    const count = 1 + Math.floor(this.random() * 8);
    for (let i = 0; i < count; i++) {
      const no = String(this.next++);
      const remark = `remark ${no} y${'x'.repeat(Math.floor(this.random() * 20))}`;
      this.committed.set(no, remark);
      await this.connection.execute(
        `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK, CRTTS, CHGUSR, CHGDAT, CHGTIM) VALUES (?, '100001', '10', 1240229, 0, 'EUR', 12.30, 'R', ?, CURRENT TIMESTAMP, 'DISK', 1240229, 235959)`,
        [no, remark],
      );
    }
  }

  fill() {
    if (!this.small) return;
    const { bavail, bsize } = statfsSync(this.disk);
    try {
      writeFileSync(
        join(this.disk, 'ballast'),
        Buffer.alloc(Math.max(0, Math.floor(bavail * bsize * (0.9 + 0.1 * this.random()))), 1),
      );
    } catch {}
  }

  files() {
    return ['', '-wal'].filter((end) => existsSync(this.state + end));
  }

  copy() {
    for (const end of ['', '-wal', '.mark']) rmSync(join(this.dir, `copy${end}`), { force: true });
    for (const end of [...this.files(), '.mark']) copyFileSync(this.state + end, join(this.dir, `copy${end}`));
  }

  restore() {
    if (!existsSync(join(this.dir, 'copy'))) return;
    for (const end of ['', '-wal', '-shm']) rmSync(this.state + end, { force: true });
    for (const end of ['', '-wal'])
      if (existsSync(join(this.dir, `copy${end}`))) copyFileSync(join(this.dir, `copy${end}`), this.state + end);
  }

  /** The old copy over what is there: the same things on the disk, with or without what lies beside the file. */
  over() {
    if (!existsSync(join(this.dir, 'copy'))) return;
    for (const end of ['', '-wal', '.mark']) {
      if (end !== '' && this.random() < 0.4) continue;
      const from = join(this.dir, `copy${end}`);
      if (existsSync(from)) writeFileSync(this.state + end, readFileSync(from));
      else rmSync(this.state + end, { force: true });
    }
    rmSync(`${this.state}-shm`, { force: true });
  }

  /** Letters of remarks in stored pages. */
  flip() {
    const db = openSqlite(this.state);
    try {
      const rows = /** @type {{ first: number, data: Buffer }[]} */ (
        db.prepare('SELECT first, data FROM outbox_page ORDER BY first DESC LIMIT 5').all()
      );
      for (const { first, data } of rows) {
        const at = data.indexOf('remark ');
        if (at < 0) continue;
        data[at + Math.floor(this.random() * 6)] ^= 1 << Math.floor(this.random() * 5);
        db.prepare('UPDATE outbox_page SET data = ? WHERE first = ?').run(data, first);
      }
    } catch {
    } finally {
      db.close();
    }
  }

  cutLog() {
    const log = `${this.state}-wal`;
    if (!existsSync(log)) return;
    if (this.random() < 0.3) rmSync(log);
    else truncateSync(log, Math.floor(statSync(log).size * this.random()));
  }

  /** A start that refuses is answered as an operator would. */
  async startAgain() {
    await this.start();
    if (this.alive) return;
    const code = await this.child.done;
    this.judge(code);
    if (code === 4 && /resume --state accept/.test(this.child.text)) {
      this.story.push('accepted');
      const said = spawnSync(
        process.execPath,
        [MAIN, 'resume', '--state', 'accept', '-c', join(this.dir, 'cdc.yaml')],
        {
          env: { ...process.env, DISK_PASSWORD: this.partition.password },
          encoding: 'utf8',
        },
      );
      if (said.status !== 0) this.faults.push(`accept ended with ${said.status}: ${said.stderr}`);
      if (/begins anew/.test(said.stdout)) this.faults.push('a file that was used was empty');
      await this.start();
    } else if (code === 3) {
      rmSync(join(this.disk, 'ballast'), { force: true });
      await this.start();
    }
    if (!this.alive) this.faults.push(`no start: ${await this.child.done} ${this.child.text.slice(-600)}`);
  }

  async play(steps) {
    await this.open();
    await this.start();
    if (!this.alive) return this.faults.push(`first start: ${this.child.text}`);
    for (let step = 0; step < steps && this.faults.length === 0; step++) {
      const what = this.pick([
        'change',
        'change',
        'change',
        'down',
        'up',
        'full',
        'room',
        'kill',
        'stop',
        'copy',
        'restore',
        'over',
        'cut',
        'flip',
      ]);
      this.story.push(what);
      await this.step(what);
      await sleep(Math.floor(this.random() * 150));
    }
    await this.settle();
  }

  async step(what) {
    if (what === 'change') await this.change();
    if (what === 'down') this.up = false;
    if (what === 'up') this.up = true;
    if (what === 'full') this.fill();
    if (what === 'room') rmSync(join(this.disk, 'ballast'), { force: true });
    if (!['kill', 'stop', 'copy', 'restore', 'over', 'cut', 'flip'].includes(what)) return;
    rmSync(join(this.disk, 'ballast'), { force: true });
    await this.end(['stop', 'copy'].includes(what) ? 'SIGTERM' : 'SIGKILL');
    if (what === 'copy') this.copy();
    if (what === 'restore') this.restore();
    if (what === 'over') this.over();
    if (what === 'cut') this.cutLog();
    if (what === 'flip') this.flip();
    await this.startAgain();
  }

  async settle() {
    this.up = true;
    rmSync(join(this.disk, 'ballast'), { force: true });
    if (!this.alive && this.faults.length === 0) await this.startAgain();
    const until = performance.now() + 60_000;
    while (this.faults.length === 0 && this.accepted.size < this.committed.size && performance.now() < until)
      await sleep(50);
    const missing = [...this.committed.keys()].filter((no) => !this.accepted.has(no));
    if (missing.length > 0)
      this.faults.push(
        `never accepted: ${missing.slice(0, 5).join(', ')} of ${missing.length}; ${this.child.text.slice(-800)}`,
      );
    await this.end('SIGTERM');
  }

  async close() {
    if (this.alive) this.child.kill('SIGKILL');
    await this.child?.done;
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    if (this.small) spawnSync('umount', ['-l', this.disk]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

await campaign(Run);
