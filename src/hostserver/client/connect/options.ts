/** What the client needs to know of a partition. Everything but host, user, password and tls has a default. */
import { PORTS } from '../../frame';
import type { FrameTracer } from '../../trace';

export interface TlsOptions {
  /** PEM file of the CA that issued the certificate; read at each connect. Without it the CAs of the system. */
  readonly ca?: string;
  /** The same as text. */
  readonly caPem?: string;
  /** SHA-256 of the server certificate, hex, colons allowed. Replaces the CA check. */
  readonly fingerprint?: string;
  /** Name the certificate must carry; default is the host. */
  readonly serverName?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

export interface Timeouts {
  /** TCP and TLS. */
  readonly connect: number;
  /** Each exchange of sign-on and start of the server job. */
  readonly signOn: number;
  /** One request to the database server; 0 is none. */
  readonly query: number;
  /** Connection without any request; it is then closed politely. 0 is none. */
  readonly idle: number;
  /** How long the server may take to obey a cancel before the connection is dropped; also the patience of a close. */
  readonly cancel: number;
}

export interface HostServerOptions {
  readonly host: string;
  readonly user: string;
  /** Asked for at each connect, so that a rotated secret is picked up. */
  readonly password: string | (() => string);
  readonly tls: 'off' | TlsOptions;
  /** Database host server; default 9471, 8471 without TLS. */
  readonly databasePort?: number;
  /** Sign-on host server; default 9476, 8476 without TLS. */
  readonly signonPort?: number;
  /** Remote command host server; default 9475, 8475 without TLS. */
  readonly commandPort?: number;
  /** When given, ports that are not are asked of the port mapper there (usually 449; never TLS). */
  readonly portMapperPort?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** Milliseconds of silence before TCP keepalive probes. */
  readonly keepAlive?: number;
  /** Wanted size of a block of rows, bytes. */
  readonly blockBytes?: number;
  /** LOBs whose declared length is at most this many bytes come inside the row. */
  readonly lobThreshold?: number;
  /** Ask for RLE compressed replies: for slow lines. */
  readonly compression?: boolean;
  /** Ask for rows with their varying fields cut to length. */
  readonly variableFields?: boolean;
  readonly defaultSchema?: string;
  readonly naming?: 'sql' | 'system';
  readonly maxFrame?: number;
  /** Shown in the server job's client information. */
  readonly application?: string;
  readonly tracer?: FrameTracer;
}

const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  signOn: 30_000,
  query: 120_000,
  idle: 600_000,
  cancel: 5_000,
};
export const DEFAULT_BLOCK_BYTES = 256 * 1024;
/** JTOpen's own default; a LOB column of this declared length makes every row that long. */
export const DEFAULT_LOB_THRESHOLD = 32_768;
export const DEFAULT_KEEP_ALIVE = 30_000;

export function timeoutsOf(options: HostServerOptions): Timeouts {
  return { ...DEFAULT_TIMEOUTS, ...options.timeouts };
}

export function databasePortOf(options: HostServerOptions): number {
  return options.databasePort ?? (options.tls === 'off' ? PORTS.database : PORTS.databaseTls);
}

export function signonPortOf(options: HostServerOptions): number {
  return options.signonPort ?? (options.tls === 'off' ? PORTS.signon : PORTS.signonTls);
}

export function commandPortOf(options: HostServerOptions): number {
  return options.commandPort ?? (options.tls === 'off' ? PORTS.remoteCommand : PORTS.remoteCommandTls);
}

export function passwordOf(options: HostServerOptions): string {
  return typeof options.password === 'function' ? options.password() : options.password;
}
