/** A real Apache Kafka broker, started by the script a user has too; killed and started again on the same data. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../../scripts/kafka-broker.mjs');

/** Null when a broker and kcat can be had here, otherwise what is missing. */
export function missingForKafka(): string | null {
  if (spawnSync('java', ['-version']).error) return 'a JDK';
  if (spawnSync('kcat', ['-V']).error) return 'kcat (apt-get install kcat)';
  const fetched = spawnSync(process.execPath, [SCRIPT, '--fetch'], { encoding: 'utf8' });
  return fetched.status === 0 ? null : `the jars of Apache Kafka (${fetched.stdout.trim()})`;
}

export class Broker implements AsyncDisposable {
  private child: ChildProcess | null = null;
  private pid = 0;
  private securePort = 0;

  private constructor(
    private readonly data: string,
    readonly port: number,
    private readonly pem: string | null,
  ) {}

  /** @param pem private key and certificate: adds a listener with TLS and SASL, user erp, password geheim */
  static async start(pem: string | null = null): Promise<Broker> {
    const broker = new Broker(mkdtempSync(join(tmpdir(), 'kafka-')), await freePort(), pem);
    await broker.up();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** @param password of user erp with SASL PLAIN; the ports stay */
  async up(password = 'geheim'): Promise<void> {
    const child = spawn(
      process.execPath,
      [SCRIPT, '--data', this.data, '--port', String(this.port), ...this.secured(password)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    this.child = child;
    const line = await new Promise<string>((done, failed) => {
      child.stdout.once('data', (text: Buffer) => done(text.toString()));
      child.once('exit', (code) => failed(new Error(`the broker ended with ${code}`)));
    });
    const said = JSON.parse(line) as { ready: boolean; pid: number; securePort?: number; why?: string };
    if (!said.ready) throw new Error(said.why);
    this.pid = said.pid;
    this.securePort = said.securePort ?? 0;
  }

  private secured(password: string): string[] {
    if (this.pem === null) return [];
    const port = this.securePort === 0 ? [] : ['--secure-port', String(this.securePort)];
    return ['--pem', this.pem, '--password', password, ...port];
  }

  get secureAddress(): string {
    return `127.0.0.1:${this.securePort}`;
  }

  /** SIGKILL to the broker itself: no goodbye, no flush. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = null;
    const gone = new Promise((done) => child.once('exit', done));
    process.kill(this.pid, 'SIGKILL');
    await gone;
  }

  /** Creates a topic by producing nothing but its name, with the independent client. */
  produce(topic: string, lines: string): void {
    spawnSync('kcat', ['-P', '-b', this.address, '-t', topic, '-K', ':'], { input: lines });
  }

  /** Reads a topic to its end with kcat, committed records only. */
  read(topic: string): { key: string; value: string | null; partition: number; headers: Record<string, string> }[] {
    const run = spawnSync(
      'kcat',
      [
        '-C',
        '-b',
        this.address,
        '-t',
        topic,
        '-e',
        '-q',
        '-J',
        '-X',
        'isolation.level=read_committed',
        '-X',
        'check.crcs=true',
      ],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    if (run.status !== 0) throw new Error(`kcat: ${run.stderr}`);
    return run.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { key, payload, partition, headers = [] } = JSON.parse(line);
        const pairs = Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i], headers[2 * i + 1]]);
        return { key, value: payload, partition, headers: Object.fromEntries(pairs) };
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
