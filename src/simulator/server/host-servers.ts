/** The listening side of the partition: port mapper, sign-on, database and remote command server, plain and TLS. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { CodedError } from '../../errors/coded-error';
import { PORTS } from '../../hostserver/frame';
import type { CommandEngine } from '../command-session';
import type { SqlEngine } from '../sql-session';
import type { ServerCertificate } from './certificates';
import { type CommandJob, serveCommands } from './command/command-server';
import type { DatabaseJob } from './database/database-job';
import { serveDatabase } from './database/database-server';
import type { Faults } from './faults';
import { createPortMapper } from './port-mapper';
import { serveSignOn } from './sign-on-server';
import { type JobNumbers, qualified, type SystemIdentity } from './system';

export interface HostPorts {
  readonly portMapper: number;
  readonly signon: number;
  readonly signonTls: number;
  readonly database: number;
  readonly databaseTls: number;
  readonly remoteCommand: number;
  readonly remoteCommandTls: number;
}
export type PortName = keyof HostPorts;

/** What an IBM i listens on. */
export const STANDARD_PORTS: HostPorts = {
  portMapper: PORTS.portMapper,
  signon: PORTS.signon,
  signonTls: PORTS.signonTls,
  database: PORTS.database,
  databaseTls: PORTS.databaseTls,
  remoteCommand: PORTS.remoteCommand,
  remoteCommandTls: PORTS.remoteCommandTls,
};
export const ANY_PORTS: HostPorts = {
  portMapper: 0,
  signon: 0,
  signonTls: 0,
  database: 0,
  databaseTls: 0,
  remoteCommand: 0,
  remoteCommandTls: 0,
};

/** Service names of the port mapper; what is missing here is declined, as-hostcnn-s among others. */
const SERVICES: Readonly<Record<string, PortName>> = {
  'as-svrmap': 'portMapper',
  'as-signon': 'signon',
  'as-signon-s': 'signonTls',
  'as-database': 'database',
  'as-database-s': 'databaseTls',
  'as-rmtcmd': 'remoteCommand',
  'as-rmtcmd-s': 'remoteCommandTls',
};

interface HostServersOptions {
  readonly host: string;
  readonly ports: HostPorts;
  /** Ports that may be replaced by any free one when they are taken or not allowed. */
  readonly flexible?: readonly PortName[];
  readonly system: SystemIdentity;
  readonly engine: SqlEngine;
  readonly commands: CommandEngine;
  readonly jobs: JobNumbers;
  readonly faults: Faults;
  readonly certificate: ServerCertificate;
  readonly compressReplies: boolean;
  readonly onError: (error: unknown) => void;
}

export class HostServers {
  readonly jobs = new Set<DatabaseJob>();
  private readonly commandJobs = new Set<CommandJob>();
  private readonly sockets = new Set<Socket>();
  private readonly servers = new Map<PortName, Server>();
  private readonly tls: TlsServer[] = [];
  private bound: HostPorts = ANY_PORTS;

  private constructor(private readonly options: HostServersOptions) {}

  static async listen(options: HostServersOptions): Promise<HostServers> {
    const servers = new HostServers(options);
    try {
      await servers.listenAll(options.ports);
    } catch (error) {
      await servers.close();
      throw error;
    }
    return servers;
  }

  get ports(): HostPorts {
    return this.bound;
  }

  /** Open connections, the port mapper's included. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Handshakes from now on present this certificate. */
  useCertificate(certificate: ServerCertificate): void {
    for (const server of this.tls)
      server.setSecureContext({ key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' });
  }

  /** Every connection breaks, as when the subsystem ends; the ports stay. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Stops listening, drops every connection, and listens again on the same ports. */
  async restart(): Promise<void> {
    await this.close();
    await this.listenAll(this.bound);
  }

  async close(): Promise<void> {
    const closing = [...this.servers.values()].map((server) => new Promise<void>((done) => server.close(() => done())));
    this.dropConnections();
    await Promise.all(closing);
    this.servers.clear();
    this.tls.length = 0;
  }

  private async listenAll(ports: HostPorts): Promise<void> {
    const { key, cert } = this.options.certificate;
    const tls = (serve: (socket: Socket) => void): Server => {
      const server = createTlsServer({ key, cert, minVersion: 'TLSv1.2' }, serve);
      // a client that does not trust the certificate is its own affair
      server.on('tlsClientError', (_error, socket) => socket.destroy());
      this.tls.push(server);
      return server;
    };
    const signOn = (socket: Socket): void => serveSignOn(socket, this.options);
    const making: Record<PortName, () => Server> = {
      portMapper: () => createPortMapper((service) => this.portOf(service)),
      signon: () => createServer(signOn),
      signonTls: () => tls(signOn),
      database: () => createServer((socket) => this.database(socket, false)),
      databaseTls: () => tls((socket) => this.database(socket, true)),
      remoteCommand: () => createServer((socket) => this.command(socket)),
      remoteCommandTls: () => tls((socket) => this.command(socket)),
    };
    const bound = { ...ports };
    for (const name of Object.keys(making) as PortName[]) {
      const server = making[name]();
      this.track(server);
      this.servers.set(name, server);
      bound[name] = await this.listenOn(server, name, ports[name]);
    }
    this.bound = bound;
  }

  private portOf(service: string): number | null {
    const name = SERVICES[service];
    return name === undefined ? null : this.bound[name];
  }

  private database(socket: Socket, secure: boolean): void {
    serveDatabase(socket, {
      ...this.options,
      secure,
      cancelJob: (identifier) => this.cancelJob(identifier),
      onJobStart: (job) => void this.jobs.add(job),
      onJobEnd: (job) => void this.jobs.delete(job),
    });
  }

  private command(socket: Socket): void {
    serveCommands(socket, {
      ...this.options,
      onCommandJobStart: (job) => void this.commandJobs.add(job),
      onCommandJobEnd: (job) => void this.commandJobs.delete(job),
    });
  }

  private cancelJob(identifier: string): boolean {
    for (const job of this.jobs) {
      if (job.identifier === identifier.padEnd(26).slice(0, 26)) {
        job.cancel();
        return true;
      }
    }
    return false;
  }

  /** `number/user/name` of every database job. */
  jobNames(): string[] {
    return [...this.jobs].map((job) => qualified(job.name));
  }

  /** `number/user/name` of every remote command job. */
  commandJobNames(): string[] {
    return [...this.commandJobs].map((job) => job.name);
  }

  /** Jobs whose statement is held or delayed. */
  get waiting(): number {
    return [...this.jobs].filter((job) => job.waiting).length;
  }

  private track(server: Server): void {
    // the raw connection: a TLS handshake that never ends is tracked too
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  private async listenOn(server: Server, name: PortName, port: number): Promise<number> {
    try {
      return await listening(server, this.options.host, port);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const taken = code === 'EADDRINUSE' || code === 'EACCES';
      if (taken && port !== 0 && this.options.flexible?.includes(name)) return listening(server, this.options.host, 0);
      throw portError(name, this.options.host, port, code);
    }
  }
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function portError(name: PortName, host: string, port: number, code: string): CodedError {
  return new CodedError({
    code: 'SIMULATOR_PORT',
    message: `the simulated partition cannot listen on ${host}:${port} for ${name} (${code})`,
    next: `choose another port, 0 for any free one, or another --host; ports below 1024 such as 449 may need privileges`,
    facts: { name, host, port, code },
  });
}
