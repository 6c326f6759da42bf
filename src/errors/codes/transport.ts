/** Network and TLS between this machine and the partition: a new connection may work, and a running daemon makes one. */
import { ofFamily } from './entry';

const AGAIN = 'A running daemon tries again with growing pauses and goes on where it was; a command ends.';

export const TRANSPORT_ERRORS = ofFamily('transport', {
  HOST_UNKNOWN: {
    means: `The name of the partition cannot be resolved to an address. ${AGAIN}`,
    next: 'check partition.host and the name server',
  },
  HOST_UNREACHABLE: {
    means: `There is no route to the partition from this machine. ${AGAIN}`,
    next: 'check network, VPN and firewall',
  },
  CONNECT_REFUSED: {
    means: `The machine is there and nothing listens on the port: mostly the host server is not started. ${AGAIN}`,
    next: 'check the port, and start the server: STRHOSTSVR SERVER(*DATABASE) or SERVER(*SIGNON)',
  },
  CONNECT_TIMEOUT: {
    means: `Nothing answered in the time allowed; a firewall that drops packets looks like this. ${AGAIN}`,
    next: 'check host, port and firewall; partition.timeouts.connect allows more time',
  },
  CONNECT_FAILED: {
    means: 'A driver (jt400 or odbc) could not connect. The text after it is the text of the driver.',
    next: 'check host, ports, certificate and, for odbc, the connection string and driver name; `ibmi-cdc doctor` tests each',
  },
  CONNECTION_LOST: {
    means: `The connection ended while something was expected of it: the server job ended, or a device between closed it. ${AGAIN} What was not committed is read again.`,
    next: 'nothing, if it happens rarely; else look at the log of the server job (QZDASOINIT)',
  },
  CONNECTION_CLOSED: {
    means: 'A request was made on a connection that this program had closed before, for example after a wrong reply.',
    next: 'open a new connection: run the command again',
  },
  REQUEST_TIMEOUT: {
    means: `The partition did not answer a request in the time allowed. The connection is given up, since a late answer could be taken for another one. ${AGAIN}`,
    next: 'partition.timeouts allows more time; WRKACTJOB shows what the server job waits for',
  },
  CANCELLED: {
    means: 'The operation was ended on request: a signal, or the end of the program. Nothing is wrong.',
    next: 'nothing; run it again if it was not meant to end',
  },
  TLS_UNTRUSTED: {
    means:
      'The certificate of the partition was not issued by a CA that this machine or partition.tls.ca trusts. No password was sent.',
    next: 'export the CA certificate from the Digital Certificate Manager as PEM and name it in partition.tls.ca, or pin the certificate with partition.tls.fingerprint',
  },
  TLS_EXPIRED: {
    means: 'The certificate of the partition is not valid today: it has expired or begins later. No password was sent.',
    next: 'renew the certificate in the Digital Certificate Manager, or set the clock',
  },
  TLS_NAME: {
    means: 'The certificate is trusted and was issued for another name. No password was sent.',
    next: 'use the name in the certificate as partition.host, or set partition.tls.serverName to it',
  },
  TLS_FINGERPRINT: {
    means:
      'The certificate is not the one that partition.tls.fingerprint pins: it was renewed, or something stands between. No password was sent.',
    next: 'compare the fingerprint on the IBM i, and change the pin only if the certificate was renewed',
  },
  TLS_NOT_SPOKEN: {
    means:
      'The port does not answer in TLS, or closes the connection during the handshake: a port without TLS, or a host server without a certificate.',
    next: 'use the TLS ports (9471 database, 9476 sign-on), or assign a certificate to the host servers in the Digital Certificate Manager',
  },
  TLS_HANDSHAKE: {
    means: 'Both sides speak TLS and have no version or cipher in common.',
    next: 'check QSSLPCL and QSSLCSL on the IBM i; TLS 1.2 or newer is needed',
  },
  PORT_UNKNOWN: {
    means: 'The port mapper of the partition (port 449) has no port for the host server.',
    next: 'start the server (STRHOSTSVR), look into WRKSRVTBLE, or set partition.port and partition.signonPort',
  },
  SERVER_JOB: {
    means: `The partition could not give the connection to a server job: the subsystem is not active or its prestart jobs are used up. ${AGAIN}`,
    next: 'check subsystem QUSRWRK: STRPJ SBS(QUSRWRK) PGM(QSYS/QZDASSINIT), and the authority to the server program',
  },
  JT400_DRIVER: {
    means: 'The Java driver failed without an SQL state. The text after it is the text of the driver.',
    next: 'look the text up; compare with `transport: hostserver`',
  },
  ODBC_DRIVER: {
    means: 'The ODBC driver failed without an SQL state. The text after it is the text of the driver.',
    next: 'check the driver (`odbcinst -q -d`) and the connection string; compare with `transport: hostserver`',
  },
});
