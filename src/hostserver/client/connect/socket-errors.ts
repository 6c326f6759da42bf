/** What goes wrong between two sockets, put so that the reader knows what to do. Family `transport`. */
import { CodedError } from '../../../errors/coded-error';
import type { ErrorCode } from '../../../errors/codes';

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** `database host server`. */
  readonly service: string;
  readonly tls: boolean;
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

function transport(code: ErrorCode, peer: Peer, message: string, next: string, cause?: unknown): CodedError {
  return new CodedError({
    code,
    message,
    next,
    facts: { host: peer.host, port: peer.port, service: peer.service, tls: peer.tls },
    ...(cause === undefined ? {} : { cause }),
  });
}

function place(peer: Peer): string {
  return `${peer.host}:${peer.port} (${peer.service}${peer.tls ? ', TLS' : ''})`;
}

/** As STRHOSTSVR names it. */
function serverOf({ service }: Peer): string {
  if (service.startsWith('sign')) return '*SIGNON';
  return service.startsWith('remote') ? '*RMTCMD' : '*DATABASE';
}

/** An error event of a socket that was not connected yet. */
export function connectError(peer: Peer, error: NodeJS.ErrnoException): CodedError {
  const code = error.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return transport(
      'HOST_UNKNOWN',
      peer,
      `the name ${peer.host} cannot be resolved`,
      'check partition.host and the name server',
      error,
    );
  }
  if (code === 'ECONNREFUSED') {
    return transport(
      'CONNECT_REFUSED',
      peer,
      `nothing listens on ${place(peer)}`,
      `check the port, and start the server on the IBM i: STRHOSTSVR SERVER(${serverOf(peer)})`,
      error,
    );
  }
  if (code === 'ETIMEDOUT') return connectTimeout(peer, null);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return transport(
      'HOST_UNREACHABLE',
      peer,
      `there is no route to ${place(peer)}`,
      'check network, VPN and firewall',
      error,
    );
  }
  return tlsError(peer, error) ?? connectionLost(peer, 'while it was being opened', error);
}

export function connectTimeout(peer: Peer, ms: number | null): CodedError {
  return transport(
    'CONNECT_TIMEOUT',
    peer,
    `${place(peer)} did not answer${ms === null ? '' : ` within ${ms} ms`}`,
    'check host, port and firewall; partition.timeouts.connect allows more time',
  );
}

/** Null when the error is not one of TLS. */
function tlsError(peer: Peer, error: NodeJS.ErrnoException): CodedError | null {
  const code = error.code ?? '';
  if (!peer.tls) return null;
  if (UNTRUSTED.has(code)) {
    return transport(
      'TLS_UNTRUSTED',
      peer,
      `the certificate of ${place(peer)} was not issued by a trusted CA (${code})`,
      'export the CA certificate from the Digital Certificate Manager as PEM and name it in partition.tls.ca, or pin the certificate with partition.tls.fingerprint',
      error,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return transport(
      'TLS_EXPIRED',
      peer,
      `the certificate of ${place(peer)} is not valid today (${code})`,
      'renew the certificate in the Digital Certificate Manager, or set the clock',
      error,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return transport(
      'TLS_NAME',
      peer,
      `the certificate of ${place(peer)} is for another name: ${error.message}`,
      'use the name in the certificate as partition.host, or set partition.tls.serverName to it',
      error,
    );
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || code === 'EPROTO') {
    return transport(
      'TLS_NOT_SPOKEN',
      peer,
      `${place(peer)} does not answer in TLS`,
      'use the TLS ports (9471 database, 9476 sign-on), or assign a certificate to the host servers in the Digital Certificate Manager',
      error,
    );
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return transport(
      'TLS_HANDSHAKE',
      peer,
      `no common TLS version or cipher with ${place(peer)} (${code})`,
      'check QSSLPCL and QSSLCSL on the IBM i; TLS 1.2 or newer is needed',
      error,
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return transport(
      'TLS_NOT_SPOKEN',
      peer,
      `${place(peer)} closed the connection during the TLS handshake`,
      'check that the port is a TLS port (9471 database, 9476 sign-on) and that the host server has a certificate',
      error,
    );
  }
  return null;
}

export function fingerprintMismatch(peer: Peer, seen: string): CodedError {
  return transport(
    'TLS_FINGERPRINT',
    peer,
    `the certificate of ${place(peer)} is not the pinned one; its SHA-256 fingerprint is ${seen}`,
    'compare the fingerprint on the IBM i and change partition.tls.fingerprint if the certificate was renewed',
  );
}

export function caUnreadable(file: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'TLS_CA_FILE',
    message: `cannot read the CA file ${file}`,
    next: 'set partition.tls.ca to a readable PEM file',
    facts: { file },
    cause,
  });
}

/** The connection ended while something was expected of it. */
export function connectionLost(peer: Peer, when: string, cause?: unknown): CodedError {
  return transport(
    'CONNECTION_LOST',
    peer,
    `the connection to ${place(peer)} was lost ${when}`,
    'a new connection may work; look at the server job log (QZDASOINIT) if it happens again',
    cause,
  );
}

export function halfFrame(peer: Peer): CodedError {
  return new CodedError({
    code: 'FRAME_HALF',
    message: `${place(peer)} closed the connection in the middle of a frame`,
    next: 'a new connection may work; look at the server job log if it happens again',
    facts: { host: peer.host, port: peer.port, service: peer.service },
  });
}

export function requestTimeout(peer: Peer, what: string, ms: number): CodedError {
  return transport(
    'REQUEST_TIMEOUT',
    peer,
    `${place(peer)} did not answer ${what} within ${ms} ms`,
    'partition.timeouts allows more time; look at what the server job is waiting for (WRKACTJOB)',
  );
}

export function cancelled(what: string, reason: unknown): CodedError {
  return new CodedError({
    code: 'CANCELLED',
    message: `${what} was cancelled on request`,
    ...(reason === undefined ? {} : { cause: reason }),
  });
}

export function closedHere(peer: Peer, why: string): CodedError {
  return transport(
    'CONNECTION_CLOSED',
    peer,
    `the connection to ${place(peer)} is closed: ${why}`,
    'open a new connection',
  );
}
