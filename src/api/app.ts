/** The API as a Hono app: guards around the routes, and the few that answer in a way of their own. */

import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { CodedError } from '../errors/coded-error';
import { exactText } from '../model/exact-json';
import { recorded } from '../operate/acting/acting';
import { version } from '../version';
import type { Desk } from './desk';
import { type Callers, checkOrigin, checkRole, type Presented } from './guard/callers';
import type { Allowance, RequestRate } from './guard/rate';
import { NO_SESSION, sessionCookie, sessionOf } from './guard/sessions';
import type { UnderWay } from './guard/under-way';
import { checkedBody, checkedQuery } from './input';
import { openApiDocument, signInBody } from './openapi';
import { problemOf } from './problem';
import type { Caller, Route } from './route';
import { ROUTES } from './routes';
import { messages, streamQuery } from './stream';

type Env = { Bindings: HttpBindings };
type Http = Context<Env>;

interface AppParts {
  readonly desk: Desk;
  readonly callers: Callers;
  readonly rate: RequestRate;
  readonly underWay: UnderWay;
}

/** Requests of one minute, of a token and of an address without one. */
const LIMIT = 6_000;
const LIMIT_UNKNOWN = 600;
const BODY_BYTES = 256 * 1024;
const MOST_STREAMS = 50;

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'private, no-cache',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function apiApp(parts: AppParts): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  const { desk } = parts;
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  });
  const text = JSON.stringify(openApiDocument(version()));
  app.get('/openapi.json', (c) => answer(c, text, 200));
  app.post('/v1/session', (c) => signIn(c, parts));
  app.delete('/v1/session', (c) => signOut(c, parts));
  const streams = { open: 0 };
  app.get('/v1/stream', (c) => stream(c, parts, streams));
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(route.method, path, (c) => serve(c, route, parts));
  }
  app.notFound((c) => failed(c, desk, unknownPath(c)));
  app.onError((error, c) => failed(c, desk, error));
  return app;
}

async function serve(c: Http, route: Route, parts: AppParts): Promise<Response> {
  const caller = admitted(c, parts);
  checkRole(caller, route.role);
  const { desk } = parts;
  const query = checkedQuery(route.query, new URL(c.req.url).searchParams);
  const reads = route.method === 'GET';
  const body = reads ? {} : checkedBody(route.body, await jsonText(c));
  // what changes something is done to its end, whether its client waits or not
  const signal = reads ? parts.underWay.begin(c.env.outgoing as ServerResponse) : desk.running.signal;
  const call = { desk, caller, params: c.req.param(), query, body, signal };
  const result = await route.handle(call as never);
  return answer(c, exactText(result), route.status ?? 200);
}

/** Who it is, within what a minute allows. @throws CodedError `API_TOKEN`, `API_ORIGIN`, `API_RATE` */
function admitted(c: Http, { callers, rate }: AppParts): Caller {
  const presented = presentedBy(c);
  let caller: Caller;
  try {
    caller = callers.who(presented);
  } catch (error) {
    note(c, rate.take(`address ${presented.address}`, LIMIT_UNKNOWN));
    throw error;
  }
  note(c, rate.take(`token ${caller.who}`, LIMIT));
  return caller;
}

function note(c: Http, { allowed, limit, remaining, reset }: Allowance): void {
  c.header('x-ratelimit-limit', String(limit));
  c.header('x-ratelimit-remaining', String(remaining));
  c.header('x-ratelimit-reset', String(reset));
  if (allowed) return;
  c.header('retry-after', String(reset));
  raise('API_RATE', `more than ${limit} requests in a minute`);
}

function presentedBy(c: Http): Presented {
  return {
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
    origin: c.req.header('origin'),
    host: c.req.header('host'),
    method: c.req.method,
    address: c.env.incoming?.socket.remoteAddress ?? null,
  };
}

async function signIn(c: Http, { desk, callers, rate }: AppParts): Promise<Response> {
  const presented = presentedBy(c);
  note(c, rate.take(`address ${presented.address}`, LIMIT_UNKNOWN));
  checkOrigin(presented);
  const { token } = checkedBody(signInBody, await jsonText(c)) as { token: string };
  const found = callers.tokenOf(token);
  const { name, role } = found;
  const actor = { who: name, via: 'console', from: presented.address } as const;
  await recorded(desk.state, actor, { what: 'session.open', scope: {} }, () => ({}));
  c.header('set-cookie', sessionCookie(callers.sessions.open(found)));
  return answer(c, JSON.stringify({ name, role, via: 'console' }), 200);
}

function signOut(c: Http, parts: AppParts): Response {
  admitted(c, parts);
  const id = sessionOf(c.req.header('cookie'));
  if (id !== null) parts.callers.sessions.close(id);
  c.header('set-cookie', NO_SESSION);
  return c.body(null, 204);
}

function stream(c: Http, parts: AppParts, streams: { open: number }): Response | Promise<Response> {
  const caller = admitted(c, parts);
  checkRole(caller, 'viewer');
  const { desk } = parts;
  const wish = checkedQuery(streamQuery, new URL(c.req.url).searchParams) as never;
  const last = c.req.header('last-event-id');
  const from = last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : null;
  if (streams.open >= MOST_STREAMS) raise('API_BUSY', `${MOST_STREAMS} streams are open`);
  const signal = parts.underWay.begin(c.env.outgoing as ServerResponse);
  const begun = messages(desk, wish, from, signal);
  streams.open++;
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (out) => {
    try {
      for await (const { event, id, data } of begun) {
        // a token that was revoked meanwhile sees nothing more
        if (desk.state.tokens.named(caller.who) === null) return;
        await out.writeSSE({ event, data: JSON.stringify(data), ...(id === undefined ? {} : { id }) });
      }
    } catch (error) {
      if (!signal.aborted) desk.running.log.error({ error }, 'a stream of the API ended by an error');
    } finally {
      streams.open--;
    }
  });
}

/** @throws CodedError `API_TOO_LARGE`, `API_MEDIA_TYPE` */
async function jsonText(c: Http): Promise<string> {
  const text = await bodyText(c.env);
  if (text === '') return text;
  const type = c.req.header('content-type') ?? '';
  if (/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) return text;
  return raise('API_MEDIA_TYPE', 'the body is not JSON by its content-type');
}

async function bodyText({ incoming, outgoing }: HttpBindings): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    parts.push(part);
    if (bytes <= BODY_BYTES) continue;
    outgoing.setHeader('connection', 'close');
    return raise('API_TOO_LARGE', `a body may have ${BODY_BYTES} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** With an ETag that stands for the very bytes. */
function answer(c: Http, text: string, status: 200 | 201 | 202): Response {
  c.header('content-type', 'application/json');
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return c.body(text, status);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  c.header('etag', etag);
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .map((t) => t.trim().replace(/^W\//, ''));
  if (known?.some((t) => t === etag || t === '*')) return c.body(null, 304);
  return c.body(text, status);
}

function failed(c: Http, desk: Desk, error: unknown): Response {
  const problem = problemOf(error, desk.running.signal.aborted);
  if (problem.status === 500) desk.running.log.error({ error, path: c.req.path }, 'a request to the API failed');
  if (problem.status === 401) c.header('www-authenticate', 'Bearer');
  if (problem.status === 405) c.header('allow', methodsOf(c.req.path).join(', '));
  c.header('content-type', 'application/problem+json');
  return c.body(JSON.stringify(problem), problem.status as 500);
}

function unknownPath(c: Http): CodedError {
  const methods = methodsOf(c.req.path);
  const known = methods.length > 0;
  return new CodedError({
    code: known ? 'API_METHOD' : 'API_PATH',
    message: known ? `${c.req.method} is none of ${methods.join(', ')}` : 'there is no such route',
    next: '/openapi.json lists the routes and their methods',
  });
}

/** Methods that a path has. */
function methodsOf(path: string): string[] {
  const parts = path.split('/');
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    return wanted.length === parts.length && wanted.every((w, i) => w.startsWith('{') || w === parts[i]);
  };
  const own = ROUTES.filter((route) => fits(route.path)).map(({ method }) => method as string);
  if (path === '/v1/session') own.push('POST', 'DELETE');
  if (path === '/v1/stream' || path === '/openapi.json') own.push('GET');
  return [...new Set(own)];
}

function raise(code: 'API_TOO_LARGE' | 'API_RATE' | 'API_BUSY' | 'API_MEDIA_TYPE', message: string): never {
  throw new CodedError({ code, message, next: '/openapi.json describes every route' });
}
