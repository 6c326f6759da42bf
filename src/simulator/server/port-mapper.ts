/**
 * The server mapper on port 449: a service name in bare ASCII in, five bytes out (docs/protocol.md#1).
 * The name has neither length nor end and `as-signon` begins `as-signon-s`, so one read and a short silence is the whole name.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { decodePortRequest, encodePortReply } from '../../hostserver/messages/port-mapper';

/** A name split over segments is still one name; the server waits no longer than this between its bytes. */
const SILENCE_MS = 2;
const LONGEST_NAME = 64;

/** `lookup` gives the port of a service, or null when it is not offered. */
export function createPortMapper(lookup: (service: string) => number | null): Server {
  return createServer((socket) => answer(socket, lookup));
}

function answer(socket: Socket, lookup: (service: string) => number | null): void {
  let asked = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  const reply = (): void => void socket.end(encodePortReply(lookup(decodePortRequest(asked))));
  socket.on('data', (chunk) => {
    asked = Buffer.concat([asked, chunk]);
    clearTimeout(timer);
    if (asked.length > LONGEST_NAME) socket.destroy();
    // as-signon may still grow into as-signon-s, a name ending in -s cannot grow
    else if (asked.toString('latin1').endsWith('-s')) reply();
    else timer = setTimeout(reply, SILENCE_MS);
  });
  socket.on('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
}
