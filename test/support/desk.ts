/** A daemon on a simulated partition over the wire, with an administrator's job beside it and the CLI at hand. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import type { ServeApi } from '../../src/daemon/running';
import { checkMapping } from '../../src/map/plan/check';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { openSqlite } from '../../src/sqlite';
import { createLogger } from '../../src/telemetry/logger';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection, SqlTransport } from '../../src/transport/transport';
import { partitionYaml } from './partition-yaml';
import { runCommand } from './run-command';

export interface SentEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: {
    readonly op?: string;
    readonly after?: Record<string, unknown>;
    readonly before?: Record<string, unknown> | null;
    readonly notice?: unknown;
    readonly meta?: Record<string, unknown>;
  };
}

export class Desk implements AsyncDisposable {
  readonly sent: SentEvent[] = [];
  readonly log: Record<string, unknown>[] = [];
  private readonly daemons: Daemon[] = [];
  readonly config: string;
  readonly state: string;

  private constructor(
    readonly partition: SimulatedPartition,
    private readonly transport: SqlTransport,
    readonly admin: SqlConnection,
    readonly folder: string,
  ) {
    this.config = join(folder, 'ibmi-cdc.yaml');
    this.state = join(folder, 'state.sqlite');
  }

  static async open(): Promise<Desk> {
    const partition = await SimulatedPartition.start();
    const transport = hostServerTransport({
      host: partition.host,
      user: partition.user,
      password: () => partition.password,
      databasePort: partition.ports.database,
      signonPort: partition.ports.signon,
      tls: 'off',
    });
    return new Desk(partition, transport, await transport.connect(), mkdtempSync(join(tmpdir(), 'ibmi-cdc-desk-')));
  }

  /** The configuration around `rest`, which has `tables:` and whatever else differs from a quick daemon's. */
  write(rest: string): void {
    const { partition } = this;
    const http = rest.includes('http:') ? '' : 'http: { port: 0 }\n';
    const journal = 'journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }\n';
    writeFileSync(
      this.config,
      `version: 1
${partitionYaml(partition)}
state: state.sqlite
destinations:
  out: { stdout: {} }
${rest.includes('journal:') ? '' : journal}${http}${rest}`,
    );
  }

  /** The configuration as it stands, changed. */
  amend(change: (yaml: string) => string): void {
    writeFileSync(this.config, change(readFileSync(this.config, 'utf8')));
  }

  connect(): Promise<SqlConnection> {
    return this.transport.connect();
  }
  async sql(statement: string): Promise<void> {
    await this.admin.execute(statement);
  }
  async cl(command: string): Promise<void> {
    await this.admin.execute(`CALL QSYS2.QCMDEXC('${command.replaceAll("'", "''")}')`);
  }

  /** A journaled table (ID INTEGER primary key). */
  async table(name: string): Promise<void> {
    await this.sql(`CREATE TABLE ORDLIB.${name} (ID INTEGER NOT NULL PRIMARY KEY)`);
    await this.cl(`STRJRNPF FILE(ORDLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
  }

  async start(
    more: { readonly accept?: boolean; readonly traceWire?: string; readonly api?: ServeApi } = {},
  ): Promise<Daemon> {
    const stdout = lines((line) => this.sent.push(JSON.parse(line) as SentEvent));
    const log = lines((line) => this.log.push(JSON.parse(line) as Record<string, unknown>));
    const env = { SIM_PASSWORD: this.partition.password };
    const daemon = await Daemon.start({
      config: loadConfig(this.config, { env, references: 'require', checkMapping }),
      log: createLogger('info', log),
      stdout,
      ...more,
    });
    this.daemons.push(daemon);
    return daemon;
  }

  async cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const run = runCommand([...args, '-c', this.config], { SIM_PASSWORD: this.partition.password });
    const code = await run.done;
    return { code, out: run.out(), err: run.err() };
  }

  /** The JSON a command prints. */
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const { out } = await this.cli(...args, '--json');
    return JSON.parse(out) as T;
  }

  async until(what: string, enough: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!enough()) {
      if (Date.now() > end) {
        const seen = { types: this.sent.map((e) => `${e.type} ${e.subject}`), log: this.log.slice(-10) };
        throw new Error(`never: ${what}; ${JSON.stringify(seen)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** First column of the first row of a query on the state file. */
  value(sql: string): unknown {
    const db = openSqlite(this.state, { readonly: true });
    try {
      return db.prepare(sql).pluck().get();
    } finally {
      db.close();
    }
  }

  /** Events of one type prefix as `created 1`, in the order they were sent. */
  events(prefix: string): string[] {
    return this.sent
      .filter((e) => e.type?.startsWith(`${prefix}.`))
      .map((e) => `${e.type.slice(prefix.length + 1)} ${e.subject}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.daemons) await daemon.stop();
    await this.admin.close();
    await this.partition.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function lines(take: (line: string) => void): PassThrough {
  const stream = new PassThrough();
  let rest = '';
  stream.on('data', (d: Buffer) => {
    const parts = `${rest}${d}`.split('\n');
    rest = parts.pop()!;
    for (const line of parts) take(line);
  });
  return stream;
}
