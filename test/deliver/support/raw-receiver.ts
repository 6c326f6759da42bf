/** A receiver on the bare socket: what it does with the nth request is up to the test. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface RawRequest {
  /** Request line, headers and body. */
  readonly text: string;
  readonly path: string;
  readonly body: string;
  /** `performance.now()` when all of it had come. */
  readonly at: number;
  /** Number of the connection, from 1. */
  readonly connection: number;
}

export type Behave = (socket: Socket, n: number, request: RawRequest) => void;

export async function rawReceiver(behave: Behave, tls?: TlsOptions) {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket): void => {
    const connection = ++connections;
    let text = '';
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head < 0 || text.length < head + 4 + length) return;
      const whole = text.slice(0, head + 4 + length);
      text = text.slice(whole.length);
      const path = whole.split(' ')[1]!;
      requests.push({ text: whole, path, body: whole.slice(head + 4), at: performance.now(), connection });
      behave(socket, requests.length, requests.at(-1)!);
    });
  };
  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`,
    requests,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** An answer as bytes, with its length. */
export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
