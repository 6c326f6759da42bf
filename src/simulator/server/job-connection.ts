/** A client connection of a host server whose jobs take one frame after the other. */
import type { Socket } from 'node:net';
import type { Faults, Service } from './faults';
import { FrameSocket } from './frame-socket';

/** The way back to the client. */
export interface Outgoing {
  readonly send: (frame: Buffer) => Promise<void> | undefined;
  readonly end: () => void;
}

interface JobConnection {
  handle(frame: Buffer): void | Promise<void>;
  close(): void;
}

interface JobServerOptions {
  readonly faults: Faults;
  readonly onError: (error: unknown) => void;
}

/** @param connect makes what answers the frames of the connection */
export function serveConnection(
  socket: Socket,
  service: Service,
  { faults, onError }: JobServerOptions,
  connect: (remoteAddress: string, out: Outgoing) => JobConnection,
): void {
  const connection = connect(socket.remoteAddress ?? '', {
    send: (frame) => frames.send(frame),
    end: () => frames.end(),
  });
  const frames: FrameSocket = new FrameSocket({
    socket,
    service,
    faults,
    onFrame: (frame) => connection.handle(frame),
    onClose: () => connection.close(),
    onError,
  });
}
