/**
 * A pretend IBM i: libraries, journals and users behind the real host-server protocol. Start it, point any client at its
 * ports, stop it. What is proven, read or invented about its answers is written in README.md beside this file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCoded } from '../errors/coded-error';
import type { CommandEngine } from './command-session';
import { Partition } from './partition/partition';
import { PartitionCommandEngine } from './programs/engine';
import { seedOrderLibrary } from './seed/order-library';
import { expiredCertificate, serverCertificate } from './server/certificates';
import { Faults, type PartitionEvent } from './server/faults';
import { ANY_PORTS, type HostPorts, HostServers, type PortName } from './server/host-servers';
import { DEFAULT_IDENTITY, JobNumbers, type SystemIdentity } from './server/system';
import { type PasswordLevel, type UserProfile, UserRegistry } from './server/users';
import { PartitionSqlEngine } from './sql/run/engine';
import type { SqlEngine } from './sql-session';

export const DEFAULT_USER: UserProfile & { readonly password: string } = { name: 'CDCUSR', password: 'cdcpwd01' };

export interface SimulatedPartitionOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** 0 = any free port, the default for each. */
  readonly ports?: Partial<HostPorts>;
  /** Ports that may be replaced by any free one when taken. */
  readonly flexiblePorts?: readonly PortName[];
  /** Keeps certificates, libraries, journals and receivers; without it they live until stop(). */
  readonly dataDir?: string;
  /** Creates library ORDLIB on first start; default true. */
  readonly seed?: boolean;
  /** Default is {@link DEFAULT_USER} alone; the first one is announced as `user` and `password`. */
  readonly users?: readonly UserProfile[];
  readonly passwordLevel?: PasswordLevel;
  /** Refused passwords in a row that disable a profile; default 3. */
  readonly maxSignOnAttempts?: number;
  /** `V7R4M0`. */
  readonly version?: string;
  readonly functionalLevel?: string;
  /** QCCSID. Servers of 65535 name their default job CCSID to the client, 37. */
  readonly jobCcsid?: number;
  /** Datastream level of the sign-on server; default 10. */
  readonly signonLevel?: number;
  /** Datastream level of the remote command server; default 11. */
  readonly commandLevel?: number;
  readonly compressReplies?: boolean;
  /** In place of the partition's own SQL engine: for measuring clients against prepared answers. */
  readonly engine?: SqlEngine;
  /** In place of the partition's own commands and programs, likewise. */
  readonly commands?: CommandEngine;
}

export class SimulatedPartition implements AsyncDisposable {
  readonly faults: Faults;
  /** What was thrown that is no SQL error: each is a fault of the simulation. The last hundred. */
  readonly errors: unknown[];
  private stopped = false;

  private constructor(
    private readonly servers: HostServers,
    private readonly parts: Parts,
  ) {
    this.faults = parts.faults;
    this.errors = parts.errors;
    this.faults.event = (event) => void this.happen(event).catch((error) => remember(this.errors, error));
  }

  private async happen(event: PartitionEvent): Promise<void> {
    if (event === 'drop-connections') this.dropConnections();
    else if (event === 'restart') await this.restart();
    else if (event === 'expire-certificate') await this.expireCertificate();
    else await this.renewCertificate();
  }

  static async start(options: SimulatedPartitionOptions = {}): Promise<SimulatedPartition> {
    const parts = await assemble(options);
    try {
      const servers = await HostServers.listen({
        host: parts.host,
        ports: { ...ANY_PORTS, ...options.ports },
        flexible: options.flexiblePorts ?? [],
        system: parts.system,
        engine: parts.engine,
        commands: parts.commands,
        jobs: new JobNumbers(),
        faults: parts.faults,
        certificate: await serverCertificate(parts.certificates, parts.host),
        compressReplies: options.compressReplies ?? true,
        onError: (error) => remember(parts.errors, error),
      });
      return new SimulatedPartition(servers, parts);
    } catch (error) {
      parts.release();
      throw error;
    }
  }

  get host(): string {
    return this.parts.host;
  }

  get ports(): HostPorts {
    return this.servers.ports;
  }

  /** PEM file of the CA that signed the server's certificate. */
  get caFile(): string {
    return join(this.parts.certificates, 'ca.pem');
  }

  get user(): string {
    return this.parts.user.name;
  }

  get password(): string {
    return this.parts.user.password ?? '';
  }

  get users(): UserRegistry {
    return this.parts.system.users;
  }

  get system(): SystemIdentity {
    return this.parts.system;
  }

  /**
   * The inside: libraries, files, journals, receivers, CL. Null when the partition was started with an engine of its own.
   */
  get inside(): Partition | null {
    return this.parts.inside;
  }

  /** The SQL engine, for a session without the wire. */
  get engine(): SqlEngine {
    return this.parts.engine;
  }

  /** `number/user/name` of the database jobs that serve a connection now. */
  jobs(): string[] {
    return this.servers.jobNames();
  }

  /** `number/user/name` of the remote command jobs that serve a connection now. */
  commandJobs(): string[] {
    return this.servers.commandJobNames();
  }

  /** Jobs whose statement is held by a fault or delays itself. */
  get waiting(): number {
    return this.servers.waiting;
  }

  /** Open connections of every server. */
  get connections(): number {
    return this.servers.connections;
  }

  /** Cancels nothing, rolls back everything: what an ended subsystem does to its jobs. */
  dropConnections(): void {
    this.servers.dropConnections();
  }

  /** Ends every job and connection and listens again on the same ports. Data stay. */
  async restart(): Promise<void> {
    await this.servers.restart();
  }

  /** From now on handshakes present a certificate of the same CA that ran out yesterday. */
  async expireCertificate(): Promise<void> {
    this.servers.useCertificate(await expiredCertificate(this.parts.certificates, this.host));
  }

  async renewCertificate(): Promise<void> {
    this.servers.useCertificate(await serverCertificate(this.parts.certificates, this.host));
  }

  /** Ends all jobs, stops listening, closes the data. Idempotent. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.faults.clear();
    await this.servers.close();
    this.parts.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface Parts {
  readonly host: string;
  readonly certificates: string;
  readonly user: UserProfile;
  readonly system: SystemIdentity;
  readonly inside: Partition | null;
  readonly engine: SqlEngine;
  readonly commands: CommandEngine;
  readonly faults: Faults;
  readonly errors: unknown[];
  /** Closes the data and removes a temporary folder. */
  readonly release: () => void;
}

const ERRORS_KEPT = 100;

async function assemble(options: SimulatedPartitionOptions): Promise<Parts> {
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), 'ibmi-cdc-partition-'));
  const users = options.users ?? [DEFAULT_USER];
  const passwordLevel = options.passwordLevel ?? DEFAULT_IDENTITY.passwordLevel;
  const system: SystemIdentity = {
    ...DEFAULT_IDENTITY,
    passwordLevel,
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.functionalLevel === undefined ? {} : { functionalLevel: options.functionalLevel }),
    ...(options.jobCcsid === undefined ? {} : { jobCcsid: namedCcsid(options.jobCcsid) }),
    ...(options.signonLevel === undefined ? {} : { signonLevel: options.signonLevel }),
    ...(options.commandLevel === undefined ? {} : { commandLevel: options.commandLevel }),
    users: new UserRegistry(users, passwordLevel, options.maxSignOnAttempts),
  };
  const { engine, inside, close } = await openInside(options, folder, users, system);
  return {
    host: options.host ?? '127.0.0.1',
    certificates: join(folder, 'certificates'),
    user: users[0] ?? DEFAULT_USER,
    system,
    inside,
    engine,
    commands: options.commands ?? (inside ? new PartitionCommandEngine(inside) : NO_COMMANDS),
    faults: new Faults(),
    errors: [],
    release: () => {
      close();
      if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** JTOpen connects to no server that says 65535, and 65535 is what QCCSID is shipped with: so none says it. */
function namedCcsid(jobCcsid: number): number {
  return jobCcsid === 65535 ? DEFAULT_IDENTITY.jobCcsid : jobCcsid;
}

/** A partition that was started for its prepared answers alone runs nothing. */
const NO_COMMANDS: CommandEngine = {
  openSession: () => ({
    run: () => [],
    call: () => ({ kind: 'unresolved', messages: [] }),
    end: () => {},
  }),
};

interface Inside {
  readonly inside: Partition | null;
  readonly engine: SqlEngine;
  readonly close: () => void;
}

async function openInside(
  options: SimulatedPartitionOptions,
  folder: string,
  users: readonly UserProfile[],
  { rdbName: systemName, users: registry }: SystemIdentity,
): Promise<Inside> {
  if (options.engine) return { inside: null, engine: options.engine, close: () => {} };
  const officers = users.filter((user) => !user.limited).map((user) => user.name.toUpperCase());
  const profiles = {
    has: (name: string) => registry.has(name),
    set: (name: string, password: string | null) => registry.set({ name, password, limited: true }),
    remove: (name: string) => registry.remove(name),
  };
  const inside = Partition.open({ data: join(folder, 'data'), systemName, officers, profiles });
  if (inside.isNew && options.seed !== false) seedOrderLibrary(inside);
  const engine = await PartitionSqlEngine.open(inside);
  const close = (): void => {
    engine.close();
    inside.close();
  };
  return { inside, engine, close };
}

/** A frame that contradicts itself is the client's fault; the connection has ended, and there is nothing to mend here. */
function remember(errors: unknown[], error: unknown): void {
  if (isCoded(error) && (error.family === 'protocol' || error.family === 'decode')) return;
  errors.push(error);
  if (errors.length > ERRORS_KEPT) errors.shift();
}
