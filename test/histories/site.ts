/** What many campaigns share: a simulated partition in a process of its own, and a JVM with IBM's driver. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUNDLED_JTOPEN, Judge, newestJtopen } from '../judge/jtopen';
import { CliProcess } from '../support/daemon-process';
import { JtopenPartition } from './jtopen-partition';

/** The line `ibmi-cdc simulate` prints. */
export interface PartitionPlace {
  readonly host: string;
  readonly ports: {
    readonly signon: number;
    readonly signonTls: number;
    readonly database: number;
    readonly databaseTls: number;
    readonly remoteCommandTls: number;
  };
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
}

export const JTOPEN = existsSync(newestJtopen()) ? newestJtopen() : BUNDLED_JTOPEN;

export class HistorySite implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-histories-'));

  private constructor(
    private readonly simulator: CliProcess,
    private readonly judge: Judge,
    readonly partition: PartitionPlace,
  ) {}

  static async open(): Promise<HistorySite> {
    const simulator = new CliProcess(['simulate', '--any-ports', '--no-seed']);
    await simulator.says('"ready":true');
    const ready = JSON.parse(simulator.output.trim()) as PartitionPlace;
    const judge = Judge.start({ jar: JTOPEN });
    const { host, ports } = ready;
    await judge.run('ports', { host, signon: ports.signon, database: ports.database });
    return new HistorySite(simulator, judge, ready);
  }

  library(name: string): JtopenPartition {
    const { host, user, password } = this.partition;
    return new JtopenPartition(this.judge, { host, user, password }, name);
  }

  /** Ends every job of the partition and waits until it can be signed on to again. */
  async endJobs(how: 'restart' | 'drop-connections'): Promise<void> {
    const c = 'end-jobs';
    const { host, user, password } = this.partition;
    await this.judge.run('connect', { host, user, password, c });
    // the answer may be cut off by what it was asked for
    await this.judge.run('update', { c, sql: `CALL SIMULATOR.FAULT('${how}')` }).catch(() => undefined);
    while (await this.answers(c));
    while (!(await this.signsOn('signed-on'))) await sleep(10);
    await this.judge.run('close', { c: 'signed-on' });
  }

  private answers(c: string): Promise<boolean> {
    return this.judge.run('query', { c, sql: 'VALUES 1' }).then(
      () => true,
      () => false,
    );
  }

  private signsOn(c: string): Promise<boolean> {
    const { host, user, password } = this.partition;
    return this.judge.run('connect', { host, user, password, c }).then(
      () => true,
      () => false,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.judge.stop();
    this.simulator.kill('SIGTERM');
    await this.simulator.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
