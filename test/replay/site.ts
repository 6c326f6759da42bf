/**
 * Two daemons over one journal: one that followed it, lost what it had sent and replays, and one that reads it from the
 * beginning with a state file of its own. What the first sends again must be what the second sends.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { openSqlite } from '../../src/sqlite';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection, SqlTransport } from '../../src/transport/transport';
import { CliProcess } from '../support/daemon-process';
import { partitionYaml } from '../support/partition-yaml';
import { runCommand } from '../support/run-command';

export interface Got {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly op?: string;
    readonly key?: unknown;
    readonly after?: unknown;
    readonly before?: unknown;
    readonly changed?: unknown;
    readonly meta: Record<string, unknown>;
  };
}

/** What must be equal of two events: all but how it was captured and how often it was tried. */
export function said({ id, type, subject, time, data }: Got): unknown {
  const { mode: _mode, attempt: _attempt, ...meta } = data.meta;
  return { id, type, subject, time, data: { ...data, meta } };
}

/** By table and key, in the order of arrival: keys are sent side by side. Marks of the tests are left out. */
export function byKey(events: readonly Got[]): Record<string, unknown[]> {
  const lists: Record<string, unknown[]> = {};
  for (const event of once(events)) {
    if (event.type.startsWith('mark.')) continue;
    const key = `${String(event.data.meta['table'])} ${event.subject}`;
    lists[key] ??= [];
    lists[key].push(said(event));
  }
  return Object.fromEntries(Object.entries(lists).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Each id once, as it came first. */
export function once(events: readonly Got[]): Got[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}

export class ReplaySite implements AsyncDisposable {
  /** By path of the receiver. */
  private readonly received = new Map<string, Got[]>();
  private readonly daemons: Daemon[] = [];
  readonly log: string[] = [];

  private constructor(
    readonly partition: SimulatedPartition,
    private readonly transport: SqlTransport,
    readonly admin: SqlConnection,
    private readonly server: Server,
    private readonly folder: string,
  ) {
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (d: Buffer) => parts.push(d));
      request.on('end', () => {
        this.at(request.url!.slice(1)).push(JSON.parse(Buffer.concat(parts).toString('utf8')) as Got);
        response.writeHead(204).end();
      });
    });
  }

  static async open(): Promise<ReplaySite> {
    const partition = await SimulatedPartition.start();
    const transport = hostServerTransport({
      host: partition.host,
      user: partition.user,
      password: () => partition.password,
      databasePort: partition.ports.database,
      signonPort: partition.ports.signon,
      tls: 'off',
    });
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-replay-'));
    return new ReplaySite(partition, transport, await transport.connect(), server, folder);
  }

  /** What a receiver got, in order. */
  at(path: string): Got[] {
    let got = this.received.get(path);
    if (!got) {
      got = [];
      this.received.set(path, got);
    }
    return got;
  }

  private file(name: string): string {
    return join(this.folder, `${name}.yaml`);
  }

  state(name: string): string {
    return join(this.folder, `${name}.sqlite`);
  }

  /** @param destinations name to options beside the webhook's URL; the URL's path is the name with the configuration's before it */
  write(name: string, destinations: Readonly<Record<string, string>>, rest: string): void {
    const port = (this.server.address() as AddressInfo).port;
    const lines = Object.entries(destinations).map(
      ([d, more]) => `  ${d}: { ${more}webhook: { url: "http://127.0.0.1:${port}/${name}-${d}", signing: none } }\n`,
    );
    writeFileSync(
      this.file(name),
      `version: 1
${partitionYaml(this.partition)}
state: ${name}.sqlite
http: off
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms, blockBytes: 4096, maxEntriesPerRead: 40 }
destinations:
${lines.join('')}${rest}`,
    );
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

  async journaled(table: string, columns: string): Promise<void> {
    await this.sql(`CREATE TABLE ORDLIB.${table} (${columns})`);
    await this.cl(`STRJRNPF FILE(ORDLIB/${table}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
  }

  async start(name: string): Promise<Daemon> {
    const log = new PassThrough();
    let reads = false;
    log.on('data', (d: Buffer) => {
      this.log.push(d.toString());
      reads ||= d.toString().includes('"reading journal');
    });
    const env = { SIM_PASSWORD: this.partition.password };
    const daemon = await Daemon.start({
      config: loadConfig(this.file(name), { env, references: 'require', checkMapping }),
      log: createLogger('info', log),
      stdout: new PassThrough(),
    });
    this.daemons.push(daemon);
    await this.until('reading', () => reads);
    return daemon;
  }

  /** As retention does once what was sent is old; no daemon may run. @returns events forgotten */
  forgetSent(name: string): number {
    using store = Store.open(this.state(name), [OUTBOX_SCHEMA]);
    const now = (): number => Date.now() + 1000;
    const outbox = new Outbox(store, { destinations: {}, retention: { days: 0 }, now });
    let gone = 0;
    for (let more = true; more; ) {
      const purged = outbox.purge();
      gone += purged.events;
      ({ more } = purged);
    }
    return gone;
  }

  process(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
    return new CliProcess([...args, '-c', this.file(name)], { SIM_PASSWORD: this.partition.password, ...env });
  }

  async cli(name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const run = runCommand([...args, '-c', this.file(name)], { SIM_PASSWORD: this.partition.password });
    const code = await run.done;
    return { code, out: run.out(), err: run.err() };
  }

  /** Everything is settled, and the reading is at the end of the journal. */
  async quiet(name: string): Promise<void> {
    await this.sql('UPDATE ORDLIB.MARK SET N = N + 1');
    const mark = await this.admin.query('SELECT N FROM ORDLIB.MARK');
    let n = '';
    for await (const rows of mark.blocks()) n = String(rows[0]?.[0] ?? n);
    await mark.close();
    const isMark = (e: Got): boolean => e.type === 'mark.updated' && String((e.data.after as { N: number }).N) === n;
    await this.until(`mark ${n}`, () =>
      [...this.received].some(([path, got]) => path.startsWith(`${name}-`) && got.some(isMark)),
    );
    await this.until('settled', () => this.pending(name) === 0);
  }

  private pending(name: string): number {
    const db = openSqlite(this.state(name), { readonly: true });
    try {
      const again = db.prepare('SELECT count(*) FROM outbox_again').pluck().get() as number;
      const parked = db.prepare('SELECT count(*) FROM outbox_parked').pluck().get() as number;
      const ready = db.prepare('SELECT count(*) FROM outbox_ready').pluck().get() as number;
      return again + parked + ready;
    } finally {
      db.close();
    }
  }

  async until(what: string, enough: () => boolean): Promise<void> {
    const end = Date.now() + 60_000;
    while (!enough()) {
      if (Date.now() > end) throw new Error(`never: ${what}; ${this.log.slice(-5).join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  value(name: string, sql: string): unknown {
    const db = openSqlite(this.state(name), { readonly: true });
    try {
      return db.prepare(sql).pluck().get();
    } finally {
      db.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.daemons) await daemon.stop();
    await this.admin.close();
    await this.partition.stop();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
