/** `/metrics`, `/healthz` and `/readyz`. Health is computed at each request: nothing here is green by default. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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

/** Something to look at that keeps nothing from working. */
export interface HealthWarning {
  readonly name: string;
  /** What was seen, and the next step. */
  readonly detail: string;
}

export interface HealthSource {
  /** Is the process doing its work? Red when a position stops moving. */
  health(): readonly HealthCheck[];
  /** Has everything started, i.e. would it be right to send work or traffic here? */
  ready(): readonly HealthCheck[];
  /** Shown beside both; never turns them red. */
  warnings?(): readonly HealthWarning[];
}

/** Answers requests of the paths it owns. */
export interface ApiServer {
  /** @param path without its query */
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** True for whoever may read metrics by a token of the API. */
  mayScrape(authorization: string | undefined): boolean;
}

interface HttpServerParts {
  readonly metrics: Metrics;
  readonly source: HealthSource;
  /** Called before each scrape: gauges are computed when someone looks. */
  readonly beforeScrape: () => void;
  /** False answers 404 to /metrics. */
  readonly serveMetrics: boolean;
  /** Bearer token asked for by everything but the health checks; null asks for none. */
  readonly token: { reveal(): string } | null;
  /** What else is served here; null is nothing. */
  readonly api?: ApiServer | null;
}

export class HttpServer {
  private server: Server | null = null;

  constructor(private readonly parts: HttpServerParts) {}

  /** Listens and returns the port. @throws CodedError `HTTP_LISTEN`, family config */
  async start(host: string, port: number): Promise<number> {
    const { api } = this.parts;
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0]!;
      if (api?.owns(path)) api.handle(request, response);
      else this.answer(request, response, path);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(host, port, error)));
      server.listen(port, host, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  private answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { source, serveMetrics } = this.parts;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/healthz') {
      answer(response, source.health(), source.warnings?.());
    } else if (path === '/readyz') {
      answer(response, source.ready(), source.warnings?.());
    } else if (!this.allowed(request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    } else if (path === '/metrics' && serveMetrics) {
      this.scrape(response);
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('try /metrics, /healthz or /readyz\n');
    }
  }

  private scrape(response: ServerResponse): void {
    const { metrics, beforeScrape } = this.parts;
    beforeScrape();
    void metrics.registry.metrics().then((text) => {
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
    });
  }

  private allowed(authorization: string | undefined): boolean {
    const { token, api } = this.parts;
    if (!token || api?.mayScrape(authorization)) return true;
    // equal lengths of digests: the comparison says nothing about the token
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token.reveal()}`));
  }

  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = null;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function answer(
  response: ServerResponse,
  checks: readonly HealthCheck[],
  warnings: readonly HealthWarning[] = [],
): void {
  // no check at all means nothing has proved itself yet
  const ok = checks.length > 0 && checks.every((c) => c.ok);
  const body = { ok, checks, ...(warnings.length > 0 ? { warnings } : {}) };
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function notListening(host: string, port: number, cause: NodeJS.ErrnoException): CodedError {
  return new CodedError({
    code: 'HTTP_LISTEN',
    message: `cannot listen on ${host}:${port} for /metrics and /healthz: ${cause.code === 'EADDRINUSE' ? 'another process uses the port' : cause.message}`,
    next: 'set http.host and http.port to a free address of this machine (port 0 takes any), or `http: off`',
    facts: { host, port, reason: cause.code },
    cause,
  });
}
