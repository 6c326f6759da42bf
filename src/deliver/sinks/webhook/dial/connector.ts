/** Connections of one destination: guarded when dialling, pinned and with a client certificate where configured. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import { CodedError } from '../../../../errors/coded-error';
import { showCertificate } from '../../../../model/watching/shown-certificates';
import type { WebhookOptions } from '../../../options';
import { Connections } from './connections';
import { type Guard, guardOf, refusal } from './guard';
import { readPastInterim } from './interim';
import { type ProxyRoute, proxyOf, tunnel } from './proxies';
import { type FileNews, TlsFiles } from './tls-files';
import { certificateFault } from './tls-words';

/** What of a webhook's options says how its hosts are dialled. */
export type ConnectOptions = Pick<WebhookOptions, 'concurrency' | 'timeouts' | 'tls' | 'proxy' | 'privateNetworks'>;

/** Below the five seconds after which many servers close an idle connection. */
const KEEP_ALIVE_MS = 4_000;
const TCP_KEEP_ALIVE_MS = 60_000;
/** Some receivers send policies and cookies of tens of kilobytes before they say 200. */
const MOST_HEADER_BYTES = 65_536 + 1_024;

/**
 * @param onFiles files that changed, or cannot be used
 * @throws CodedError family `config` for a proxy or a file that cannot be used
 */
export function connectionsTo(origin: string, options: ConnectOptions, onFiles?: FileNews): Connections {
  const url = new URL(origin);
  const dialler = new Dialler(url, options, proxyOf(url, options.proxy), new TlsFiles(options.tls, onFiles));
  return new Connections((connection) => {
    const connect: buildConnector.connector = (_target, done) =>
      dialler.dial((error, socket) => {
        if (socket === null) return done(error ?? new Error('not connected'), null);
        connection.dials++;
        readPastInterim(socket, connection);
        return done(null, socket);
      });
    return new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
      connect,
      // no timers of its own for each request: its deadline is kept by who sends it
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }, options.concurrency);
}

type Dialled = (error: Error | null, socket: Socket | null) => void;

class Dialler {
  private readonly host: string;
  private readonly port: number;
  private readonly guard: Guard;
  private readonly pin: string | null;
  /** Resumes TLS; only ever of a connection whose certificate was found good. */
  private session: { readonly ticket: Buffer; readonly generation: number } | null = null;

  constructor(
    private readonly url: URL,
    private readonly options: ConnectOptions,
    private readonly proxy: ProxyRoute | null,
    private readonly files: TlsFiles,
  ) {
    this.host = url.hostname.replace(/^\[|\]$/g, '');
    this.port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    this.guard = guardOf(options.privateNetworks, url.hostname);
    this.pin = options.tls.fingerprint === null ? null : normalPin(options.tls.fingerprint);
  }

  dial(done: Dialled): void {
    if (this.proxy !== null) {
      const { host, port } = this;
      tunnel(this.proxy, { host, port }, this.options.timeouts.connect, (error, socket) => {
        if (socket === null) done(error, null);
        else this.connected(socket, done);
      });
      return;
    }
    const refused = this.guard.refusesName(this.host) ?? (isIP(this.host) === 0 ? null : this.guard.refuses(this.host));
    // a literal address is dialled without a look-up
    if (refused !== null) done(refusal(this.host, this.host, refused), null);
    else this.connected(null, done);
  }

  /** @param tunnelled null to dial directly */
  private connected(tunnelled: Socket | null, given: Dialled): void {
    if (this.url.protocol === 'https:') this.secured(tunnelled, given);
    else if (tunnelled !== null) given(null, tunnelled);
    else this.plain(given);
  }

  private plain(given: Dialled): void {
    const { host, port } = this;
    const lookup = this.guard.lookup as never;
    const socket = connectTcp({ host, port, lookup, autoSelectFamily: true });
    const done = this.watch(socket, given);
    socket.once('connect', () => done(null, socket));
  }

  private secured(tunnelled: Socket | null, given: Dialled): void {
    const { host, port } = this;
    const secureContext = this.files.context();
    const { generation } = this.files;
    const name = this.options.tls.serverName ?? (isIP(host) === 0 ? host : '');
    const tlsOptions: ConnectionOptions & { readonly autoSelectFamily: boolean } = {
      autoSelectFamily: true,
      ...(tunnelled ? { socket: tunnelled } : {}),
      host,
      port,
      lookup: this.guard.lookup as never,
      secureContext,
      ...(name === '' ? {} : { servername: name }),
      ...(this.session?.generation === generation ? { session: this.session.ticket } : {}),
      ALPNProtocols: ['http/1.1'],
      // judged below, before the first byte goes out: only there is the certificate at hand for words
      rejectUnauthorized: false,
    };
    const socket = connectTls(tlsOptions);
    const done = this.watch(socket, given);
    let ticket: Buffer | null = null;
    let good = false;
    socket.on('session', (session: Buffer) => {
      ticket = session;
      if (good) this.session = { ticket, generation };
    });
    socket.once('secureConnect', () => {
      const fault = this.certificateFault(socket, name === '' ? host : name);
      if (fault !== null) {
        socket.destroy();
        return done(fault, null);
      }
      showCertificate(this.url.host, socket.getPeerCertificate());
      // a resumed session shows no certificate, so with a pin each handshake is a whole one
      good = this.pin === null;
      if (good && ticket !== null) this.session = { ticket, generation };
      return done(null, socket);
    });
  }

  private certificateFault(socket: TLSSocket, name: string): Error | null {
    const { pin } = this;
    // one exact certificate is a narrower trust than any authority
    const trusted = socket.authorized || (pin !== null && this.options.tls.ca === null);
    if (!trusted) return certificateFault(errorCode(socket), name, socket.getPeerCertificate());
    return pin === null ? null : pinFault(socket, pin);
  }

  /** Sees that the dial ends in time, and is reported once. */
  private watch(socket: Socket, given: Dialled): Dialled {
    const { connect } = this.options.timeouts;
    let over = false;
    const done: Dialled = (error, connected) => {
      clearTimeout(timer);
      if (over) return;
      over = true;
      given(error, connected);
    };
    const timer = setTimeout(() => {
      socket.destroy();
      done(new ConnectTimeout(`no connection to ${this.url.host} within ${connect} ms`), null);
    }, connect);
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS).setNoDelay(true);
    socket.on('error', (error) => done(error, null));
    socket.once('close', () => done(new Error('the connection was closed before it was complete'), null));
    return done;
  }
}

class ConnectTimeout extends Error {
  readonly code = 'CONNECT_TIMEOUT';
}

function errorCode(socket: TLSSocket): string {
  const error: unknown = socket.authorizationError;
  return String((error as NodeJS.ErrnoException | null)?.code ?? error ?? 'unknown');
}

export function normalPin(text: string): string {
  return text
    .replace(/^sha256:/i, '')
    .replace(/[^0-9a-fA-F]/g, '')
    .toUpperCase();
}

/** Null when the certificate is the pinned one. @param pin as {@link normalPin} makes it */
export function pinFault(socket: Socket | TLSSocket, pin: string): Error | null {
  const certificate = 'getPeerCertificate' in socket ? socket.getPeerCertificate() : null;
  const seen = certificate?.fingerprint256 ? normalPin(certificate.fingerprint256) : 'none';
  if (seen === pin) return null;
  return new CodedError({
    code: 'WEBHOOK_PIN',
    message: `the receiver's certificate has fingerprint ${seen}, expected ${pin}`,
    next: 'if the receiver has a new certificate on purpose, set tls.fingerprint to the one seen',
  });
}
