/** One TCP or TLS connection, with every check done before the first byte of the protocol. */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { showCertificate } from '../../../model/watching/shown-certificates';
import { DEFAULT_KEEP_ALIVE, type HostServerOptions, type TlsOptions, timeoutsOf } from './options';
import { cancelled, caUnreadable, connectError, connectTimeout, fingerprintMismatch, type Peer } from './socket-errors';

/** @throws CodedError CONNECT_*, HOST_*, TLS_*, CANCELLED; the socket is then destroyed */
export async function openSocket(peer: Peer, options: HostServerOptions, signal?: AbortSignal): Promise<Socket> {
  if (signal?.aborted) throw cancelled('connecting', signal.reason);
  const tls = peer.tls && options.tls !== 'off' ? options.tls : null;
  const socket = tls ? connectTls(tlsOptions(peer, tls)) : connectTcp({ host: peer.host, port: peer.port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, options.keepAlive ?? DEFAULT_KEEP_ALIVE);
  await connected(socket, peer, timeoutsOf(options).connect, tls !== null, signal);
  if (tls?.fingerprint !== undefined) checkFingerprint(socket as TLSSocket, peer, tls.fingerprint);
  if (tls) showCertificate(`${peer.host}:${peer.port}`, (socket as TLSSocket).getPeerCertificate());
  return socket;
}

function connected(socket: Socket, peer: Peer, ms: number, tls: boolean, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      done();
      // A late error of a socket given up has no one to receive it.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(connectError(peer, error));
    const onClose = (): void => fail(connectError(peer, Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    const onAbort = (): void => fail(cancelled('connecting', signal?.reason));
    const onReady = (): void => {
      done();
      resolve();
    };
    const timer = setTimeout(() => fail(connectTimeout(peer, ms)), ms);
    const ready = tls ? 'secureConnect' : 'connect';
    const done = (): void => {
      clearTimeout(timer);
      socket.off('error', onError).off('close', onClose).off(ready, onReady);
      signal?.removeEventListener('abort', onAbort);
    };
    socket.once('error', onError).once('close', onClose).once(ready, onReady);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function tlsOptions(peer: Peer, tls: TlsOptions): ConnectionOptions {
  const name = tls.serverName ?? peer.host;
  return {
    host: peer.host,
    port: peer.port,
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(isIP(name) ? {} : { servername: name }),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
    ...caOf(tls),
    // A pinned certificate needs neither issuer nor name: the fingerprint says all.
    rejectUnauthorized: tls.fingerprint === undefined,
    checkServerIdentity: (_host, certificate) =>
      tls.fingerprint === undefined ? checkServerIdentity(name, certificate) : undefined,
  };
}

function caOf(tls: TlsOptions): { ca?: string | Buffer } {
  if (tls.caPem !== undefined) return { ca: tls.caPem };
  if (tls.ca === undefined) return {};
  try {
    return { ca: readFileSync(tls.ca) };
  } catch (cause) {
    throw caUnreadable(tls.ca, cause);
  }
}

function checkFingerprint(socket: TLSSocket, peer: Peer, wanted: string): void {
  const seen = socket.getPeerCertificate().fingerprint256 ?? '';
  const plain = (text: string): string => text.replace(/:/g, '').toUpperCase();
  if (plain(seen) === plain(wanted)) return;
  socket.on('error', () => undefined);
  socket.destroy();
  throw fingerprintMismatch(peer, seen);
}
