/** Port mapper, port 449, never TLS: a service name in bare ASCII, five bytes back (docs/protocol.md#1). */
import type { ServiceName } from '../frame';

export const PORT_MAPPER_REPLY_LENGTH = 5;
const FOUND = 0x2b;
/** Any byte but `+` declines; a minus is customary. */
const DECLINED = 0x2d;

/** No length and no terminator: the whole name goes in one write. */
export function encodePortRequest(service: ServiceName, tls: boolean): Buffer {
  return Buffer.from(tls ? `${service}-s` : service, 'ascii');
}

/** The service name as asked, e.g. `as-signon-s`; blanks and NULs around it are dropped. */
export function decodePortRequest(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\0\s]+/g, '');
}

/** @param port null declines the service */
export function encodePortReply(port: number | null): Buffer {
  const reply = Buffer.alloc(PORT_MAPPER_REPLY_LENGTH);
  reply[0] = port === null ? DECLINED : FOUND;
  reply.writeUInt32BE(port ?? 0, 1);
  return reply;
}

/** The port, or null when the service is not there. Needs all five bytes. */
export function decodePortReply(bytes: Buffer): number | null {
  return bytes[0] === FOUND ? bytes.readUInt32BE(1) : null;
}
