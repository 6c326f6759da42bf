/** Drives test/judge/java/DebeziumReader.java: Debezium's connector for IBM i, unmodified, against a partition. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hasJdk } from '../support/judges';
import { trustStore } from './jtopen';

const ROOT = join(__dirname, '..', '..');
const LIBS = join(ROOT, '.cache', 'debezium');
const SOURCE = join(__dirname, 'java', 'DebeziumReader.java');

/** What describeWithJudge needs. */
export const DEBEZIUM_NEEDS = {
  'a JDK (java, javac)': hasJdk(),
  "Debezium's connector for IBM i (scripts/fetch-judges.mjs)":
    existsSync(LIBS) && readdirSync(LIBS).some((name) => name.startsWith('debezium-embedded')),
};

/** No line for so long is no slow machine. */
const PATIENCE_MS = Number(process.env['DEBEZIUM_PATIENCE_MS'] ?? 60_000);

type Row = Readonly<Record<string, unknown>>;

export interface DebeziumEvent {
  readonly table: string;
  /** r snapshot, c, u, d. */
  readonly op: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

interface Line {
  readonly topic?: string;
  readonly value?: { readonly op: string; readonly before: Row | null; readonly after: Row | null } | null;
  readonly started?: boolean;
  readonly ended?: boolean;
  readonly message?: string;
}

export interface DebeziumOptions {
  readonly library: string;
  /** None: every table of the library. */
  readonly tables?: readonly string[];
  readonly secure?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

export class Debezium implements AsyncDisposable {
  readonly events: DebeziumEvent[] = [];
  /** What the connector's own log says, the last of it. */
  log = '';
  /** Why the engine ended by itself, if it did. */
  ended: string | null = null;
  private started = false;
  private heard = Date.now();
  private changed: () => void = () => {};

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.take(JSON.parse(line) as Line));
    child.stderr!.on('data', (text: Buffer) => {
      this.log = (this.log + text.toString()).slice(-20_000);
    });
    child.on('exit', (code) => {
      this.ended ??= `the JVM ended with ${code}`;
      this.changed();
    });
  }

  static async start(partition: SimulatedPartition, options: DebeziumOptions): Promise<Debezium> {
    const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-debezium-'));
    const file = join(folder, 'connector.properties');
    const settings = Object.entries(propertiesOf(partition, options, folder));
    writeFileSync(file, settings.map(([name, value]) => `${name}=${value}`).join('\n'));
    const trust = options.secure ? trustStore(partition.caFile, folder) : null;
    const trusted = trust
      ? [`-Djavax.net.ssl.trustStore=${trust.file}`, `-Djavax.net.ssl.trustStorePassword=${trust.password}`]
      : [];
    const java = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-Duser.timezone=UTC', ...trusted];
    const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
    const child = spawn('java', [...java, ...quiet, '-cp', `${compile()}:${LIBS}/*`, 'DebeziumReader', file], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const debezium = new Debezium(child, folder);
    try {
      await debezium.until(() => debezium.started, 'the connector to start');
    } catch (error) {
      await debezium[Symbol.asyncDispose]();
      throw error;
    }
    return debezium;
  }

  /** Resolves once `there` holds. @throws when the engine ends before, or says nothing for long, with what it logged */
  async until(there: () => boolean, what = 'events'): Promise<void> {
    this.heard = Date.now();
    while (!there()) {
      const silent = Date.now() - this.heard > PATIENCE_MS ? `silent after ${this.events.length} events` : null;
      const why = this.ended ?? silent;
      if (why !== null) throw new Error(`waiting for ${what}: ${why}\n${this.log}`);
      await new Promise<void>((done) => {
        this.changed = done;
        setTimeout(done, 1000).unref();
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) {
      const exit = new Promise<void>((done) => this.child.once('exit', () => done()));
      this.child.stdin!.end();
      // an engine that waits for a server in vain does not end by being asked
      const late = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
      await exit;
      clearTimeout(late);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private take(line: Line): void {
    this.heard = Date.now();
    if (line.started) this.started = true;
    if (line.ended !== undefined) this.ended = line.message ?? 'ended';
    if (line.value) {
      const { op, before, after } = line.value;
      this.events.push({ table: line.topic!.split('.').at(-1)!, op, before, after });
    }
    this.changed();
  }
}

function propertiesOf(partition: SimulatedPartition, o: DebeziumOptions, folder: string): Record<string, string> {
  const { host, ports } = partition;
  return {
    name: 'judge',
    'connector.class': 'io.debezium.connector.db2as400.As400RpcConnector',
    'tasks.max': '1',
    'topic.prefix': 'judge',
    'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore',
    'offset.storage.file.filename': join(folder, 'offsets.dat'),
    'offset.flush.interval.ms': '1000',
    'database.hostname': host,
    'database.dbname': partition.system.rdbName,
    'database.user': o.user ?? partition.user,
    'database.password': o.password ?? partition.password,
    'database.schema': o.library,
    ...(o.tables ? { 'table.include.list': o.tables.map((table) => `${o.library}.${table}`).join(',') } : {}),
    secure: String(o.secure ?? false),
    'judge.signon': String(o.secure ? ports.signonTls : ports.signon),
    'judge.database': String(o.secure ? ports.databaseTls : ports.database),
    'judge.command': String(o.secure ? ports.remoteCommandTls : ports.remoteCommand),
    'decimal.handling.mode': 'string',
    'converter.schemas.enable': 'false',
    'tombstones.on.delete': 'false',
    'poll.interval.ms': '50',
    'journal.additional.delay': '0',
    ...o.properties,
  };
}

/** Compiles once per source, as the other judge does. */
function compile(): string {
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16);
  const folder = join(ROOT, '.cache', 'judge', `debezium-${hash}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  execFileSync('javac', ['-nowarn', '-d', fresh, '-cp', `${LIBS}/*`, SOURCE], { stdio: 'pipe' });
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // another test file was quicker
  }
  return folder;
}
