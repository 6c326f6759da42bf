/** The API on the server of a running daemon, and the console beside it. */
import { getRequestListener } from '@hono/node-server';
import type { ApiServer } from '../daemon/http-server';
import type { RunningDaemon } from '../daemon/running';
import { apiApp } from './app';
import { ConsoleFiles } from './console-files';
import { Desk } from './desk';
import { bearerOf, Callers } from './guard/callers';
import { RequestRate } from './guard/rate';
import { Sessions } from './guard/sessions';
import { UnderWay } from './guard/under-way';

export function serveApi(running: RunningDaemon): ApiServer {
  const desk = new Desk(running);
  const callers = new Callers(desk.state.tokens, new Sessions());
  const app = apiApp({ desk, callers, rate: new RequestRate(), underWay: new UnderWay(running.signal) });
  const listener = getRequestListener(app.fetch, {
    // Request and Response of everything else in this process stay Node's own
    overrideGlobalObjects: false,
    errorHandler: () => BAD_REQUEST.clone(),
  });
  const pages = new ConsoleFiles();
  return {
    owns: (path) => ownsApi(path) || pages.owns(path),
    handle: (request, response) => {
      if (ownsApi(pathIn(request.url))) void listener(request, response);
      else pages.handle(request, response);
    },
    mayScrape: (authorization) => {
      const bearer = bearerOf(authorization);
      return bearer !== null && desk.state.tokens.find(bearer) !== null;
    },
  };
}

function pathIn(url = '/'): string {
  return url.split('?', 1)[0]!;
}

function ownsApi(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/') || path === '/openapi.json';
}

/** What is not even HTTP enough to be a request: a URL that cannot be one, a Host that is none. */
const BAD_REQUEST = new Response(
  JSON.stringify({
    type: 'docs/reference/errors.md#api_request',
    title: 'The request is not what the API expects',
    status: 400,
    code: 'API_REQUEST',
    detail: 'the request line or the Host header cannot be read',
    next: null,
  }),
  { status: 400, headers: { 'content-type': 'application/problem+json' } },
);
