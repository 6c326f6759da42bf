/**
 * `100 Continue` that was not asked for: some servers send it before every answer, and a client must read past it
 * (RFC 9110 section 15.2), but the HTTP client ends the connection over it. Interim answers are taken out of what the socket reads.
 */
import type { Socket } from 'node:net';
import type { Connection } from './connections';

const ONE = 0x31;
const STATUS_AT = 9;
/** Of a status line, up to its status. */
const START = 12;
/** 101 is none: it changes the protocol, which was not asked for either. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d$/;
const BEGINNINGS = ['HTTP/1.1 1', 'HTTP/1.0 1'];
/** An interim answer larger than this is left to the client, which refuses it. */
const MOST_BYTES = 16_384;

/** Also informs the connection that something of the reply has come. */
export function readPastInterim(socket: Socket, connection: Omit<Connection, 'dispatcher'>): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let kept: Buffer | null = null;
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size);
    if (chunk === null || !connection.awaiting) return chunk;
    connection.heard = true;
    // the common case: the first digit of the status says that it is no interim answer
    if (kept === null && chunk.length > STATUS_AT && chunk[STATUS_AT] !== ONE) return chunk;
    const whole: Buffer = kept === null ? chunk : Buffer.concat([kept, chunk]);
    const rest = behindInterim(whole);
    kept = rest === null ? whole : null;
    return rest === null || rest.length === 0 ? null : rest;
  };
}

/** What follows the interim answers at the start; null when more must come before that can be said. */
function behindInterim(bytes: Buffer): Buffer | null {
  let rest = bytes;
  while (rest.length > 0) {
    const start = rest.toString('latin1', 0, START);
    if (start.length < START) return BEGINNINGS.some((b) => b.startsWith(start) || start.startsWith(b)) ? null : rest;
    if (!INTERIM.test(start)) return rest;
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return rest.length > MOST_BYTES ? rest : null;
    rest = rest.subarray(end + 4);
  }
  return rest;
}
