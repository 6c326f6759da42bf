/** A simulated partition, a configuration over it, and the daemon in this process: what tests of operator commands start from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../../src/config/load';
import { Daemon } from '../../../src/daemon/daemon';
import { checkMapping } from '../../../src/map/plan/check';
import { SimulatedPartition } from '../../../src/simulator/simulated-partition';
import { createLogger } from '../../../src/telemetry/logger';
import { hostServerTransport } from '../../../src/transport/hostserver';
import type { SqlConnection } from '../../../src/transport/transport';
import { partitionYaml } from '../../support/partition-yaml';
import { type CommandRun, runCommand } from '../../support/run-command';

export class Desk implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-desk-'));
  readonly config = join(this.folder, 'ibmi-cdc.yaml');
  /** What destination `out` got. */
  readonly sent: { id: string; type: string; subject: string; data: { meta: { mode: string } } }[] = [];
  log = '';
  private readonly daemons: Daemon[] = [];
  private stopped = false;

  private constructor(
    readonly partition: SimulatedPartition,
    readonly sql: SqlConnection,
  ) {}

  static async open(): Promise<Desk> {
    const partition = await SimulatedPartition.start();
    return new Desk(partition, await connectTo(partition));
  }

  /** A job of its own. */
  connect(): Promise<SqlConnection> {
    return connectTo(this.partition);
  }

  /** @param rest YAML below the partition: destinations, tables, policies */
  write(rest: string): void {
    writeFileSync(
      this.config,
      `version: 1
${partitionYaml(this.partition, { password: '${env:PW}' })}
state: state.sqlite
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }
http: off
${rest}`,
    );
  }

  async start(): Promise<Daemon> {
    const stdout = new PassThrough();
    let rest = '';
    stdout.on('data', (d: Buffer) => {
      const lines = `${rest}${d}`.split('\n');
      rest = lines.pop()!;
      this.sent.push(...lines.map((line) => JSON.parse(line)));
    });
    const log = new PassThrough();
    log.on('data', (d: Buffer) => {
      this.log += d.toString();
    });
    const env = { PW: this.partition.password };
    const daemon = await Daemon.start({
      config: loadConfig(this.config, { env, references: 'require', checkMapping }),
      log: createLogger('info', log),
      stdout,
    });
    this.daemons.push(daemon);
    return daemon;
  }

  command(...args: string[]): CommandRun {
    return runCommand([...args, '-c', this.config], { PW: this.partition.password });
  }

  async cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const run = this.command(...args);
    return { code: await run.done, out: run.out(), err: run.err() };
  }

  async until(what: string, enough: () => boolean): Promise<void> {
    const end = Date.now() + 20_000;
    while (!enough()) {
      if (Date.now() > end) throw new Error(`never: ${what}; log:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The partition is gone. */
  async unplug(): Promise<void> {
    await this.stopDaemons();
    await this.sql.close().catch(() => undefined);
    if (!this.stopped) await this.partition.stop();
    this.stopped = true;
  }

  async stopDaemons(): Promise<void> {
    for (const daemon of this.daemons.splice(0)) await daemon.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function connectTo(partition: SimulatedPartition): Promise<SqlConnection> {
  const { host, user, ports } = partition;
  return hostServerTransport({
    host,
    user,
    password: () => partition.password,
    databasePort: ports.database,
    signonPort: ports.signon,
    tls: 'off',
  }).connect();
}
