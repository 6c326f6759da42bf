/** A partition, a folder and a configuration: what every end-to-end test starts from. The product runs as its users run it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { stringify } from 'yaml';
import { SimulatedPartition, type SimulatedPartitionOptions } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection, SqlValue } from '../../src/transport/transport';
import { CliProcess, type Ended } from '../support/daemon-process';

export const SECRET = `whsec_${Buffer.from('end to end, twenty-four b').toString('base64')}`;

type Yaml = Readonly<Record<string, unknown>>;
/** Parts of a configuration, laid over those of {@link Site.config}. */
export interface ConfigParts {
  readonly partition?: Yaml;
  readonly destinations?: Yaml;
  readonly tables?: Yaml;
  readonly rest?: Yaml;
}

export const ORDERS: Yaml = {
  'ORDLIB/ORDHDR': {
    event: 'order',
    key: ['ORDNO'],
    columns: {
      ORDNO: 'orderNumber',
      STS: 'status',
      ORDDAT: { as: 'orderDate', date: 'cyymmdd' },
      TOTAMT: 'total',
      REMARK: 'remark',
    },
    onDelete: 'delete',
    to: ['out'],
  },
};

export class Site implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-e2e-'));
  readonly file = join(this.dir, 'ibmi-cdc.yaml');
  readonly state = join(this.dir, 'state', 'ibmi-cdc.sqlite');
  private readonly processes: CliProcess[] = [];
  private readonly connections: SqlConnection[] = [];

  private constructor(readonly partition: SimulatedPartition) {}

  static async open(options: SimulatedPartitionOptions = {}): Promise<Site> {
    return new Site(await SimulatedPartition.start(options));
  }

  /** Writes the configuration and returns its text: TLS, orders to stdout as JSON, nothing listening. */
  config(parts: ConfigParts = {}): string {
    const { host, ports, user, caFile } = this.partition;
    const text = stringify({
      version: 1,
      partition: {
        name: 'PROD1',
        host,
        port: ports.databaseTls,
        signonPort: ports.signonTls,
        commandPort: ports.remoteCommandTls,
        user,
        password: '${env:E2E_PASSWORD}',
        tls: { ca: caFile },
        ...parts.partition,
      },
      state: 'state/ibmi-cdc.sqlite',
      journal: { pollInterval: '50ms', maxPollInterval: '100ms' },
      http: 'off',
      destinations: parts.destinations ?? { out: { stdout: { format: 'json' } } },
      tables: parts.tables ?? ORDERS,
      ...parts.rest,
    });
    writeFileSync(this.file, text);
    return text;
  }

  /** A command under the configuration, to its end. */
  cli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** A command under the configuration, left running; killed at the end of the test if it still runs then. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
    const all = { E2E_PASSWORD: this.partition.password, E2E_SECRET: SECRET, ...env };
    const child = new CliProcess([...args, '-c', this.file], all);
    this.processes.push(child);
    return child;
  }

  async connect(): Promise<SqlConnection> {
    const { host, ports, user, password, caFile } = this.partition;
    const connection = await hostServerTransport({
      host,
      user,
      password,
      tls: { ca: caFile },
      databasePort: ports.databaseTls,
      signonPort: ports.signonTls,
    }).connect();
    this.connections.push(connection);
    return connection;
  }

  get stateWritten(): boolean {
    return existsSync(this.state) || existsSync(join(this.dir, 'state'));
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8');
  }

  /** Ends every command that is left running. */
  async stopAll(): Promise<void> {
    for (const child of this.processes) {
      if (child.running) child.kill('SIGKILL');
      await child.ended;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll();
    for (const connection of this.connections) await connection.close().catch(() => undefined);
    await this.partition.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const ORDER_COLUMNS = 'ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK, CRTTS, CHGUSR, CHGDAT, CHGTIM';

/** A new order, without commitment control. */
export async function insertOrder(connection: SqlConnection, order: string, remark: string | null): Promise<void> {
  const values: SqlValue[] = [order, '100001', '10', '1240229', '0', 'EUR', '12.30', `R${order}`, remark];
  await connection.execute(
    `INSERT INTO ORDLIB.ORDHDR (${ORDER_COLUMNS}) VALUES (${values.map(() => '?').join(', ')}, CURRENT TIMESTAMP, 'E2E', 1240229, 235959)`,
    values,
  );
}

/** The part of an event that these tests look at. */
export interface SeenEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly data: {
    readonly op: string;
    readonly key: Yaml;
    readonly before: Yaml | null;
    readonly after: Yaml | null;
    readonly changed?: readonly string[];
    readonly meta: Readonly<Record<string, unknown>>;
  };
}

export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly event: SeenEvent;
}

/** Verifies every request with the `standardwebhooks` package; answers 401 to what does not hold. */
export class Receiver implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  refused = 0;
  /** Status of the next answers, first to last; 204 when empty. */
  readonly answers: number[] = [];
  private readonly waiting = new Set<() => void>();
  private held: Promise<void> | null = null;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    const verifier = new Webhook(SECRET);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        try {
          const headers = request.headers as Record<string, string>;
          const event = verifier.verify(Buffer.concat(chunks).toString(), headers) as SeenEvent;
          receiver.arrivals.push({ headers: request.headers, event });
          void (receiver.held ?? Promise.resolve()).then(() =>
            response.writeHead(receiver.answers.shift() ?? 204).end(),
          );
        } catch {
          receiver.refused++;
          response.writeHead(401).end();
        }
        for (const wake of [...receiver.waiting]) wake();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/ibmi`;
  }

  /** The destination `out` of a configuration. */
  get destination(): Yaml {
    return { out: { webhook: { url: this.url, signing: { standardWebhooks: { secret: '${env:E2E_SECRET}' } } } } };
  }

  /** Requests stay unanswered until the returned function is called. */
  hold(): () => void {
    let release = (): void => {};
    this.held = new Promise<void>((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Resolves once `count` requests have come. */
  async seen(count: number): Promise<void> {
    while (this.arrivals.length < count) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiting.delete(wake);
          resolve();
        };
        this.waiting.add(wake);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
