/** `/metrics`, `/healthz` and `/readyz`. Health is computed at each request: nothing here is green by default. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../errors/coded-error';
import type { Metrics } from '../telemetry/metrics';

/** One thing that must move or prove itself idle. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, e.g. `position last moved 3 s ago`. */
  readonly detail: string;
}

export interface HealthSource {
  /** Is the process doing its work? Red when a position stops moving. */
  health(): readonly HealthCheck[];
  /** Has everything started, i.e. would it be right to send work or traffic here? */
  ready(): readonly HealthCheck[];
}

export class HttpServer {
  private server: Server | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly source: HealthSource,
    private readonly beforeScrape: () => void,
  ) {}

  /** Listens and returns the port. @throws CodedError `HTTP_LISTEN`, family config */
  async start(host: string, port: number): Promise<number> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0];
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD' }).end();
      } else if (path === '/metrics') {
        this.beforeScrape();
        void this.metrics.registry.metrics().then((text) => {
          response.writeHead(200, { 'content-type': this.metrics.registry.contentType }).end(text);
        });
      } else if (path === '/healthz') {
        answer(response, this.source.health());
      } else if (path === '/readyz') {
        answer(response, this.source.ready());
      } else {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('try /metrics, /healthz or /readyz\n');
      }
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(host, port, error)));
      server.listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = null;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function answer(response: import('node:http').ServerResponse, checks: readonly HealthCheck[]): void {
  // no check at all means nothing has proved itself yet
  const ok = checks.length > 0 && checks.every((c) => c.ok);
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify({ ok, checks })}\n`);
}

function notListening(host: string, port: number, cause: NodeJS.ErrnoException): CodedError {
  return new CodedError({
    code: 'HTTP_LISTEN',
    family: 'config',
    message: `cannot listen on ${host}:${port} for /metrics and /healthz: ${cause.code === 'EADDRINUSE' ? 'another process uses the port' : cause.message}`,
    next: 'set http.host and http.port to a free address of this machine (port 0 takes any), or `http: off`',
    facts: { host, port, reason: cause.code },
    cause,
  });
}
