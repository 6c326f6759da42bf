/** A forward proxy that makes tunnels (CONNECT) and remembers where to. */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export class TunnelProxy implements AsyncDisposable {
  /** `host:port` of each tunnel. */
  readonly tunnels: string[] = [];
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    opens: (nth: number) => Promise<void>,
  ) {
    server.on('connection', (socket) => this.open.add(socket));
    server.on('connect', (request, socket, head) => {
      const nth = this.tunnels.push(request.url!);
      const [host, port] = request.url!.split(':');
      const out = connect(Number(port), host!, async () => {
        await opens(nth);
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        out.write(head);
        out.pipe(socket).pipe(out);
      });
      out.on('error', () => socket.destroy());
      socket.on('error', () => out.destroy());
    });
  }

  /** @param opens resolves when the nth tunnel may open */
  static async start(opens: (nth: number) => Promise<void> = async () => undefined): Promise<TunnelProxy> {
    const server = createServer();
    const proxy = new TunnelProxy(server, opens);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
