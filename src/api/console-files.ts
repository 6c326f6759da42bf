/** The console: files of `dist/console`, read once. The page is the same under every address of the console; all else is API. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface Served {
  readonly bytes: Buffer;
  readonly zipped: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Its name tells its content. */
  readonly lasting: boolean;
}

/** One folder above both `src` and `dist`. */
const FOLDER = join(__dirname, '../../dist/console');
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** First parts of its addresses. */
const PLACES = new Set([
  'events',
  'dead-letters',
  'tail',
  'jobs',
  'playground',
  'audit-log',
  'journals',
  'tables',
  'destinations',
]);

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'accept-encoding',
};

export class ConsoleFiles {
  private files: ReadonlyMap<string, Served> | null = null;

  /** @param path without its query */
  owns(path: string): boolean {
    const first = /^\/([^/]+)/.exec(path)?.[1];
    return path === '/' || first === 'console' || (first !== undefined && PLACES.has(first));
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const name = path.startsWith('/console/') ? path.slice('/console/'.length) : PAGE;
    this.files ??= filesOf(FOLDER);
    const file = this.files.get(name);
    if (!file) response.writeHead(404, { 'content-type': 'text/plain' }).end('there is no such file\n');
    else send(request, response, file);
  }
}

function send({ method, headers }: IncomingMessage, response: ServerResponse, file: Served): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', file.lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(file.etag)) {
    response.writeHead(304).end();
    return;
  }
  const zip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  const body = zip ? file.zipped : file.bytes;
  if (zip) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { 'content-type': file.type, 'content-length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

/** None where the console was not built. */
function filesOf(folder: string): ReadonlyMap<string, Served> {
  const found = new Map<string, Served>();
  for (const name of namesIn(folder)) {
    const bytes = readFileSync(join(folder, name));
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
    const lasting = /-[A-Z0-9]{8}\.(js|css)$/.test(name);
    found.set(name, { bytes, zipped: gzipSync(bytes, { level: 9 }), type, etag, lasting });
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
