/** Connections of one destination: pooled, guarded when dialling, pinned and with a client certificate where configured. */
import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';
import { CodedError } from '../../../errors/coded-error';
import type { ClientTls, WebhookOptions } from '../../options';
import { Connections } from './connections';
import { type Guard, guardOf, refusal } from './guard';

/** What of a webhook's options says how its hosts are dialled. */
export type ConnectOptions = Pick<WebhookOptions, 'concurrency' | 'timeouts' | 'tls' | 'proxy' | 'privateNetworks'>;

/** Below the five seconds after which many servers close an idle connection. */
const KEEP_ALIVE_MS = 4_000;

/** @throws CodedError family `config` for a proxy or a file that cannot be used */
export function connectionsTo(origin: string, options: ConnectOptions): Connections {
  if (options.proxy !== null && options.tls.fingerprint !== null) throw pinBehindProxy();
  const tls = tlsOptions(options.tls);
  const connect = guardedConnect(guardOf(options.privateNetworks, new URL(origin).hostname), options, tls);
  const common = { pipelining: 1, keepAliveTimeout: KEEP_ALIVE_MS, connect };
  if (options.proxy !== null) {
    const agent = proxyAgent(options.proxy, { ...common, ...tunnelLimits(options), requestTls: { ...tls } });
    return new Connections(() => agent, options.concurrency);
  }
  // no timers of its own for each request: its deadline is kept by who sends it
  const client = { ...common, headersTimeout: 0, bodyTimeout: 0 };
  return new Connections(() => new Client(origin, client), options.concurrency);
}

function tunnelLimits({ concurrency, timeouts: { response } }: ConnectOptions) {
  return { connections: concurrency, headersTimeout: response, bodyTimeout: response };
}

function proxyAgent(proxy: string, options: Omit<ProxyAgent.Options, 'uri'>): Dispatcher {
  // what NO_PROXY leaves out, or all of it where no proxy is set, is dialled by us and so under the guard
  if (proxy === 'env') return proxied(() => new EnvHttpProxyAgent(options));
  const { connect: _direct, ...tunnel } = options;
  return proxied(() => new ProxyAgent({ ...tunnel, uri: proxy }));
}

/** The URL of a proxy may carry a password, so an error does not show it. */
function proxied(make: () => Dispatcher): Dispatcher {
  try {
    return make();
  } catch (cause) {
    throw new CodedError({
      code: 'WEBHOOK_PROXY',
      family: 'config',
      message: 'the proxy is no URL; expected one such as http://proxy.example.com:3128',
      next: 'correct proxy of this destination, or the variables HTTPS_PROXY and HTTP_PROXY where it is `env`',
      cause,
    });
  }
}

/** The tunnel's TLS is made by the proxy client, where a pin cannot be checked before the request goes out. */
function pinBehindProxy(): CodedError {
  return new CodedError({
    code: 'WEBHOOK_PIN_PROXY',
    family: 'config',
    message: 'tls.fingerprint was given together with a proxy; expected one of them',
    next: 'give tls.ca the certificate of the receiver or its authority instead of its fingerprint',
  });
}

function guardedConnect(guard: Guard, options: ConnectOptions, tls: TlsFiles): buildConnector.connector {
  const connect = buildConnector({
    ...tls,
    timeout: options.timeouts.connect,
    lookup: guard.lookup as never,
    autoSelectFamily: true,
  });
  const pin = options.tls.fingerprint === null ? null : normalPin(options.tls.fingerprint);
  return (target, done) => {
    const address = target.hostname.replace(/^\[|\]$/g, '');
    // a literal address is dialled without a look-up
    if (isIP(address) !== 0 && guard.refuses(address) !== null) return done(refusal(address, address), null);
    return connect(target, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error) return done(error, null);
      const wrong = pin === null ? null : pinFault(socket, pin);
      if (wrong === null) return done(null, socket);
      socket.destroy();
      return done(wrong, null);
    });
  };
}

interface TlsFiles {
  readonly minVersion: 'TLSv1.2';
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** @throws CodedError family `config` when a file cannot be read */
export function tlsOptions(tls: ClientTls): TlsFiles {
  return {
    minVersion: 'TLSv1.2',
    ...(tls.ca === null ? {} : { ca: pem(tls.ca, 'ca') }),
    ...(tls.cert === null ? {} : { cert: pem(tls.cert, 'cert') }),
    ...(tls.key === null ? {} : { key: pem(tls.key, 'key') }),
    ...(tls.passphrase === null ? {} : { passphrase: tls.passphrase.reveal() }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
    // one exact certificate is a narrower trust than any authority; it is checked before the first byte goes out
    ...(tls.fingerprint !== null && tls.ca === null ? { rejectUnauthorized: false } : {}),
  };
}

function pem(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CodedError({
      code: 'WEBHOOK_TLS_FILE',
      family: 'config',
      message: `tls.${what}: the file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'}); expected PEM`,
      next: 'correct the path, or the rights of the file',
      facts: { file },
    });
  }
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
    family: 'delivery',
    message: `the receiver's certificate has fingerprint ${seen}, expected ${pin}`,
    next: 'if the receiver has a new certificate on purpose, set tls.fingerprint to the one seen',
  });
}
