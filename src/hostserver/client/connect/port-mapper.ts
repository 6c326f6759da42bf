/** Asks the port mapper where a service listens (docs/protocol.md#1). Always in the clear; only names and numbers travel. */
import { CodedError } from '../../../errors/coded-error';
import type { ServiceName } from '../../frame';
import { decodePortReply, encodePortRequest, PORT_MAPPER_REPLY_LENGTH } from '../../messages/port-mapper';
import { openSocket } from './open-socket';
import { type HostServerOptions, timeoutsOf } from './options';
import { connectionLost, type Peer, requestTimeout } from './socket-errors';

/** @throws CodedError PORT_UNKNOWN when the service is not there, or of the transport */
export async function askPort(options: HostServerOptions, service: ServiceName, signal?: AbortSignal): Promise<number> {
  const peer: Peer = { host: options.host, port: options.portMapperPort!, service: 'port mapper', tls: false };
  const socket = await openSocket(peer, options, signal);
  const tls = options.tls !== 'off';
  const ms = timeoutsOf(options).connect;
  try {
    const reply = await new Promise<Buffer>((resolve, reject) => {
      let bytes = Buffer.alloc(0);
      const timer = setTimeout(() => reject(requestTimeout(peer, `the port of ${service}`, ms)), ms);
      const end = (act: () => void): void => {
        clearTimeout(timer);
        act();
      };
      socket.on('error', (error) => end(() => reject(connectionLost(peer, 'while it was in use', error))));
      socket.on('close', () => end(() => reject(connectionLost(peer, 'before it answered'))));
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk.subarray(0, PORT_MAPPER_REPLY_LENGTH)]);
        if (bytes.length >= PORT_MAPPER_REPLY_LENGTH) end(() => resolve(bytes));
      });
      socket.write(encodePortRequest(service, tls));
    });
    const port = decodePortReply(reply);
    if (port !== null && port > 0 && port <= 65535) return port;
    throw portUnknown(peer, service, tls);
  } finally {
    socket.destroy();
  }
}

function portUnknown(peer: Peer, service: ServiceName, tls: boolean): CodedError {
  const name = tls ? `${service}-s` : service;
  return new CodedError({
    code: 'PORT_UNKNOWN',
    message: `the port mapper of ${peer.host} has no port for ${name}`,
    next: `start the server (STRHOSTSVR), look for ${name} in WRKSRVTBLE, or set the ports in the config`,
    facts: { host: peer.host, service: name },
  });
}
