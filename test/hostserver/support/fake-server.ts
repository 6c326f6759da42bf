/**
 * A scripted server on real sockets: plays the server side of a recorded exchange, whatever the chunk size, and keeps what
 * the client sent. Replies are found by request id, in the order recorded; their correlation is the client's.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Framer } from '../../../src/hostserver/framer';
import type { Trace } from './traces';

export interface FakeOptions {
  /** Bytes per write towards the client; 0 writes whole frames. */
  readonly chunk?: number;
  /** May change, hold back (null) or answer itself; gets the recorded reply, or a plain "done" where there is none. */
  readonly tamper?: (reply: Buffer, request: Buffer, socket: Socket) => Buffer | null;
}

export class FakeServer {
  /** Frames of the client, per service, in order. */
  readonly received: { service: string; frame: Buffer }[] = [];
  readonly sockets = new Set<Socket>();
  private readonly servers: Server[] = [];
  private readonly replies = new Map<string, Buffer[]>();
  readonly ports = { signon: 0, database: 0, command: 0, portMapper: 0 };

  private constructor(
    trace: Trace,
    private readonly options: FakeOptions,
  ) {
    const asked = new Map<string, string>();
    for (const { service, connection, from, bytes } of trace.frames) {
      if (service === 'portmap' || from === 'drop') continue;
      const key = `${service}:${idOf(bytes)}`;
      if (from === 'client') asked.set(`${service}${connection}`, key);
      else {
        const request = asked.get(`${service}${connection}`)!;
        this.replies.set(request, [...(this.replies.get(request) ?? []), bytes]);
      }
    }
  }

  static async start(trace: Trace, options: FakeOptions = {}): Promise<FakeServer> {
    const fake = new FakeServer(trace, options);
    fake.ports.signon = await fake.listen((socket) => fake.serve('signon', socket));
    fake.ports.database = await fake.listen((socket) => fake.serve('database', socket));
    fake.ports.command = await fake.listen((socket) => fake.serve('rmtcmd', socket));
    fake.ports.portMapper = await fake.listen((socket) => fake.servePorts(socket));
    return fake;
  }

  private async listen(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      socket.setNoDelay(true);
      onSocket(socket);
    });
    this.servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  private serve(service: string, socket: Socket): void {
    const framer = new Framer();
    socket.on('data', (chunk: Buffer) =>
      framer.push(chunk, (frame) => this.answer(service, Buffer.from(frame), socket)),
    );
  }

  private servePorts(socket: Socket): void {
    socket.on('data', (name: Buffer) => {
      const reply = Buffer.from([0x2b, 0, 0, 0, 0]);
      const service = name.toString('ascii');
      this.received.push({ service: 'portmap', frame: name });
      const { signon, command, database } = this.ports;
      reply.writeUInt32BE(
        service.startsWith('as-signon') ? signon : service.startsWith('as-rmtcmd') ? command : database,
        1,
      );
      socket.write(reply);
    });
  }

  private answer(service: string, frame: Buffer, socket: Socket): void {
    this.received.push({ service, frame });
    const id = idOf(frame);
    if (id === '7006' || id === '1fff' || id === '1004') return void socket.end();
    if (service === 'database' && !id.startsWith('70') && (frame[20]! & 0x80) === 0) return;
    const known = this.replies.get(`${service}:${id}`) ?? [];
    const recorded = known.length > 1 ? known.shift()! : (known[0] ?? doneReply(frame));
    const reply = Buffer.from(recorded);
    frame.copy(reply, 12, 12, 16);
    const sent = this.options.tamper ? this.options.tamper(reply, frame, socket) : reply;
    if (sent) this.write(socket, sent);
  }

  private write(socket: Socket, bytes: Buffer): void {
    const chunk = this.options.chunk ?? 0;
    if (chunk === 0) return void socket.write(bytes);
    const next = (at: number): void => {
      if (at >= bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(at, at + chunk), () => next(at + chunk));
    };
    next(0);
  }

  /** Frames of one request id, e.g. `180e`. */
  sent(id: string, service = 'database'): Buffer[] {
    return this.received.filter((r) => r.service === service && idOf(r.frame) === id).map((r) => r.frame);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export function idOf(frame: Buffer): string {
  return frame.toString('hex', 18, 20);
}

/** Class 0, nothing else. */
export function doneReply(request: Buffer): Buffer {
  const reply = Buffer.alloc(40);
  reply.writeUInt32BE(40, 0);
  reply.writeUInt16BE(0xe004, 6);
  reply.writeUInt16BE(20, 16);
  reply.writeUInt16BE(0x2800, 18);
  request.copy(reply, 12, 12, 16);
  return reply;
}
